"""TST007: the thing that the test claims to test is a double, or stands in the test itself."""

import re
from collections.abc import Iterator

from greenroom.catalogue.tests.checks import checks_of
from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.own_doubles import asked_mock, checked_double
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, spell
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.doubles import Double, Doubles
from greenroom.project.testing.items import Item
from greenroom.project.testing.touches import is_production

_OF_MOCKS = (
    "assert_",
    "return_value",
    "side_effect",
    "called",
    "call_",
    "reset_mock",
    "mock_",
    "configure_mock",
)
_SAYS_SO = re.compile(
    r"fake|mock|stub|double|dummy|helper|fixture|factor|util|in_?memory|sanity|self_?test", re.IGNORECASE
)
"""By its name, a test that is meant to try the double itself."""
_EXECUTES = frozenset({"exec", "eval", "exec_module", "run_path"})
_READS = frozenset({"read_text", "read_bytes", "open", "readlines", "safe_load"})


@of_tests_that_start
def detect_mocked_subjects(project: Project) -> Iterator[Sighting]:
    """Tests that call only what they replaced, and tests of code that stands in the test."""
    doubles = project.suite.doubles
    own = _OwnCode(project)
    for item in project.suite.functions():
        if item.always_skipped:
            continue
        sighting = (
            _replaced(project, item, doubles)
            or own.judge(item)
            or _of_own_double(project, item)
            or _of_asked_mock(project, item)
        )
        if sighting is not None:
            yield sighting


def _of_own_double(project: Project, item: Item) -> Sighting | None:
    """What the test checks is an answer of a class of the suite, and nothing else runs."""
    function = item.function
    tested = None if item.never_awaited else checked_double(project, item)
    if tested is None:
        return None
    said = _SAYS_SO.search(f"{item.module.path.rpartition('/')[2]} {function.qualname}")
    return Sighting(
        place=Place(path=function.path, line=function.line, symbol=function.qualname),
        message=f"`{function.name}` checks what `{tested.name}` of the tests answers: no code of the product runs",
        severity=Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if said else Confidence.PROBABLE,
        sites=(Place(path=tested.path, line=tested.line, symbol=tested.qualname),),
        subject=tested.name,
        cause=f"double:{tested.path}::{tested.qualname}",
        reach=Reach.TEST,
    )


def _of_asked_mock(project: Project, item: Item) -> Sighting | None:
    """The test calls a mock by itself, and asks whether it was called."""
    function = item.function
    name, line = ("", 0) if item.never_awaited else asked_mock(project, item)
    if not name:
        return None
    return Sighting(
        place=Place(path=function.path, line=line, symbol=function.qualname),
        message=f"`{function.name}` calls `{name}` of a mock itself, and asks the mock whether it was called: no code of the product runs",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE,
        subject=name,
        reach=Reach.TEST,
    )


def _replaced(project: Project, item: Item, doubles: Doubles) -> Sighting | None:
    """The subject is patched while the test calls it, and the test calls nothing else of the product."""
    function = item.function
    placed = [
        double for double in doubles.on(function, None) if double.seat and not _keeps_real(function, double)
    ]
    if not placed or function.children:
        return None
    hit: list[tuple[Call, Double]] = []
    for index, call in enumerate(function.body.calls):
        double = _double_called(project, function, index, placed)
        if double is not None:
            hit.append((call, double))
        elif _calls_product(project, function, index):
            return None
    if not hit or _hands_over_product(project, function) or _reads_property(project, function):
        return None
    call, double = hit[0]
    name = double.spelled.rpartition(".")[2]
    return Sighting(
        place=Place(path=function.path, line=call.line, symbol=function.qualname, column=call.column),
        end_line=call.end_line,
        message=f"`{function.name}` calls `{name}` after replacing it on line {double.place.line}: only the double runs",
        severity=Severity.HIGH,
        confidence=Confidence.DEFINITE,
        sites=(double.place,),
        subject=double.spelled,
        reach=Reach.TEST,
    )


