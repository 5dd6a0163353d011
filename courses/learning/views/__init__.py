"""Pages and endpoints of learning, one module per noun."""
