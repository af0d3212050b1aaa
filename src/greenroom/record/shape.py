"""Whether a double has the shape of what it stands for, judged by how it was used.

Only what is beyond doubt is told: where the original makes up attributes, hides its signature, or is
nothing but a placeholder, a double may be anything.
"""

import inspect
from collections.abc import Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

_OWN_NAMES = frozenset({"method_calls", "return_value", "side_effect", "mock_calls", "call_args", "called"})
_MOST_CALLS = 50
"""Looked at: the thousandth call of a loop looks like the first."""
_ABSENT = object()
_LOOK_UPS = (object.__dict__["__getattribute__"], type.__dict__["__getattribute__"])


class Difference(NamedTuple):
    """Where a double is unlike the original."""

    missing: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


def is_mock(thing: Any) -> bool:
    """Whether it is one of `unittest.mock`, or of a library that is made of it."""
    return any(kind.__name__ == "NonCallableMock" for kind in type(thing).__mro__)


def is_placeholder(original: Any) -> bool:
    """Whether there is no original: the double was made up where nothing stood."""
    return type(original).__name__ in ("_SentinelObject", "NotSetType", "Notset")


def original_of(given: Any, owner: Any, name: str) -> Any:
    """What stands there otherwise: where the owner itself had nothing, what its class or its ancestors have.

    Of something that may have come about at run time, `None`: nothing can be said. What nobody ever had stays the
    placeholder that it was.
    """
    if not is_placeholder(given) or isinstance(owner, ModuleType):
        return given
    if isinstance(owner, type):
        found = next((vars(kind)[name] for kind in owner.__mro__[1:] if name in vars(kind)), _ABSENT)
        return found if found is not _ABSENT else None if _instance_has_otherwise(owner, name) else given
    found = inspect.getattr_static(type(owner), name, _ABSENT)
    if isinstance(found, FunctionType):
        return MethodType(found, owner)
    if found is not _ABSENT:
        return found
    return None if _instance_has(type(owner), name) else given


def difference(double: Any, original: Any, owner: Any) -> Difference:
    """Compare a mock with what it replaced.

    Args:
        double: What stood there.
        original: What stands there otherwise, as the owner's dictionary has it: also a `staticmethod` or a property.
        owner: The module, class or object whose attribute it is.
    """
    if not is_mock(double) or is_mock(original) or original is None or isinstance(original, property):
        return Difference()
    missing = tuple(sorted(set(_missing(double, original))))
    unlike = tuple(dict.fromkeys(_refused(double, original, owner)))
    return Difference(missing, unlike + tuple(_not_awaitable(double, original)))


def _missing(double: Any, original: Any) -> Iterator[str]:
    for name in _used(double):
        if not _has(original, name):
            yield name
    if isinstance(original, type):
        returned = _peek(double, "_mock_return_value")
        for name in _used(returned) if is_mock(returned) else ():
            if not _instance_has(original, name):
                yield f"().{name}"


def _used(double: Any) -> Iterator[str]:
    children = _peek(double, "_mock_children")
    names = {*(children if isinstance(children, dict) else ()), *vars(double)}
    return (
        name for name in names if name.isidentifier() and not name.startswith("_") and name not in _OWN_NAMES
    )


def _peek(double: Any, name: str) -> Any:
    return vars(double).get(name)


def _has(original: Any, name: str) -> bool:
    if inspect.getattr_static(original, name, _ABSENT) is not _ABSENT:
        return True
    if isinstance(original, ModuleType):
        return hasattr(original, "__getattr__") or hasattr(original, "__path__")
    if isinstance(original, type):
        return _makes_up(type(original)) or name in getattr(original, "__annotations__", {})
    if callable(original) and isinstance(original, FunctionType | MethodType):
        return False
    return _makes_up(type(original)) or _instance_has(type(original), name)


def _instance_has(kind: type, name: str) -> bool:
    """Whether instances may have it: as something of the class, or as something that its methods set."""
    if inspect.getattr_static(kind, name, _ABSENT) is not _ABSENT or _makes_up(kind):
        return True
    for ancestor in kind.__mro__:
        if ancestor is not object and not _is_written_in_python(ancestor):
            return True
        if name in inspect.get_annotations(ancestor):
            return True
        if any(name in function.__code__.co_names for function in _functions(ancestor)):
            return True
    return False


