"""Models: language models and what they are told."""
