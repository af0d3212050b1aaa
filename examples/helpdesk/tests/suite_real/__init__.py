"""Tests of the running system: real processes, real sockets, real failures."""
