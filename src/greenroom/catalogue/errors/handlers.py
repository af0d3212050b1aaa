"""What an `except` block does with the failure that it caught."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, Statement
from greenroom.project.code.flow import Flow

# A name or a text with one of these tells somebody; so does a status of 400 or more.
_TELLS = re.compile(
    r"err(?!and)|fail|exc\b|exception|invalid|unavail|unhealth|unreach|\bdown\b|abort|denied|problem|warning|success"
    r"|status|degraded|offline|broken|timeout|retry|retries|attempt|unknown|missing|not found|cannot|could not|unable"
    r"|sorry|stale|dead|lost|skipped|reject|nack|flash|notify|alert|reason|detail|message|\bok\b|health|\bvalid\b|fallback",
    re.IGNORECASE,
)
_LOG_METHODS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success"}
)  # fmt: skip
_LOG_FUNCTIONS = frozenset(
    {
        "print", "pprint", "print_exc", "print_exception", "capture_exception", "capture_message", "secho", "echo",
        "notify_exception", "record_exception", "format_exc", "log_exception", "log_error",
    }
)  # fmt: skip
_LOGGERS = re.compile(
    r"log|^LOG$|console|stderr|stdout|traceback|sentry|warnings|structlog|print", re.IGNORECASE
)
_CLEANS = frozenset(
    {
        "rollback", "close", "aclose", "cancel", "release", "disconnect", "unlink", "remove", "rmtree", "sleep",
        "shutdown", "terminate", "kill", "clear", "dispose", "quit", "expunge_all", "flush", "reset",
    }
)  # fmt: skip
_EMPTY_MAKERS = frozenset(
    {"list", "dict", "set", "tuple", "str", "defaultdict", "Counter", "deque", "DataFrame"}
)
# What the author of a log line says when the failure is expected, or another way is taken.
_EXPECTED = re.compile(r"already|ignor|skip|optional|non-?fatal|non-?critical|continu|best.effort|fall(ing)?.?back"
                       r"|instead|忽略|跳过|不影响|降级|可选|default|not found|does ?n.t exist|no longer|benign|harmless|counting|assum|proceed|without", re.IGNORECASE)  # fmt: skip
_LOWEST_ERROR = 400
_ALONG = frozenset({"body", "try", "try-else", "finally", "with", "async-with"})


class Logged(IntEnum):
    """Whether an operator can see it."""

    SILENT = 0
    DEBUG = 1
    WARNED = 2
    """A warning says that its author knows of it, and that the work goes on without."""
    LOGGED = 3


_LEVELS = {
    "debug": Logged.DEBUG, "trace": Logged.DEBUG, "info": Logged.WARNED, "warning": Logged.WARNED,
    "warn": Logged.WARNED, "success": Logged.WARNED,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """A handler that tells its caller nothing."""

    gives: str
    """nothing (runs on) · none · false · empty · ok (a constant that means success) · same (the very words that it
    ends with when all is well) · default · next (continue)"""
    logged: Logged
    branches: bool
    """There are conditions in it: it looks at what went wrong."""
    expected: bool
    """The log line says that this is expected, or that another way is taken."""
    sets: tuple[str, ...]
    """Names that it assigns."""
    line: int
    end_line: int


def read_handler(body: Body, number: int) -> Handling | None:
    """What the handler hides; None where it raises, tells, or does something instead."""
    reader = _Handler(body, number)
    return reader.read()


class _Handler:
    def __init__(self, body: Body, number: int) -> None:
        self.body = body
        self.block = body.blocks[number]
        flow = Flow(body)
        self.statements = [part for part in body.statements if flow.inside(part.block, number)]
        self.branches = any(
            flow.inside(index, number) for index in range(len(body.blocks)) if index != number
        )
        self.caught: str = self.block.detail[1] or ""
        self.logged = Logged.SILENT
        self.gives = "nothing"
        self.expected = False
        self.sets: list[str] = []

    def read(self) -> Handling | None:
        if not all(self._accounts_for(statement) for statement in self.statements):
            return None
        return Handling(
            gives=self.gives, logged=self.logged, branches=self.branches, expected=self.expected,
            sets=tuple(self.sets), line=self.block.line, end_line=self.block.end_line,
        )  # fmt: skip

    def _accounts_for(self, statement: Statement) -> bool:
        """Notes what a statement does; False where somebody is told, or something else is done."""
        match statement.kind:
            case "pass" | "import" | "global" | "delete":
                return True
            case "break" | "continue":
                self.gives = "next"
                return True
            case "expression":
                return self._is_harmless(statement.value)
            case "return":
                return self._gives(statement.value)
            case "assign" | "annotate" | "augment":
                return self._sets(statement)
            case _:
                return False

    def _is_harmless(self, value: Expression) -> bool:
        value = value[1] if isinstance(value, tuple) and value[0] == facts.AWAIT else value
        if not isinstance(value, int):
            return False
        call = self.body.calls[value]
        if is_logging(call):
            self.logged = max(self.logged, level_of(call))
            texts = (facts.constant(part) for part in deep_parts(self.body, value))
            self.expected = self.expected or any(
                isinstance(text, str) and _EXPECTED.search(text) for text in texts
            )
            return True
        return facts.last_name(call.callee) in _CLEANS

    def _gives(self, value: Expression) -> bool:
        if emptiness(self.body, value) in ("other", "ok") and value in _Ends(self.body):
            self.gives = "same"
            return True
        if self._mentions_failure(value):
            return False
        self.gives = emptiness(self.body, value)
        return self.gives != "other"

    def _sets(self, statement: Statement) -> bool:
        targets = statement.target if statement.kind == "assign" else (statement.target,)
        names = [name for target in targets for name in facts.walk(target) if isinstance(name, str)]
        if any(_TELLS.search(name) for name in names) or self._mentions_failure(statement.value):
            return False
        if statement.kind == "augment" or emptiness(self.body, statement.value) not in ("none", "empty"):
            return False
        self.sets.extend(names)
        self.gives = "nothing"
        return True

    def _mentions_failure(self, value: Expression) -> bool:
        return any(self._tells(part) for part in deep_parts(self.body, value))

    def _tells(self, part: Expression) -> bool:
        if isinstance(part, str):
            return part.split(".", 1)[0] == self.caught or bool(_TELLS.search(part))
        value = facts.constant(part)
        if isinstance(value, str):
            return bool(_TELLS.search(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return value >= _LOWEST_ERROR or value < 0
        return False


class _Ends:
    """What a function gives on its way through, without a condition on it: calls and containers by their words."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._known = {
            self._words(part.value)
            for part in body.statements
            if part.kind == "return" and all(block.kind in _ALONG for block in body.enclosing(part.block))
        }

    def __contains__(self, value: Expression) -> bool:
        return self._words(value) in self._known

    def _words(self, value: Expression) -> object:
        if isinstance(value, int):
            call = self._body.calls[value]
            given = tuple((name, self._words(part)) for name, part in call.keywords)
            return "call", self._words(call.callee), tuple(map(self._words, call.arguments)), given
        if isinstance(value, tuple) and value[0] != facts.CONSTANT:
            plain = (
                value[1]
                if value[0] == facts.COMPARE
                else tuple(part for part in value if isinstance(part, str))
            )
            opaque = value[0] in (facts.LAMBDA, facts.OTHER, facts.COMPREHENSION)
            return plain, id(value) if opaque else 0, tuple(map(self._words, facts.children(value)))
        return value


