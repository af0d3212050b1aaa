"""Clients of the model server, one per wire format."""
