"""Coroutines that were made and never awaited.

Python warns of them when they are collected; what it calls for that is replaced by a copy of itself which also
tells us: same file, same lines, same stack, so that the suite's filters and reports see what they always see.
"""

import ast
import gc
import linecache
import textwrap
import warnings
import weakref
from collections.abc import Callable
from types import CodeType, CoroutineType, FunctionType
from typing import Any

from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.words import KNOWN_FILES

_HEAR = "greenroom hears"
"""Stands for what is told; as a constant of the code it is no variable that a traceback would show."""
_WARNS = "_warn_unawaited_coroutine"


class NeverAwaitedSensor:
    """Hears of each such coroutine, and knows which test has left it behind."""

    name = "never_awaited"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._original: Any = None
        self._replacement: Any = None
        self._heard: list[tuple[RunningTest | None, str]] = []
        self._left: dict[int, tuple[weakref.ref[Any], RunningTest]] = {}
        self._last: RunningTest | None = None

    def install(self, scene: Scene) -> None:
        """Put the copy in the place of the original."""
        self._scene = scene
        self._original = getattr(warnings, _WARNS)
        self._replacement = _telling(self._original, self._hear)
        setattr(warnings, _WARNS, self._replacement)

    def uninstall(self) -> None:
        """Put the original back, and give to their tests what was collected since."""
        self._hand_over(None)
        if getattr(warnings, _WARNS) is self._replacement:
            setattr(warnings, _WARNS, self._original)

    def _hear(self, coroutine: Any) -> None:
        """Called while objects are collected, at any point of the program: no more than a note."""
        known = self._left.pop(id(coroutine), None)
        test = self._scene.test if self._scene else None
        self._heard.append((known[1] if known else test, str(coroutine.__qualname__)))

    def begin(self, test: RunningTest) -> None:
        """What was collected between two tests is of the one before."""
        if self._heard:
            self._hand_over(None)
        self._last = test

    def end(self, test: RunningTest) -> Part:
        """What the test has left, as far as it was collected; the rest is remembered as its own."""
        if self._may_have_made_some(test):
            self._remember(test)
        return {"never_awaited": self._hand_over(test)} if self._heard else {}

    def _hand_over(self, current: RunningTest | None) -> tuple[str, ...]:
        heard, self._heard = self._heard, []
        for test, name in heard:
            owner = test or self._last
            if owner is not None and owner is not current and self._scene:
                self._scene.late(owner, {"never_awaited": (name,)})
        return tuple(name for test, name in heard if current is not None and (test or self._last) is current)

    def _may_have_made_some(self, test: RunningTest) -> bool:
        """Whether the test's own file has coroutines, or any that is not one of tests alone.

        To look through the young objects takes as long as half of all else that is done for a test.
        """
        own = None if test.code is None else KNOWN_FILES.get(test.code.co_filename)
        return own is None or own.has_coroutines or KNOWN_FILES.have_coroutines

    def _remember(self, test: RunningTest) -> None:
        """The coroutines that were never begun and are still held by something: younger than all other objects."""
        young = gc.get_objects(generation=0)
        if CoroutineType not in set(map(type, young)):  # no line of Python for each of them
            return
        for each in young:
            if type(each) is CoroutineType and _is_untouched(each) and id(each) not in self._left:
                self._left[id(each)] = (weakref.ref(each), test)
        del young
        if len(self._left) > 1000:
            self._left = {key: left for key, left in self._left.items() if left[0]() is not None}


def _is_untouched(coroutine: Any) -> bool:
    return not (coroutine.cr_running or coroutine.cr_suspended or coroutine.cr_frame is None)


def _source_of(code: CodeType) -> str:
    """As `inspect.getsource`, which goes through all that follows for the function's end."""
    last = max(line for _, _, line in code.co_lines() if line is not None)
    return "".join(linecache.getlines(code.co_filename)[code.co_firstlineno - 1 : last])


def _telling(original: Any, hear: Callable[[Any], None]) -> Any:
    """The function with one more statement at its beginning, and all else as it is."""
    tree = ast.parse(textwrap.dedent(_source_of(original.__code__)))
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        message = "the source of Python's `warnings` is not what it was"
        raise TypeError(message)
    parameter = function.args.args[0].arg
    tell = ast.parse(f"{_HEAR!r}.__call__({parameter})").body[0]
    for node in ast.walk(tell):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno = node.end_lineno = function.lineno
    function.body.insert(0, tell)
    ast.increment_lineno(tree, original.__code__.co_firstlineno - function.lineno)
    module = compile(tree, original.__code__.co_filename, "exec")
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    constants = tuple(hear if each == _HEAR else each for each in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), original.__globals__, original.__name__)
