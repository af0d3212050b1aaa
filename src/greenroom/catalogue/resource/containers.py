"""Lists, dictionaries, sets and queues that live as long as the process."""

from collections.abc import Iterable, Iterator

from greenroom.catalogue.resource.container import Container
from greenroom.catalogue.resource.growth_names import RENAMED, growth_names, renamed_in
from greenroom.catalogue.resource.held import (
    Assigned,
    Held,
    assigned,
    awaited,
    growable,
    held_by_scope,
    holds_own,
    may_grow,
)
from greenroom.catalogue.resource.mentions import Mentions
from greenroom.detect.search import mentions, whole, words
from greenroom.model.finding import Reach
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.values import Value
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SETS_UP = ("init", "setup", "set_up", "start", "on_start", "lifespan", "create_app", "connect", "configure", "build_app",
            "make_app", "__new__", "main", "run", "boot")  # fmt: skip
_CONDITION, _NOTHING = whole("if"), whole("is", "not")
_SELF, _GLOBAL = words("self."), whole("global")
_NEAR = 2
_AGAIN = (Reach.ROUTE, Reach.SOCKET, Reach.TASK, Reach.WORKER)
_CACHING = frozenset({"cache", "lru_cache", "singleton", "cached"})
_COPIED = frozenset({"BaseModel", "BaseSettings", "SQLModel", "Base", "Model", "Struct", "TypedDict", "NamedTuple",
                     "Enum", "Serializer", "ModelSerializer"})  # fmt: skip


