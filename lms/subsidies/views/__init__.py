"""Pages of subsidies: the bureau's queue, the college's claims, one claim, one line, the decision."""
