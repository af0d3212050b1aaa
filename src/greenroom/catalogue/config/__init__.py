"""Failure modes of the configuration."""
