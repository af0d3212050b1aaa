"""Whether what a test replaces is the subject or a boundary: whose code the original is."""

import inspect
import sys
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from greenroom.record.project_code import ProjectCode
from greenroom.record.shape import is_mock, is_placeholder
from greenroom.record.test_files import is_for_tests

SUBJECT, SETTING, BOUNDARY, SUITE = "subject", "setting", "boundary", "suite"
_PLAIN = frozenset({str, bytes, int, float, complex, bool, type(None), list, dict, tuple, set, frozenset})
_NAMED = (FunctionType, BuiltinFunctionType, MethodType, type)
"""What says itself which module it stands in; of anything else it is the class."""
_LAYERS = 20


def role_of(original: Any, owner: Any, code: ProjectCode) -> str:
    """Whose the original is: the project's production code, its tests', or somebody else's.

    A name of the project that is bound to a library's object is a boundary; a plain value, a setting. Empty where
    the original is a double itself, or nobody knows where it comes from.
    """
    if is_mock(original):
        return ""
    if is_placeholder(original) or type(original) in _PLAIN:
        whose = _whose(_module(owner), code)
        return SETTING if whose == SUBJECT else whose
    return _whose(_module(_innermost(original)), code)


def _innermost(thing: Any) -> Any:
    """What stands below descriptors and decorators."""
    for _ in range(_LAYERS):
        inner = _below(thing)
        if inner is None:
            break
        thing = inner
    return thing


def _below(thing: Any) -> Any:
    kind = type(thing)
    if kind in (staticmethod, classmethod):
        return thing.__func__
    if kind is property:
        return thing.fget
    return thing.func if kind is partial else inspect.getattr_static(thing, "__wrapped__", None)


def _module(thing: Any) -> str:
    """The name of the module that has defined it."""
    if issubclass(type(thing), ModuleType):
        return str(thing.__name__)
    named = thing if issubclass(type(thing), _NAMED) else type(thing)
    return str(named.__module__)


def _whose(module: str, code: ProjectCode) -> str:
    if module not in sys.modules:
        return ""
    file = getattr(sys.modules[module], "__file__", None)
    path = code.relative(file) if isinstance(file, str) else ""
    if not path:
        return BOUNDARY
    return SUITE if is_for_tests(path) else SUBJECT
