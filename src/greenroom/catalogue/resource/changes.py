"""What adds to a container, and what takes away from it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.resource.container import Container
from greenroom.catalogue.resource.containers import Containers
from greenroom.catalogue.resource.growth_names import ADDS, adding, asked_of, root_of
from greenroom.catalogue.resource.held import is_bounded
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, Statement
from greenroom.project.code.module import Scope

_MERGES = frozenset({"update", "extend", "extendleft"})
_APPENDS = frozenset({"append", "appendleft", "insert", "put", "put_nowait"})
_TAKES = frozenset({"pop", "popitem", "popleft", "clear", "remove", "discard", "difference_update",
                    "intersection_update", "__delitem__"})  # fmt: skip
_EMPTIES = re.compile(r"clear|reset|flush|purge|prune|empty|wipe|clean", re.IGNORECASE)
_MEASURES = frozenset({"len", "qsize"})
_QUEUE_TAKES = frozenset({"get", "get_nowait"})
_CHANGING = _TAKES | _QUEUE_TAKES | ADDS.keys()
_READS = frozenset({"len", "list", "dict", "set", "tuple", "sorted", "str", "repr", "print", "iter", "enumerate", "any",
                    "all", "sum", "min", "max", "zip", "map", "filter", "isinstance", "bool", "reversed", "copy",
                    "deepcopy", "dumps", "join", "info", "debug", "warning", "error", "jsonable_encoder", "next",
                    "frozenset", "type", "id"})  # fmt: skip


class Growth(NamedTuple):
    """A place where a container may get longer."""

    scope: Scope
    line: int
    column: int
    text: str
    """As the code writes it."""
    keys: tuple[Expression, ...]
    """What decides whether it gets longer; empty for what is simply appended."""
    certain: bool
    """Whether each run adds: not for what depends on its keys."""
    given: Expression = None
    """What is added, where each run adds."""

    @property
    def is_nested(self) -> bool:
        """`rooms[name].append(…)`, `rooms[name][user] = …`: what it holds gets longer."""
        return "[…]." in self.text or "[…][…]" in self.text


class Change(NamedTuple):
    """A place where it may get shorter."""

    scope: Scope
    line: int
    text: str


class Changes:
    """Of all containers of the project."""

    def __init__(self, containers: Containers) -> None:
        self._containers = containers
        self.growths: dict[Container, list[Growth]] = defaultdict(list)
        self.trims: dict[Container, list[Change]] = defaultdict(list)
        self.inner_trims: dict[Container, list[Change]] = defaultdict(list)
        """`rooms[name].remove(…)`: of what it holds, not of itself."""
        self.measured: set[Container] = set()
        """Those whose length somebody compares with something."""
        self.escaped: set[Container] = set()
        """Those which are handed to code that may change them."""
        # Few containers grow; what else happens is asked of these only.
        for scope in containers.growing():
            self._read_growth(scope)
        grown = tuple(self.growths)
        for found in (self.growths, self.trims, self.inner_trims, self.measured, self.escaped):
            found.clear()
        for scope in containers.scopes_of(grown):
            self._read(scope)

    def _read_growth(self, scope: Scope) -> None:
        for part in adding(scope):
            if isinstance(part, Call):
                self._called(scope, part)
            else:
                self._statement(scope, part)

    def _read(self, scope: Scope) -> None:
        body = scope.body
        for call in body.calls:
            self._call(scope, call)
        if not _MEASURES.isdisjoint(scope.facts.called):
            for block in body.blocks:
                if block.kind in ("if", "while"):
                    self._lengths(scope, block.detail)
            for statement in body.statements:
                if statement.kind in ("return", "assert", "expression", "assign"):
                    self._lengths(scope, statement.value)
        for statement in body.statements:
            self._statement(scope, statement)

    def _statement(self, scope: Scope, statement: Statement) -> None:
        if statement.kind == "delete":
            for target in statement.target:
                self._deleted(scope, target, statement.line)
        elif statement.kind == "assign":
            for target in statement.target:
                self._assigned(scope, target, statement.line, statement.value)
        elif statement.kind == "annotate" and statement.value is not None:
            self._assigned(scope, statement.target, statement.line)
        elif statement.kind == "augment":
            self._augmented(scope, statement.target, statement.line)

    # calls

    def _call(self, scope: Scope, call: Call) -> None:
        self._called(scope, call)
        for argument in (*call.arguments, *(value for _, value in call.keywords)):
            if type(argument) is str:
                self._handed(scope, call, argument)
            elif (
                type(argument) is tuple and argument[0] == facts.SEQUENCE
            ):  # `Thread(target=work, args=(jobs,))`
                for part in argument[2]:
                    if type(part) is str:
                        self._handed(scope, call, part)

    def _called(self, scope: Scope, call: Call) -> None:
        found, method, keys = self._receiver(scope, call)
        if found is not None:
            nested = bool(keys)
            # `queues[name].get()`, without a key, asks a queue.
            from_queue = found.kind == "queue" or (nested and not call.arguments)
            takes = method in _TAKES or (from_queue and method in _QUEUE_TAKES)
            if takes:
                side = self.inner_trims if nested else self.trims
                side[found].append(Change(scope, call.line, f"{found.label}.{method}"))
            if method == "setdefault" and any(_is_bounded(scope, part) for part in call.arguments[1:]):
                self.inner_trims[found].append(Change(scope, call.line, f"{found.label}[…] = …"))
            if not takes and method in ADDS and scope.is_function:
                self._added(scope, call, found, method, keys)

    def _receiver(self, scope: Scope, call: Call) -> tuple[Container | None, str, tuple[Expression, ...]]:
        """`X.append`, `X[k].append`, `X.setdefault(k, []).append` → X, the method and the keys."""
        callee = call.callee
        if isinstance(callee, str) and "." in callee:
            head, _, method = callee.rpartition(".")
            if method not in _CHANGING:
                return None, method, ()
            found = self._containers.meant(scope, head)
            return (found, method, ()) if found is not None else self._inner(scope, head, method)
        if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
            inner, method = callee[1], callee[2]
            if method not in _CHANGING:
                return None, method, ()
            root, keys = root_of(asked_of(scope, inner))
            return (self._containers.meant(scope, root), method, keys) if keys else (None, method, ())
        return None, "", ()

    def _inner(
        self, scope: Scope, name: str, method: str
    ) -> tuple[Container | None, str, tuple[Expression, ...]]:
        """`people = rooms[name]["people"]`, `people.pop(…)`: what it holds gets shorter."""
        if method not in _TAKES | _QUEUE_TAKES or "." in name:
            return None, method, ()
        for part in scope.body.statements:
            if part.kind == "assign" and name in part.target:
                root, keys = root_of(_asked_for(scope.body, part.value))
                found = self._containers.meant(scope, root) if keys else None
                if found is not None:
                    return found, method, keys
        return None, method, ()

    def _added(
        self, scope: Scope, call: Call, found: Container, method: str, keys: tuple[Expression, ...]
    ) -> None:
        text = f"{found.label}{'[…]' * len(keys)}.{method}"
        position = max(ADDS[method], 0)
        given = call.arguments[position] if position < len(call.arguments) else None
        appends = method in _APPENDS and not _is_spelled_out(given)
        if method in _MERGES and (given is None or _is_literal(given)):
            return
        if _is_filled_once(scope.body, call):
            return
        if appends and not _is_guarded(scope.body, call.block, given):
            growth = Growth(scope, call.line, call.column, text, keys, certain=True, given=given)
        else:
            growth = Growth(scope, call.line, call.column, text, (*keys, given), certain=False)
        self.growths[found].append(growth)

    def _handed(self, scope: Scope, call: Call, argument: str) -> None:
        head, _, method = argument.rpartition(".")
        if method in _TAKES and (held := self._containers.meant(scope, head)) is not None:
            self.trims[held].append(Change(scope, call.line, f"{held.label}.{method}"))  # a callback
            return
        last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
        if last not in _READS and last not in ADDS:
            found = self._containers.meant(scope, argument)
            if found is not None:
                self.escaped.add(found)

    # statements

    def _deleted(self, scope: Scope, target: Expression, line: int) -> None:
        root, keys = root_of(target)
        found = self._containers.meant(scope, root) if keys else None
        if found is not None:
            side = self.trims if len(keys) == 1 else self.inner_trims
            side[found].append(Change(scope, line, f"del {found.label}[…]"))

    def _assigned(self, scope: Scope, target: Expression, line: int, value: Expression = None) -> None:
        if isinstance(target, str):
            found = self._containers.meant(scope, target) if self._is_rebound(scope, target) else None
            if found is not None and (found.place is not scope or found.line != line):
                self.trims[found].append(Change(scope, line, f"{found.label} = …"))
            elif found is not None:
                self.trims[found].extend(_made_anew(scope))
            return
        if isinstance(target, tuple) and target[0] == facts.SEQUENCE:
            for part in target[2]:
                self._assigned(scope, part, line)
            return
        self._item_assigned(scope, target, line, value)

    def _item_assigned(self, scope: Scope, target: Expression, line: int, value: Expression) -> None:
        root, keys = root_of(target)
        found = self._containers.meant(scope, root) if keys else None
        if found is None or not scope.is_function:
            return
        empties = len(keys) > 1 or _EMPTIES.search(scope.name) is not None
        if empties and _is_empty(scope.body, value):  # `rooms[name]["people"] = []`
            self.inner_trims[found].append(Change(scope, line, f"{found.label}{'[…]' * len(keys)} = …"))
        elif any(type(key) is tuple and key[0] == facts.SLICE for key in keys):  # a slice is assigned
            self.trims[found].append(Change(scope, line, f"{found.label}[…] = …"))
        elif found.kind != "list" and not all(_is_constant(key) for key in keys):
            if _is_bounded(scope, value):  # what it holds cannot get longer
                self.inner_trims[found].append(Change(scope, line, f"{found.label}[…] = …"))
            text = f"{found.label}{'[…]' * len(keys)} = …"
            self.growths[found].append(Growth(scope, line, 1, text, keys, certain=False))

    @staticmethod
    def _is_rebound(scope: Scope, target: str) -> bool:
        """Whether assigning the name changes the container's own name, not a local one."""
        if "." in target or not scope.is_function:
            return True
        if not scope.module.mentions(scope.index, b"global"):
            return False
        return any(part.kind == "global" and target in part.target for part in scope.body.statements)

    def _augmented(self, scope: Scope, target: Expression, line: int) -> None:
        root, keys = root_of(target)
        found = self._containers.meant(scope, root)
        if found is None or not scope.is_function:
            return
        if not keys and found.kind == "list":
            self.growths[found].append(Growth(scope, line, 1, f"{found.label} += …", (), certain=True))
        elif keys and found.kind == "defaultdict" and not all(_is_constant(key) for key in keys):
            text = f"{found.label}[…] += …"
            self.growths[found].append(Growth(scope, line, 1, text, keys, certain=False))

    def _lengths(self, scope: Scope, expression: Expression) -> None:
        for part in facts.walk(expression):
            if isinstance(part, tuple) and part[0] == facts.COMPARE:
                for operand in part[2]:
                    for container in self._measured(scope, operand):
                        self.measured.add(container)

    def _measured(self, scope: Scope, operand: Expression) -> Iterator[Container]:
        if isinstance(operand, int):
            call = scope.body.calls[operand]
            last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
            if last == "len" and call.arguments:
                root, _ = root_of(call.arguments[0])
                found = self._containers.meant(scope, root)
            elif last == "qsize":
                found = self._containers.meant(scope, call.callee.rpartition(".")[0])
            else:
                found = None
            if found is not None:
                yield found


