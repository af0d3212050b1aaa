"""The event loop: what stops it from turning."""
