"""A way into production code."""

from dataclasses import dataclass

from greenroom.model.finding import Reach
from greenroom.project.code.module import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A function at which the outside world comes in."""

    scope: Scope
    reach: Reach
    label: str
    """As a message names it: `GET /items/{id}`."""
    is_around: bool = False
    """Runs around others of its reach, as a middleware does: they give the name where both lead to a place."""
    is_apart: bool = False
    """Each request has a loop of its own, as Flask gives its async views: nobody else waits with it."""
    is_put_off: bool = False
    """Whoever calls it only puts it into a queue: Huey's tasks."""
    is_sent: bool = False
    """A job of a queue, which runs where somebody sends it by its name: `mail.delay()`."""
    is_unserved: bool = False
    """A route that hangs on no application, while nearly all others do: nobody can ask for it."""
    given_in: Scope | None = None
    """The function that hands it to a thread, a task or a scheduler: without that function nobody comes."""


def named(what: str, scope: Scope) -> str:
    """A label: the task `sync_all`; of a method, with its class."""
    return f"the {what} `{'lambda' if scope.kind == 'lambda' else scope.qualname or scope.module.name}`"