class Containers:
    """All of them, and which one an expression means."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._inference = project.inference
        self._found: dict[tuple[object, str], Container] = {}
        self._renamed: dict[Scope, frozenset[str]] = {}
        held = {
            module.scopes[index]: list(map(Held._make, parts))
            for module in project.production()
            for index, parts in module.reading(held_by_scope).items()
        }
        self._lasting = Lasting(project, held)
        for module in project.production():
            self._read(module, held)
        self._of_classes: dict[str, list[tuple[Scope, Container]]] = {}
        for (owner, name), found in self._found.items():
            if isinstance(owner, Scope) and owner.kind == "class":
                self._of_classes.setdefault(name, []).append((owner, found))
        self._mentions = Mentions(project, self)

    def __iter__(self) -> Iterator[Container]:
        return iter(self._found.values())

    def _read(self, module: Module, held: dict[Scope, list[Held]]) -> None:
        for part in held.get(module.top, ()):
            if part.kind:
                self._add_held(module.top, part, module, "the module holds it")
        for scope in module.scopes:
            if scope.kind == "class":
                self._read_class(scope, [part for part in held.get(scope, ()) if part.kind])
            elif scope.kind == "function":
                self._read_defaults(scope)

    def _add_held(self, place: Scope, held: Held, owner: Module | Scope, why: str) -> None:
        found = Container(owner, held.name, held.kind, place, held.line, why, held.own)
        self._found.setdefault((owner, held.name), found)

    def _add(self, place: Scope, assigned: Assigned, owner: Module | Scope, why: str) -> None:
        kind = growable(assigned.value, place.body)
        name = assigned.name.removeprefix("self.")
        if kind:
            own = holds_own(assigned.value, place)
            found = Container(owner, name, kind, place, assigned.line, why, own)
            self._found.setdefault((owner, name), found)

    def _read_class(self, cls: Scope, shared: list[Held]) -> None:
        if _is_made_by_call(cls):
            return
        if shared and not self._is_copied(cls):
            names = words(*(f"self.{one.name}" for one in shared))
            own = {
                part.name
                for child in cls.children
                if any(child.module.mentions(child.index, name) for name in names)
                for part in _assigned_to_self(child)
            }
            for one in shared:
                if f"self.{one.name}" not in own:
                    self._add_held(cls, one, cls, "the class holds it, not its instances")
        why = self._lasting.reason(cls)
        if not why:
            return
        for child in cls.children:
            if child.kind == "function" and child.name in ("__init__", "__new__", "__post_init__", "setup"):
                for part in _assigned_to_self(child):
                    if part.name.count(".") == 1:
                        self._add(child, part, cls, why)

    def _is_copied(self, cls: Scope) -> bool:
        """Whether what the class body says is a declaration: of a field, of a constant."""
        if "dataclass" in decorator_names(cls) or "define" in decorator_names(cls):
            return True
        line, libraries = self._inference.classes.line(cls)
        spelled = [
            facts.spell(base, ()) for part in line for base in part.facts.bases if type(base) is not int
        ]
        names = {base.rsplit(".", 1)[-1] for base in (*libraries, *spelled)} | {part.name for part in line}
        return bool(names & _COPIED) or any(name.endswith(("Model", "Config", "Schema")) for name in names)

    def _read_defaults(self, function: Scope) -> None:
        outer = function.parent
        for parameter in function.parameters:
            if may_grow(parameter.default) and outer is not None and "." not in parameter.name:
                kind = growable(parameter.default, outer.body)
                if kind and not decorator_names(function):
                    self._found[(function, parameter.name)] = Container(
                        function, parameter.name, kind, function, function.line,
                        "the default of a parameter is made once",
                    )  # fmt: skip

    # resolving

    def growing(self) -> Iterator[Scope]:
        """The functions of production code that may add to one of them, by the names of what they add to."""
        for module in self._project.production():
            known = (RENAMED, *self._mentions.plain_names(module))
            for index, names in module.reading(growth_names).items():
                if not self._mentions.names.isdisjoint(names) or any(name in known for name in names):
                    yield module.scopes[index]

    def scopes_of(self, some: Iterable[Container]) -> Iterator[Scope]:
        """The scopes of production code that can mean one of some of them."""
        return Mentions(self._project, some).scopes()

    def meant(self, scope: Scope, expression: Expression) -> Container | None:
        """The container that an expression in the body of a scope stands for."""
        if not isinstance(expression, str):
            return None
        head, _, last = expression.rpartition(".")
        if not head:
            return self._plain(scope, last)
        return self._attribute(scope, head, last) if last in self._mentions.names else None

    def _plain(self, scope: Scope, name: str) -> Container | None:
        if name not in self._mentions.plain_names(scope.module) and name not in self._renamed_in(scope):
            return None
        current: Scope | None = scope
        while current is not None and current.kind != "module":
            bound = self._inference.bindings(current).get(name) if current.kind != "class" else None
            if bound:
                first = bound[0]
                if first.how == "parameter" and len(bound) == 1:
                    return self._found.get((current, name))
                aliased = first.how == "value" and len(bound) == 1 and isinstance(first.source, str)
                return self.meant(current, first.source) if aliased and first.source != name else None
            current = current.parent
        return self._global(scope.module, name)

    def _renamed_in(self, scope: Scope) -> frozenset[str]:
        """Local names that are assigned another name, here or in a function around."""
        found = self._renamed.get(scope)
        if found is None:
            found = self._renamed[scope] = renamed_in(scope)
        return found

    def _global(self, module: Module, name: str) -> Container | None:
        for definition in self._project.symbols.define(module, name):
            if definition.kind == "variable" and definition.module is not None:
                return self._found.get((definition.module, definition.symbol))
        return None

    def _attribute(self, scope: Scope, head: str, name: str) -> Container | None:
        for value in self._inference.name(scope, head):
            if value.kind == "module":
                found = self._global(value.ref, name)
            elif value.kind in ("class", "instance"):
                found = self._member(value, name)
            else:
                found = None
            if found is not None:
                return found
        return None

    def _member(self, value: Value, name: str) -> Container | None:
        for cls in self._inference.classes.line(value.ref)[0]:
            if (cls, name) in self._found:
                return self._found[(cls, name)]
        return self._of_heir(value.ref, name)

    def _of_heir(self, mixin: Scope, name: str) -> Container | None:
        """What a class that inherits from this one makes: a mixin works on attributes that it never sets."""
        for owner, found in self._of_classes.get(name, ()):
            is_open = any(isinstance(base, tuple) and base[0] == facts.STAR for base in owner.facts.bases)
            if is_open or mixin in self._inference.classes.line(owner)[0]:
                return found
        return None


class Lasting:
    """Classes with an instance that lives as long as the process."""

    def __init__(self, project: Project, held: dict[Scope, list[Held]]) -> None:
        self._inference = project.inference
        self._held = held
        self._reasons: dict[Scope, str] = {}
        self._passing: set[Scope] = set()
        for module in project.production():
            for scope in module.scopes:
                if scope.kind in ("module", "class"):
                    self._held_by(scope)
                elif scope.kind == "function":
                    self._given_by(scope)
                    self._note_passing(project, scope)
                    is_early = project.entries.reach(scope) is Reach.LIFESPAN
                    if is_early and len(project.entries.path(scope)) <= _NEAR:
                        self._made_by(project, scope)
        for _ in range(3):
            self._spread(project)

    def reason(self, cls: Scope) -> str:
        """Why an instance of the class lasts; empty where none is known to, or where requests make their own."""
        return "" if cls in self._passing else self._reasons.get(cls, "")

    def _note_passing(self, project: Project, function: Scope) -> None:
        """Classes of which a request makes an object of its own."""
        if project.entries.reach(function) not in _AGAIN:
            return
        made = [edge for edge in project.graph.edges(function) if edge.how == "construct" and edge.call >= 0]
        if not made or _CACHING & set(decorator_names(function)):
            return
        for edge in made:
            if edge.target is not None:
                call = function.body.calls[edge.call]
                if not Flow(function.body).first_only(call.block) and not _is_set_up(function, call.line):
                    cls = edge.target if edge.target.kind == "class" else edge.target.owner
                    if cls is not None:
                        self._passing.add(cls)

    def _note(self, values: tuple[Value, ...], why: str) -> None:
        for value in values:
            if value.kind == "instance":
                self._reasons.setdefault(value.ref, why)

    def _held_by(self, scope: Scope) -> None:
        if _is_program(scope):
            return
        for part in self._held.get(scope, ()):
            if part.call is not None:
                values = self._inference.expression(scope, part.call)
                self._note(values, f"`{part.name}` in {scope.path}:{part.line} lives as long as the process")

    def _given_by(self, function: Scope) -> None:
        may_set_up = function.facts.sets_elsewhere and _may_set_up(function) and not _is_program(function)
        shares = may_set_up and mentions(function, _GLOBAL)
        for name, expression, line in assigned(function.body) if may_set_up else ():
            if not isinstance(awaited(expression), int) or not (shares or "." in name):
                continue
            if not _is_set_up(function, line):
                continue
            if self._is_shared(function, name):
                last = name.rpartition(".")[2]
                values = self._inference.expression(function, expression)
                self._note(values, f"`{last}` in {function.path}:{line} lives as long as the process")
        if not function.parameters and _CACHING & set(decorator_names(function)):
            self._note(
                self._inference.returned(function), f"`{function.name}()` gives everybody the same one"
            )

    def _is_shared(self, function: Scope, name: str) -> bool:
        """Whether an assigned name is of the module, of a class, or of the application's state."""
        head = name.rpartition(".")[0]
        if not head:
            return any(part.kind == "global" and name in part.target for part in function.body.statements)
        if head == "cls" or ".state." in f".{name}":
            return True
        return any(value.kind == "class" for value in self._inference.name(function, head))

    def _made_by(self, project: Project, function: Scope) -> None:
        """What the application makes as it starts, and does not make again."""
        flow = Flow(function.body)
        for edge in project.graph.edges(function):
            made = edge.target
            if edge.how != "construct" or made is None or edge.call < 0:
                continue
            cls = made if made.kind == "class" else made.owner
            if cls is not None and not any(flow.loops(function.body.calls[edge.call].block)):
                self._reasons.setdefault(cls, f"`{function.name}` makes one when the application starts")

    def _spread(self, project: Project) -> None:
        """What a lasting object makes for itself lasts as well."""
        for cls in list(self._reasons):
            if cls.module.kind is not FileKind.PRODUCTION:
                continue
            for child in cls.children:
                if child.kind == "function" and child.name in ("__init__", "__post_init__"):
                    for name, expression, _ in assigned(child.body):
                        if name.startswith("self.") and isinstance(awaited(expression), int):
                            self._note(project.inference.expression(child, expression), self._reasons[cls])


def _is_made_by_call(cls: Scope) -> bool:
    """Whether the class statement stands in a function: each call makes a class of its own."""
    around = cls.parent
    while around is not None and around.kind == "class":
        around = around.parent
    return around is not None and around.is_function


def _is_program(scope: Scope) -> bool:
    """`package/__main__.py`: what it holds lasts as long as this program, and not as another's server."""
    return scope.path.endswith("__main__.py")


def _may_set_up(function: Scope) -> bool:
    """Whether `_is_set_up` can hold for a line: a condition about nothing is written with these."""
    named = function.name.lower().startswith(_SETS_UP)
    return named or (mentions(function, _CONDITION) and mentions(function, _NOTHING))


def _is_set_up(function: Scope, line: int) -> bool:
    """Whether what is assigned here stays: under `if x is None`, or in a function that sets things up."""
    if function.name.lower().startswith(_SETS_UP):
        return True
    flow = Flow(function.body)
    blocks = {part.block for part in function.body.statements if part.line == line}
    return any(map(flow.first_only, blocks))


def _assigned_to_self(method: Scope) -> Iterator[Assigned]:
    if mentions(method, _SELF):
        yield from (part for part in assigned(method.body) if part.name.startswith("self."))
