"""Markers on tests: decorators, `pytestmark`, on the function, its classes and its module."""

from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.testing.origins import Origins

_PREFIX = "pytest.mark."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mark:
    """A marker, and where it stands."""

    name: str
    call: Call | None
    """Its arguments; None for a bare one."""
    scope: Scope
    """The scope in whose body the call stands."""
    line: int


class Marks:
    """Markers of a project's tests."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self._of_scope: dict[Scope, tuple[Mark, ...]] = {}

    def on(self, function: Scope, owner: Scope | None) -> tuple[Mark, ...]:
        """All markers of a test, nearest first."""
        found = list(self.of_scope(function))
        current = owner
        while current is not None and current.kind == "class":
            for ancestor in self.origins.lineage(current)[0]:
                found += self.of_scope(ancestor)
            current = current.parent
        found += self.of_scope((owner or function).module.top)
        return tuple(found)

    def of_scope(self, scope: Scope) -> tuple[Mark, ...]:
        """The markers written on one function, class or module."""
        known = self._of_scope.get(scope)
        if known is None:
            found: list[Mark] = []
            if scope.parent is not None:
                for decorator in scope.decorators:
                    found += self._read(scope.parent, decorator, scope.line)
            if scope.kind in ("class", "module"):
                for statement in scope.body.statements:
                    if statement.kind == "assign" and "pytestmark" in statement.target:
                        found += self._read(scope, statement.value, statement.line)
            known = tuple(found)
            self._of_scope[scope] = known
        return known

    def _read(self, scope: Scope, expression: Expression, line: int, depth: int = 0) -> Iterator[Mark]:
        """Marks in a decorator or in the value of `pytestmark`."""
        if depth > 4:
            return
        if isinstance(expression, tuple) and expression[0] in (facts.SEQUENCE, facts.OPERATION):
            for part in expression[2]:
                yield from self._read(scope, part, line, depth + 1)
            return
        call = scope.body.calls[expression] if isinstance(expression, int) else None
        spelled = call.callee if call else expression
        origin = self.origins.of(scope, spelled).removesuffix("()")
        if origin.startswith(_PREFIX):
            own = call is not None and isinstance(spelled, str) and "mark." in spelled
            name = origin[len(_PREFIX) :].split(".")[0].removesuffix("()")
            if own or (call is None and isinstance(spelled, str) and "mark." in spelled):
                yield Mark(name=name, call=call, scope=scope, line=call.line if call else line)
                return
            yield self._through_variable(scope, spelled, name, line) or Mark(
                name=name, call=call, scope=scope, line=line
            )

    def _through_variable(self, scope: Scope, spelled: Expression, name: str, line: int) -> Mark | None:
        """`needs_redis = pytest.mark.skipif(…)`: the arguments are at the variable."""
        if not isinstance(spelled, str):
            return None
        home, variable = scope.module, spelled.rsplit(".", 1)[-1]
        for definition in self.origins.symbols.define(home, spelled.split(".")[0]):
            if definition.module is None:
                continue
            module = definition.module
            if definition.kind == "variable":
                variable = definition.symbol
            for statement in module.top.body.statements:
                if statement.kind == "assign" and variable in statement.target:
                    call = statement.value if isinstance(statement.value, int) else None
                    return Mark(
                        name=name,
                        call=module.top.body.calls[call] if call is not None else None,
                        scope=module.top,
                        line=statement.line if module is scope.module else line,
                    )
        return None
