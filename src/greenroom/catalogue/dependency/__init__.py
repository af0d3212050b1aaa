"""Dependencies: what happens when something else is down, slow or wrong."""
