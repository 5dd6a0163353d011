"""Statements: building, store, forwarding to an external LRS."""
