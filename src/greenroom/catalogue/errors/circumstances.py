"""What stands around a handler and says that its author means it so, or that nobody is misled by it."""

import re

from greenroom.catalogue.errors.crossings import (
    Crossing,
    catches_failures,
    guards_around,
    has_words,
    stated_by,
)
from greenroom.catalogue.errors.handlers import deep_parts, is_logging, read_handler
from greenroom.catalogue.resource.remembered import words_of
from greenroom.project.calls.classes import decorator_name
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

# A comment or a docstring that tells the caller what a failure looks like, or that the work goes on without.
_SAID = re.compile(
    r"best[- ]effort|(?:on|upon|in case of|after) (?:\w+ ){0,3}(?:failures?|errors?|exceptions?)\b|never (?:raise|block|break|fail|abort|crash|stop)\w*\b"
    r"|\b(?:None|False|empty)\b (?:\w+ )?(?:if|when|where) (?:\w+ ){0,4}could ?n(?:ot|'t) be\b"
    r"|(?:must|should|do|does|can|will|need)(?:n't| not|not) (?:\w+ )?(?:break|fail|block|abort|crash|prevent|stop|raise)\b"
    r"|忽略|不影响|降级|degrad|non-?(?:fatal|critical|blocking)|fail(?:s|ing|ed)?[- ](?:open|soft|safe|closed|silently|quietly)|not (?:critical|fatal)|swallow|tolerat"
    r"|如果[^。\n]{0,12}失败|失败时"
    r"|if (?:\w+ ){1,4}(?:fails?|is down|is unavailable|cannot be reached)"
    r"|\b(?:si|se) (?:\w+ ){1,4}(?:fallan?|falhar?|échoue)\b|\b(?:no|não|ne|nunca|jamais) (?:debe\w*|deve|doit|bloque\w*|interr[uo]mp\w*|tumb\w*|romp\w*)"
    r"|\bnicht (?:blockier\w*|abbrechen|kritisch|scheitern)",
    re.IGNORECASE,
)
_EMPTY = r"\b(?:None|null|False)\b|\[\]|\{\}|\b(?:empty|vac[ií]o|vazi[oa]|vuot[oa]|vide|leer\w*)\b"
_ERROR = r"\b(?:errors?|errore|erro|erreurs?|fehlers?|fehlern|failures?|fails|fallo|falha|échec|exceptions?)\b|錯誤|错误|失败|失敗|エラー"
_NAMED = re.compile(
    rf"(?:{_EMPTY})[^.;\n]{{0,60}}(?:{_ERROR})|(?:{_ERROR})[^.;\n]{{0,30}}(?:{_EMPTY})", re.IGNORECASE
)
"""One sentence of a docstring, in whatever language, that has the empty value and the error: `oppure None … in caso di errore`."""
_COMMENT = re.compile(r"#([^\n]*)")
_DOCSTRING = re.compile(r":[^\S\n]*(?:#[^\n]*)?\n\s*[rR]?(\"\"\"|''')(.*?)\1", re.DOTALL)
_MIGRATIONS = re.compile(r"(?:^|/)(?:\w+_)?(?:migrations?|migrate|alembic)(?:/|_|\.py$)", re.IGNORECASE)
_SCHEMA = ("alter", "create", "drop")
_WENT_OUT = re.compile(
    r"(?:^|[^a-z])(?:sent|delivered|notified|posted|published|announced|reminded|alerted)(?:$|[^a-z])",
    re.IGNORECASE,
)
_SINGLETON = re.compile(r"^\s*class \w+\([^)]*metaclass\s*=\s*[\w.]*singleton", re.IGNORECASE | re.MULTILINE)
_ONE = re.compile(r"\b_*(?:instance|singleton)s?_*\b")
_TRIES = re.compile(r"(?:^|_)(?:try|tries|attempt)(?:_|$)", re.IGNORECASE)
_HEADING = 6
"""Lines that the heading of a class takes, decorators included."""
_HEADS_UP = 2
"""Callers of callers that are asked whether they would drop an exception."""
_TAKES_BACK = frozenset({"discard", "remove", "pop", "clear", "delete"})
_TAKES = frozenset({"blpop", "brpop", "lpop", "rpop", "get", "get_nowait", "getone", "receive", "recv", "poll", "reserve",
                    "basic_get", "receive_message", "next_msg", "pull", "dequeue", "spop", "bzpopmin", "zpopmin"})  # fmt: skip
