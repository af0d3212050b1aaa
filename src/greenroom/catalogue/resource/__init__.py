"""Resources: memory, tasks and descriptors that only grow."""
