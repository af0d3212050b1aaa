"""Failure modes of load: what many at once do to each other."""