def _made_anew(constructor: Scope) -> Iterator[Change]:
    """`def clear(self): self.__init__()`: all that the constructor makes is made again."""
    if constructor.name == "__init__" and constructor.owner is not None:
        for method in constructor.owner.children:
            if method is not constructor and "__init__" in method.facts.called:
                for call in method.body.calls:
                    if call.callee == "self.__init__":
                        yield Change(method, call.line, "self.__init__()")


def _asked_for(body: Body, value: Expression) -> Expression:
    """`rooms.get(name, [])` as `rooms[name]`."""
    if type(value) is not int:
        return value
    callee, given = body.calls[value].callee, body.calls[value].arguments
    if not isinstance(callee, str) or not callee.endswith((".get", ".setdefault")) or not given:
        return value
    return (facts.ITEM, callee.rpartition(".")[0], given[0])


def _is_bounded(scope: Scope, value: Expression) -> bool:
    return type(value) is int and is_bounded(scope.body.calls[value])


def _is_empty(body: Body, value: Expression) -> bool:
    """`[]`, `{}`, `set()`."""
    if isinstance(value, int) and not isinstance(value, bool):
        call = body.calls[value]
        return call.callee in ("list", "dict", "set", "deque") and not call.arguments and not call.keywords
    return isinstance(value, tuple) and value[0] in (facts.SEQUENCE, facts.MAPPING) and not value[-1]


