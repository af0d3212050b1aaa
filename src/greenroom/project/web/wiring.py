"""Applications, routers and what hangs on them, before the paths are put together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from greenroom.project.calls.graph import CallGraph
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.call_sites import CallSites
from greenroom.project.web.evaluation import Evaluation
from greenroom.project.web.thing import Context, Made, Thing, Things

HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_DEEPEST_WRAPPING = 5

Text = tuple[str, bool]
"""A text and whether it is certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A route as it is hung on one node: its own path, without prefixes."""

    methods: tuple[str, ...]
    path: Text
    handler: Scope | None
    """A function, a method or (for a class whose methods are not told apart) a class."""
    scope: Scope
    line: int
    what: str = ""
    """Name of a library's own view, where there is no handler."""
    name: str = ""
    """By which code asks for its address, as far as it is written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A node under another node."""

    child: "Node"
    prefix: Text = ("", True)
    replaces: bool = False
    """The prefix stands instead of the child's own, as Flask has it."""
    scope: Scope | None = None
    line: int = 0
    """Where it is hung; unknown where it is implied."""
    guards: tuple[str, ...] = ()
    """Names of the dependencies that come with it."""
    namespace: str = ""
    """Stands before the names of all that hangs on the child, instead of the child's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """The beginning of paths that something serves which was not read."""

    path: Text
    scope: Scope
    line: int
    what: str = ""
    """Name of the class or function that made it."""


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """An application or router of the project."""

    framework: str
    is_application: bool
    scope: Scope
    made: Made | None
    """None for what hangs on `self` of a class: it belongs to every object of the class."""
    prefix: Text = ("", True)
    version: str = ""
    """Sanic's: comes before all prefixes, also those from above; the nearest one that says it counts."""
    version_prefix: str = ""
    """What comes before the version instead of `/v`."""
    symbol: str = ""
    namespace: str = ""
    """Django's `app_name`, or what a blueprint of Flask is called: stands before the names of all that hangs on it, where
    it is included."""
    is_guess: bool = False
    """Stands for an application that code is handed which nobody in the project calls."""
    guards: tuple[str, ...] = ()
    """Names of the dependencies of all that hangs on it."""
    items: list[Registered | Link | Mount] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a class of a library is in the wiring."""

    framework: str
    is_application: bool = False
    prefix: tuple[int, str] = (-1, "")
    """Position and name of the argument that gives its own prefix."""


class Wiring:
    """What the frameworks' readers share: nodes, texts and handlers, and hanging things on nodes."""

    def __init__(self, modules: Iterable[Module], graph: CallGraph) -> None:
        self.modules = list(modules)
        self.graph = graph
        self.inference = graph.inference
        self.evaluation = Evaluation(graph.inference, CallSites(graph, FileKind.PRODUCTION))
        self.nodes: dict[object, Node] = {}
        self._kinds: dict[str, list[tuple[frozenset[str], Kind]]] = {}

    def know(self, roots: Iterable[str], **classes: Kind) -> None:
        """Tell which classes of which libraries are applications and routers; no roots: of any library."""
        for name, kind in classes.items():
            self._kinds.setdefault(name, []).append((frozenset(roots), kind))

    def kind(self, symbol: str) -> Kind | None:
        """What the class of this dotted name is."""
        root = symbol.split(".", 1)[0]
        for roots, kind in self._kinds.get(symbol.rsplit(".", 1)[-1], ()):
            if not roots or root in roots:
                return kind
        return None

    def _kind_of_class(self, cls: Scope) -> Kind | None:
        return next((kind for base in self.inference.classes.line(cls)[1] if (kind := self.kind(base))), None)

    # nodes

    def nodes_of(self, context: Context, expression: Expression, framework: str) -> list[Node]:
        """The applications and routers of a framework that an expression may be."""
        if expression is None:
            return []
        found = [
            node
            for thing in self.evaluation.evaluate(context, expression)
            if (node := self.node(thing)) is not None and node.framework == framework
        ]
        return found or self._declared(context, expression, framework)

    def _declared(self, context: Context, expression: Expression, framework: str) -> list[Node]:
        """`app: FastAPI` of a function that nobody in the project calls: the one application there is."""
        for value in self.inference.expression(context.scope, expression):
            kind = self.kind(value.ref) if value.kind == "object" else None
            if kind is not None and kind.framework == framework and kind.is_application:
                key = (framework, "the application")
                node = Node(
                    framework=framework,
                    is_application=False,
                    scope=context.scope,
                    made=None,
                    prefix=("", False),
                    is_guess=True,
                )
                return [self.nodes.setdefault(key, node)]
        return []

    def node(self, thing: Thing, depth: int = 0) -> Node | None:
        """The node for one outcome of an expression."""
        if thing.kind == "self":
            return self._class_node(thing.ref)
        if thing.kind != "made":
            return None
        made: Made = thing.ref
        if made in self.nodes:
            return self.nodes[made]
        kind = self._kind_of_class(made.cls) if made.cls is not None else self.kind(made.symbol)
        if kind is None:
            return self._wrapped(made, depth) if made.cls is None else None
        node = Node(framework=kind.framework, is_application=kind.is_application, scope=made.scope, made=made,
                    prefix=self._own_prefix(made, kind), symbol=name_of(made))  # fmt: skip
        self.nodes[made] = node
        line = self.inference.classes.line(made.cls)[0] if made.cls is not None else ()
        node.items.extend(Link(child=part) for cls in line if (part := self._class_node(cls)) is not None)
        return node

    def _class_node(self, cls: Scope) -> Node | None:
        kind = self._kind_of_class(cls)
        if kind is None:
            return None
        if cls not in self.nodes:
            node = Node(framework=kind.framework, is_application=False, scope=cls, made=None)
            self.nodes[cls] = node
        return self.nodes[cls]

    def _wrapped(self, made: Made, depth: int) -> Node | None:
        """`Middleware(app, …)`: the application inside."""
        if depth < _DEEPEST_WRAPPING and made.symbol.rsplit(".", 1)[-1][:1].isupper():
            call = made.scope.body.calls[made.call]
            given = (
                *call.arguments[:2],
                *(value for key, value in call.keywords if key in ("app", "other_asgi_app")),
            )
            for part in given:
                for thing in self.evaluation.evaluate(Context(made.scope), part):
                    node = self.node(thing, depth + 1)
                    if node is not None and node.is_application:
                        return node
        return None

    def _own_prefix(self, made: Made, kind: Kind) -> Text:
        position, keyword = kind.prefix
        if not keyword:
            return "", True
        run = self.evaluation.run(made)
        expression = _given(made, position, keyword)
        if expression is not None:
            return self.path(run, expression)
        return (self._handed_to_base(made, position, keyword) if made.cls is not None else None) or ("", True)

    def _handed_to_base(self, made: Made, position: int, keyword: str) -> Text | None:
        constructor = self.inference.classes.member(made.cls, "__init__") if made.cls is not None else None
        if constructor is None:
            return None
        given = self.handed_to_base(made, keyword, position)
        return self.path(self.evaluation.constructed(made, constructor), given)

    def handed_to_base(self, made: Made, keyword: str, position: int = -1) -> Expression:
        """`super().__init__(prefix=…)` of a class of the project; None where it hands over no such thing."""
        constructor = self.inference.classes.member(made.cls, "__init__") if made.cls is not None else None
        for call in constructor.body.calls if constructor is not None else ():
            callee = call.callee
            if isinstance(callee, tuple) and callee[0] == "attr" and callee[2] == "__init__":
                given = call.keyword(keyword)
                return (
                    call.arguments[position]
                    if given is None and 0 <= position < len(call.arguments)
                    else given
                )
        return None

    # arguments

    def path(self, context: Context, expression: Expression) -> Text:
        """A path argument; an unknown one is empty and uncertain."""
        if expression is None:
            return "", True
        found = self.evaluation.text(context, expression)
        return found if found is not None else ("", expression == ("const", None))

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
        if expression is None:
            return None
        found = self.handler_of(self.evaluation.evaluate(context, expression), depth)
        if found is None and isinstance(expression, int) and depth < _DEEPEST_WRAPPING:
            call = context.scope.body.calls[expression]
            parts = [*call.arguments, *(value for _, value in call.keywords)]
            if isinstance(call.callee, tuple | int):
                parts.append(call.callee[1] if isinstance(call.callee, tuple) else call.callee)
            for part in parts:
                found = found or self.handler(context, part, depth + 1)
        return found

    def handler_of(self, things: Things, depth: int = 0) -> Scope | None:
        """The same for what was evaluated."""
        return next((found for thing in things if (found := self._handler(thing, depth)) is not None), None)

    def _handler(self, thing: Thing, depth: int) -> Scope | None:
        if thing.kind in ("function", "class"):
            return _scope(thing.ref)
        if thing.kind == "method":
            return _scope(thing.ref[1])
        if thing.kind == "member":
            return (
                self.handler_of((thing.ref[0],), depth + 1)
                if thing.ref[0].kind in ("class", "self")
                else None
            )
        if thing.kind == "self" or (thing.kind == "made" and thing.ref.cls is not None):
            cls = thing.ref if thing.kind == "self" else thing.ref.cls
            return self.inference.classes.member(cls, "__call__") or _scope(cls)
        if thing.kind == "made" and depth < _DEEPEST_WRAPPING:  # wrap(view)
            made = thing.ref
            given = made.scope.body.calls[made.call].arguments
            found = (self.handler(Context(made.scope), part, depth + 1) for part in given)
            return next((part for part in found if part is not None), None)
        return None

    def class_methods(self, cls: Scope) -> Iterator[tuple[str, Scope]]:
        """The request methods that a class-based view has, with their functions."""
        for name in HTTP_METHODS:
            member = self.inference.classes.member(cls, name)
            if member is not None and member.kind == "function":
                yield name.upper(), member

    def class_value(self, cls: Scope, name: str) -> tuple[Context, Expression] | None:
        """The expression that a class's body gives a name."""
        for place, bound in self.inference.classes.attribute(cls, name):
            for part in reversed(bound[name]):
                if part.how == "value":
                    return Context(place), part.source
        return None

    def class_text(self, cls: Scope, name: str) -> str | None:
        """A text that a class holds in its body."""
        value = self.class_value(cls, name)
        found = self.evaluation.text(*value) if value is not None else None
        return found[0] if found is not None else None


