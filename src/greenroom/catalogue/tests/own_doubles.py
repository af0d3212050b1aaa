"""Tests that set up a double of their own, and check what it answers; shared by the entries of this family."""

from collections.abc import Iterator

from greenroom.catalogue.tests.checks import checks_of
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing import touches
from greenroom.project.testing.evidence import parametrised
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.origins import local_bindings

_SIMPLE = frozenset({"property", "staticmethod", "classmethod"})
_OF_PYTHON = ("builtins.", "asyncio.", "datetime.", "json.", "math.", "random.", "time.", "uuid.", "pytest.")
_MOCKS = (
    "unittest.mock.Mock",
    "unittest.mock.MagicMock",
    "unittest.mock.AsyncMock",
    "mock.Mock",
    "mock.MagicMock",
)
_HANDS_ON = frozenset({"__getattr__", "__getattribute__"})
_DEEPEST = 4
_RUNS_CODE = frozenset({"exec", "eval", "exec_module", "run_path", "import_module", "__import__", "getattr"})


def checked_double(project: Project, item: Item) -> Scope | None:
    """The class of the suite whose answers are all that a test checks, where nothing else runs in it.

    None where the test, its fixtures or the class name anything of the product, or do what cannot be read.
    """
    function = item.function
    if not _is_by_itself(project, item):
        return None
    asked = [_asked(project, item, index) for index in range(len(function.body.calls))]
    if None in asked:
        return None
    owners = {owner for owner in asked if isinstance(owner, Scope)}
    if len(owners) != 1 or not _is_checked(project, function, *owners):
        return None
    return next(iter(owners))


def asked_mock(project: Project, item: Item) -> tuple[str, int]:
    """What a test calls of a mock that it made, asks the mock about, and checks nothing beside; with the line of the question.

    Empty where something of the product is named, or what else is called is not known.
    """
    function, origins = item.function, project.suite.origins
    made = {
        name
        for name, values in local_bindings(function).items()
        if len(values) == 1
        and isinstance(values[0], int)
        and origins.callee(function, values[0]).startswith(_MOCKS)
    }
    if not made or not _is_by_itself(project, item):
        return "", 0
    called: set[str] = set()
    asked: dict[str, int] = {}
    for index, call in enumerate(function.body.calls):
        spelled = call.callee if isinstance(call.callee, str) else ""
        owner, _, last = spelled.rpartition(".")
        if spelled.partition(".")[0] in made:
            if last.startswith("assert_"):
                asked[owner] = call.line
            else:
                called.add(spelled)
        elif not origins.callee(function, index).startswith((*_OF_PYTHON, *_MOCKS)):
            return "", 0
    if not asked.keys() <= called or any(check.call < 0 for check in checks_of(function)):
        return "", 0
    return next(iter(asked.items()), ("", 0))


def _is_by_itself(project: Project, item: Item) -> bool:
    """Whether nothing but doubles is touched, by the test and by fixtures which are all of the suite."""
    function, suite = item.function, project.suite
    given = parametrised(function)
    wanted = [name for name in requested(function) if name not in given]
    found = [suite.fixtures.find(name, item.module, item.owner) for name in wanted]
    return (
        not item.unittest
        and not function.children
        and not any(isinstance(part, int) and not _is_mark(function, part) for part in function.decorators)
        and all(fixture is not None and fixture.scope.module.kind is FileKind.TEST for fixture in found)
        and set(suite.interfaces.touches(item)) <= {touches.DOUBLE}
        and not suite.interfaces.mentions_production(function)
        and not any(
            suite.interfaces.mentions_production(fixture.scope) for fixture in found if fixture is not None
        )
    )


def _is_mark(function: Scope, decorator: int) -> bool:
    calls = function.parent.body.calls if function.parent is not None else ()
    return facts.spell(calls[decorator].callee, calls).startswith("pytest.mark.") if calls else False


