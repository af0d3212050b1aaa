"""Applications, routers and what hangs on them, before the paths are put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.call_sites import CallSites
from greenroom.project.web.evaluation import Context, Evaluation, Made, Thing, Things

HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_DEEPEST_WRAPPING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A route as it is hung on one node: its own path, without prefixes."""

    methods: tuple[str, ...]
    path: str
    certain: bool
    handler: Scope | None
    """A function, a method or (for a class whose methods are not told apart) a class."""
    scope: Scope
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A node under another node."""

    child: "Node"
    prefix: str | None
    certain: bool = True
    mounted: bool = False
    """An application of its own under a path, rather than routes taken over."""


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """An application or router of the project."""

    framework: str
    is_application: bool
    scope: Scope
    made: Made | None
    """None for what hangs on `self` of a class: it belongs to every object of the class."""
    prefix: str | None = None
    certain: bool = True
    symbol: str = ""
    items: list[Registered | Link] = field(default_factory=list)


class Wiring:
    """What the frameworks' readers share: finding nodes, texts and handlers, and hanging things on nodes."""

    def __init__(self, modules: dict[str, Module], inference: Inference) -> None:
        self.modules = [module for module in modules.values() if module.kind is FileKind.PRODUCTION]
        self.inference = inference
        self.evaluation = Evaluation(inference, CallSites(self.modules))
        self.nodes: dict[tuple[object, ...], Node] = {}

    def keep(self, key: tuple[object, ...], node: Node) -> Node:
        """Remember a node under its identity."""
        self.nodes[key] = node
        return node

    # arguments

    def path(self, context: Context, expression: Expression) -> tuple[str, bool]:
        """A path argument; an unknown one is empty and uncertain."""
        if expression is None:
            return "", True
        found = self.evaluation.text(context, expression)
        return found if found is not None else ("", False)

    def methods(self, context: Context, expression: Expression, default: tuple[str, ...]) -> tuple[str, ...]:
        """A `methods=` argument."""
        if expression is None:
            return default
        found = []
        for item in self.evaluation.items(context, expression):
            for thing in item:
                if thing.kind in ("text", "library"):
                    found.append(thing.ref.rsplit(".", 1)[-1].upper())
                elif thing.kind == "member":  # HTTPMethod.GET of a class of the project
                    found.append(str(thing.ref[1]).upper())
        return tuple(found) or default

    # handlers

    def handler(self, context: Context, expression: Expression, depth: int = 0) -> Scope | None:
        """The function, method or class behind a handler argument, also through wrapping calls."""
        things = self.evaluation.evaluate(context, expression)
        found = self.handler_of(things, depth)
        if found is None and isinstance(expression, int) and depth < _DEEPEST_WRAPPING:
            call = context.scope.body.calls[expression]
            parts = (*call.arguments, *(value for _, value in call.keywords))
            if isinstance(call.callee, tuple | int):
                parts = (*parts, call.callee[1] if isinstance(call.callee, tuple) else call.callee)
            for part in parts:
                found = found or self.handler(context, part, depth + 1)
        return found

    def handler_of(self, things: Things, depth: int = 0) -> Scope | None:
        """The same for what was evaluated."""
        for thing in things:
            if thing.kind in ("function", "class"):
                return _scope(thing.ref)
            if thing.kind == "method":
                return _scope(thing.ref[1])
            if thing.kind == "member":
                found = self.handler_of((thing.ref[0],), depth + 1)
                if found is not None and thing.ref[0].kind in ("class", "self"):
                    return found
            if thing.kind == "self" or (thing.kind == "made" and thing.ref.cls is not None):
                cls = thing.ref if thing.kind == "self" else thing.ref.cls
                return self.inference.classes.member(cls, "__call__") or _scope(cls)
            if thing.kind == "made" and depth < _DEEPEST_WRAPPING:  # wrap(view)
                made = thing.ref
                call = made.scope.body.calls[made.call]
                for part in call.arguments:
                    found = self.handler(Context(made.scope), part, depth + 1)
                    if found is not None:
                        return found
        return None

    def class_methods(self, cls: Scope, names: tuple[str, ...] = HTTP_METHODS) -> Iterator[tuple[str, Scope]]:
        """The request methods that a class-based view has, with their functions."""
        for name in names:
            member = self.inference.classes.member(cls, name)
            if member is not None and member.kind == "function":
                yield name.upper(), member

    def class_text(self, cls: Scope, name: str) -> str | None:
        """A text that a class holds in its body."""
        for place, bound in self.inference.classes.attribute(cls, name):
            for part in reversed(bound[name]):
                if part.how == "value":
                    found = self.evaluation.text(Context(place), part.source)
                    if found is not None:
                        return found[0]
        return None

    def class_value(self, cls: Scope, name: str) -> tuple[Context, Expression] | None:
        """The expression that a class's body gives a name."""
        for place, bound in self.inference.classes.attribute(cls, name):
            for part in reversed(bound[name]):
                if part.how == "value":
                    return Context(place), part.source
        return None

    # hanging

    def hang(self, node: Node, context: Context, line: int, path: tuple[str, bool], methods: tuple[str, ...],
             handler: Scope | None) -> None:  # fmt: skip
        """A route on a node."""
        node.items.append(
            Registered(
                methods=methods, path=path[0], certain=path[1], handler=handler, scope=context.scope, line=line
            )
        )  # fmt: skip

    def hang_class(self, node: Node, context: Context, line: int, path: tuple[str, bool], cls: Scope,
                   default: tuple[str, ...] = ("*",)) -> None:  # fmt: skip
        """A class-based view on a node: a route per method that it has."""
        found = list(self.class_methods(cls))
        for name, member in found:
            self.hang(node, context, line, path, (name,), member)
        if not found:
            self.hang(node, context, line, path, default, cls)


def _scope(value: object) -> Scope | None:
    return value if isinstance(value, Scope) else None


def argument(call: Call, position: int, *keywords: str) -> Expression:
    """An argument by position or by one of its names; None where it is not given."""
    for keyword in keywords:
        found = call.keyword(keyword)
        if found is not None:
            return found
    if position >= 0 and len(call.arguments) > position:
        found = call.arguments[position]
        return None if isinstance(found, tuple) and found[0] == facts.STAR else found
    return None


def last_name(callee: Expression) -> str:
    """`add_route` of `self.app.add_route`; empty where the callee has no name."""
    if isinstance(callee, str):
        return callee.rsplit(".", 1)[-1]
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        return str(callee[2])
    return ""


def receiver(callee: Expression) -> Expression:
    """`self.app` of `self.app.add_route`; None for a plain name."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0] or None
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        return callee[1]
    return None


def names_in(names: tuple[str, ...]) -> re.Pattern[bytes]:
    """Finds one of these names in a packed module, where it would stand as (the end of) a dotted name."""
    return re.compile(rb"(?:" + b"|".join(re.escape(name.encode()) for name in names) + rb")(?![A-Za-z0-9_])")


__all__ = ["Thing"]