def hang(
    node: Node, handler: Scope | None, place: tuple[Scope, int], methods: tuple[str, ...], path: Text
) -> None:
    """A route on a node."""
    scope, line = place
    node.items.append(Registered(methods=methods, path=path, handler=handler, scope=scope, line=line))


def name_all(node: Node, start: int, name: Text | None) -> None:
    """Give a name to all that was hung on a node since."""
    if name is not None:
        node.items[start:] = [
            replace(item, name=name[0]) if isinstance(item, Registered) else item
            for item in node.items[start:]
        ]


def name_of(made: Made) -> str:
    """The dotted name of the variable that is given the object, or of the factory."""
    scope = made.scope
    if scope.kind == "module":
        for statement in scope.body.statements:
            if statement.kind in ("assign", "annotate") and statement.value == made.call:
                target = statement.target[0] if statement.kind == "assign" else statement.target
                if isinstance(target, str):
                    return f"{scope.module.name}.{target}"
    return f"{scope.module.name}.{scope.qualname}" if scope.qualname else scope.module.name


def _given(made: Made, position: int, keyword: str) -> Expression:
    call = made.scope.body.calls[made.call]
    found = call.keyword(keyword)
    if found is None and 0 <= position < len(call.arguments):
        return call.arguments[position]
    return found


def _scope(value: object) -> Scope | None:
    return value if isinstance(value, Scope) else None
