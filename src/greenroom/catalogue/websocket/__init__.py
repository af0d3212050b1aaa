"""Failure modes of sockets: connections that stay, and what comes over them."""