_QUEUES = frozenset({"rpush", "lpush", "publish", "xadd", "zadd", "sadd", "spublish"})
_LATER = frozenset({"add_task", "Thread", "Timer", "start_new_thread"})
"""What runs a function beside the request that gives it; a thread that is joined is waited for."""
_ENDS = re.compile(r"^(wait|join|poll|wait_for|communicate)(_|$)", re.IGNORECASE)
_NOTICES = re.compile(
    r"notif|alert|announce|webhook|remind|newsletter|_to_(?:discord|slack|telegram|teams|mattermost|matrix)(?:_|$)",
    re.IGNORECASE,
)

_ASKS = re.compile(
    r"_*(?:get|fetch|load|read|list|search|find|query|lookup|look_up|count|describe)(?:_|$)(?!.*_or_)"
)
_SIGNS = re.compile(r"(?:^|_)(?:un)?react(?:ions?)?(?:_|$)|typing|chat_action", re.IGNORECASE)
"""What a bot shows while it works on the answer."""


def is_said(project: Project, scope: Scope, last_line: int) -> bool:
    """Whether the docstring, or a comment down to the end of the handler, says what happens on a failure."""
    lines = project.inventory.read_text(scope.path).split("\n")[scope.line - 1 : last_line]
    text = "\n".join(lines)
    docstring = _DOCSTRING.search(text)
    said = " ".join([docstring[2] if docstring else "", *_COMMENT.findall(text)])
    return _SAID.search(re.sub(r"\s+", " ", said)) is not None or (
        docstring is not None and _NAMED.search(docstring[2]) is not None
    )


def is_of_attempts(project: Project, scope: Scope, depth: int = 0) -> bool:
    """Whether all who call it try one way of several by their names, `_try_mirrors`: nothing sends them on to the next."""
    callers = {
        edge.caller for edge in project.graph.callers(scope) if edge.caller.module.kind is FileKind.PRODUCTION
    }
    return bool(callers) and all(
        _TRIES.search(caller.name) or (depth < _HEADS_UP and is_of_attempts(project, caller, depth + 1))
        for caller in callers
    )


def may_not_matter(crossing: Crossing) -> bool:
    """A cache, or one of several things that may stand there: which of them serves, nobody knows."""
    edge = crossing.edge
    return is_cache(crossing) or (edge.target is not None and edge.certainty < CERTAIN)


def is_migration(scope: Scope, crossings: tuple[Crossing, ...]) -> bool:
    """A change of the schema that may have been made before: its failure says that there is nothing to do."""
    if _MIGRATIONS.search(scope.path):
        return True
    changes = [part for part in crossings if part.changes is not None and not _only_ends(part)]
    return bool(changes) and all(
        part.edge.call >= 0 and has_words(stated_by(part.edge), _SCHEMA) for part in changes
    )


def _only_ends(crossing: Crossing) -> bool:
    """`connection.commit()`: it changes what was said before."""
    return crossing.leaf is crossing.edge and crossing.edge.symbol.endswith(".commit")


def commits_nothing(scope: Scope, crossings: tuple[Crossing, ...]) -> bool:
    """A commit before which the function has called and set nothing: it only begins with a clean session."""
    first = min(part.edge.line for part in crossings)
    sets = ("assign", "augment", "delete")
    before = [part.line for part in scope.body.statements if part.kind in sets]
    before += [call.line for call in scope.body.calls]
    return all(map(_only_ends, crossings)) and min(before) >= first


def is_notice(scope: Scope, called: list[str]) -> bool:
    """A word to somebody on the side: what it tells of has happened, and must not fail because of it."""
    return bool(_NOTICES.search(scope.name)) or any(
        all(map(words.search, called)) for words in (_NOTICES, _SIGNS)
    )


