"""Failure modes of interfaces: what one side calls and the other serves."""
