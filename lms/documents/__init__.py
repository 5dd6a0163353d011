"""One door to paper: HTML to PDF, signature, archive with SHA-256; and workbooks."""
