"""Does a function check anything, itself or through the helpers of the suite?"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from greenroom.model.asserting_libraries import ASSERTING_LIBRARIES
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Statement, last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.testing.fixtures import Fixtures, requested
from greenroom.project.testing.origins import Origins

_DEEPEST = 8
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_VERBS = frozenset({
    "assert", "asserts", "asserted", "expect", "expects", "expected", "verify", "verifies", "verified",
    "check", "checks", "checked", "ensure", "ensures", "should", "must", "validate", "validates",
    "compare", "compares", "fail", "fails", "failed", "match", "matches", "approve", "snapshot",
    "require", "requires", "confirm", "equal", "equals", "raises", "warns", "roundtrip", "lint", "diff",
})  # fmt: skip
"""In a name whose code cannot be read, any of them may mean a check."""
_CHECKING = frozenset({
    "raise_for_status", "check_returncode", "check_call", "check_output", "fnmatch_lines",
    "re_match_lines", "no_fnmatch_line", "wait_for_selector", "wait_for_url", "wait_for_function",
    "wait_for_load_state", "wait_for_response", "call_and_validate", "to_be_visible", "validate_response",
    "assertpy", "run_state_machine_as_test", "testmod", "until",
})  # fmt: skip
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_CHECKING_FIXTURES = frozenset({
    "httpx_mock", "respx_mock", "snapshot", "benchmark", "data_regression", "file_regression",
    "num_regression", "image_regression", "dataframe_regression", "ndarrays_regression",
    "original_datadir", "django_assert_num_queries", "recwarn", "django_assert_max_num_queries",
    "image_diff", "mpl_image_compare", "pytester", "testdir", "approve", "snapshot_json",
    "snapshot_compare", "regtest", "aioresponses", "rsps",
})  # fmt: skip
"""Fixtures of plugins that check by themselves, or exist to check."""


class Level(IntEnum):
    """How sure it is that a function checks something."""

    NOTHING = 0
    PERHAPS = 1
    """Something in it may well be a check."""
    CHECKS = 2


class Checks(NamedTuple):
    """What a function checks."""

    level: Level
    unresolved: bool = False
    """It calls code of the suite that could not be read."""

    def joined(self, other: "Checks") -> "Checks":
        """Both together."""
        return Checks(max(self.level, other.level), self.unresolved or other.unresolved)


_NOTHING = Checks(Level.NOTHING)
_PERHAPS = Checks(Level.PERHAPS)
_UNRESOLVED = Checks(Level.NOTHING, unresolved=True)
_CHECKS = Checks(Level.CHECKS)


class Assertions:
    """Remembers for every function of the suite whether it checks anything."""

    def __init__(self, origins: Origins, fixtures: Fixtures) -> None:
        self.origins = origins
        self.fixtures = fixtures
        self._known: dict[Scope, Checks] = {}
        self._helpers: dict[Scope, list[int]] = {}

    def of(self, function: Scope, depth: int = 0) -> Checks:
        """What this function checks by itself, through helpers and used inner functions."""
        known = self._known.get(function)
        if known is not None:
            return known
        if depth > _DEEPEST:
            return _UNRESOLVED
        self._known[function] = _NOTHING  # against cycles
        found = self._read(function, depth)
        self._known[function] = found
        return found

    def around(self, function: Scope, owner: Scope | None) -> Checks:
        """What the fixtures, set-up and tear-down methods and decorators of a test check."""
        found = _NOTHING
        wanted = requested(function)
        if any(name in _CHECKING_FIXTURES for name in wanted):
            return _CHECKS
        for fixture in self.fixtures.closure(function.module, owner, wanted):
            if fixture.name in _CHECKING_FIXTURES or self.of(fixture.scope).level is Level.CHECKS:
                found = _PERHAPS
        for method in self._lifecycle(owner):
            if self.of(method).level is Level.CHECKS:
                found = _PERHAPS
        named = any(self.of(scope).level is Level.CHECKS for scope in self._named(function, owner))
        return found.joined(self._decorators(function)).joined(_PERHAPS if named else _NOTHING)

    def _named(self, function: Scope, owner: Scope | None) -> Iterator[Scope]:
        """What `override_settings(MIDDLEWARE=["tests.test_users.Checking"])` puts around a test, as far as it is of the suite."""
        for scope in (function, owner):
            for decorator in scope.decorators if scope is not None and scope.parent is not None else ():
                if not isinstance(decorator, int) or scope is None or scope.parent is None:
                    continue
                call = scope.parent.body.calls[decorator]
                if last_name(call.callee) not in ("override_settings", "modify_settings"):
                    continue
                for _, value in call.keywords:
                    for part in facts.walk(value):
                        text = facts.constant(part)
                        path, _, name = text.rpartition(".") if isinstance(text, str) else ("", "", "")
                        home = self.origins.symbols.module(path, function.module) if path else None
                        yield from _methods(home.top if home else None, name)

    def _lifecycle(self, owner: Scope | None) -> Iterator[Scope]:
        if owner is None:
            return
        for ancestor in self.origins.lineage(owner)[0]:
            for child in ancestor.children:
                if child.name in LIFECYCLE:
                    yield child

    def _decorators(self, function: Scope) -> Checks:
        scope = function.parent
        found = _NOTHING
        for decorator in function.decorators:
            if scope is None:
                break
            call = scope.body.calls[decorator] if isinstance(decorator, int) else None
            callee = call.callee if call else decorator
            spelled = last_name(callee)
            origin = self.origins.of(scope, callee).removesuffix("()")
            target = self.origins.scope(origin)
            if target is not None and target.kind == "function":
                found = found.joined(self.with_inner(target))
            elif spelled in ("xfail", "raises") or (
                _words(spelled) & _VERBS and not origin.startswith("pytest.mark.parametrize")
            ):
                found = found.joined(_CHECKS)
            elif target is None and not origin:
                found = found.joined(_UNRESOLVED)
            if call is not None and call.keyword("side_effect") is not None:
                found = found.joined(_PERHAPS)
        return found

    def helpers(self, function: Scope) -> list[int]:
        """The calls in this function by which something else checks, or may check."""
        known = self._helpers.get(function)
        if known is None:
            known = self._helpers[function] = [
                index
                for index, call in enumerate(function.body.calls)
                if self._of_call(function, index, call, 1).level is not Level.NOTHING
            ]
        return known

    def with_inner(self, function: Scope) -> Checks:
        """The function and everything defined in it."""
        found = self.of(function)
        for child in function.children:
            found = found.joined(self.with_inner(child))
        return found

    def _read(self, function: Scope, depth: int) -> Checks:
        body = function.body
        if any(statement.kind == "assert" for statement in body.statements):
            return _CHECKS
        found = _PERHAPS if self._enters_parameter(function) else _NOTHING
        for statement in body.statements:
            if statement.kind == "raise":
                if not _is_abstract(statement.value, function):
                    return _CHECKS
                found = _PERHAPS  # a subclass fills it in
            elif _is_operator(statement):
                found = _PERHAPS
        for index, call in enumerate(body.calls):
            found = found.joined(self._of_call(function, index, call, depth))
            if found.level is Level.CHECKS:
                return found
        for child in function.children:
            if self._is_used(child, function):
                found = found.joined(self._of_child(child, depth))
        return found

    def _enters_parameter(self, function: Scope) -> bool:
        """`with expectation:`, where a parameter set gives `pytest.raises(…)` or nothing to expect."""
        given = {parameter.name for parameter in function.parameters}
        return any(
            isinstance(value, str)
            and value in given
            and self.fixtures.find(value, function.module, function.owner) is None
            for block in function.body.blocks
            if block.kind in ("with", "async-with")
            for value, _ in block.detail
        )

    def _of_child(self, child: Scope, depth: int) -> Checks:
        if child.kind != "class":
            return self.of(child, depth + 1)
        found = _NOTHING
        for method in child.children:
            found = found.joined(self.of(method, depth + 1))
        return found

    def _is_used(self, child: Scope, function: Scope) -> bool:
        return child.kind == "lambda" or bool(child.decorators) or is_referenced(child.name, function)

    def _of_call(self, function: Scope, index: int, call: Call, depth: int) -> Checks:
        name = last_name(call.callee)
        if name.lower().lstrip("_").startswith("assert") or name in _CHECKING or name == "fail":
            return _CHECKS
        spelled = call.callee if isinstance(call.callee, str) else ""
        if ".should." in spelled or _is_told_to_raise(call) or _is_told_the_status(function, name, call):
            return _CHECKS
        origin = self.origins.callee(function, index)
        if origin.startswith(ASSERTING_LIBRARIES) or _is_of_webtest(origin, name, call):
            return _CHECKS
        target = self.origins.scope(origin.removesuffix("()")) if "::" in origin else None
        if target is not None:
            return self._of_project(target, name, depth)
        if _words(name) & _VERBS or name in ("expect", "side_effect"):
            return _PERHAPS
        if call.keyword("side_effect") is not None and _may_raise(call.keyword("side_effect")):
            return _PERHAPS
        if not origin and isinstance(call.callee, str) and "." not in call.callee:
            return _UNRESOLVED  # a parameter or a name that was built: it may do anything
        if not origin and _is_of_super(function, call):
            return _PERHAPS  # a mixin: what runs is known where it is mixed in
        head = spelled.split(".")[0]
        return _UNRESOLVED if not origin and head in ("self", "cls") else _NOTHING

    def _of_project(self, target: Scope, name: str, depth: int) -> Checks:
        """A helper of the suite is read; production code is not asked to check."""
        if not _is_suite_code(target):
            return _PERHAPS if _words(name) & _VERBS or _asserts_the_status(target) else _NOTHING
        if target.kind == "class":
            found = _NOTHING
            for method in target.children:
                if method.name in (
                    "__init__",
                    "__enter__",
                    "__exit__",
                    "__aenter__",
                    "__aexit__",
                    "__call__",
                ):
                    found = found.joined(self.of(method, depth + 1))
            return found
        if self.fixtures.of(target) is not None:
            return self.of(target, depth + 1)
        if target.owner is not None and not target.body.calls and not target.children:
            return _PERHAPS  # an empty hook: a subclass fills it in
        return self.of(target, depth + 1)


LIFECYCLE = frozenset({
    "setUp", "tearDown", "asyncSetUp", "asyncTearDown", "setup_method", "teardown_method", "setUpClass",
    "tearDownClass", "setup", "teardown", "setup_class", "teardown_class",
})  # fmt: skip
"""Methods that a runner calls around each test."""


def _methods(top: Scope | None, name: str) -> list[Scope]:
    """Of the class of this name in a module of the suite."""
    classes = top.children if top is not None and _is_suite_code(top) else ()
    return [
        part for child in classes if child.kind == "class" and child.name == name for part in child.children
    ]


def _is_suite_code(scope: Scope) -> bool:
    """Of the tests, or written to help them."""
    return scope.module.kind is FileKind.TEST or "test" in scope.path.lower() or "conftest" in scope.path


def _asserts_the_status(scope: Scope) -> bool:
    """A helper that lies with the product, and asserts what a request was answered."""
    return any(
        part.kind == "assert"
        and any(isinstance(name, str) and last_name(name) == "status_code" for name in facts.walk(part.value))
        for part in scope.body.statements
    )


def _is_of_super(function: Scope, call: Call) -> bool:
    """`super().method(…)`."""
    callee = call.callee
    if not isinstance(callee, tuple) or callee[0] != facts.ATTRIBUTE or not isinstance(callee[1], int):
        return False
    return bool(function.body.calls[callee[1]].callee == "super")


def _is_abstract(exception: Expression, function: Scope) -> bool:
    """`raise NotImplementedError` of a base class checks nothing."""
    callee = function.body.calls[exception].callee if isinstance(exception, int) else exception
    return last_name(callee) in ("NotImplementedError", "StopIteration", "StopAsyncIteration", "SkipTest")


def _may_raise(value: Expression) -> bool:
    """`side_effect=` an exception or something that may be one."""
    return not isinstance(value, tuple) or value[0] not in (facts.SEQUENCE, facts.LAMBDA)


def _is_told_the_status(function: Scope, name: str, call: Call) -> bool:
    """Webtest's `app.get("/items", status=404)` fails at any other one; so may what a fixture made of it."""
    status = call.keyword("status")
    if name.removesuffix("_json") in _METHODS:
        return isinstance(facts.constant(status), int) or isinstance(status, str)
    is_given = any(part.name == call.callee for part in function.parameters)
    return is_given and isinstance(facts.constant(status), int)


