"""The functions that are alive in this process, and an exchange of their bodies that leaves them who they are."""

import gc
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FunctionType

from greenroom.mutate.code_change import FunctionKey, own_shape
from greenroom.mutate.defaults import NewDefault


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

    def exchange(self, before: CodeType, changed: Mapping[FunctionKey, CodeType | None]) -> bool:
        """Give the functions of a module their new bodies.

        Args:
            before: The module's code as compiled from its source, under the file name that live functions have.
            changed: As `code_change.changed_functions` says.

        Returns:
            Whether that was possible: outermost functions must live, with the very code that the source says.
        """
        known = functions_by_key(before)
        pairs = []
        for key, code in changed.items():
            living = self._found.get((before.co_filename, key), [])
            if not living and "<locals>" not in key[1]:
                return False
            for function in living:
                if code is None or own_shape(function.__code__) != own_shape(known[key]):
                    return False  # it captures other variables; or an import hook has rewritten it
                pairs.append((function, code))
        for function, code in pairs:
            function.__code__ = code
        return True

    def give_defaults(self, file: str, defaults: Iterable[NewDefault], *, is_control: bool) -> bool:
        """Give the parameters of the functions of a file their new defaults; a control's are those that they have.

        Returns:
            Whether that was possible: the functions must live, with the very defaults that the source says.
        """
        for each in defaults:
            living = self._found.get((file, each.function), [])
            if not living or not all(_has_default(function, each) for function in living):
                return False
            value = each.before if is_control else each.after
            for function in living:
                if isinstance(each.parameter, str):
                    function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), each.parameter: value}
                else:
                    known = list(function.__defaults__ or ())
                    known[each.parameter] = value
                    function.__defaults__ = tuple(known)
        return True


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
