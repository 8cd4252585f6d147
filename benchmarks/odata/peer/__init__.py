"""What a user would write instead: FastAPI, odata-query and SQLAlchemy over one flat table."""
