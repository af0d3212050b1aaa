"""The suite as its own runner would see it; nothing of the project is run."""