def _keeps_real(function: Scope, double: Double) -> bool:
    """`wraps=`, a `side_effect` that may run the real thing, or a function by its name in a decorator."""
    around = function.parent.body.calls if function.parent is not None else ()
    for call in (*function.body.calls, *around):
        if (call.line, call.column) == (double.place.line, double.place.column):
            if call.keyword("wraps") is not None:
                return True
            given = (*call.arguments[2 if double.how == "object" else 1 :], call.keyword("new"))
            if double.place.symbol != function.qualname and any(isinstance(part, str) for part in given):
                return True
            effect = call.keyword("side_effect")
            if effect is not None and not double.raises:
                return True
    return False


def _double_called(project: Project, function: Scope, index: int, placed: list[Double]) -> Double | None:
    """The double which a call reaches: through the very seat that was replaced, while it is."""
    call = function.body.calls[index]
    holder: Expression = ""
    if isinstance(call.callee, str):
        holder, _, name = call.callee.rpartition(".")
    elif isinstance(call.callee, tuple) and call.callee[0] == facts.ATTRIBUTE:
        _, holder, name = call.callee  # `Store(url).load(key)`
    if holder == "" or name.startswith(_OF_MOCKS):
        return None
    origin = project.suite.origins.of(function, holder)
    if not origin:
        return None
    seat = f"{origin}::{name}" if origin in project.modules else f"{origin.removesuffix('()')}.{name}"
    flow = Flow(function.body)
    for double in placed:
        if double.seat == seat and double.place.line < call.line and flow.inside(call.block, double.block):
            return double if _is_product(project, double.real) or _is_product(project, double.seat) else None
    return None


def _is_product(project: Project, origin: str) -> bool:
    module = project.suite.origins.module_of(origin)
    return module is not None and is_production(module.kind, module.path)


def _calls_product(project: Project, function: Scope, index: int) -> bool:
    """Whether something of the product runs here; making an object is no behaviour yet."""
    origins = project.suite.origins
    call = function.body.calls[index]
    origin = origins.callee(function, index)
    target = origins.scope(origin)
    if target is not None and target.kind == "class" and _is_product(project, origin):
        return False
    if _is_product(project, origin):
        return True
    spelled = spell(call.callee, function.body.calls)
    if spelled.startswith("self.assert"):
        return False  # also those of Django's TestCase
    if target is not None or not origin:
        return not spelled.startswith(("mock", "patch", "monkeypatch.setattr"))
    return origin.startswith(("fastapi.", "starlette.", "httpx.", "django.", "flask.", "requests."))


def _hands_over_product(project: Project, function: Scope) -> bool:
    """A function of the product given to something else may run there."""
    for call in function.body.calls:
        for part in (*call.arguments, *(value for _, value in call.keywords)):
            origin = project.suite.origins.of(function, part) if isinstance(part, str) else ""
            target = project.suite.origins.scope(origin) if origin else None
            if target is not None and target.kind == "function" and _is_product(project, origin):
                return True
    return False


def _reads_property(project: Project, function: Scope) -> bool:
    """Whether a property of the product runs, without brackets behind it: `assert hub.loop is hub.create_loop()`."""
    origins = project.suite.origins
    names = {
        part for whole in expressions(function.body) for part in facts.walk(whole) if isinstance(part, str)
    }
    for holder, _, name in (part.rpartition(".") for part in names if "." in part):
        origin = origins.of(function, holder).removesuffix("()")
        owner = origins.scope(origin) if _is_product(project, origin) else None
        if owner is None or owner.kind != "class":
            continue
        children = (child for ancestor in origins.lineage(owner)[0] for child in ancestor.children)
        if any(child.name == name and _is_property(child) for child in children):
            return True
    return False


def _is_property(scope: Scope) -> bool:
    return any(isinstance(part, str) and part.endswith("property") for part in scope.decorators)


