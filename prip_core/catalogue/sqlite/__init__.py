"""What the catalogue needs of SQLite alone."""
