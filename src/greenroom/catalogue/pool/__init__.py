"""Pools: connections that are taken and not given back."""
