"""The tests of the help desk."""
