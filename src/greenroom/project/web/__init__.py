"""Applications, their routes and the other ways in."""
