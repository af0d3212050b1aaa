"""What the callers ask for, joined with what the applications serve."""
