"""What a name still stands for in the arms of `isinstance` tests of it."""

from collections.abc import Iterator

from greenroom.project.calls.annotations import annotated
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.values import PROBABLE, Value, Values, union, weakened
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope

_ASKED = "isinstance"


def narrowed(inference: Inference, scope: Scope, flow: Flow, call: Call) -> Values | None:
    """What a method call means where its receiver was asked for its class; None where it was not, or nothing is known of it."""
    callee = call.callee
    if type(callee) is not str or "." not in callee or _ASKED not in scope.facts.called:
        return None
    name, _, method = callee.rpartition(".")
    asked = list(tests_of(flow, call, name))
    if not asked:
        return None
    values = inference.name(scope, name)
    if not values:
        return None
    for kind, holds in reversed(asked):
        values = _kept(inference, scope, values, kind, holds=holds)
    return union(*[inference.attribute(value, method) for value in values])


def tests_of(flow: Flow, call: Call, name: str) -> Iterator[tuple[Expression, bool]]:
    """The classes for which a name was asked before a call, innermost test first, and whether it is of them."""
    body = flow.body
    for number, test, holds in flow.decided(call):
        since = body.blocks[number].line
        if not _is_set(body, name, since, call.line):
            yield from _parts(body, test, name, holds=holds)


def _is_set(body: Body, name: str, first: int, last: int) -> bool:
    """Whether the name, or what it is an attribute of, gets another value between two lines."""
    parts = name.split(".")
    heads = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return any(
        first <= part.line <= last
        and part.kind in ("assign", "annotate", "augment")
        and not heads.isdisjoint(part.target if isinstance(part.target, tuple) else (part.target,))
        for part in body.statements
    )


def _parts(body: Body, test: Expression, name: str, *, holds: bool) -> Iterator[tuple[Expression, bool]]:
    if type(test) is int:
        call = body.calls[test]
        if call.callee == _ASKED and len(call.arguments) == 2 and call.arguments[0] == name:
            yield call.arguments[1], holds
    elif isinstance(test, tuple) and test[:2] == (facts.OPERATION, "not"):
        yield from _parts(body, test[2][0], name, holds=not holds)
    elif isinstance(test, tuple) and test[:2] == (facts.EITHER, "and" if holds else "or"):
        for part in test[2]:
            yield from _parts(body, part, name, holds=holds)


def _kept(inference: Inference, scope: Scope, values: Values, kind: Expression, *, holds: bool) -> Values:
    """Those that pass the test; where none is known to, what the test itself says it is."""
    classes = [
        value
        for part in _alternatives(kind)
        for value in annotated(inference, scope, part)
        if value.kind in ("instance", "object")
    ]
    passing = tuple(value for value in values if any(_is_a(inference, value, cls) for cls in classes))
    if not holds:
        return tuple(value for value in values if value not in passing)
    if passing or values:
        return passing or values
    return weakened(tuple(classes), PROBABLE)


def _alternatives(kind: Expression) -> tuple[Expression, ...]:
    """`A` of `A`, `A` and `B` of `(A, B)`; `A | B` is an annotation of its own."""
    return tuple(kind[2]) if isinstance(kind, tuple) and kind[0] == facts.SEQUENCE else (kind,)


def _is_a(inference: Inference, value: Value, cls: Value) -> bool:
    """As far as is known: of the class itself, or of one of the project that derives from it."""
    if value.kind == "instance":
        ours, libraries = inference.classes.line(value.ref)
        return cls.ref in ours or cls.ref in map(inference.effects.canonical, libraries)
    canonical = inference.effects.canonical
    return value.kind == "object" and cls.kind == "object" and canonical(value.ref) == canonical(cls.ref)
