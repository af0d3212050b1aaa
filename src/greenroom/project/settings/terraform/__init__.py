"""What Terraform gives to the processes of a project."""
