"""RES001: something that lives as long as the process grows with what users do, and nothing bounds it."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from greenroom.catalogue.resource.brought import is_brought, keeps_coming
from greenroom.catalogue.resource.changes import Change, Changes, Growth
from greenroom.catalogue.resource.container import Container
from greenroom.catalogue.resource.containers import Containers
from greenroom.catalogue.resource.keys import Domain, domain
from greenroom.catalogue.resource.never_evicted import NEVER_EVICT
from greenroom.catalogue.resource.one_file import comes_from_one_file
from greenroom.catalogue.resource.per_request import is_of_each_request
from greenroom.catalogue.resource.recycled import Recycled
from greenroom.catalogue.resource.remembered import remembered, runs_again, words_of
from greenroom.catalogue.resource.unbounded_queue import UNBOUND
from greenroom.detect.ascent import hop, weakest
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_AT_THE_END = ("close", "aclose", "shutdown", "stop", "teardown", "dispose", "cleanup_on_exit", "on_shutdown",
               "__exit__", "__aexit__", "__del__", "lifespan", "disconnect_all", "close_all", "stop_all")  # fmt: skip
_STAND_IN = re.compile(r"(?:\b|_)(?:fake|mock|dummy|stub)(?:s?\b|s?_)|\b(?:Fake|Mock|Dummy|Stub)[A-Z]")
_NOT_MEANT = re.compile(
    r"(?:not|n't|never) (?:\w+ ){0,5}(?:in |for )?production|proof of concept|\bPOC\b"
    r"|(?:only for|for|in) (?:unit |local )?(?:tests?|testing|development|debugging)(?: only|\b)",
    re.IGNORECASE,
)
_RENEWS = re.compile(r"invalidat|refresh|reload|reset|renew", re.IGNORECASE)
"""What is to be read anew, not to be forgotten."""
_LONGEST_DOCSTRING = 30


class _Judged(NamedTuple):
    growth: Growth
    is_sure: bool


def detect_growth(project: Project) -> Iterator[Sighting]:
    """Every lasting container that only ever grows, and every cache without an end."""
    changes = Changes(Containers(project))
    calls, recycled = _Called(project), Recycled(project)
    for container, growths in changes.growths.items():
        if container in changes.measured:
            continue
        trims = changes.trims[container]
        live = [
            trim
            for trim in trims
            if calls.is_called(trim.scope) and (_takes_itself_out(trim) or not _is_at_the_end(trim.scope))
        ]
        if live or (trims and all(trim.scope is growth.scope for trim in trims for growth in growths)):
            continue
        judged = [
            part for growth in growths if (part := _judge(project, changes, container, growth)) is not None
        ]
        if judged:
            plainest = max(judged, key=partial(_plainness, project))
            is_sure = plainest.is_sure and not recycled.ends(plainest.growth.scope)
            yield _sighting(project, container, plainest._replace(is_sure=is_sure), trims)
    yield from remembered(project, recycled)


def _plainness(project: Project, judged: _Judged) -> tuple[bool, int, int, int]:
    """Which of the places shows it best: what adds an entry rather than to one, and is near to who asks for it."""
    growth = judged.growth
    return judged.is_sure, -len(growth.keys), -len(project.entries.path(growth.scope)), -growth.line


def _judge(project: Project, changes: Changes, container: Container, growth: Growth) -> _Judged | None:
    if container.owner is growth.scope and not _is_defaulted(project, growth.scope, container.name):
        return None
    widest = _widest(project, growth)
    if widest <= Domain.FEW and not growth.certain:
        return None
    path = project.entries.path(growth.scope)
    if path and path[-1].how == "decorator" and len(growth.scope.parameters) == 1:
        return None  # what decorates runs once for each function, not for each call
    trims = changes.trims.get(container, ())
    forgotten = any(
        _is_forgotten(project, trim.scope) and not _RENEWS.search(trim.scope.name) for trim in trims
    )
    # What a list is appended says little: callers may ask first, or register a few. Who empties it at the end knows it,
    # and where the handler itself keeps what the client sent, nobody asks first.
    grows = growth.certain and (
        trims
        or container.owner is growth.scope
        or (growth.text.endswith("+= …") and not growth.keys)
        or is_brought(project, growth)
    )
    is_sure = (
        # As many as there are users, rows or files is slight, unless somebody thought otherwise.
        (
            grows
            or widest is Domain.ENDLESS
            or (is_of_each_request(project, growth, widest) and not changes.inner_trims.get(container))
            or (forgotten and widest is Domain.MANY)
        )
        and (runs_again(project, growth.scope) or keeps_coming(project, growth))
        and weakest(path) >= PROBABLE
        and container not in changes.escaped
        and not (growth.is_nested and changes.inner_trims.get(container))  # only its keys stay
        # it may bound itself further inside
        and not (container.holds_own and (len(growth.keys) > 1 or growth.is_nested))
        and not _is_stand_in(project, container)
        and not comes_from_one_file(growth)
    )
    return _Judged(growth, is_sure)


def _is_forgotten(project: Project, clean_up: Scope) -> bool:
    """Written for the running process, and called by nobody; what only tests call was written for them."""
    callers = project.graph.callers(clean_up)
    return not _is_at_the_end(clean_up) and all(
        edge.caller.module.kind is not FileKind.TEST for edge in callers
    )


def _is_stand_in(project: Project, container: Container) -> bool:
    """A fake that developers use in place of the real thing, or what says that production is not meant."""
    if _STAND_IN.search(f"{container.place.path.rsplit('/', 1)[-1]} {container.label}"):
        return True
    if not isinstance(container.owner, Scope) or container.owner.kind != "class":
        return False
    first = container.owner.line - 1
    lines = project.inventory.read_text(container.owner.path).split("\n")[first : first + _LONGEST_DOCSTRING]
    return _NOT_MEANT.search(" ".join("\n".join(lines).partition("def ")[0].split())) is not None


def _widest(project: Project, growth: Growth) -> Domain:
    """By what is new in an entry."""
    return max((domain(project, growth.scope, key) for key in growth.keys), default=Domain.UNKNOWN)


def _is_defaulted(project: Project, function: Scope, parameter: str) -> bool:
    """Whether somebody calls it without this argument, which then is the one made at the definition."""
    names = [part.name for part in function.parameters]
    at = names.index(parameter) - (1 if function.owner is not None else 0)
    for edge in project.graph.callers(function):
        if (
            edge.call >= 0
            and edge.how in ("call", "construct")
            and edge.caller.module.kind is FileKind.PRODUCTION
        ):
            call = edge.caller.body.calls[edge.call]
            if len(call.arguments) <= at and call.keyword(parameter) is None:
                return True
    return False


def _is_at_the_end(scope: Scope) -> bool:
    """`close()`; `close(run_id)` ends one of many."""
    own = [part for part in scope.parameters if part.default is None and part.kind == "positional"]
    is_of_one = scope.owner is not None and len(own) > 1 and not scope.name.startswith("__")
    return scope.name in _AT_THE_END and not is_of_one


def _takes_itself_out(trim: Change) -> bool:
    """`sessions.remove(self)`: what ends there is one of many, whatever the method is called."""
    return any(
        call.line == trim.line
        and any(isinstance(part, str) and part.partition(".")[0] == "self" for part in call.arguments)
        for call in trim.scope.body.calls
    )


class _Called:
    """Which functions does anybody call?"""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._mentioned: dict[str, bool] = {}

    def is_called(self, scope: Scope) -> bool:
        """Strict: what is decorated, overrides or is named anywhere may be called."""
        if not scope.is_function or scope.kind == "lambda" or scope.name.startswith("__") or scope.decorators:
            return True
        if self._project.entries.reach(scope) is not Reach.UNREACHED:
            return True
        if any(edge.caller.module.kind is not FileKind.TEST for edge in self._project.graph.callers(scope)):
            return True
        if scope.parent is not None and scope.parent.is_function:
            return True
        owner = scope.owner
        if owner is not None and self._project.inference.classes.line(owner)[1]:
            return True
        return self._is_mentioned(scope.name)

    def _is_mentioned(self, name: str) -> bool:
        """Whether it is the last part of a name that anything but a test reads or calls."""
        if name not in self._mentioned:
            live = [module for module in self._project.modules.values() if module.kind is not FileKind.TEST]
            places = mentioning(live, words(name))
            self._mentioned[name] = any(name in words_of(scope.body) for scope in places)
        return self._mentioned[name]


def _sighting(project: Project, container: Container, judged: _Judged, trims: list[Change]) -> Sighting:
    growth = judged.growth
    scope = growth.scope
    chain = tuple(hop(edge) for edge in project.entries.path(scope)) if _brings_key(project, growth) else ()
    made = Place(
        path=container.place.path,
        line=container.line,
        symbol=container.place.qualname,
        note=f"makes {container.label}",
    )
    return Sighting(
        place=Place(path=scope.path, line=growth.line, symbol=scope.qualname, column=growth.column),
        message=_message(project, container, growth, trims),
        severity=Severity.MEDIUM if growth.certain or judged.is_sure else Severity.LOW,
        confidence=Confidence.PROBABLE if judged.is_sure else Confidence.POSSIBLE,
        chain=chain,
        sites=(
            made,
            *(Place(path=t.scope.path, line=t.line, symbol=t.scope.qualname, note=t.text) for t in trims),
        ),
        subject=container.label,
        cause=f"{_owner_path(container)}:{container.label}",
    )


def _brings_key(project: Project, growth: Growth) -> bool:
    """Whether the known way from an entry gives the key; without it, it always adds the same one: the default."""
    path = project.entries.path(growth.scope)
    keys = {key for key in growth.keys if isinstance(key, str)}
    keys &= {part.name for part in growth.scope.parameters if part.default is not None}
    if not path or not keys or growth.certain or path[-1].call < 0 or path[-1].target is not growth.scope:
        return True
    call = path[-1].caller.body.calls[path[-1].call]
    return bool(call.arguments) or any(key is None or key in keys for key, _ in call.keywords)


def _message(project: Project, container: Container, growth: Growth, trims: list[Change]) -> str:
    entry = project.entries.entry(growth.scope) if _brings_key(project, growth) else None
    by = f", reached from {entry.label}," if entry is not None and entry.scope is not growth.scope else ""
    if entry is not None and entry.scope is growth.scope:
        by = f" ({entry.label})"
    text = f"`{growth.text}` in `{growth.scope.name}`{by} adds to what lasts as long as the process ({container.why})"
    if not trims:
        return f"{text}; nothing ever takes out of it, and nothing bounds it"
    name = trims[0].scope.name
    if _is_at_the_end(trims[0].scope):
        return f"{text}; only `{name}` empties it, at the end"
    return (
        f"{text}; `{name}` in {trims[0].scope.path}:{trims[0].line} would take out of it, and nobody calls it"
    )


def _owner_path(container: Container) -> str:
    return container.owner.path


MODE = FailureMode(
    code="RES001",
    name="unbounded-growth",
    family=Family.RESOURCE,
    summary="something that lives as long as the process grows with requests, and nothing bounds it",
    consequence="memory grows with traffic until the process is killed, in the busiest hour, with all its requests",
    remedy="bound it (`maxlen`, `maxsize`, a time to live), or take out what is done with, and call that",
    source="Nygard, Release It!, 2nd ed., chapter 4: Slow Responses and Unbalanced Capacities; Steady State pattern",
    detector=detect_growth,
    operators=(NEVER_EVICT, UNBOUND),
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
