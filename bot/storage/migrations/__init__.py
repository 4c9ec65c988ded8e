"""Alembic's revisions: how the database came to its shape."""