def _asked(project: Project, item: Item, index: int) -> Scope | bool | None:
    """The class of the suite that a call leads into; True for Python's own, None for what is not known."""
    function, origins = item.function, project.suite.origins
    call = function.body.calls[index]
    origin = origins.callee(function, index)
    if facts.last_name(call.callee) in _RUNS_CODE:
        return None
    owner = _class_of(project, origin)
    if owner is not None:
        own = item.owner is not None and owner in origins.lineage(item.owner)[0]
        return None if own or not _is_plain(project, owner) else owner
    if origin.startswith(_OF_PYTHON):
        return True
    head = call.callee.partition(".")[0] if isinstance(call.callee, str) else ""
    return True if not origin and head in local_bindings(function) else None


def _class_of(project: Project, origin: str) -> Scope | None:
    target = project.suite.origins.scope(origin.partition("()")[0])
    if target is None:
        return None
    owner = target if target.kind == "class" else target.owner
    return owner if owner is not None and owner.module.kind is FileKind.TEST else None


def _is_plain(project: Project, owner: Scope) -> bool:
    """Whether all of the class stands in the suite: no bases, decorators or attributes that others made."""
    ancestors, libraries = project.suite.origins.lineage(owner)
    return not libraries and all(
        ancestor.module.kind is FileKind.TEST
        and not ancestor.decorators
        and not ancestor.body.calls
        and all(_SIMPLE.issuperset(map(str, child.decorators)) for child in ancestor.children)
        and not any(project.suite.interfaces.mentions_production(child) for child in ancestor.children)
        and not _imports_unseen(project, ancestor)
        and not any(_forwards(project, child, 0) for child in ancestor.children)
        for ancestor in ancestors
    )


def _forwards(project: Project, function: Scope, depth: int) -> bool:
    """Whether it hands calls on to what cannot be read: `__getattr__`, or a call of an object whose class has one."""
    if function.name in _HANDS_ON or depth > _DEEPEST:
        return True
    for index in range(len(function.body.calls)):
        origin = project.suite.origins.callee(function, index)
        owner = _class_of(project, origin)
        if owner is not None and any(
            child.name in _HANDS_ON
            for ancestor in project.suite.origins.lineage(owner)[0]
            for child in ancestor.children
        ):
            return True
        target = project.suite.origins.scope(origin.removesuffix("()"))
        beside = target is not None and target is not function and target.kind == "function"
        if beside and target is not None and _forwards(project, target, depth + 1):
            return True
    return False


def _imports_unseen(project: Project, owner: Scope) -> bool:
    """Whether it imports inside itself what a package of the project has only once it runs."""
    symbols = project.suite.origins.symbols
    return any(
        symbols.imported_module(owner.module, part.level, part.module) is None
        and (part.level > 0 or symbols.module(part.module.partition(".")[0], owner.module) is not None)
        for part in owner.module.imports
        if owner.line <= part.line <= owner.end_line
    )


def _is_checked(project: Project, function: Scope, owner: Scope) -> bool:
    """Whether a check asks one of its methods, or one of its attributes, or what a method gave."""
    origins = project.suite.origins
    instances = {
        name
        for name in (*local_bindings(function), *(part.name for part in function.parameters))
        if _class_of(project, origins.of(function, name)) is owner
    }
    given = {
        target
        for part in function.body.statements
        if part.kind == "assign" and _leads_to(project, function, part.value, owner)
        for target in part.target
        if isinstance(target, str)
    }
    return any(
        _leads_to(project, function, check.test, owner)
        or not (instances | given).isdisjoint(_heads(check.test))
        for check in checks_of(function)
        if check.test is not None and not _only_that_it_is_one(project, function, check.test)
    )


def _only_that_it_is_one(project: Project, function: Scope, test: facts.Expression) -> bool:
    """`assert isinstance(repo, Repo)`, `assert repo is not None`: told by TST002."""
    names = {
        project.suite.origins.callee(function, part) for part in facts.walk(test) if isinstance(part, int)
    }
    return bool(names & {"builtins.isinstance", "builtins.hasattr"})


def _leads_to(project: Project, function: Scope, value: facts.Expression, owner: Scope) -> bool:
    return any(
        _class_of(project, origin) is owner
        and project.suite.origins.scope(origin.removesuffix("()")) is not owner
        for part in facts.walk(value)
        if isinstance(part, int)
        for origin in (project.suite.origins.callee(function, part),)
    )


def _heads(test: facts.Expression) -> Iterator[str]:
    return (part.partition(".")[0] for part in facts.walk(test) if isinstance(part, str))
