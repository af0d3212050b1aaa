"""Start-up: what keeps the process from coming up."""
