"""The calls that may wire something up, each in every run of the code around it."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.evaluation import Evaluation
from greenroom.project.web.loops import rounds
from greenroom.project.web.thing import Context

_REGISTRARS = (b"router.", b"app.", b"blueprint.", b"bp.")
"""What is handed to a helper that registers routes, by its usual names."""


class Site(NamedTuple):
    """One call in one run of its scope."""

    context: Context
    number: int
    call: Call
    name: str
    """`route` of `self.app.route(…)`."""
    decorated: Scope | None
    """The function or class that it decorates."""
    applied: Expression
    """What its result is called with, as in `app.get("/")(view)`; None where it is not."""

    @property
    def on_attribute(self) -> str:
        """`routes.append` of `app.routes.append(…)`."""
        return _with_attribute(self.call.callee)

    @property
    def line(self) -> int:
        """Of the call."""
        return self.call.line


def find_sites(
    modules: Iterable[Module], evaluation: Evaluation, names: frozenset[str], verbs: frozenset[str]
) -> Iterator[Site]:
    """Every call of these names.

    Args:
        modules: where to look.
        evaluation: knows the runs.
        names: wherever they are called; `routes.append` for a name on an attribute.
        verbs: names such as `get` that everything has: only where they decorate or are applied.
    """
    listed = list(modules)
    for scope in calling(listed, {name.rpartition(".")[2] for name in names | verbs}):
        if _may_wire(scope, names):
            yield from _sites_of(scope, scope.body, evaluation, names, verbs)
    for module in listed:
        if module.places(_REGISTRARS):
            yield from _handed_sites(module.top, evaluation, names | verbs)


def _may_wire(scope: Scope, names: frozenset[str]) -> bool:
    """Whether one of its calls can be meant, told without its body."""
    called = scope.facts.called
    if facts.RESULT in called or any(
        type(part) is int for child in scope.children for part in child.decorators
    ):
        return True
    return any(
        name in called if "." not in name else scope.module.mentions(scope.index, name.encode())
        for name in names
    )


def _handed_sites(scope: Scope, evaluation: Evaluation, names: frozenset[str]) -> Iterator[Site]:
    """`@protected(router.get, "/users")`: the decorator is handed what registers, and the rest of its arguments."""
    for child in scope.children:
        for number in child.decorators:
            if not isinstance(number, int):
                continue
            call = scope.body.calls[number]
            handed = next((part for part in call.arguments if isinstance(part, str) and "." in part), "")
            if handed.rpartition(".")[2] in names and last_name(call.callee) not in names:
                rest = tuple(part for part in call.arguments if part != handed)
                made = call._replace(callee=handed, arguments=rest)
                for run in evaluation.contexts(scope):
                    yield Site(run._replace(line=call.line), number, made, last_name(handed), child, None)


def _sites_of(
    scope: Scope, body: Body, evaluation: Evaluation, names: frozenset[str], verbs: frozenset[str]
) -> Iterator[Site]:
    decorated = {
        part: child for child in scope.children for part in child.decorators if isinstance(part, int)
    }
    applied = {part.callee: part for part in body.calls if isinstance(part.callee, int)}
    for index, call in enumerate(body.calls):
        name = last_name(call.callee)
        if not name or not (
            name in names
            or (name in verbs and (index in decorated or index in applied))
            or _with_attribute(call.callee) in names
        ):
            continue
        outer = applied.get(index)
        for run in evaluation.contexts(scope):
            for context in rounds(run._replace(line=call.line), call.block, evaluation):
                yield Site(
                    context, index, call, name, decorated.get(index), argument(outer, 0) if outer else None
                )


def argument(call: Call, position: int, *keywords: str) -> Expression:
    """An argument by position or by one of its names; None where it is not given."""
    for keyword in keywords:
        found = call.keyword(keyword)
        if found is not None:
            return found
    if position >= 0 and len(call.arguments) > position:
        found = call.arguments[position]
        return None if isinstance(found, tuple) and found[0] == facts.STAR else found
    return None


def _with_attribute(callee: Expression) -> str:
    return ".".join(callee.rsplit(".", 2)[-2:]) if isinstance(callee, str) else ""


def receiver(callee: Expression) -> Expression:
    """`self.app` of `self.app.add_route`; None for a plain name."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0] or None
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        return callee[1]
    return None


def calling(modules: Iterable[Module], names: Collection[str]) -> Iterator[Scope]:
    """The scopes whose body calls one of these names, which may be the end of a dotted name."""
    wanted = frozenset(names)
    for module in modules:
        for scope in module.scopes:
            if not wanted.isdisjoint(scope.facts.called):
                yield scope
