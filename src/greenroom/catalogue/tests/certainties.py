"""Why an assertion cannot fail; shared by the entries of this family."""

import re

from greenroom.catalogue.tests.accepted_statuses import Statuses
from greenroom.catalogue.tests.checks import ISINSTANCE, Check, bound_once, checks_of, is_always_false
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, last_name, spell
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.origins import Origins
from greenroom.project.testing.touches import IN_PROCESS, of_call

_ABOUT_IDENTITY = re.compile(
    r"eq|equal|hash|ident|same|compar|order|reflex|cach|singleton|nan|idempot", re.IGNORECASE
)
_LONGEST = 390
_OPAQUE = (facts.OTHER, facts.LAMBDA, facts.COMPREHENSION, facts.YIELD, facts.AWAIT, facts.WALRUS)
_MOCKS = (
    "unittest.mock.Mock",
    "unittest.mock.MagicMock",
    "unittest.mock.AsyncMock",
    "mock.Mock",
    "mock.MagicMock",
)
_NOTES = re.compile(r"\.(?:call_args|mock_calls|method_calls|await_args|call_count)")
"""What a mock notes of who asked it: that is the product, however it came by the mock."""
_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_OPPOSITE = {"is": "is not", "==": "!=", "in": "not in"}
_FAILING = ("fail", "raise", "skip")


class Certainties:
    """Judges the assertions of a project's tests."""

    def __init__(self, project: Project) -> None:
        self.origins = project.suite.origins
        self._statuses = Statuses(project)

    def why_true(self, function: Scope, check: Check) -> str:
        """The reason in words, beginning a sentence; empty where it can fail."""
        test = check.test
        if test is None:
            return ""
        return (
            self._constant(function, check, test)
            or self._unevaluated(function, test)
            or _same(function, test)
            or _length(function, test)
            or self._new_object(function, test)
            or self._statuses.why_any(function, test)
            or _mock(self, function, test)
        )

    def _constant(self, function: Scope, check: Check, test: Expression) -> str:
        if not isinstance(test, tuple):
            return ""
        if test[0] == facts.SEQUENCE and test[1] == "tuple" and test[2] and check.call < 0:
            return "the condition and its message are one tuple, which is always true"
        if test[0] == facts.EITHER and test[1] == "or" and any(_is_true(part) for part in test[2]):
            texts = [text for part in test[2] if isinstance(text := facts.constant(part), str) and text]
            return (
                f'`"{texts[0]}" or …` cannot fail: the text is true' if texts else "`… or True` cannot fail"
            )
        if test[0] == facts.EITHER and test[1] == "or" and _leaves_nothing_out(test[2]):
            return "one of the two holds always"
        if _is_true(test) and not _is_one_of_two_ways(function, check):
            return _of_true(function, check, test)
        if (
            test[0] == facts.COMPARE
            and len(test[1]) == 1
            and test[1][0] == "=="
            and _are_equal_constants(test[2])
        ):
            return "it compares two constants that are equal"
        return ""

    def _unevaluated(self, function: Scope, test: Expression) -> str:
        """A function instead of its result, a generator, a coroutine: all are true."""
        if isinstance(test, tuple):
            if test[0] == facts.LAMBDA:
                return "a lambda that nobody calls is always true"
            lazy = test[0] == facts.COMPREHENSION and test[1] == "generator"
            return "a generator is always true, whatever it would give" if lazy else ""
        if isinstance(test, int):
            call = function.body.calls[test]
            target = self.origins.scope(self.origins.callee(function, test))
            if (
                target is None
                or target.kind != "function"
                or not target.is_async
                or target.facts.is_generator
            ):
                return ""
            wrapped = target.decorators or call.usage & facts.AWAITED
            return "" if wrapped else f"`{target.name}(…)` is a coroutine that nobody awaits, and always true"
        if test.rpartition(".")[2].startswith("assert_") and "." in test:
            return f"`{test}` is not called, and always true"
        target = self.origins.scope(self.origins.of(function, test))
        if target is None or target.kind != "function" or target.decorators or "." not in test:
            return ""
        if target.name != last_name(test):
            return ""  # a property or attribute that gives what another method gives: its value is read
        if target.owner is not None and self.origins.sets(target.owner, target.name):
            return ""
        return f"`{test}` is a method that is not called, and always true"

    def _new_object(self, function: Scope, test: Expression) -> str:
        """`x = Thing()`, then `assert x is not None` or `isinstance(x, Thing)`."""
        name, wanted = _presence(test)
        if not name or "." in name:
            return ""
        value = bound_once(function).get(name)
        if not isinstance(value, int):
            return ""
        if wanted is None and test != name and _is_answer(self.origins, function, value):
            return "a client's answer is never None"
        made = self.origins.callee(function, value)
        scope = self.origins.scope(made)
        if scope is None or scope.kind != "class" or made.endswith("()"):
            return ""
        if wanted is not None and self.origins.of(function, wanted) != made:
            return ""
        ancestors, libraries = self.origins.lineage(scope)
        names = {child.name for ancestor in ancestors for child in ancestor.children}
        if "__new__" in names or libraries or any(self._may_refuse(ancestor) for ancestor in ancestors):
            return ""
        if test == name and names & {"__bool__", "__len__"}:
            return ""
        return (
            f"a new `{scope.name}` is never None" if wanted is None else f"a new `{scope.name}` is always one"
        )

    def _may_refuse(self, scope: Scope) -> bool:
        """A constructor that raises, or asks the product for something: that there is an object says something."""
        for maker in scope.children:
            if maker.name in ("__init__", "__post_init__"):
                calls = range(len(maker.body.calls))
                if any(part.kind in ("raise", "assert") for part in maker.body.statements):
                    return True
                if any("::" in self.origins.callee(maker, index) for index in calls):
                    return True
        return False


