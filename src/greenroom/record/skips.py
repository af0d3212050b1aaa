"""Why a test was skipped, or expected to fail, and whether the surroundings are to blame."""

import os
import re
from typing import Any

from greenroom.model.place import Place
from greenroom.record.enclosing import Enclosing
from greenroom.record.project_code import ProjectCode, symbol_of
from greenroom.record.sensor import Part
from greenroom.record.test_function import code_of

_open = open
"""A test may put a double in its place."""
_FAILURES_OF_SURROUNDINGS = frozenset({
    "ConnectionError", "TimeoutError", "ImportError", "gaierror", "herror", "OperationalError", "InterfaceError",
    "ConnectError", "ConnectTimeout", "NoBrokersAvailable", "ServerSelectionTimeoutError", "AutoReconnect",
    "DockerException", "WebDriverException", "ConnectionDoesNotExistError", "CannotConnectNowError", "URLError",
    "NoCredentialsError", "EndpointConnectionError", "KafkaConnectionError", "AMQPConnectionError", "SSLError",
    "CalledProcessError", "TimeoutExpired", "TimeoutException", "CannotConnect", "TransportError",
})  # fmt: skip
"""Names of classes; a subclass of one is one."""

_WORDS_OF_SURROUNDINGS = re.compile(
    r"could not import|no module named|not installed|(?:is|are|was|be)?n[o']t (?:available|running|reachable|configured|set|found)|"
    r"unavailable|unreachable|refused|timed? ?out|requires? (?:a |the )?(?:running|server|docker|redis|postgres\w*|mysql|mongo\w*|"
    r"kafka|rabbit\w*|network|internet|api|credentials?|database|env\w*|[A-Z][A-Z0-9_]{3,})|needs? (?:a |the )?(?:running|server|"
    r"docker|redis|postgres\w*|mysql|mongo\w*|network|internet|api|credentials?|database)|missing (?:\w+ )?(?:key|token|credentials?|"
    r"dependency|module|package)|set [A-Z][A-Z0-9_]{3,}|\bno (?:docker|network|internet|redis|database|api key|connection|credentials)",
    re.IGNORECASE,
)
_CONDITION_OF_SURROUNDINGS = re.compile(
    r"environ|getenv|find_spec|which\(|is_port|can_connect|_available|is_reachable|import_module"
)
_PERHAPS_A_CONDITION = re.compile(_CONDITION_OF_SURROUNDINGS.pattern.replace(r"\(", ""))
"""Of a whole file as it is written: where this finds nothing, no condition in it asks for the surroundings."""
_LINES_OF_A_DECORATOR = 60