def _is_of_webtest(origin: str, name: str, call: Call) -> bool:
    """A request that fails by itself where the answer is 400 or above."""
    if not origin.startswith(("webtest.", "django_webtest.")) or name.removesuffix("_json") not in _METHODS:
        return False
    return call.keyword("expect_errors") is None and facts.constant(call.keyword("status")) != "*"


def _is_told_to_raise(call: Call) -> bool:
    """`run(…, check=True)`, `is_valid(raise_exception=True)`."""
    return any(
        value == (facts.CONSTANT, True) and name is not None and (name == "check" or name.startswith("raise"))
        for name, value in call.keywords
    )


def _is_operator(statement: Statement) -> bool:
    """`chat << "Hello"` as a statement of its own: the operator was written for it."""
    value = statement.value
    return (
        statement.kind == "expression"
        and isinstance(value, tuple)
        and value[0] == facts.OPERATION
        and len(value[2]) > 1
    )


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(name)}


def is_referenced(name: str, function: Scope) -> bool:
    """Whether the body of a function, or what is nested in it, mentions a name."""
    needle = re.compile(rf"'{re.escape(name)}(?:\.[^']*)?'")
    waiting = [function]
    while waiting:
        scope = waiting.pop()
        if needle.search(repr((scope.body.calls, scope.body.blocks))):
            return True
        if any(
            needle.search(repr((part.value, part.detail)))
            for part in scope.body.statements
            if part.kind not in ("def", "class")
        ):
            return True
        waiting += [child for child in scope.children if child.name != name]
    return False
