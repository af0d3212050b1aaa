"""What the tests of a run covered, one figure in each file; docs/coverage.md defines them."""
