"""Hour entries with evidence, reversals, standing, reconciliation."""
