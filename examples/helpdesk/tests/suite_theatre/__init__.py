"""Fast tests that need no services."""
