"""Where tests are skipped, and on what the skip depends; shared by the entries of this family."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.tests.checks import checks_of
from greenroom.catalogue.tests.failure_swallowed import catches_assertions
from greenroom.catalogue.tests.in_pipeline import returns_in_pipeline
from greenroom.catalogue.tests.prerequisites import (
    PUBLIC,
    are_of_the_suite,
    asked_by,
    misses_a_file,
    only_looks,
    starts_a_program,
)
from greenroom.catalogue.tests.raised_by import raised_by, spell_handler
from greenroom.catalogue.tests.skip_words import ANSWERS, BESIDE, PLATFORM, READS
from greenroom.catalogue.tests.tidying_up import before_the_yield, tidies_up
from greenroom.catalogue.tests.variants import is_choice, is_of_one_parameter, is_variant
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Import, Statement, last_name
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.assertions import LIFECYCLE
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.marks import Mark

_REACHES = (
    "socket.", "subprocess.", "requests.", "httpx.", "urllib.", "redis.", "psycopg", "asyncpg.", "pymongo.",
    "sqlalchemy.", "docker.", "elasticsearch.", "http.client.", "boto3.", "pika.", "kafka.", "pymysql.", "smtplib.",
)  # fmt: skip
_AROUND_IMPORTS = ("warnings.", "contextlib.", "sys.path.")
_CLIENTS = ("requests.", "httpx.", "urllib.", "urllib3.", "aiohttp.")
_ASKS_SETTINGS = re.compile(r"config|setting|option|feature|flag", re.IGNORECASE)
"""By name, a helper that says how something is set, not whether it is there."""
_SKIPPING = frozenset({"skip", "importorskip", "skipTest"})
ASSERTION = "an assertion fails"
_ENVIRONMENT = ("os.getenv", "os.environ.get", "os.environ.__contains__")
_DEEPEST = 4


class Skip(NamedTuple):
    """A condition under which tests are skipped."""

    place: Place
    end_line: int
    kind: str
    """variable · tool · service · import · failure · answer: an exception that is no surprise"""
    thing: str
    """What must be there: a variable's name, a tool, a module, the spelled condition."""
    tried: int = 0
    """The line of the `try` whose handler skips: all handlers of it are one cause."""


def skips_of(project: Project, item: Item) -> Iterator[Skip]:
    """Everything that may skip a test because something is missing."""
    marks = project.suite.marks.on(item.function, item.owner)
    if _is_stub(item.function) or any(mark.name == "xfail" for mark in marks):
        return  # it is skipped whatever is there, or would not be red without the skip
    reader = project.once(_Reader)
    for mark in marks:
        if mark.name == "skipif" and mark.call is not None:
            yield from reader.of_mark(mark, item, negated=False)
    yield from reader.of_decorators(item)
    yield from reader.of_body(item.module.top)
    yield from reader.of_body(item.function)
    for fixture in project.suite.fixtures.closure(item.module, item.owner, requested(item.function)):
        yield from reader.of_body(fixture.scope)
    for ancestor in project.suite.origins.lineage(item.owner)[0] if item.owner else ():
        for child in ancestor.children:
            if child.name in LIFECYCLE:
                yield from reader.of_body(child)


