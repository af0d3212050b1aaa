"""Names, types and calls across modules."""
