"""The dotted texts by which tests replace things: `patch("package.module.name")`."""

import builtins
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.startup.first_party import FirstParty, Missing
from greenroom.detect.search import mentioning, words
from greenroom.project.calls.symbols import Definition
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.assertions import LIFECYCLE
from greenroom.project.testing.fixtures import requested

_PATCH = words("patch")
_FORCES = {"create": True, "raising": False}


class Patched(NamedTuple):
    """A text that leads nowhere."""

    scope: Scope
    call: Call
    target: str
    missing: Missing


def find_lost_targets(project: Project, first_party: FirstParty) -> Iterator[Patched]:
    """Patches of a module or name of the project that does not exist."""
    tests = [module for module in project.modules.values() if module.kind is FileKind.TEST]
    asked = {
        (name, module.path if _has_its_own(scope, name) else "")
        for module in tests
        for scope in module.scopes
        if scope.is_function
        for name in requested(scope)
    }
    for scope in mentioning(tests, _PATCH):
        if _never_runs(project, scope, asked):
            continue
        for call in scope.body.calls:
            target = _target(call)
            missing = _lost(project, first_party, scope.module, target) if target else None
            if missing is not None:
                yield Patched(scope, call, target, missing)


def _has_its_own(scope: Scope, name: str) -> bool:
    """Whether a function of its own file answers the request, and not one that a `conftest.py` gives to all."""
    return scope.name != name and any(child.name == name for child in scope.module.top.children)


def _never_runs(project: Project, scope: Scope, asked: set[tuple[str, str]]) -> bool:
    """A fixture for which nobody asks, a test that is laid aside: nothing fails, and nobody is deceived."""
    fixture = project.suite.fixtures.of(scope) if scope.kind == "function" and scope.decorators else None
    if fixture is not None:
        return not fixture.autouse and asked.isdisjoint({(fixture.name, ""), (fixture.name, scope.path)})
    tests = [
        item
        for item in project.suite.items
        if item.function is scope
        or (scope.name in LIFECYCLE and scope.owner is not None and item.owner is scope.owner)
    ]
    return bool(tests) and all(item.always_skipped for item in tests)


def _target(call: Call) -> str:
    callee = call.callee if isinstance(call.callee, str) else ""
    last = callee.rpartition(".")[2]
    is_patch = last == "patch" or callee in ("monkeypatch.setattr", "monkeypatch.delattr")
    if not is_patch or not call.arguments or any(_forces(name, value) for name, value in call.keywords):
        return ""
    text = facts.constant(call.arguments[0])
    dotted = isinstance(text, str) and "." in text and all(part.isidentifier() for part in text.split("."))
    return text if dotted else ""


def _forces(name: str | None, value: Expression) -> bool:
    return name is None or (name in _FORCES and facts.constant(value) is _FORCES[name])


def _lost(project: Project, first_party: FirstParty, importer: Module, target: str) -> Missing | None:
    parts = target.split(".")
    if not first_party.owns(parts[0], importer):
        return None
    for count in range(len(parts) - 1, 0, -1):
        module = project.symbols.module(".".join(parts[:count]), importer)
        if module is not None:
            missing = _lacks(project, first_party, module, parts[count])
            if missing is not None and (
                first_party.is_elsewhere(".".join(parts[:count]), parts[count], module)
                or _is_of_another(project, importer, module)
            ):
                return missing._replace(certain=False)
            return missing
    return None


def _is_of_another(project: Project, importer: Module, module: Module) -> bool:
    """Whether a module belongs to another part of the project, with a manifest of its own: it may not be there."""
    own = max(
        (
            source.folder
            for source in project.manifest.sources
            if not source.folder or importer.path.startswith(f"{source.folder}/")
        ),
        key=len,
        default="",
    )
    return bool(own) and not module.path.startswith(f"{own}/")


def _lacks(project: Project, first_party: FirstParty, module: Module, name: str) -> Missing | None:
    """Only the first name after the module: what lies below may be set when the program runs."""
    if hasattr(builtins, name) or (name.startswith("__") and name.endswith("__")):
        return None  # mock lets a module's built-in names be replaced
    found = project.symbols.define(module, name) or [Definition("missing", module, None, name)]
    return first_party.lacks_name(module, found)
