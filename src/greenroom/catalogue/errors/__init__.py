"""Errors: failures that were signalled and handled wrongly."""