def _instance_has_otherwise(kind: type, name: str) -> bool:
    """The same, where a double stands in the class itself."""
    return _makes_up(type(kind)) or any(_instance_has(ancestor, name) for ancestor in kind.__mro__[1:-1])


def _is_written_in_python(kind: type) -> bool:
    return bool(kind.__flags__ & (1 << 9))  # Py_TPFLAGS_HEAPTYPE


def _functions(kind: type) -> Iterator[FunctionType]:
    for value in kind.__dict__.values():
        function = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        if isinstance(function, FunctionType):
            yield function


def _makes_up(kind: type) -> bool:
    """Whether it answers to names that nobody has written down."""
    made_up = inspect.getattr_static(kind, "__getattr__", _ABSENT) is not _ABSENT
    return made_up or inspect.getattr_static(kind, "__getattribute__") not in _LOOK_UPS


def _refused(double: Any, original: Any, owner: Any) -> Iterator[str]:
    if _peek(double, "_spec_signature") is not None:
        return  # `autospec` has refused them already
    yield from _refused_calls(double, original, owner)
    if isinstance(original, ModuleType | type):
        yield from _refused_by_parts(double, original)
    returned = _peek(double, "_mock_return_value")
    if isinstance(original, type) and is_mock(returned):
        yield from _refused_by_parts(returned, original)


def _refused_by_parts(double: Any, original: Any) -> Iterator[str]:
    """Calls of what hangs below the double."""
    children = _peek(double, "_mock_children")
    for name, child in children.items() if isinstance(children, dict) else ():
        if is_mock(child):
            real = inspect.getattr_static(original, name, None)
            yield from (f"{name}: {told}" for told in _refused_calls(child, real, original))


def _refused_calls(double: Any, original: Any, owner: Any) -> Iterator[str]:
    signature = _signature(original)
    calls = _peek(double, "_mock_call_args_list") or ()
    problems = []
    for call in calls[:_MOST_CALLS]:
        arguments = call.args
        if _wants_self(original, owner) and not (arguments and isinstance(arguments[0], owner)):
            arguments = (None, *arguments)  # a mock in a class is given no `self`
        problems.append((bool(call.args or call.kwargs), _problem(signature, arguments, call.kwargs)))
    # `double().closed` in an assertion only leads to what was returned: whoever calls for real gives arguments.
    is_led = any(is_given and not problem for is_given, problem in problems)
    yield from (problem for is_given, problem in problems if problem and (is_given or not is_led))


def _problem(signature: inspect.Signature | None, arguments: Any, named: Any) -> str:
    if signature is None:
        return ""
    try:
        signature.bind(*arguments, **named)
    except TypeError as error:
        return str(error)
    return ""


def _signature(original: Any) -> inspect.Signature | None:
    """As it is called by its name in its owner; None where nothing can be said of it."""
    function = original.__func__ if isinstance(original, staticmethod | classmethod) else original
    if isinstance(function, type):
        if not _is_constructed_plainly(function):
            return None
    elif not isinstance(function, FunctionType | MethodType):
        return None
    try:
        return inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def _wants_self(original: Any, owner: Any) -> bool:
    return isinstance(owner, type) and isinstance(original, FunctionType | classmethod)


def _is_constructed_plainly(kind: type) -> bool:
    """Whether its `__init__` alone decides how it is called."""
    called = inspect.getattr_static(type(kind), "__call__")
    made = inspect.getattr_static(kind, "__new__")
    plain = (type.__dict__["__call__"], object.__dict__["__new__"])
    return (called, made) == plain and _is_written_in_python(kind)


def _not_awaitable(double: Any, original: Any) -> Iterator[str]:
    function = getattr(original, "__func__", original)
    if not inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(double):
        return
    if any(kind.__name__ == "AsyncMockMixin" for kind in type(double).__mro__) or not _peek(
        double, "_mock_called"
    ):
        return
    returned = _peek(double, "_mock_return_value")
    if _peek(double, "_mock_side_effect") is None and not hasattr(type(returned), "__await__"):
        yield "the real one is awaited, the double returns at once"
