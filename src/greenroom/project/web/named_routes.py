"""Which route a name stands for, as `reverse`, `url_for` and `url_path_for` are given it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.web.evaluation import Evaluation
from greenroom.project.web.thing import Context

NAMING = frozenset({"reverse", "reverse_lazy", "url_for", "url_path_for"})
_PARAMETER = re.compile(r"<[^<>]+>|\{[^{}]+\}")


class Name(NamedTuple):
    """A name that is turned into an address."""

    spelled: str
    parameters: int | None
    """How many it is given; None where that is not written."""


def names_of(evaluation: Evaluation, context: Context, address: Expression) -> Iterator[Name]:
    """The names by which an address begins: `reverse("polls:detail", args=[1])`, and what is put behind it."""
    for thing in evaluation.evaluate(context, _first(address)):
        if thing.kind == "made" and thing.ref.last in NAMING:
            call = thing.ref.scope.body.calls[thing.ref.call]
            for text, _ in evaluation.texts(evaluation.run(thing.ref), _given(call)):
                yield Name(text, _parameters(call))


def _first(expression: Expression) -> Expression:
    """Of `reverse("index") + "?page=2"`, and of the same as an f-string."""
    while isinstance(expression, tuple):
        if expression[0] == facts.TEXT and expression[1]:
            expression = expression[1][0]
        elif expression[0] == facts.OPERATION and expression[1] in ("+", "%"):
            expression = expression[2][0]
        else:
            break
    return expression


def _given(call: Call) -> Expression:
    return call.arguments[0] if call.arguments else call.keyword("viewname") or call.keyword("endpoint")


def _parameters(call: Call) -> int | None:
    """Django's `args=(…)` and `kwargs={…}`."""
    for keyword in ("args", "kwargs"):
        value = call.keyword(keyword)
        if isinstance(value, tuple) and value[0] in (facts.SEQUENCE, facts.MAPPING):
            return len(value[2])
        if value is not None:
            return None
    return 0 if len(call.arguments) < 2 else None


class NamedRoutes:
    """Routes by their names: only a name that is written in full, with all its namespaces, stands for one."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_name: dict[str, list[Route]] = defaultdict(list)
        for route in routes:
            name = route.name or (route.symbol.rpartition(".")[2] if route.framework == "asgi" else "")
            if name:
                self._by_name[name].append(route)

    def of(self, name: Name) -> list[Route]:
        """The routes of the one path that it stands for; nothing where that is not sure."""
        # `auth.login` of Flask; a name of Django's may have dots of its own.
        spellings = (name.spelled, name.spelled.replace(".", ":"))
        found = next((self._by_name[one] for one in spellings if one in self._by_name), [])
        if not found or found[0].framework != "django":
            return found if len({route.path for route in found}) == 1 else []
        fitting = [route for route in found if name.parameters in (None, len(_PARAMETER.findall(route.path)))]
        # The last of one name is Django's answer.
        return [route for route in fitting if route.path == fitting[-1].path]
