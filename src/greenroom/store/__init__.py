"""What outlives a run: the baseline."""
