"""What works inside the project's own interpreter: needs pytest and the standard library only."""
