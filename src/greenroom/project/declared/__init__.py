"""What the project says of itself: dependencies, commands, settings."""
