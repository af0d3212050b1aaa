"""The tests themselves: what their green is worth."""
