"""Who has to give back what was taken: this function, or whom it hands it to."""

from collections.abc import Iterator

from greenroom.catalogue.pool.paths import Custody, catches_all, deep_calls
from greenroom.catalogue.pool.taking import (
    Taken,
    closes_on_exit,
    is_context,
    mentions,
    releases_of,
)
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.libraries.library import Effect
from greenroom.project.project import Project

_RESTS = frozenset({"commit", "rollback"})
# Of a session or client: these send nothing.
_PARTS = ("channel", "cursor", "pubsub")
_IDLE = frozenset({"add", "add_all", "expunge", "expunge_all", "expire", "expire_all", "begin", "headers",
                   "mount", "cookies", "auth", "info", "load_host_keys", "load_system_host_keys", "get_host_keys",
                   "save_host_keys", "set_missing_host_key_policy", "set_log_channel"})  # fmt: skip
# Arguments are only looked at by these; anything else may keep what it is given.
_ONLY_LOOK = frozenset(
    {"print", "str", "repr", "bool", "isinstance", "type", "id", "len", "hasattr", "getattr"}
)
_DEEP = 5


class Keeper:
    """Answers for one project."""

    def __init__(self, project: Project, factories: dict[Scope, Effect]) -> None:
        self._project = project
        self._factories = factories
        self._failing: dict[Scope, bool] = {}

    def custody(self, taken: Taken, name: str) -> Custody | None:
        """How the function treats the thing; None where it is not its to give back."""
        scope, body = taken.scope, taken.scope.body
        if self._is_shared(scope, name) or any(_captures(child, name) for child in scope.children):
            return None
        releases = releases_of(self._project, taken.effect)
        return Custody(
            name=name,
            call=taken.call,
            is_lazy=taken.is_session or (taken.effect.constructs and taken.effect.touches == "nothing"),
            gives_back=lambda call: self._gives_back(taken, name, releases, call),
            rests=lambda call: taken.is_session and self._rests(scope, call, name),
            uses=lambda call: _uses(call, name),
            may_fail=lambda call: (
                not (taken.is_stream and _method(call, name))
                and _method(call, name) not in ("channel", "cursor")
                and self._may_fail(scope, call)
            ),
            hands_over=lambda statement: _hands_over(statement, name, releases, body),
            with_closes=closes_on_exit(self._project, taken.effect),
            yields_shared=is_context(scope) or self.is_given_in(scope),
        )

    def is_given_in(self, scope: Scope) -> bool:
        """Whether the framework runs this generator as a dependency."""
        return scope.facts.is_generator and any(
            edge.how == "depends" for edge in self._project.graph.callers(scope)
        )

    def is_ever_given_back(self, taken: Taken, name: str) -> bool:
        """Whether any path of the function gives it back or hands it over."""
        body, releases = taken.scope.body, releases_of(self._project, taken.effect)
        if any(
            self._gives_back(taken, name, releases, call)
            or (taken.is_session and self._rests(taken.scope, call, name))
            for call in body.calls
        ):
            return True
        return any(
            part.kind != "yield" and _hands_over(part, name, releases, body) for part in body.statements
        )

    def careless(self, taken: Taken, name: str) -> Scope | None:
        """The generator that is handed the thing and gives it back only when it is read to its end."""
        body, releases = taken.scope.body, releases_of(self._project, taken.effect)
        given = [
            part for call in body.calls for part in (*call.arguments, *(value for _, value in call.keywords))
        ]
        if any(_is_release(part, name, releases) for part in given):
            return None
        for edge in self._project.graph.edges(taken.scope):
            target = edge.target
            if edge.call < 0 or target is None or not target.facts.is_generator or edge.certainty < CERTAIN:
                continue
            parameter = _parameter(target, body.calls[edge.call], name)
            if parameter and _gives_back_at_the_end(target, parameter, releases):
                return target
        return None

    def is_read(self, taken: Taken, name: str) -> bool:
        """Whether the function reads a stream to its end, if nothing comes in between."""
        return any("iter" in _method(call, name) for call in taken.scope.body.calls)

    def is_dropped(self, taken: Taken) -> bool:
        """`engine.connect().execute(…)`, where what is made of it is no generator or context either."""
        body = taken.scope.body
        for call in body.calls:
            callee = call.callee
            if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE and _bare(callee[1]) == taken.call:
                fluent = callee[2] not in ("execute", "query", "scalar", "scalars", "fetch", "fetchrow", "fetchval",
                                           "cursor", "get", "post", "exec", "run")  # fmt: skip
                return not fluent and not call.usage & (facts.ENTERED | facts.ENTERED_ASYNC | facts.RETURNED)
        return False

    def _is_shared(self, scope: Scope, name: str) -> bool:
        return any(part.kind == "global" and name in part.target for part in scope.body.statements)

    # giving back

    def _gives_back(self, taken: Taken, name: str, releases: frozenset[str], call: Call) -> bool:
        method = _method(call, name)
        if method:
            return method in releases
        given = (*call.arguments, *(value for _, value in call.keywords))
        if any(_is_release(value, name, releases) for value in given):
            return True  # stack.callback(connection.close)
        if name not in given and (facts.STAR, name) not in given:
            return False
        return self._keeps(taken.scope, call, name, releases)

    def _rests(self, scope: Scope, call: Call, name: str) -> bool:
        """A commit, here or as the last that a function does with the session which it is given."""
        if _method(call, name):
            return _method(call, name) in _RESTS
        if name not in (*call.arguments, *(value for _, value in call.keywords)):
            return False
        index = scope.body.calls.index(call)
        targets = [edge.target for edge in self._project.graph.edges(scope) if edge.call == index]
        return bool(targets) and all(
            target is not None and _ends_with_commit(target, _parameter(target, call, name))
            for target in targets
        )

    def _keeps(self, scope: Scope, call: Call, name: str, releases: frozenset[str]) -> bool:
        """Whether the callee may give back, or keep, what it is given."""
        if isinstance(call.callee, str) and call.callee in _ONLY_LOOK:
            return False
        index = scope.body.calls.index(call)
        edges = [edge for edge in self._project.graph.edges(scope) if edge.call == index]
        if not edges:
            return True  # nobody knows
        for edge in edges:
            if edge.target is not None and edge.target.kind == "function" and edge.how == "call":
                if self._parameter_kept(edge.target, call, name, releases):
                    return True
            elif edge.how == "construct" or edge.effect is None or _is_kept_by(edge.symbol, releases):
                return True
        return False

    def _parameter_kept(self, target: Scope, call: Call, name: str, releases: frozenset[str]) -> bool:
        parameter = _parameter(target, call, name)
        if not parameter or target.facts.is_generator:
            return True
        body = target.body
        return any(
            _method(part, parameter) in releases
            or any(_is_release(value, parameter, releases) for value in part.arguments)
            or (parameter in part.arguments and _may_keep(part))
            for part in body.calls
        ) or any(_hands_over(part, parameter, releases, body) for part in body.statements)

    # failing

    def _may_fail(self, scope: Scope, call: Call) -> bool:
        """Whether the call goes to something that can fail on its own."""
        index = scope.body.calls.index(call)
        return any(
            (edge.effect is not None and edge.effect.touches in ("network", "dns", "disk", "process"))
            or (
                edge.target is not None
                and edge.how in ("call", "construct")
                and self._fails(edge.target, _DEEP)
            )
            for edge in self._project.graph.edges(scope)
            if edge.call == index and edge.certainty > 0
        )

    def _fails(self, scope: Scope, depth: int) -> bool:
        if scope in self._failing:
            return self._failing[scope]
        self._failing[scope] = False
        found = any(
            (edge.effect is not None and edge.effect.touches in ("network", "dns"))
            or (
                edge.target is not None
                and depth > 0
                and edge.how == "call"
                and self._fails(edge.target, depth - 1)
            )
            for edge in self._project.graph.edges(scope)
            if edge.certainty > 0
            and not (edge.call >= 0 and _is_caught(scope, scope.body.calls[edge.call].block))
        )
        self._failing[scope] = found or any(
            part.kind == "raise" and not _is_caught(scope, part.block) for part in scope.body.statements
        )
        return self._failing[scope]


