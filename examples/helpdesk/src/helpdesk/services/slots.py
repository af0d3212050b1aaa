"""The model server has few places; whoever wants one waits."""

from threading import BoundedSemaphore
from types import TracebackType
from typing import Self


class ModelSlots:
    """A context manager: inside it, one of the places is taken."""

    def __init__(self, places: int = 4) -> None:
        self._places = BoundedSemaphore(places)  # greenroom: accept[P6] see EVL003

    def __enter__(self) -> Self:
        self._places.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._places.release()
