"""What calls into libraries do, as data."""
