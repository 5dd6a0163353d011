"""Pages of the catalogue: courses, open to everybody, and the programmes made of them."""