class Skips:
    """Explains the skips of a run; reads sources only where something was skipped."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._sources: dict[str, list[str]] = {}
        self._enclosing: dict[str, Enclosing] = {}
        self._asked: dict[Place, bool] = {}

    def of_test(self, item: Any, error: BaseException | None, report: Any) -> Part:
        """Of a test that was skipped, or failed as it was expected to."""
        reason = _reason(report)
        causes = _causes(error, skipped=not hasattr(report, "wasxfail"))
        cause = causes[-1] if causes else None
        place = self._place(error) or self._of_function(item)
        blamed = any(map(is_of_surroundings, causes)) or _WORDS_OF_SURROUNDINGS.search(reason) is not None
        return {
            "reason": _covered(reason),
            "infrastructure": blamed or (cause is None and (self._depends(item) or self._is_asked_at(place))),
            "failure": "" if cause is None else _name(cause),
            "place": place,
        }

    def of_reason(self, reason: str, error: BaseException | None, *, skipped: bool) -> Part:
        """Of a test that unittest itself ran."""
        causes = _causes(error, skipped=skipped)
        cause = causes[-1] if causes else None
        blamed = any(map(is_of_surroundings, causes)) or _WORDS_OF_SURROUNDINGS.search(reason) is not None
        return {
            "reason": _covered(reason),
            "infrastructure": blamed,
            "failure": "" if cause is None else _name(cause),
            "place": self._place(error),
        }

    def of_module(self, report: Any) -> Part:
        """Of a module that skipped itself while it was imported: of its exception the text alone is left."""
        reason = _reason(report)
        place, caught = self._raised_at(report)
        blamed = _WORDS_OF_SURROUNDINGS.search(reason) is not None or caught in _FAILURES_OF_SURROUNDINGS
        blamed = blamed or (not caught and self._is_asked_at(place))
        return {"reason": _covered(reason), "infrastructure": blamed, "failure": caught, "place": place}

    def _place(self, error: BaseException | None) -> Place | None:
        """The last line of the project on the way to where it was raised."""
        step = error.__traceback__ if error is not None else None
        found = None
        while step is not None:
            path = self._code.relative(step.tb_frame.f_code.co_filename)
            if path:
                found = Place(path=path, line=step.tb_lineno, symbol=symbol_of(step.tb_frame.f_code))
            step = step.tb_next
        return found

    def _of_function(self, item: Any) -> Place | None:
        code = code_of(getattr(item, "function", None))
        path = self._code.relative(code.co_filename) if code is not None else ""
        if code is None or not path:
            return None
        return Place(path=path, line=code.co_firstlineno, symbol=symbol_of(code))

    def _depends(self, item: Any) -> bool:
        """Whether the condition of a mark asks for what surrounds the process: variables, programs, modules."""
        marks = [mark for mark in getattr(item, "iter_markers", list)() if mark.name in ("skipif", "xfail")]
        texts = [argument for mark in marks for argument in mark.args if isinstance(argument, str)]
        code = code_of(getattr(item, "function", None))
        if marks and code is not None:
            texts += self._conditions(code.co_filename, code.co_firstlineno)
        return any(_CONDITION_OF_SURROUNDINGS.search(text) for text in texts)

    def _is_asked_at(self, place: Place | None) -> bool:
        """Whether the skip stands below an `if` that asks for what surrounds the process."""
        if place is None:
            return False
        if place not in self._asked:
            file = os.path.join(self._code.root, place.path)  # noqa: PTH118  - as frames spell it
            source = "".join(self._lines(file))
            self._asked[place] = _PERHAPS_A_CONDITION.search(source) is not None and any(
                map(_CONDITION_OF_SURROUNDINGS.search, self._around(file).conditions_at(place.line))
            )
        return self._asked[place]

    def _conditions(self, file: str, first: int) -> list[str]:
        """The decorators of the function that begins here, and the module's names in them, as they are written."""
        decorators = []
        for line in self._lines(file)[first - 1 : first - 1 + _LINES_OF_A_DECORATOR]:
            if line.lstrip().startswith(("def ", "async def ", "class ")):
                break
            decorators.append(line)
        names = set(re.findall(r"[A-Za-z_]\w*", "".join(decorators)))
        assigned = (re.match(r"([A-Za-z_]\w*)\s*(?::[^=]+)?=(.*)", line) for line in self._lines(file))
        return [*decorators, *(found[2] for found in assigned if found and found[1] in names)]

    def _lines(self, file: str) -> list[str]:
        if file not in self._sources:
            try:
                with _open(file, encoding="utf-8", errors="replace") as stream:
                    self._sources[file] = stream.readlines()
            except OSError:
                self._sources[file] = []
        return self._sources[file]

    def _around(self, file: str) -> Enclosing:
        if file not in self._enclosing:
            self._enclosing[file] = Enclosing("".join(self._lines(file)))
        return self._enclosing[file]

    def _raised_at(self, report: Any) -> tuple[Place | None, str]:
        """Where a module skipped itself, and what it was handling there."""
        told = report.longrepr
        if not isinstance(told, tuple):
            return None, ""
        file, line = os.fspath(told[0]), int(told[1])
        path = self._code.relative(file)
        return (Place(path=path, line=line) if path else None), self._around(file).caught_at(line)


def is_of_surroundings(error: BaseException | None) -> bool:
    """Whether an exception says that something outside the code is missing or does not answer."""
    if error is None:
        return False
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & _FAILURES_OF_SURROUNDINGS:
        return True
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    raised_in = last.tb_frame.f_globals.get("__name__") if last is not None else ""
    is_variable = isinstance(error, KeyError) and raised_in == "os"
    return is_variable or (isinstance(error, FileNotFoundError) and raised_in == "subprocess")


def _causes(error: BaseException | None, *, skipped: bool) -> list[BaseException]:
    """What was being handled when the skip was raised, the innermost last; of an expected failure, itself first."""
    found = [] if skipped or error is None or _is_said(error) else [error]
    inner = error
    for _ in range(20):
        inner = inner and (inner.__cause__ or inner.__context__)
        if inner is None:
            break
        if not _is_said(inner):
            found.append(inner)
    return found


def _is_said(error: BaseException | None) -> bool:
    """Whether it is no failure but the word of a test: `pytest.skip()`, `pytest.xfail()`, `SkipTest`."""
    name = type(error).__name__.lower()
    return "skip" in name or name == "xfailed"


def _reason(report: Any) -> str:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return str(expected).removeprefix("reason: ")
    told = report.longrepr
    return (str(told[2]) if isinstance(told, tuple) else str(told)).removeprefix("Skipped: ")


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _covered(reason: str) -> str:
    from greenroom.model.secret import cover_written  # noqa: PLC0415  - many patterns, of which few runs need any

    return cover_written(reason)