def _is_answer(origins: Origins, function: Scope, number: int) -> bool:
    """`client.get("/")`: it gives an answer, whatever stands in it, or raises."""
    call = function.body.calls[number]
    return last_name(call.callee) in _REQUESTS and of_call(origins, function, number) == IN_PROCESS


def _leaves_nothing_out(parts: tuple[Expression, ...]) -> bool:
    """`x is None or x is not None`."""
    asked = {(part[1], part[2]) for part in parts
             if isinstance(part, tuple) and part[0] == facts.COMPARE and _is_plain(part)}  # fmt: skip
    return any(((_OPPOSITE.get(operator[0], ""),), sides) in asked for operator, sides in asked)


def _same(function: Scope, test: Expression) -> str:
    """Both sides are the same thing, and reading it twice is not the point."""
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or len(test[1]) != 1:
        return ""
    left, right = (_measured(function, part) for part in test[2])
    measured = isinstance(test[2][0], int)
    # `a <= a` asks what the class's own `__le__` says.
    if (
        test[1][0] not in (("==", "is", "<=", ">=") if measured else ("==", "is"))
        or left != right
        or _ABOUT_IDENTITY.search(function.name)
    ):
        return ""
    if test[1][0] == "is" and isinstance(left, str) and "." in left:
        return ""  # a property that makes a thing anew would give another
    if not _is_plain(left) or not any(isinstance(part, str) for part in facts.walk(left)):
        return ""
    if _compares_it_otherwise(function, test):
        return ""
    spelled = spell(left[1] if measured else left, function.body.calls)
    return f"`len({spelled})` is compared with itself" if measured else f"`{spelled}` is compared with itself"


def _compares_it_otherwise(function: Scope, test: tuple[Expression, ...]) -> bool:
    """Another check compares the thing with itself by another operator: the operators are what is tested."""
    sides = set()
    for check in checks_of(function):
        other = check.test
        if isinstance(other, tuple) and other[0] == facts.OPERATION and other[1] == "not":
            other = other[2][0]
        if not isinstance(other, tuple) or other[0] != facts.COMPARE:
            continue
        if other[2] == test[2] and other[1] != test[1]:
            return True
        if other[1] == ("!=",) and test[1] == ("==",) and test[2][0] in other[2]:
            return True  # `assert entry == entry; assert entry != 42`
        if other[1] == test[1] == ("==",) and other[2] != test[2] and test[2][0] in other[2]:
            sides.add(other[2].index(test[2][0]))
    return len(sides) > 1  # `assert "open" == state; assert state == "open"`: both ways, its own `__eq__`


def _measured(function: Scope, expression: Expression) -> Expression:
    """What `len(…)` is taken of: asking twice gives the same."""
    if isinstance(expression, int):
        call = function.body.calls[expression]
        if call.callee == "len" and len(call.arguments) == 1:
            return (facts.ATTRIBUTE, call.arguments[0], "len")
    return expression


def _is_plain(expression: Expression) -> bool:
    """Reading it calls nothing, and its compact form says all of it."""
    return all(
        not isinstance(part, int) and not (isinstance(part, tuple) and part[0] in _OPAQUE)
        for part in facts.walk(expression)
    )


def _length(function: Scope, test: Expression) -> str:
    """`len(x) >= 0`, `rows.count() >= 0` and their like."""
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or len(test[1]) != 1:
        return ""
    (left, right), operator = test[2], test[1][0]
    if isinstance(right, int):
        left, right = right, left
        operator = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}.get(operator, operator)
    if not isinstance(left, int) or last_name(function.body.calls[left].callee) not in ("len", "count"):
        return ""
    if (operator, right) in ((">=", (facts.CONSTANT, 0)), (">", (facts.CONSTANT, -1))):
        return "no number of things is below zero"
    return ""


