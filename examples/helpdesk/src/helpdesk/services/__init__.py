"""What the help desk does, without HTTP."""
