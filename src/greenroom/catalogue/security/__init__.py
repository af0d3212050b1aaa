"""Failure modes of security: who is let in, and what they are shown."""