class _OwnCode:
    """Tests of functions and classes that are defined beside them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._interfaces = {
            id(item): case.interface
            for item, case in zip(project.suite.items, project.suite.tests, strict=True)
        }
        self._product_names: dict[str, Scope] = {
            scope.name: scope
            for module in project.production()
            for scope in module.top.children
            if scope.kind in ("class", "function")
        }

    def judge(self, item: Item) -> Sighting | None:
        """A test that asserts on what its own file defines, where the file meets no product."""
        function = item.function
        if self._interfaces[id(item)] is not Interface.SELF or self._meets_product(item):
            return None
        tested = self._tested(function)
        if tested is None:
            return None
        twin = self._product_names.get(tested.name)
        what = "a copy of what the product has" if twin is not None else "no code of the product"
        return Sighting(
            place=Place(path=tested.path, line=tested.line, symbol=tested.qualname),
            end_line=tested.line,
            message=f"`{tested.name}` is defined in the test file and is what its tests check: {what} runs",
            severity=Severity.HIGH if twin is not None else Severity.MEDIUM,
            confidence=_confidence_in_own(tested, twin),
            sites=(Place(path=function.path, line=function.line, symbol=function.qualname),),
            subject=tested.name,
            cause=f"{tested.path}::{tested.qualname}",
            reach=Reach.TEST,
        )

    def _meets_product(self, item: Item) -> bool:
        """Whether the module imports the product at all, or a fixture brings something unknown."""
        origins = self._project.suite.origins
        for module in {item.module, item.function.module}:
            for part in module.imports:
                target = origins.symbols.imported_module(module, part.level, part.module)
                inner = origins.symbols.follow(module, part) if part.name else []
                if target is not None and is_production(target.kind, target.path):
                    return True
                if any(found.module is not None and is_production(found.module.kind, found.module.path)
                       for found in inner):  # fmt: skip
                    return True
                if part.module.startswith(("importlib", "runpy", "subprocess", "ast")):
                    return True
        return bool(item.function.parameters[1 if item.function.owner else 0 :])

    def _tested(self, function: Scope) -> Scope | None:
        """The class or function of this file whose result the test asserts on."""
        for check in checks_of(function):
            for index in _calls_behind(function, check.test):
                origin = self._project.suite.origins.callee(function, index)
                name = origin.partition("::")[2].partition("(")[0].partition(".")[0]
                target = self._project.suite.origins.scope(f"{function.path}::{name}") if name else None
                if target is not None and origin.startswith(f"{function.path}::") and self._is_own(target):
                    return target
        return None

    def _is_own(self, target: Scope) -> bool:
        """Not a double, a base, a model of a library or what a decorator hands to the product."""
        lowered = target.name.lower().lstrip("_")
        if lowered.startswith(
            ("fake", "mock", "stub", "dummy", "test", "make", "build", "create", "get", "load")
        ):
            return False
        if _EXECUTES.intersection(target.facts.called):
            return False  # it runs what it read from the product's file
        if target.kind == "function" and _READS.intersection(target.facts.called):
            return False  # what it reads from there is what is checked
        if target.kind == "class":
            return not self._project.suite.origins.lineage(target)[1] and not target.decorators
        return not target.decorators and self._project.suite.fixtures.of(target) is None


def _confidence_in_own(tested: Scope, twin: Scope | None) -> Confidence:
    """A function may only read the files of the tree, which are tested then; one that is called like the product's may load it."""
    return Confidence.PROBABLE if twin is not None or tested.kind == "class" else Confidence.POSSIBLE


def _calls_behind(function: Scope, test: Expression) -> Iterator[int]:
    """The calls in a condition, and those that its names were assigned from."""
    assigned: dict[str, Expression] = {}
    for statement in function.body.statements:
        if statement.kind == "assign":
            assigned.update(
                {target: statement.value for target in statement.target if isinstance(target, str)}
            )
    for part in facts.walk(test):
        if isinstance(part, int):
            yield part
        elif isinstance(part, str):
            value = assigned.get(part.partition(".")[0])
            yield from (inner for inner in facts.walk(value) if isinstance(inner, int))


MODE = FailureMode(
    code="TST007",
    name="mocks-its-subject",
    family=Family.TESTS,
    summary="a test replaces what it claims to test, or tests code that stands in the test",
    consequence="the product's own code never runs, and any change of it keeps the suite green",
    remedy="call the real thing, and replace only what lies behind it",
    source="Software Engineering at Google (2020), chapter 13, Test Doubles: Prefer Realism Over Isolation",
    detector=detect_mocked_subjects,
)
