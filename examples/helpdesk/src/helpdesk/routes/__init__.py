"""What the outside can call: HTTP routes and the chat socket."""
