"""Failure modes of state: what is lost, forgotten or out of date."""
