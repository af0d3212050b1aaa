"""Data: what is written, where, and whether it stays."""