def deep_parts(body: Body, expression: Expression) -> Iterator[Expression]:
    """All parts of an expression, calls and their arguments included."""
    for part in facts.walk(expression):
        if isinstance(part, int) and not isinstance(part, bool):
            call = body.calls[part]
            for inner in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
                yield from deep_parts(body, inner)
            yield from (name for name, _ in call.keywords if name)
        else:
            yield part


def is_logging(call: Call) -> bool:
    """Whether a call only tells the operator."""
    if not isinstance(call.callee, str):
        return facts.last_name(call.callee) in _LOG_METHODS
    head, _, last = call.callee.rpartition(".")
    if last in _LOG_FUNCTIONS:
        return True
    return last in _LOG_METHODS and bool(_LOGGERS.search(head))


def level_of(call: Call) -> Logged:
    """How loud a call for the operator is."""
    return _LEVELS.get(facts.last_name(call.callee), Logged.LOGGED)


def emptiness(body: Body, value: Expression) -> str:
    """What a value looks like to who gets it: none · false · empty · ok · default · other."""
    if value is None or facts.is_none(value):
        return "none"
    if isinstance(value, str):
        return "default"
    if isinstance(value, int):
        call = body.calls[value]
        empty = facts.last_name(call.callee) in _EMPTY_MAKERS and not call.arguments and not call.keywords
        return "empty" if empty else "other"
    match value[0]:
        case facts.CONSTANT:
            return _constant(value[1])
        case facts.SEQUENCE:
            return _together(body, value[2])
        case facts.MAPPING:
            kind = _together(body, value[2])
            return "default" if kind == "none" else kind  # its names say what there is none of
        case _:
            return "other"


def _constant(value: object) -> str:
    if value is False:
        return "false"
    if value is True:
        return "ok"
    return "default" if value else "empty"


def _together(body: Body, items: tuple[Expression, ...]) -> str:
    """A container is as empty as what is in it."""
    kinds = {emptiness(body, item) for item in items}
    if kinds <= {"empty", "none"}:
        return "none" if kinds == {"none"} else "empty"
    if kinds <= {"ok"}:
        return "ok"
    return "other"
