"""Which functions differ between two versions of a module, and whether it takes a new import to make it so."""

import inspect
from collections.abc import Iterator
from types import CodeType

FunctionKey = tuple[int, str]
"""The first line, decorators included, and the qualified name."""

_FIXED = (
    inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
    | inspect.CO_ITERABLE_COROUTINE
    | inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
)
"""What frameworks ask of a function when it is registered; who changes that has to be registered anew."""


class NeedsImportError(Exception):
    """Something differs that runs when the module is imported, or that a living function cannot take over."""


Changed = dict[FunctionKey, CodeType | None]
"""The new code by where the old one stands; None where no living function can take it over."""


def changed_functions(before: CodeType, after: CodeType) -> Changed:
    """The functions that differ; nested ones too, since closures may live.

    Args:
        before: A module's code as it is loaded.
        after: The same module with a change.

    Raises:
        NeedsImportError: no exchange of function bodies makes the one of the other.
    """
    found: Changed = {}
    _compare(before, after, found)
    return found


def _compare(before: CodeType, after: CodeType, found: Changed) -> None:
    if before.co_flags & inspect.CO_OPTIMIZED:
        _compare_functions(before, after, found)
        return
    if own_shape(before) != own_shape(after):
        raise NeedsImportError
    for old, new in zip(nested(before), nested(after), strict=True):
        _compare(old, new, found)


def _compare_functions(before: CodeType, after: CodeType, found: Changed) -> None:
    if shape(before) == shape(after):
        return
    fits = _signature(before) == _signature(after)
    if not fits and "<locals>" not in before.co_qualname:
        raise NeedsImportError
    found[(before.co_firstlineno, before.co_qualname)] = after if fits else None
    inner, other = list(nested(before)), list(nested(after))
    if [each.co_qualname for each in inner] == [each.co_qualname for each in other]:
        for old, new in zip(inner, other, strict=True):
            _compare_functions(old, new, found)


def _signature(code: CodeType) -> tuple[object, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return (code.co_flags & _FIXED, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount,
            code.co_varnames[:count], code.co_freevars)  # fmt: skip


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code objects of what is defined directly inside."""
    return (each for each in code.co_consts if isinstance(each, CodeType))


def own_shape(code: CodeType) -> tuple[object, ...]:
    """What the code itself does, whatever lines it does it on, without what is defined inside."""
    constants = [each.co_name if isinstance(each, CodeType) else _spelled(each) for each in code.co_consts]
    return (code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars,
            code.co_exceptiontable, code.co_flags, code.co_argcount, code.co_kwonlyargcount, constants)  # fmt: skip


def _spelled(constant: object) -> str:
    """The same for equal sets, which `repr` puts in the order in which they were filled."""
    if isinstance(constant, frozenset):
        return f"frozenset({sorted(map(repr, constant))})"
    return repr(constant)


def shape(code: CodeType) -> tuple[object, ...]:
    """The same with all that is defined inside."""
    return (own_shape(code), [shape(each) for each in nested(code)])
