"""Which files belong to the project, and as what."""
