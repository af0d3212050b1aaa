"""Python files in their compact form."""