def is_each_by_itself(project: Project, scope: Scope, guard: int) -> bool:
    """A `for` around the `try`, after the answer or where the result is just what went well: no bad item stops others."""
    body, flow = scope.body, Flow(scope.body)
    if not any(loop.kind in ("for", "async-for") for _, loop in flow.loops(guard)):
        return False
    filled = {name.partition(".")[0] for part in body.statements if flow.inside(part.block, guard)
              for name in deep_parts(body, (facts.SEQUENCE, "", _targets(part))) if isinstance(name, str)}  # fmt: skip
    filled |= {name.partition(".")[0] for call in flow.calls_in(guard)
               if isinstance(name := call.callee, str) and name.endswith((".append", ".add", ".extend", ".update"))}  # fmt: skip
    filled |= _made_of(body, filled, body.blocks[guard].end_line)
    given = [
        part.value for part in body.statements if part.kind == "return" and part.value is not None
        and not any(block.kind == "except" for block in body.enclosing(part.block))
    ]  # fmt: skip
    told = all(
        any(name in filled for name in deep_parts(body, value) if isinstance(name, str)) for value in given
    )
    return told if given else runs_afterwards(project, scope)


def _made_of(body: Body, names: set[str], line: int) -> set[str]:
    """What statements behind a line make of what the names hold: `answer = wrap(names)`."""
    found = set(names)
    for part in body.statements:
        if part.line > line and part.kind in ("assign", "augment", "annotate"):
            used = {text.partition(".")[0] for text in deep_parts(body, part.value) if isinstance(text, str)}
            if used & found:
                found |= {
                    text.partition(".")[0]
                    for text in deep_parts(body, (facts.SEQUENCE, "", _targets(part)))
                    if isinstance(text, str)
                }
    return found - names


def _targets(statement: Statement) -> tuple[Expression, ...]:
    if statement.kind == "assign":
        return tuple(statement.target)
    return (statement.target,) if statement.kind in ("augment", "annotate") else ()


def runs_afterwards(project: Project, scope: Scope) -> bool:
    """Whether the request is answered without it: `background_tasks.add_task(store, …)`, `Thread(target=store)`."""
    return any(map(_is_put_off, project.entries.path(scope)))


def _is_put_off(edge: Edge) -> bool:
    calls = edge.caller.body.calls
    later = [
        (index, call)
        for index, call in enumerate(calls)
        if (last := str(call.callee).rsplit(".", 1)[-1]) in _LATER
        and (last == "add_task" or not any(str(other.callee).endswith(".join") for other in calls))
    ]
    if edge.call >= 0:
        return any(edge.call == index or edge.call in call.arguments for index, call in later)
    return edge.how == "reference" and any(call.line <= edge.line <= call.end_line for _, call in later)


def is_made_once(project: Project, crossing: Crossing) -> bool:
    """Whether what asks is the constructor of a class that has one object, which the first who came has made."""
    maker = crossing.edge.target
    cls = maker.owner if crossing.edge.how == "construct" and maker is not None else None
    if cls is None:
        return False
    if any("singleton" in decorator_name(cls, part).casefold() for part in cls.decorators):
        return True
    if any(child.name == "__new__" and _ONE.search(" ".join(words_of(child.body))) for child in cls.children):
        return True
    line = project.inventory.read_text(cls.path).split("\n")[cls.line - 1 : cls.end_line]
    return _SINGLETON.search("\n".join(line[:_HEADING])) is not None


def waits_for_an_end(called: list[str]) -> bool:
    """`process.wait(timeout=…)`: what the handler is there for is that the time runs out."""
    return bool(called) and all(_ENDS.search(name) for name in called)


def is_optional(scope: Scope, guard: int) -> bool:
    """Only a value that has its default before is asked for, and the work goes on without: `parent = current()`."""
    body, flow = scope.body, Flow(scope.body)
    within = [part for part in body.statements if flow.inside(part.block, guard)]
    optional = {part.name for part in scope.parameters if part.default is not None} | {
        name for part in body.statements if part.kind == "assign" and part.line < body.blocks[guard].line
        for name in part.target if isinstance(name, str)
    }  # fmt: skip
    return bool(within) and all(
        part.kind == "assign" and all(isinstance(name, str) and name in optional for name in part.target)
        for part in within
    )


def is_noted_as_sent(body: Body, guard: int, last_line: int) -> bool:
    """Whether what runs after the handler, whatever came of it, notes a success: `DELIVERED.add(key)`."""
    flow = Flow(body)
    return any(
        part.line > last_line and flow.inside(guard, part.block) and _notes_success(body, part)
        for part in body.statements
    )


