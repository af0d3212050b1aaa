"""Runs a suite again and again, and says which tests do not always end alike."""