def _is_caught(scope: Scope, block: int) -> bool:
    """Whether a handler for everything is around that raises nothing: only a cancellation gets out."""
    flow = Flow(scope.body)
    return any(
        part.kind == "try"
        and flow.inside(block, number)
        and any(catches_all(handler.detail[0]) for _, handler in flow.handlers(number))
        and not any(
            each.kind == "raise" and flow.inside(each.block, index)
            for index, _ in flow.handlers(number)
            for each in scope.body.statements
        )
        for number, part in enumerate(scope.body.blocks)
    )


def _ends_with_commit(target: Scope, parameter: str) -> bool:
    """Whether the last call on a session is a commit, on no branch."""
    used = [call for call in target.body.calls if parameter and _method(call, parameter)]
    return bool(used) and _method(used[-1], parameter) in _RESTS and used[-1].block == 0


def _gives_back_at_the_end(generator: Scope, name: str, releases: frozenset[str]) -> bool:
    """Whether a generator closes what it reads behind its loop: not where its reader goes before the end."""
    body = generator.body
    ends = [call for call in body.calls if _method(call, name) in releases or "iter" in _method(call, name)]
    kept = any(name in call.arguments for call in body.calls)
    careful = any(
        block.kind in ("finally", "except") for call in ends for block in body.enclosing(call.block)
    )
    return bool(ends) and not careful and not kept