def _mock(certainties: Certainties, function: Scope, test: Expression) -> str:
    """What comes out of a mock is what the test put in, where nobody else had the mock in hand."""
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or len(test[1]) != 1:
        return ""
    local = bound_once(function)
    for side, other in (test[2], test[2][::-1]):
        head, called = _origin_of_value(function, local, side)
        made = local.get(head)
        if not head or not isinstance(made, int) or not _is_known(other):
            continue
        origin = certainties.origins.callee(function, made)
        if not origin.startswith(_MOCKS) or _NOTES.search(origin):
            continue
        if function.body.calls[made].keyword("wraps") is None and _stays_here(function, head, local):
            what = f"`{head}.…(…)`" if called else f"an attribute of `{head}`"
            return (
                f"it compares what the mock was told to answer: {what} is set up and asked by the test alone"
            )
    return ""


def _origin_of_value(function: Scope, local: dict[str, Expression], side: Expression) -> tuple[str, bool]:
    """The mock (as a local name) from which a value is read, and whether by a call."""
    called = False
    for _ in range(6):
        if isinstance(side, str):
            head, _, rest = side.partition(".")
            value = local.get(head)
            if isinstance(value, int) and not rest:
                side = value
                continue
            if isinstance(value, tuple) and value[0] == facts.AWAIT and not rest:
                side = value[1]
                continue
            return (head, called) if rest or called else ("", False)
        if isinstance(side, int):
            callee = function.body.calls[side].callee
            if not isinstance(callee, str) or (callee not in local and "." not in callee):
                return "", False
            head = callee.partition(".")[0]
            return (head, True) if head in local else ("", False)
        if isinstance(side, tuple) and side[0] in (facts.AWAIT, facts.ITEM, facts.ATTRIBUTE):
            side = side[1]
            continue
        return "", False
    return "", False


def _is_known(expression: Expression) -> bool:
    """A value that no call of the product gives: constants and plain names."""
    return not any(isinstance(part, int) for part in facts.walk(expression))


def _stays_here(function: Scope, mock: str, local: dict[str, Expression]) -> bool:
    """Whether the test never hands the mock, or what hangs on it, to anything else."""
    if function.children:
        return False
    body = function.body
    for call in body.calls:
        if any(_mentions(part, mock) for part in (*call.arguments, *(value for _, value in call.keywords))):
            return False
    for statement in body.statements:
        if statement.kind == "assign" and _mentions(statement.value, mock):
            if not all(isinstance(target, str) and target in local for target in statement.target):
                return False
            if mock in facts.walk(statement.value):
                return False  # a second name for it, or a list that holds it
        elif statement.kind in ("return", "yield") and _mentions(statement.value, mock):
            return False
    return not any(
        _mentions(value, mock) for block in body.blocks if "with" in block.kind for value, _ in block.detail
    )


def _mentions(expression: Expression, name: str) -> bool:
    """Also where it is bound on the way, `patch(…, name := Mock())`."""
    for part in facts.walk(expression):
        if isinstance(part, str) and (part == name or part.startswith(f"{name}.")):
            return True
        if isinstance(part, tuple) and part[0] == facts.WALRUS and part[1] == name:
            return True
    return False


def _presence(test: Expression) -> tuple[str, Expression | None]:
    """The name of which a test says that it is there, and the class that it should be of."""
    if isinstance(test, str):
        return test, None
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or len(test[1]) != 1:
        return "", None
    left, right = test[2]
    if not isinstance(left, str):
        return "", None
    if test[1][0] == "is not" and facts.is_none(right):
        return left, None
    return (left, right) if test[1][0] == ISINSTANCE else ("", None)


def _is_true(expression: Expression) -> bool:
    return isinstance(expression, tuple) and expression[0] == facts.CONSTANT and bool(expression[1])


def _are_equal_constants(operands: tuple[Expression, ...]) -> bool:
    left, right = operands
    if not all(isinstance(part, tuple) and part[0] == facts.CONSTANT for part in operands):
        return False
    return bool(left == right) and len(str(left[1])) < _LONGEST


def _of_true(function: Scope, check: Check, test: tuple[Expression, ...]) -> str:
    if test[1] is True:
        return "`assert True` cannot fail"
    if check.call >= 0 and len(function.body.calls[check.call].arguments) > 1:
        name = last_name(function.body.calls[check.call].callee)
        return f"`{name}({test[1]!r}, …)` compares nothing: what stands second is the message"
    return "a constant cannot fail"


def _is_one_of_two_ways(function: Scope, check: Check) -> bool:
    """`assert True` in a branch whose sibling fails, or behind what must not be reached."""
    body = function.body
    if any(part.kind == "raise" for part in body.statements) or any(_fails(call) for call in body.calls):
        return True
    return body.blocks[check.block].kind not in ("body", "with", "async-with") and any(
        is_always_false(other.test) for other in checks_of(function)
    )


def _fails(call: Call) -> bool:
    return isinstance(call.callee, str) and call.callee.rpartition(".")[2] in _FAILING
