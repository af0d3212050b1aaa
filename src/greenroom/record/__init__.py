"""The recorder: what each test truly touches, observed while the project's own suite runs."""
