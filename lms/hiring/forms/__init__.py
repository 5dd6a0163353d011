"""What institutions and registrars fill in, one module per noun. Forms check shapes; the verbs decide."""
