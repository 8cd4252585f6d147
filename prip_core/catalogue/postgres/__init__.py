"""What the catalogue needs of PostgreSQL alone."""
