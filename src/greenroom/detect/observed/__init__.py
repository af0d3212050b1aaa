"""A recorded run joined with the project that was read: evidence outranks reading."""
