"""Who is connected to which conversation?"""

from fastapi import WebSocket


class Rooms:
    """The open sockets of each conversation."""

    def __init__(self) -> None:
        self._rooms: dict[str, set[WebSocket]] = {}

    def join(self, conversation_id: str, socket: WebSocket) -> None:
        """A socket comes in."""
        self._rooms.setdefault(conversation_id, set()).add(socket)

    def leave(self, conversation_id: str, socket: WebSocket) -> None:
        """A socket goes; the last one closes the room."""
        room = self._rooms.get(conversation_id, set())
        room.discard(socket)
        if not room:
            self._rooms.pop(conversation_id, None)

    def count(self) -> int:
        """How many sockets are open?"""
        return sum(len(room) for room in self._rooms.values())
