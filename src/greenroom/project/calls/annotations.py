"""Type annotations as values."""

from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.values import PROBABLE, Resolver, Value, Values, elements, many, union
from greenroom.project.code import facts
from greenroom.project.code.expressions import read_annotation
from greenroom.project.code.facts import Expression, Parameter
from greenroom.project.code.module import Scope

_TRANSPARENT = {"Optional", "Union", "ClassVar", "Final", "Required", "NotRequired", "Awaitable", "Mapped"}
_CONTAINERS = {
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence", "Iterable",
    "Iterator", "Collection", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "Generator", "deque",
    "MutableSequence", "AbstractSet",
}  # fmt: skip
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_DEEPEST_ALIAS = 5


def annotated(resolver: Resolver, scope: Scope, annotation: Expression, depth: int = 0) -> Values:
    """The values that a parameter or attribute of this annotation may have."""
    if annotation is None or depth > _DEEPEST_ALIAS:
        return ()
    if isinstance(annotation, str):
        return _named(resolver, scope, annotation, depth)
    if not isinstance(annotation, tuple):
        return ()
    if annotation[0] == facts.CONSTANT:
        text = annotation[1]
        parsed = read_annotation(text) if isinstance(text, str) else None
        return annotated(resolver, scope, parsed, depth + 1)
    if annotation[0] == facts.OPERATION and annotation[1] == "|":
        return union(*[annotated(resolver, scope, part, depth) for part in annotation[2]])
    if annotation[0] == facts.ITEM:
        return _subscripted(resolver, scope, annotation, depth)
    return ()


def _named(resolver: Resolver, scope: Scope, name: str, depth: int) -> Values:
    if name.rsplit(".", 1)[-1] == "Self":
        owner = _class_around(scope)
        return (Value("instance", owner),) if owner else ()
    aliases = resolver.aliases(scope, name)
    # `Dep = Annotated[X, Depends(f)]`: read as a value, it would be an object of the typing library
    found = [
        annotated(resolver, place, part, depth + 1)
        for place, part in aliases
        if isinstance(part, tuple) and part[0] == facts.ITEM
    ]
    for value in () if found else resolver.name(scope, name):
        if value.kind == "class":
            found.append((Value("instance", value.ref, value.certainty),))
        elif value.kind == "library":
            found.append((Value("object", resolver.effects.canonical(value.ref), value.certainty),))
    if not found:
        found = [annotated(resolver, place, part, depth + 1) for place, part in aliases]
    return union(*found)


def _class_around(scope: Scope) -> Scope | None:
    current: Scope | None = scope
    while current is not None and current.kind != "class":
        current = current.parent
    return current


def _subscripted(resolver: Resolver, scope: Scope, annotation: tuple[object, ...], depth: int) -> Values:
    base, key = annotation[1], annotation[2]
    parts: tuple[Expression, ...] = key[2] if isinstance(key, tuple) and key[0] == facts.SEQUENCE else (key,)
    name = base.rsplit(".", 1)[-1] if isinstance(base, str) else ""
    if not parts:  # tuple[()]
        return ()
    if name == "Annotated":
        return _from_metadata(resolver, scope, parts) or annotated(resolver, scope, parts[0], depth)
    if name in _TRANSPARENT:
        return union(*[annotated(resolver, scope, part, depth) for part in parts])
    if name == "Coroutine":
        return annotated(resolver, scope, parts[-1], depth)
    if name in _CONTAINERS:
        return many(annotated(resolver, scope, parts[0], depth))
    if name in _MAPPINGS:
        return many(annotated(resolver, scope, parts[-1], depth))
    if name in ("type", "Type"):
        return tuple(
            Value("class" if value.kind == "instance" else "library", value.ref, value.certainty)
            for value in annotated(resolver, scope, parts[0], depth)
            if value.kind in ("instance", "object")
        )
    if name in ("Callable", "Literal"):
        return ()
    return annotated(resolver, scope, base, depth)


def _from_metadata(resolver: Resolver, scope: Scope, parts: tuple[Expression, ...]) -> Values:
    """`Annotated[X, Depends(f)]`: what f gives, where that is known."""
    for part in parts[1:]:
        if isinstance(part, int) and _last(scope.body.calls[part].callee) in ("Depends", "Security"):
            return dependency(resolver, scope, part)
    return ()


def dependency(resolver: Resolver, scope: Scope, call: int) -> Values:
    """What `Depends(f)` injects: the result of f, or what it yields."""
    arguments = scope.body.calls[call].arguments
    target = arguments[0] if arguments else scope.body.calls[call].keyword("dependency")
    if target is None:
        return ()
    results = []
    for value in resolver.expression(scope, target):
        result = resolver.result(value)
        results.append(elements(result) if _generates(value) else result)
    return union(*results)


def _generates(value: Value) -> bool:
    return value.kind == "function" and value.ref.facts.is_generator


def _last(callee: Expression) -> str:
    return callee.rsplit(".", 1)[-1] if isinstance(callee, str) else ""


def given(resolver: Resolver, scope: Scope, parameter: Parameter) -> Values:
    """What a parameter stands for: its object or class, what is injected, declared, or its default."""
    outer = scope.parent or scope
    owner = scope.owner
    if owner is not None and scope.parameters[0] is parameter:
        names = decorator_names(scope)
        if "staticmethod" not in names:
            kind = "class" if "classmethod" in names or scope.name == "__new__" else "instance"
            return (Value(kind, owner),)
    if isinstance(parameter.default, int) and _is_dependency(outer, parameter.default):
        injected = dependency(resolver, outer, parameter.default)
        if injected:
            return injected
    if parameter.kind in ("args", "kwargs"):
        return many(annotated(resolver, outer, parameter.annotation))
    declared = annotated(resolver, outer, parameter.annotation)
    if declared or parameter.default is None:
        return declared
    return tuple(value.weaker(PROBABLE) for value in resolver.expression(outer, parameter.default))


def _is_dependency(scope: Scope, call: int) -> bool:
    callee = scope.body.calls[call].callee
    return isinstance(callee, str) and callee.rsplit(".", 1)[-1] in ("Depends", "Security")
