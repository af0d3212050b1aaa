"""Readers that take a file and an address alike: which of the two they are given."""

import re
from dataclasses import replace
from typing import Final

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import Effect
from greenroom.project.project import Project
from greenroom.project.web.call_sites import CallSites
from greenroom.project.web.evaluation import Evaluation

_READERS: Final = re.compile(
    r"pandas\.read_(?:csv|json|table|fwf|excel|parquet|feather|orc|pickle|stata|sas|html|xml)$"
)
_ADDRESS: Final = re.compile(r"(?:https?|ftps?|s3a?|gs|gcs|abfss?|az|hdfs)://", re.IGNORECASE)
_PATHS: Final = frozenset({"join", "joinpath", "abspath", "Path", "PurePath", "resolve", "absolute"})
_NETWORK, _DISK, _EITHER = "network", "disk", "either"


class ReadFrom:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._evaluation = Evaluation(project.graph.inference, CallSites(project.graph, FileKind.PRODUCTION))
        self._known: dict[tuple[Scope, int], str] = {}

    def effect(self, leaf: Edge) -> Effect | None:
        """What a leaf does: of a reader that is given an address, that it asks the network."""
        if leaf.effect is None or self._kind(leaf) != _NETWORK:
            return leaf.effect
        return replace(leaf.effect, touches="network", kind="http")

    def is_either(self, leaf: Edge) -> bool:
        """Whether it is such a reader, and nothing tells which of the two it is given."""
        return self._kind(leaf) == _EITHER

    def _kind(self, leaf: Edge) -> str:
        if leaf.call < 0 or not _READERS.match(leaf.symbol):
            return ""
        place = (leaf.caller, leaf.call)
        if place not in self._known:
            self._known[place] = self._find_kind(leaf)
        return self._known[place]

    def _find_kind(self, leaf: Edge) -> str:
        call = leaf.caller.body.calls[leaf.call]
        source = _source(call)
        found = {
            _NETWORK if _ADDRESS.match(text) else _DISK if is_certain else _EITHER
            for context in self._evaluation.contexts(leaf.caller)
            for text, is_certain in self._evaluation.texts(context._replace(line=call.line), source)
        }
        if len(found) == 1:
            return found.pop()
        return _DISK if not found and _is_path(leaf, source) else _EITHER


def _source(call: Call) -> Expression:
    if call.arguments:
        return call.arguments[0]
    return next(
        (value for name, value in call.keywords if name in ("path", "io") or "path_or" in str(name)), None
    )


def _is_path(leaf: Edge, source: Expression) -> bool:
    """`folder / "prices.csv"`, `os.path.join(…)`, also by a name: no address is put together so."""
    body = leaf.caller.body
    if isinstance(source, str):
        given = [part.value for part in body.statements if part.kind == "assign" and source in part.target]
        return (
            bool(given)
            and not any(isinstance(part, str) for part in given)
            and all(_is_path(leaf, part) for part in given)
        )
    if type(source) is int:
        call = body.calls[source]
        if facts.last_name(call.callee) == "str" and call.arguments:
            return _is_path(leaf, call.arguments[0])
        return facts.last_name(call.callee) in _PATHS
    return isinstance(source, tuple) and source[:2] == (facts.OPERATION, "/")
