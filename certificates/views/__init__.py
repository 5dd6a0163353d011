"""Pages: what everybody may ask, what a holder keeps, what issuers and bureaus keep track of."""
