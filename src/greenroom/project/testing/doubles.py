"""The doubles that a test puts in the place of something, and what that something is."""

from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Statement, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.testing.origins import Origins

_MOCKS = (
    "Mock",
    "MagicMock",
    "AsyncMock",
    "NonCallableMock",
    "PropertyMock",
    "create_autospec",
    "mocker",
    "patch",
)
_PATCHING = frozenset({"patch", "object", "setattr", "multiple", "dict"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Double:
    """One replacement."""

    place: Place
    how: str
    """patch (by a dotted text) · object (an attribute of something) · assign (`x.m = Mock()`)"""
    seat: str
    """The origin that is replaced: `app/mail.py::send`, `app/mail.py::Mailer.send`, `redis.Redis` …"""
    real: str
    """What stands there in production, imports followed."""
    spelled: str
    """As the test names it."""
    raises: bool
    """The double raises: a failure is provoked."""
    block: int
    """The block in which it is in place; 0 for the whole function."""
    active: bool = True


class Doubles:
    """Finds them."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self._known: dict[Scope, tuple[Double, ...]] = {}

    def on(self, function: Scope, owner: Scope | None) -> list[Double]:
        """Those of a test's own body, its decorators and its class's decorators."""
        found = list(self.inside(function))
        found += self._decorators(function)
        if owner is not None:
            for ancestor in self.origins.lineage(owner)[0]:
                found += self._decorators(ancestor)
        return found

    def inside(self, function: Scope) -> tuple[Double, ...]:
        """Those that the body of one function puts in place."""
        known = self._known.get(function)
        if known is None:
            known = tuple(self._read(function))
            self._known[function] = known
        return known

    def _decorators(self, scope: Scope) -> Iterator[Double]:
        if scope.parent is None:
            return
        for decorator in scope.decorators:
            if isinstance(decorator, int):
                double = self._of_call(scope.parent, scope.parent.body.calls[decorator], 0)
                if double is not None:
                    yield double

    def _read(self, function: Scope) -> Iterator[Double]:
        patches = not _PATCHING.isdisjoint(function.facts.called)
        for call in function.body.calls if patches else ():
            double = self._of_call(function, call, self._reach_of(function, call))
            if double is not None:
                yield double
        for statement in function.body.statements:
            if statement.kind == "assign":
                yield from self._of_assignment(function, statement)

    def _reach_of(self, function: Scope, call: Call) -> int:
        """The with block that a patch opens; the function where it lasts."""
        if not call.usage & (facts.ENTERED | facts.ENTERED_ASYNC):
            return 0
        for index, block in enumerate(function.body.blocks):
            if block.kind in ("with", "async-with"):
                for value, _ in block.detail:
                    if isinstance(value, int) and function.body.calls[value] is call:
                        return index
        return 0

    def _of_call(self, scope: Scope, call: Call, block: int) -> Double | None:
        spelled = call.callee if isinstance(call.callee, str) else ""
        name = last_name(call.callee)
        if name not in _PATCHING or not call.arguments:
            return None
        origin = self.origins.of(scope, call.callee)
        is_patch = (
            origin.startswith(("unittest.mock.patch", "mock.patch"))
            or spelled.startswith(("mocker.patch", "session_mocker.patch", "class_mocker.patch"))
            or spelled == "monkeypatch.setattr"
        )
        if not is_patch or name in ("multiple", "dict"):
            return None
        first = call.arguments[0]
        text = facts.constant(first)
        if isinstance(text, str):
            seat, real, shown, how = *self.target(scope.module, text), text, "patch"
        else:
            attribute = facts.constant(call.arguments[1]) if len(call.arguments) > 1 else None
            if not isinstance(attribute, str):
                return None
            holder = self.origins.of(scope, first)
            seat, real = self._attribute(holder, attribute)
            shown, how = f"{facts.spell(first, scope.body.calls)}.{attribute}", "object"
        replaced = call.arguments[2:] if how == "object" else call.arguments[1:]
        return Double(
            place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
            how=how, seat=seat, real=real, spelled=shown, block=block,
            raises=self._raises(scope, call.keyword("side_effect")) or any(
                isinstance(part, int) and self._raises(scope, scope.body.calls[part].keyword("side_effect"))
                for part in (*replaced, call.keyword("new"))
            ) or any(self._function_raises(scope, part) for part in replaced),
        )  # fmt: skip

    def _of_assignment(self, function: Scope, statement: Statement) -> Iterator[Double]:
        value = statement.value
        if not isinstance(value, int):
            return
        made = self.origins.callee(function, value)
        if not made.startswith(("unittest.mock.", "mock.")) or last_name(made) not in _MOCKS:
            return
        call = function.body.calls[value]
        for target in statement.target:
            if not isinstance(target, str) or "." not in target:
                continue
            holder, _, attribute = target.rpartition(".")
            origin = self.origins.of(function, holder)
            if not origin or origin.startswith(("unittest.mock.", "mock.")) or holder in ("self", "cls"):
                continue
            seat, real = self._attribute(origin, attribute)
            yield Double(
                place=Place(path=function.path, line=statement.line, symbol=function.qualname),
                how="assign", seat=seat, real=real, spelled=target, block=0,
                raises=self._raises(function, call.keyword("side_effect")),
            )  # fmt: skip

    def target(self, importer: Module, dotted: str) -> tuple[str, str]:
        """Seat and real thing of a dotted text as `patch` reads it."""
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self.origins.symbols.module(".".join(parts[:cut]), importer)
            if module is None:
                continue
            seat = f"{module.path}::{'.'.join(parts[cut:])}"
            holder = module.path
            for name in parts[cut:-1]:
                holder = self.origins.attribute(holder, name)
            real = self.origins.attribute(holder, parts[-1]) if holder else ""
            return seat, real or seat
        return dotted, dotted

    def _attribute(self, holder: str, attribute: str) -> tuple[str, str]:
        """Seat and real thing of an attribute of some object, class or module."""
        if not holder:
            return "", ""
        real = self.origins.attribute(holder, attribute)
        if holder in self.origins.modules:
            return f"{holder}::{attribute}", real
        return f"{holder.removesuffix('()')}.{attribute}", real

    def _raises(self, scope: Scope, effect: Expression | None) -> bool:
        """Whether a `side_effect` is an exception, or a list or function with one."""
        if effect is None:
            return False
        if isinstance(effect, tuple) and effect[0] == facts.SEQUENCE:
            return any(self._raises(scope, part) for part in effect[2])
        callee = scope.body.calls[effect].callee if isinstance(effect, int) else effect
        name = last_name(callee)
        if name.endswith(
            ("Error", "Exception", "Timeout", "Failure", "Refused", "Closed", "Exit", "Interrupt")
        ):
            return True
        if isinstance(effect, tuple) and effect[0] == facts.LAMBDA:
            return "raise" in repr(scope.module.bodies[effect[1]])
        return self._function_raises(scope, effect)

    def _function_raises(self, scope: Scope, expression: Expression) -> bool:
        target = (
            self.origins.scope(self.origins.of(scope, expression)) if isinstance(expression, str) else None
        )
        return (
            target is not None
            and target.kind == "function"
            and any(part.kind == "raise" for part in target.body.statements)
        )