def _is_constant(key: Expression) -> bool:
    return isinstance(key, tuple) and key[0] == facts.CONSTANT


def _is_literal(given: Expression) -> bool:
    if not isinstance(given, tuple):
        return False
    if given[0] == facts.MAPPING:
        return all(part is not None and _is_constant(part) for part in given[1])
    return given[0] == facts.SEQUENCE and all(_is_constant(part) for part in given[2])


def _is_spelled_out(given: Expression) -> bool:
    """The same at each run: no request brings it."""
    if isinstance(given, tuple) and given[0] == facts.MAPPING:
        return all(part is not None and _is_constant(part) for part in (*given[1], *given[2]))
    return facts.constant(given) is not None or _is_literal(given)


def _is_filled_once(body: Body, call: Call) -> bool:
    """`if not items:` around `items.append(…)`."""
    name = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
    empty = (facts.OPERATION, "not", (name,))
    return any(part.kind == "if" and part.detail == empty for part in body.enclosing(call.block))


def _is_guarded(body: Body, block: int, given: Expression) -> bool:
    """`if item not in items:` around the call."""
    for found in body.enclosing(block):
        if found.kind == "if":
            for part in facts.walk(found.detail):
                if (
                    isinstance(part, tuple)
                    and part[0] == facts.COMPARE
                    and "not in" in part[1]
                    and part[2][0] == given
                ):
                    return True
    return False
