"""Writes the test that would have noticed: a template of the catalogue, with the names of the project.

Nothing of the project is run. What cannot be known from its files is a `todo(…)`, which fails.
"""
