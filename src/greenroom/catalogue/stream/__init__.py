"""Streams: answers that come in pieces, and may never end."""