def _bare(expression: Expression) -> Expression:
    return expression[1] if isinstance(expression, tuple) and expression[0] == facts.AWAIT else expression


def _method(call: Call, name: str) -> str:
    """The method that is called on the thing itself."""
    callee = call.callee
    return callee[len(name) + 1 :] if isinstance(callee, str) and callee.startswith(f"{name}.") else ""


def _uses(call: Call, name: str) -> bool:
    """Whether the call makes a session or client open a connection."""
    method = _method(call, name)
    if method:
        return method.split(".", 1)[0] not in _IDLE
    return name in (*call.arguments, *(value for _, value in call.keywords))


def _is_release(value: Expression, name: str, releases: frozenset[str]) -> bool:
    return isinstance(value, str) and value.startswith(f"{name}.") and value[len(name) + 1 :] in releases


def _is_kept_by(symbol: str, releases: frozenset[str]) -> bool:
    """A class of a library, as `ClientSession(connector=…)`, or what gives back."""
    return symbol.rsplit(".", 1)[-1][:1].isupper() or _ends_with_release(symbol, releases)


def _ends_with_release(symbol: str, releases: frozenset[str]) -> bool:
    last = symbol.rsplit(".", 1)[-1]
    return last in releases or last in ("closing", "aclosing", "enter_context", "enter_async_context", "push", "append",
                                        "add", "put", "put_nowait", "appendleft", "setdefault")  # fmt: skip


def _may_keep(call: Call) -> bool:
    """A further call that takes the thing: a constructor, or a container's method."""
    last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
    return last[:1].isupper() or _ends_with_release(last, frozenset({"release", "putconn", "close"}))


def _parameter(target: Scope, call: Call, name: str) -> str:
    """The name under which the callee knows the argument."""
    for key, value in call.keywords:
        if value == name and key:
            return key
    if name in call.arguments:
        names = [part.name for part in target.parameters if part.kind == "positional"]
        if target.owner is not None and names[:1] in (["self"], ["cls"]):
            names = names[1:]
        at = call.arguments.index(name)
        return names[at] if at < len(names) else ""
    return ""


def _hands_over(statement: Statement, name: str, releases: frozenset[str], body: Body) -> bool:
    """Returned, stored, aliased, put into something that is."""
    if statement.kind not in ("return", "assign", "annotate", "augment", "yield", "raise"):
        return False
    value = statement.value
    if _in_itself(value, name) or any(_is_release(part, name, releases) for part in facts.walk(value)):
        return True
    if _is_of_self(statement) and isinstance(value, int) and _method(body.calls[value], name):
        return True  # `self.channel = connection.channel()` lives, and lets it live, as long as the object
    if statement.kind == "return" and isinstance(value, int) and _method(body.calls[value], name) in _PARTS:
        return True  # `return connection.channel()` holds its connection, whoever has it
    # `return Wrapper(connection)`; `return fetch(connection)` keeps nothing.
    return any(
        _may_keep(body.calls[index]) and mentions(index, name, body) for index in deep_calls(value, body)
    )


def _is_of_self(statement: Statement) -> bool:
    """`self.channel = …`, `self.channels[name] = …`."""
    parts = (part for target in statement.target or () for part in facts.walk(target))
    return any(isinstance(part, str) and part.startswith("self.") for part in parts)


def _in_itself(value: Expression, name: str) -> bool:
    """The name as a value, not as an operand of a question."""
    if value == name:
        return True
    if not isinstance(value, tuple) or value[0] in (facts.COMPARE, facts.OPERATION, facts.ITEM, facts.TEXT):
        return False
    return any(_in_itself(part, name) for part in facts.children(value))


def _captures(scope: Scope, name: str) -> bool:
    return any(text == name or text.startswith(f"{name}.") for text in _texts(scope.body)) or any(
        _captures(child, name) for child in scope.children
    )


def _texts(body: Body) -> Iterator[str]:
    for call in body.calls:
        for part in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
            yield from (text for text in facts.walk(part) if isinstance(text, str))
    for statement in body.statements:
        yield from (text for text in facts.walk(statement.value) if isinstance(text, str))
