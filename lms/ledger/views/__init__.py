"""Screens of the ledger: one's own hours, hours from elsewhere, what a bureau checks, leave."""
