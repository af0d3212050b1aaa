"""Plans mutants, runs the tests that can see each in processes of their own, and judges what came out."""