def _notes_success(body: Body, statement: Statement) -> bool:
    """A call or an assignment to what lasts, which names that something went out; a log line is no such note."""
    if statement.kind == "assign":
        lasting = [part for part in statement.target if not isinstance(part, str) or "." in part]
        return any(_names_success(text) for part in lasting for text in deep_parts(body, part))
    value = statement.value
    if isinstance(value, tuple) and value[0] == facts.AWAIT:
        value = value[1]
    if statement.kind != "expression" or not isinstance(value, int):
        return False
    call = body.calls[value]
    if is_logging(call) or str(call.callee).rsplit(".", 1)[-1] in _TAKES_BACK:
        return False
    return any(_names_success(part) for part in deep_parts(body, value))


def _names_success(part: Expression) -> bool:
    text = part if isinstance(part, str) else facts.constant(part)
    return isinstance(text, str) and _WENT_OUT.search(text) is not None


def took_before(body: Body, loop: int, guard: int) -> bool:
    """Whether each round takes a job from a queue before the `try` handles it: the next round takes another one."""
    used = {name.partition(".")[0] for call in Flow(body).calls_in(guard) for part in (*call.arguments, call.callee)
            for name in deep_parts(body, part) if isinstance(name, str)}  # fmt: skip
    first = body.blocks[guard].line
    return any(
        part.kind == "assign" and part.line < first and Flow(body).inside(part.block, loop)
        and used & {name for target in part.target for name in facts.walk(target) if isinstance(name, str)}
        and any(str(facts.last_name(body.calls[index].callee)) in _TAKES
                for index in facts.walk(part.value) if type(index) is int)
        for part in body.statements
    )  # fmt: skip


def is_job_of_loop(body: Body, guard: int) -> bool:
    """`async for message in consumer:`, `while True: job = queue.blpop(…)` around the `try`."""
    return any(
        loop.kind == "async-for" or (loop.kind == "while" and took_before(body, number, guard))
        for number, loop in Flow(body).loops(guard)
    )


def is_cache(crossing: Crossing) -> bool:
    """What can be asked for again elsewhere; a list, a stream and a channel carry what exists nowhere else."""
    change = crossing.changes.symbol.rsplit(".", 1)[-1] if crossing.changes is not None else ""
    return crossing.kinds == {"cache"} and change not in _QUEUES


def asks_by_post(scope: Scope, crossing: Crossing) -> bool:
    """`found = (await client.post(…)).json()`: what is asked for is read right there, and nothing is to be changed.

    So it is in a function whose name says that it asks, as `get_network` is, however deep below the request is sent.
    """
    edge, body = crossing.edge, scope.body
    if crossing.changes is not None and _is_post(crossing.changes) and _ASKS.match(scope.name):
        return True
    if edge is not crossing.leaf or edge.call < 0 or not _is_post(edge):
        return False
    made = (edge.call, (facts.AWAIT, edge.call))
    names = {name for part in body.statements if part.kind == "assign" and part.value in made
             for name in part.target if isinstance(name, str)}  # fmt: skip
    return any(call.callee in {f"{name}.json" for name in names} for call in body.calls)


def _is_post(edge: Edge) -> bool:
    return edge.symbol.rpartition(".")[2] == "post"


def is_caught_by_all_callers(project: Project, scope: Scope) -> bool:
    """Whether every caller would drop the exception, too, if it were let through."""
    return _is_dropped_above(project, scope, frozenset())


def _is_dropped_above(project: Project, scope: Scope, seen: frozenset[Scope]) -> bool:
    edges = [edge for edge in project.graph.callers(scope) if edge.caller.module.kind is FileKind.PRODUCTION]
    return bool(edges) and all(
        _is_dropped(edge) or _is_let_through(project, edge, seen | {scope}) for edge in edges
    )


def _is_let_through(project: Project, edge: Edge, seen: frozenset[Scope]) -> bool:
    """Whether a caller without a guard of its own stands below others that would drop it."""
    caller = edge.caller
    if caller in seen or len(seen) > _HEADS_UP or any(guards_around(caller.body, edge)):
        return False
    return _is_dropped_above(project, caller, seen)


def _is_dropped(edge: Edge) -> bool:
    body = edge.caller.body
    return any(_drops(body, guard) for guard in guards_around(body, edge))


def _drops(body: Body, guard: int) -> bool:
    for number, block in enumerate(body.blocks):
        if block.kind == "except" and block.owner == guard and catches_failures(block.detail[0]):
            return read_handler(body, number) is not None
    return False
