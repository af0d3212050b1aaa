"""What can go wrong, in the words of the help desk, with the status that a client sees."""


class HelpdeskError(Exception):
    """The root of all errors that a client may see."""

    status = 500


class NotFound(HelpdeskError):
    """There is no such thing."""

    status = 404


class Forbidden(HelpdeskError):
    """The agent may not do that."""

    status = 403


class Unauthorised(HelpdeskError):
    """No token, or a wrong one."""

    status = 401


class TooManyRequests(HelpdeskError):
    """The client asks more often than it may."""

    status = 429


class Busy(HelpdeskError):
    """A queue is full; the client may come back."""

    status = 503


class DependencyDown(HelpdeskError):
    """A service that we need does not answer."""

    status = 503


class AssistantUnavailable(HelpdeskError):
    """The model server refused, or closed the connection."""

    status = 502


class AnswerInterrupted(AssistantUnavailable):
    """The answer ended before its end marker, or a chunk made no sense."""


class AssistantTimedOut(HelpdeskError):
    """The model server was too slow."""

    status = 504
