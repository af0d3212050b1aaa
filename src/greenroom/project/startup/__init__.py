"""What runs between the start of a process and its first request, and which tests run it."""
