"""The variables that the project reads, and what its deployment says of them."""
