"""Pages of hiring, one module per noun."""
