"""Open Badges 3.0: a certificate as other people's software can check it, without asking this product's pages."""
