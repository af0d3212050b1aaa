"""Version history: which tests a range of commits deleted, and what became of each."""
