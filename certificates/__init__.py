"""Types, issue, revocation, verification."""
