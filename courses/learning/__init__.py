"""Enrolment, leases and heartbeats, completion into the ledger."""
