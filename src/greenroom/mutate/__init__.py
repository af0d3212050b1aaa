"""Seeds production failures into source code: what operators read, what they give, which of it is a mutant."""
