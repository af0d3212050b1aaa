"""How each web framework is watched while it answers requests: a file for each."""