class _Reader:
    """Reads conditions."""

    def __init__(self, project: Project) -> None:
        self.origins = project.suite.origins
        self._known: dict[Scope, tuple[Skip, ...]] = {}

    # where skips stand

    def of_mark(self, mark: Mark, item: Item, *, negated: bool) -> Iterator[Skip]:
        call = mark.call
        assert call is not None  # noqa: S101 - asked by the caller
        if call.arguments:
            place = Place(
                path=mark.scope.path, line=call.line, symbol=mark.scope.qualname or item.function.qualname
            )
            yield from self._of_condition(
                mark.scope, call.arguments[0], (place, call.end_line), negated=negated
            )

    def of_decorators(self, item: Item) -> Iterator[Skip]:
        """`unittest.skipIf` and `skipUnless` on the test and its class."""
        for scope in (item.function, item.owner):
            for decorator in scope.decorators if scope is not None and scope.parent is not None else ():
                if not isinstance(decorator, int) or scope is None or scope.parent is None:
                    continue
                origin = self.origins.callee(scope.parent, decorator)
                if origin in ("unittest.skipIf", "unittest.skipUnless"):
                    call = scope.parent.body.calls[decorator]
                    mark = Mark(name="skipif", call=call, scope=scope.parent, line=call.line)
                    yield from self.of_mark(mark, item, negated=origin.endswith("Unless"))

    def of_body(self, scope: Scope) -> tuple[Skip, ...]:
        """`pytest.skip(…)` under a condition or in a handler, `pytest.importorskip(…)`."""
        if scope not in self._known:
            self._known[scope] = tuple(self._read_body(scope))
        return self._known[scope]

    def _read_body(self, scope: Scope) -> Iterator[Skip]:
        for index, call in enumerate(() if _SKIPPING.isdisjoint(scope.facts.called) else scope.body.calls):
            name = last_name(call.callee)
            if name not in _SKIPPING or is_of_one_parameter(scope, call) or tidies_up(scope, call):
                continue
            if returns_in_pipeline(scope, call.line):
                continue
            origin = self.origins.callee(scope, index)
            place = Place(path=scope.path, line=call.line, symbol=scope.qualname)
            if origin.endswith("pytest.importorskip") and call.arguments:
                module = facts.constant(call.arguments[0])
                if isinstance(module, str):
                    yield Skip(place, call.end_line, "import", module)
            elif origin == "pytest.skip" or call.callee == "self.skipTest":
                yield from self._of_call(scope, call, place)

    def _of_call(self, scope: Scope, call: Call, place: Place) -> Iterator[Skip]:
        """What stands around a call of `skip`, innermost first."""
        body = scope.body
        block = call.block
        while block > 0:
            found = body.blocks[block]
            if found.kind == "except":
                yield from self._of_handler(scope, block, place, call.end_line)
                return
            if found.kind in ("if", "else"):
                test = found.detail if found.kind == "if" else body.blocks[found.owner].detail
                yield from self._of_condition(
                    scope, test, (place, call.end_line), negated=found.kind == "else"
                )
                return
            block = found.parent

    def _of_handler(self, scope: Scope, block: int, place: Place, end_line: int) -> Iterator[Skip]:
        found = scope.body.blocks[block]
        types = found.detail[0]
        tried = before_the_yield(scope, Flow(scope.body).calls_in(found.owner))
        imported = [part for part in scope.module.imports if _is_in(scope, found.owner, part.line)]
        said = " ".join([repr(types), *(str(call.callee) for call in tried)])
        if PLATFORM.search(said):
            return
        named = (
            [part.rpartition(".")[2] for part in facts.walk(types) if isinstance(part, str)] if types else []
        )
        said_so = [name for name in named if name.endswith(("ImportError", "ModuleNotFoundError"))]
        if said_so and not imported and len(said_so) == len(named):
            return
        if imported and (said_so or self._only_imports(scope, tried)):
            part = next((each for each in imported if self._is_first_party(scope, each)), imported[0])
            yield Skip(place, end_line, "import", part.module or str(part.name))
        elif tried and not self._is_of_machine(scope, tried):
            expected = bool(named) and (
                ANSWERS.issuperset(named)
                or misses_a_file(self.origins, scope, named, tried)
                or are_of_the_suite(self.origins, scope, types)
                or starts_a_program(self.origins, scope, named, tried)
            )
            kind = "answer" if expected or self._fetches(scope, tried) else "failure"
            what = self._what_fails(scope, block, tried)
            yield Skip(place, end_line, kind, what, scope.body.blocks[found.owner].line)

    def _is_first_party(self, scope: Scope, part: Import) -> bool:
        return self.origins.symbols.imported_module(scope.module, part.level, part.module) is not None

    def _only_imports(self, scope: Scope, tried: list[Call]) -> bool:
        """Whether nothing is called but what makes an import quiet."""
        origins = [self.origins.callee(scope, scope.body.calls.index(call)) for call in tried]
        return bool(tried) and all(origin.startswith(_AROUND_IMPORTS) for origin in origins)

    def _is_of_machine(self, scope: Scope, tried: list[Call]) -> bool:
        """Whether only a file is read, or a folder made: what this machine may lack."""
        return all(
            last_name(call.callee) in READS
            or self.origins.callee(scope, scope.body.calls.index(call)).startswith("tempfile.")
            for call in tried
        )

    def _fetches(self, scope: Scope, tried: list[Call]) -> bool:
        """Whether a page of the world outside is fetched, which is no part of the product."""
        for call in tried:
            origin = self.origins.callee(scope, scope.body.calls.index(call))
            for part in call.arguments[:1] if origin.startswith(_CLIENTS) else ():
                bound = _assignments(scope.module.top, part) if isinstance(part, str) else []
                text = facts.constant(bound[0].value if bound else part)
                if isinstance(text, str) and PUBLIC.match(text):
                    return True
        return False

    def _what_fails(self, scope: Scope, block: int, tried: list[Call]) -> str:
        """Which failure a handler turns into a skip: an assertion, where it takes those as well."""
        found = scope.body.blocks[block]
        flow = Flow(scope.body)
        checks = [check for check in checks_of(scope) if flow.inside(check.block, found.owner)]
        if checks and catches_assertions(found):
            return f"{ASSERTION}: `{spell_handler(scope, found)}` takes every error"
        calls = scope.body.calls
        origins = {call: self.origins.callee(scope, calls.index(call)) for call in tried}
        own = [call for call in tried if "::" in origins[call]]
        own = raised_by(self.origins, scope, found.detail[0], origins) or own
        far = [call for call in tried if origins[call].startswith((*_REACHES, *_CLIENTS))]
        told = [
            call
            for call in tried
            if not BESIDE.match(last_name(call.callee)) and not origins[call].startswith("os.")
        ]
        what = facts.spell((own[-1:] or far or told or tried)[0].callee, calls)
        return f"`{what}(…)` fails" if what else "the call fails"

    def _of_condition(
        self, scope: Scope, test: Expression, place: tuple[Place, int], *, negated: bool
    ) -> Iterator[Skip]:
        """A skip where the condition is true, or false for `negated`."""
        found = self._missing(scope, test, negated=negated)
        if found is not None:
            yield Skip(*place, *found)

    def _missing(
        self, scope: Scope, test: Expression, *, negated: bool, depth: int = 0
    ) -> tuple[str, str] | None:
        """Kind and name of what is missing where the test is true; None where nothing is."""
        if depth > _DEEPEST or test is None:
            return None
        if isinstance(test, tuple):
            return self._of_tuple(scope, test, negated=negated, depth=depth)
        if isinstance(test, int):
            return self._of_call_condition(scope, test, negated=negated, depth=depth)
        return self._of_name(scope, test, depth=depth) if negated and isinstance(test, str) else None

    def _of_tuple(
        self, scope: Scope, test: tuple[Expression, ...], *, negated: bool, depth: int
    ) -> tuple[str, str] | None:
        tag = test[0]
        if tag == facts.OPERATION and test[1] == "not":
            return self._missing(scope, test[2][0], negated=not negated, depth=depth)
        if tag == facts.EITHER:
            if any(is_variant(part) for part in test[2]):
                return None  # `"DB" in os.environ and os.environ["DB"] == "oracle"`: one of several
            spelled = [facts.spell(part, scope.body.calls) for part in test[2]]
            if test[1] == ("or" if negated else "and") and any(map(PLATFORM.search, spelled)):
                return None  # `is_windows() and not os.environ.get("ON_WINDOWS")`: on that system alone
            for part in test[2]:
                if found := self._missing(scope, part, negated=negated, depth=depth + 1):
                    return found
            return None
        if tag == facts.COMPARE and len(test[1]) == 1:
            return self._of_comparison(scope, test, negated=negated, depth=depth)
        return None

    def _of_comparison(
        self, scope: Scope, test: tuple[Expression, ...], *, negated: bool, depth: int
    ) -> tuple[str, str] | None:
        operator, (left, right) = test[1][0], test[2]
        if operator in ("not in", "in"):
            missing = (operator == "not in") != negated
            name = facts.constant(left)
            if missing and isinstance(name, str) and self.origins.of(scope, right) == "os.environ":
                return "variable", name
            return None
        if isinstance(facts.constant(right), str) and facts.constant(right):
            if is_variant(test):
                return None
            other = not negated if operator in ("is not", "!=") else negated
            found = self._missing(scope, left, negated=other, depth=depth + 1)
            return (
                found if found is None or found[0] == "variable" else None
            )  # one of several, none is missing
        absent = facts.is_none(right) or right == (facts.CONSTANT, "") or facts.constant(right) is False
        if operator in ("is", "=="):
            return self._missing(scope, left, negated=not negated if absent else negated, depth=depth + 1)
        if operator in ("is not", "!="):
            return self._missing(scope, left, negated=negated if absent else not negated, depth=depth + 1)
        return None

    def _of_call_condition(
        self, scope: Scope, index: int, *, negated: bool, depth: int
    ) -> tuple[str, str] | None:
        call = scope.body.calls[index]
        origin = self.origins.callee(scope, index)
        first = facts.constant(call.arguments[0]) if call.arguments else None
        if last_name(call.callee) in ("lower", "strip", "upper") and isinstance(call.callee, tuple):
            return self._missing(scope, call.callee[1], negated=negated, depth=depth + 1)
        if call.callee in ("bool", "all", "any") and call.arguments:
            return self._missing(scope, call.arguments[0], negated=negated, depth=depth + 1)
        if not negated:
            return None
        if origin in _ENVIRONMENT and isinstance(first, str):
            return "variable", first
        if origin == "shutil.which" and isinstance(first, str):
            return "tool", first
        if origin == "importlib.util.find_spec" and isinstance(first, str):
            return "import", first
        target = self.origins.scope(origin.removesuffix("()"))
        if target is None or target.kind != "function" or _ASKS_SETTINGS.search(target.name):
            return None
        if PLATFORM.search(target.name):
            return None
        found = self._of_helper(target, depth)
        if found is not None and found[0] == "service" and call.arguments:
            given = ", ".join(facts.spell(part, scope.body.calls) for part in call.arguments)
            return "service", f"`{target.name}({given})`"
        return found

    def _of_helper(self, function: Scope, depth: int) -> tuple[str, str] | None:
        """A function of the suite that says whether something is there."""
        if any(is_choice(part) for part in function.body.statements):
            return None  # `return engine == "infinity"`: which of several it is
        for index, call in enumerate(function.body.calls):
            origin = self.origins.callee(function, index)
            if "sqlite" in f"{origin} {facts.spell(call.callee, function.body.calls)}":
                return None  # a library inside this Python: nobody has to be there
            if only_looks(origin):
                continue
            if origin.startswith(_REACHES) or last_name(call.callee) in ("connect", "ping", "from_env"):
                return asked_by(function)
        for statement in function.body.statements:
            if statement.kind == "return":
                found = self._missing(function, statement.value, negated=True, depth=depth + 1)
                if found is not None:
                    return found
        return None

    def _of_name(self, scope: Scope, name: str, *, depth: int) -> tuple[str, str] | None:
        """A flag, by what it was set to, here or in the module that it is imported from."""
        module = scope.module
        imports = [
            part for part in module.imports if part.alias == name.partition(".")[0] and part.guard == "try"
        ]
        if imports:
            return "import", imports[0].module or str(imports[0].name)
        for holder in dict.fromkeys((scope, module.top)):
            bound = _assignments(holder, name)
            if bound:
                return self._of_values(holder, bound, depth)
        for definition in self.origins.symbols.define(module, name) if "." not in name else ():
            if definition.kind == "variable" and definition.module is not None:
                top = definition.module.top
                return self._of_values(top, _assignments(top, definition.symbol), depth)
        return None

    def _of_values(self, holder: Scope, bound: list[Statement], depth: int) -> tuple[str, str] | None:
        if len(bound) == 1:
            return self._missing(holder, bound[0].value, negated=True, depth=depth + 1)
        for statement in bound:
            if statement.value == (facts.CONSTANT, True):
                found = self._circumstances(holder, statement.block, depth)
                if found is not None:
                    return found
        return None

    def _circumstances(self, scope: Scope, block: int, depth: int) -> tuple[str, str] | None:
        """`try: import x; HAS_X = True`, or `if x: HAS_X = True`."""
        while block > 0:
            found = scope.body.blocks[block]
            if found.kind == "if":
                return self._missing(scope, found.detail, negated=True, depth=depth + 1)
            if found.kind in ("try", "try-else"):
                home = block if found.kind == "try" else found.owner
                for part in scope.module.imports:
                    if _is_in(scope, home, part.line):
                        return "import", part.module or str(part.name)
                return None
            block = found.parent
        return None


def _is_stub(function: Scope) -> bool:
    """Whether the test ends in a skip under no condition."""
    return not _SKIPPING.isdisjoint(function.facts.called) and any(
        call.block == 0 and call.callee in ("pytest.skip", "self.skipTest") for call in function.body.calls
    )


def _assignments(scope: Scope, name: str) -> list[Statement]:
    return [part for part in scope.body.statements if part.kind == "assign" and name in part.target]


def _is_in(scope: Scope, block: int, line: int) -> bool:
    found = scope.body.blocks[block]
    return found.line <= line <= found.end_line
