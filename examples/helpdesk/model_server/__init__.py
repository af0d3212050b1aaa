"""A small model server for development and tests: it streams like the real ones."""
