"""The functions that are alive in this process, and an exchange of their bodies that leaves them who they are."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from types import CodeType, FunctionType

from greenroom.mutate.code_change import FunctionKey, own_shape
from greenroom.mutate.defaults import NewDefault

Exchange = tuple[FunctionType, str, object]
"""A living function, one of its attributes, and what is in its place from now on."""


class LiveFunctions:
    """Functions by the file, the first line and the qualified name of their code.

    Routes, decorators, partials, `Depends(f)` and callbacks hold function objects: with `__code__` replaced on the
    object itself, all of them have the new body.
    """

    def __init__(self, owns: Callable[[str], object]) -> None:
        """Find them all; those alone in whose file, as their code spells it, `owns` is interested."""
        self._found: dict[tuple[str, FunctionKey], list[FunctionType]] = {}
        for each in gc.get_objects():
            if type(each) is FunctionType and owns(each.__code__.co_filename):
                key = (each.__code__.co_firstlineno, each.__code__.co_qualname)
                self._found.setdefault((each.__code__.co_filename, key), []).append(each)

    def bodies(
        self, before: CodeType, changed: Mapping[FunctionKey, CodeType | None]
    ) -> list[Exchange] | None:
        """The new bodies of the functions of a module.

        Args:
            before: The module's code as compiled from its source, under the file name that live functions have.
            changed: As `code_change.changed_functions` says.

        Returns:
            None where that is not possible: outermost functions must live, with the very code that the source says.
        """
        known = functions_by_key(before)
        found: list[Exchange] = []
        for key, code in changed.items():
            living = self._found.get((before.co_filename, key), [])
            if not living and "<locals>" not in key[1]:
                return None
            for function in living:
                if code is None or own_shape(function.__code__) != own_shape(known[key]):
                    return None  # it captures other variables; or an import hook has rewritten it
                found.append((function, "__code__", code))
        return found

    def defaults(self, file: str, defaults: Iterable[NewDefault]) -> list[Exchange] | None:
        """The new defaults of the parameters of a file's functions.

        Returns:
            None where that is not possible: the functions must live, with the very defaults that the source says.
        """
        found: list[Exchange] = []
        for function, its in groupby(defaults, key=lambda each: each.function):
            changed = list(its)
            living = self._found.get((file, function), [])
            if not living or not all(_has_default(one, each) for one in living for each in changed):
                return None
            found += [exchange for one in living for exchange in _with_defaults(one, changed)]
        return found


def exchange(parts: Iterable[Exchange]) -> None:
    """Give living functions what is theirs from now on."""
    for function, attribute, value in parts:
        setattr(function, attribute, value)


def _with_defaults(function: FunctionType, changed: Iterable[NewDefault]) -> Iterator[Exchange]:
    positional, named = list(function.__defaults__ or ()), dict(function.__kwdefaults__ or {})
    for each in changed:
        if isinstance(each.parameter, str):
            named[each.parameter] = each.after
        else:
            positional[each.parameter] = each.after
    yield function, "__defaults__", tuple(positional) or None
    yield function, "__kwdefaults__", named or None


def _has_default(function: FunctionType, default: NewDefault) -> bool:
    if isinstance(default.parameter, str):
        known = (function.__kwdefaults__ or {}).get(default.parameter, default)
    else:
        positional = function.__defaults__ or ()
        known = positional[default.parameter] if default.parameter < len(positional) else default
    return repr(known) == repr(default.before)


def functions_by_key(module: CodeType) -> dict[FunctionKey, CodeType]:
    """All code objects of a module."""
    found = {}
    waiting = [module]
    while waiting:
        code = waiting.pop()
        found[(code.co_firstlineno, code.co_qualname)] = code
        waiting += [each for each in code.co_consts if isinstance(each, CodeType)]
    return found
