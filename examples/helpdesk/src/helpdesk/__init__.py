"""A help desk: tickets, live chat, and an assistant that drafts the answers."""
