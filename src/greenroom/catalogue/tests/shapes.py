"""Doubles that have what the real thing does not have; shared by the entries of this family."""

from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.doubles import Double, Doubles
from greenroom.project.testing.items import Item

_OF_MOCKS = frozenset({
    "return_value", "side_effect", "called", "call_count", "call_args", "call_args_list", "mock_calls", "method_calls",
    "reset_mock", "configure_mock", "attach_mock", "mock_add_spec", "await_count", "await_args", "await_args_list",
})  # fmt: skip
_SPECIFIED = ("spec", "spec_set", "autospec", "new", "new_callable")


def misshapen(project: Project, doubles: Doubles) -> Iterator[Sighting]:
    """Attributes that a test sets on a double and its class does not have; one sighting for each."""
    for item in project.suite.functions():
        function = item.function
        for name, real in _doubles_by_name(project, item, doubles):
            shape = _shape(project, real)
            if shape is None:
                continue
            for line, attribute in _configured(function, name, is_class=True):
                if attribute not in shape and not attribute.startswith(("assert_", "_")):
                    yield _sighting(function, line, attribute, real)


def _sighting(function: Scope, line: int, attribute: str, real: Scope) -> Sighting:
    return Sighting(
        place=Place(path=function.path, line=line, symbol=function.qualname),
        message=f"the double of `{real.name}` answers `{attribute}`, which `{real.name}` does not have",
        severity=Severity.HIGH,
        confidence=Confidence.DEFINITE,
        remedy="make the double with `autospec=True`, which refuses what the class does not have",
        sites=(Place(path=real.path, line=real.line, symbol=real.qualname),),
        subject=f"{real.name}.{attribute}",
        cause=f"{real.path}::{real.qualname}.{attribute}",
        reach=Reach.TEST,
    )


def _doubles_by_name(project: Project, item: Item, doubles: Doubles) -> Iterator[tuple[str, Scope]]:
    """Names under which a test holds the double of a class of the product, with that class."""
    function = item.function
    by_line = {double.place.line: double for double in doubles.on(function, item.owner)}
    for name, call in (*_with_names(function), *_assigned_names(function), *_parameter_names(project, item)):
        double = by_line.get(call.line)
        if (
            double is None
            or any(call.keyword(word) is not None for word in _SPECIFIED)
            or _gives_new(call, double)
        ):
            continue
        real = project.suite.origins.scope(double.real)
        if real is not None and real.kind == "class":
            yield name, real


def _gives_new(call: Call, double: Double) -> bool:
    return len(call.arguments) > (1 if double.how == "patch" else 2)


def _with_names(function: Scope) -> Iterator[tuple[str, Call]]:
    for block in function.body.blocks:
        if block.kind in ("with", "async-with"):
            for value, target in block.detail:
                if isinstance(value, int) and isinstance(target, str):
                    yield target, function.body.calls[value]


def _assigned_names(function: Scope) -> Iterator[tuple[str, Call]]:
    for statement in function.body.statements:
        if statement.kind == "assign" and isinstance(statement.value, int):
            call = function.body.calls[statement.value]
            if isinstance(call.callee, str) and call.callee.startswith("mocker.patch"):
                yield from ((target, call) for target in statement.target if isinstance(target, str))


def _parameter_names(project: Project, item: Item) -> Iterator[tuple[str, Call]]:
    """`@patch` gives its double to the test, the lowest decorator first."""
    function, parent = item.function, item.function.parent
    if parent is None:
        return
    names = [part.name for part in function.parameters if part.name not in ("self", "cls")]
    for decorator in reversed(function.decorators):
        call = parent.body.calls[decorator] if isinstance(decorator, int) else None
        origin = project.suite.origins.of(parent, call.callee if call else decorator)
        if (
            not origin.startswith(("unittest.mock.patch", "mock.patch"))
            or call is None
            or origin.endswith(".dict")
        ):
            continue
        given = call.keyword("new") is not None or len(call.arguments) > (
            2 if origin.endswith(".object") else 1
        )
        if not given and names:
            yield names.pop(0), call


def _configured(function: Scope, name: str, *, is_class: bool) -> Iterator[tuple[int, str]]:
    """Lines that say what an instance of the doubled class answers."""
    body = function.body
    for statement in body.statements:
        if statement.kind == "assign":
            for target in statement.target:
                if found := _attribute(target, name, is_class=is_class):
                    yield statement.line, found


def _attribute(target: Expression, name: str, *, is_class: bool) -> str:
    """`send` of `mailer.return_value.send.return_value = …`."""
    if not isinstance(target, str):
        return ""
    parts = target.split(".")
    prefix = [name, "return_value"] if is_class else [name]
    if parts[: len(prefix)] != prefix or len(parts) <= len(prefix):
        return ""
    found = parts[len(prefix)]
    if found in ("__enter__", "__aenter__"):
        return ""
    return "" if found in _OF_MOCKS or found.startswith("__") else found


def _shape(project: Project, real: Scope) -> set[str] | None:
    """All names that an instance has; None where a base or a hook of it may add more."""
    ancestors, libraries = project.suite.origins.lineage(real)
    if libraries or real.decorators:
        return None
    found: set[str] = set()
    for ancestor in ancestors:
        names = {child.name for child in ancestor.children}
        if names & {"__getattr__", "__getattribute__", "__new__"} or ancestor.decorators:
            return None
        found |= names
        for scope in (ancestor, *_all_below(ancestor)):
            found |= _bound(scope)
            if any(call.callee in ("setattr", "self.__dict__.update", "vars") for call in scope.body.calls):
                return None
    return found


def _all_below(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        yield child
        yield from _all_below(child)


def _bound(scope: Scope) -> set[str]:
    """Names bound in a class's body, and attributes of `self`."""
    targets: list[Expression] = []
    for statement in scope.body.statements:
        if statement.kind == "assign":
            targets += statement.target
        elif statement.kind in ("annotate", "augment"):
            targets.append(statement.target)
    for block in scope.body.blocks:
        if block.kind in ("with", "async-with"):
            targets += [target for _, target in block.detail]
        elif block.kind in ("for", "async-for"):
            targets.append(block.detail[0])
    names = {part for target in targets for part in facts.walk(target) if isinstance(part, str)}
    return {name.split(".")[1] if "." in name else name for name in names}
