"""Circumstances under which a call that could block the event loop does not, or harms nobody."""

import re
from itertools import pairwise

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.switched import switches_off
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.route_entries import PLAIN_BASES

# They run the coroutine that they are given to its end, before their caller goes on.
_RUN_AND_WAIT = {"run", "run_until_complete", "wait_for", "shield", "run_coroutine"}
_BUFFERS = {"BytesIO", "StringIO"}
_DESKTOPS = {"win32", "nt", "Windows", "windows", "cygwin", "win", "darwin", "Darwin"}
_FILLED = {"empty", "qsize"}
_STAND_INS = {
    "testing",
    "testkit",
    "testutils",
    "mock",
    "mocks",
    "Mock",
    "fake",
    "fakes",
    "Fake",
    "dummy",
    "Dummy",
}
_WORD = re.compile(r"[A-Z]?[a-z]+")
# A framework starts what is handed to it where a module is imported.
_SERVING = (Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.PROJECT)


# nobody else is on the loop


def runs_alone(project: Project, scope: Scope) -> bool:
    """Whether it runs before or after everything else: in a start-up or a script, not in a task of theirs."""
    if project.entries.reach(scope) not in (Reach.LIFESPAN, Reach.SCRIPT):
        return False
    return not any(_starts_task(edge) for edge in project.entries.path(scope))


def _starts_task(edge: Edge) -> bool:
    """Whether the caller goes on while the target runs: `create_task(work())`, `start(work)`."""
    if edge.how == "reference":
        return True
    if edge.how != "call" or edge.target is None or not edge.target.is_async or edge.awaited:
        return False
    calls = edge.caller.body.calls
    if not calls[edge.call].usage & facts.ARGUMENT:
        return False
    return not any(
        edge.call in outer.arguments and facts.last_name(outer.callee) in _RUN_AND_WAIT for outer in calls
    )


# the call is written, and does not run here


def is_switched_off(path: tuple[Edge, ...]) -> bool:
    """Whether a hop stands under `if flag:`, and the hop before it hands over `flag=False`."""
    return any(switches_off(outer, inner) for outer, inner in pairwise(path))


def is_for_other_platform(path: tuple[Edge, ...]) -> bool:
    """Whether a hop stands under `if sys.platform == "win32":`: servers run elsewhere, as a rule."""
    for edge in path:
        if edge.call < 0:
            continue
        body = edge.caller.body
        block = body.calls[edge.call].block
        while block >= 0:
            found = body.blocks[block]
            if found.kind == "if" and _asks_for_desktop(body, found.detail):
                return True
            block = found.parent
    return False


def _asks_for_desktop(body: Body, test: Expression, behind: str = "") -> bool:
    """Also of a name, `behind`, what was assigned to it; that may hold names again, as `x = x or y` does, which are not followed."""
    if isinstance(test, str):
        values = [part.value for part in body.statements if part.kind == "assign" and test in part.target]
        return not behind and len(values) == 1 and _asks_for_desktop(body, values[0], test)
    if type(test) is int:  # `sys.platform.startswith("win")`
        call = body.calls[test]
        is_asked = call.callee in ("sys.platform.startswith", "platform.startswith")
        return is_asked and any(facts.constant(part) in _DESKTOPS for part in call.arguments)
    if isinstance(test, tuple) and test[0] == facts.EITHER and test[1] in ("and", "or"):
        return (any if test[1] == "and" else all)(_asks_for_desktop(body, part, behind) for part in test[2])
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or test[1] != ("==",):
        return False
    return any(facts.constant(part) in _DESKTOPS for part in test[2])


def may_be_another(project: Project, leaf: Edge) -> bool:
    """Whether its object is made of a class chosen before: `kind = Process if apart else Thread`, `kind().start()`."""
    if leaf.call < 0:
        return False
    edges = project.graph.edges(leaf.caller)
    makers = _makers(edges, leaf)
    return any(
        edge.call == leaf.call
        and edge.target is None
        and (edge.effect is None or not edge.effect.blocks)
        and not makers.isdisjoint(_makers(edges, edge))
        for edge in edges
        if edge.symbol != leaf.symbol
    )


def _makers(edges: tuple[Edge, ...], method: Edge) -> set[int]:
    """The calls of the class whose method it is."""
    cls = method.symbol.rpartition(".")[0]
    return {edge.call for edge in edges if cls and edge.symbol == cls and edge.call >= 0}


def may_be_passed_on(project: Project, hops: tuple[Edge, ...]) -> bool:
    """Whether another class takes such objects as a hop asks, and sends the call elsewhere itself."""
    return any(_passes_on(project, rival, edge.target) for edge in hops for rival in _rivals(project, edge))


def _rivals(project: Project, edge: Edge) -> list[Scope]:
    """The methods of other classes that may run in place of the hop's."""
    if edge.how == "override":
        found = project.inference.classes.overriding(edge.caller)
    else:
        edges = project.graph.edges(edge.caller) if edge.call >= 0 and edge.certainty < CERTAIN else ()
        found = [part.target for part in edges if part.call == edge.call and part.target is not None]
    return [rival for rival in found if rival is not edge.target and rival.owner is not None]


def _passes_on(project: Project, rival: Scope, method: Scope | None) -> bool:
    """`class Remote(Model)` with `__init__(self, model: Model)`, whose `predict` does not call `predict`."""
    if rival.owner is None or method is None or method.owner is None:
        return False
    line = project.inference.classes.line(method.owner)[0]
    names = {cls.name for cls in line if cls in project.inference.classes.line(rival.owner)[0]}
    takes = any(
        not names.isdisjoint(facts.last_name(word) for word in facts.walk(part.annotation))
        for maker in rival.owner.children
        if maker.name == "__init__"
        for part in maker.parameters
    )
    return takes and rival.name not in rival.facts.called


def is_there_already(leaf: Edge) -> bool:
    """`if not queue.empty(): queue.get()`: what is taken is there; nobody waits where one alone takes."""
    if leaf.call < 0:
        return False
    body = leaf.caller.body
    call = body.calls[leaf.call]
    if not isinstance(call.callee, str) or facts.last_name(call.callee) != "get":
        return False
    asked = f"{call.callee.rpartition('.')[0]}."
    return any(
        isinstance(question, str) and question.startswith(asked) and facts.last_name(question) in _FILLED
        for question in _asked_around(body, call)
    )


def _asked_around(body: Body, call: Call) -> list[Expression]:
    """What is called in the tests around a call, conditional expressions included."""
    index = body.calls.index(call)
    tests: list[Expression] = [
        part[3]
        for expression in expressions(body)
        for part in facts.walk(expression)
        if isinstance(part, tuple) and part[0] == facts.EITHER and part[1] == "if"
        and any(type(one) is int and one == index for one in part[2])
    ]  # fmt: skip
    block = call.block
    while block >= 0:
        if body.blocks[block].kind in ("if", "while"):
            tests.append(body.blocks[block].detail)
        block = body.blocks[block].parent
    return [body.calls[part].callee for test in tests for part in facts.walk(test) if type(part) is int]


def is_stand_in(scope: Scope) -> bool:
    """What a package ships in place of the real thing: `package/testing/server.py`, `class MockAgent`."""
    names = (*scope.path.split("/"), *scope.qualname.split("."))
    return any(not _STAND_INS.isdisjoint(_WORD.findall(name)) for name in names)


def is_called_by_nobody(project: Project, scope: Scope) -> bool:
    """Whether no line calls it, no decorator takes it, and no base class calls for it."""
    if scope.decorators or _is_called_for(project, scope):
        return False
    return all(edge.caller.module.kind is not FileKind.PRODUCTION for edge in project.graph.callers(scope))


def _is_called_for(project: Project, method: Scope) -> bool:
    """Whether a base of its class has a method of this name, or is a library's, which may call it by that."""
    if method.owner is None or not method.owner.facts.bases:
        return False
    ours, libraries = project.inference.classes.line(method.owner)
    if len(ours) == 1 or not PLAIN_BASES.issuperset(libraries):
        return True
    return any(child.name == method.name for cls in ours[1:] for child in cls.children)


def is_known_way(project: Project, scope: Scope) -> bool:
    """Whether what leads to a function is a chain of calls, not a reference that somebody stores."""
    return not any(_is_stored(edge) for edge in project.entries.path(scope))


def _is_stored(edge: Edge) -> bool:
    return edge.how == "reference" and any(
        call.line <= edge.line <= call.end_line
        and facts.last_name(call.callee) == "partial"
        and not call.usage & (facts.ARGUMENT | facts.RETURNED)
        for call in edge.caller.body.calls
    )


def beside(project: Project, scope: Scope) -> Reach:
    """With what else a function shares its loop: that of a task is where the task was started.

    A task beside requests stays one; `unreached` is one whose starters nobody is known to call; a script's is a task
    that only scripts and commands start, and what a thread runs, as its coroutines are on a loop of its own.
    """
    entry = project.entries.entry(scope)
    if entry is None or entry.reach is not Reach.TASK:
        return project.entries.reach(scope)
    front, seen, found = [entry.scope], {entry.scope}, Reach.SCRIPT
    while front:
        task = front.pop()
        if not task.is_async:
            continue
        starters = {edge.caller for edge in project.graph.callers(task)} - {task}
        reaches = {project.entries.reach(starter) for starter in starters}
        if not reaches or not reaches.isdisjoint(_SERVING):
            return Reach.TASK
        if Reach.UNREACHED in reaches:
            found = Reach.UNREACHED
        above = (project.entries.entry(starter) for starter in starters)
        tasks = {part.scope for part in above if part is not None and part.reach is Reach.TASK} - seen
        seen |= tasks
        front.extend(tasks)
    return found


def is_in_memory(leaf: Edge) -> bool:
    """Whether the file that is read or written is a `BytesIO`, or one that the kernel makes up: `/proc/…`."""
    if leaf.call < 0 or leaf.effect is None or leaf.effect.touches != "disk":
        return False
    body = leaf.caller.body
    call = body.calls[leaf.call]
    receiver: Expression = None
    if isinstance(call.callee, str) and "." in call.callee:
        receiver = _opened_as(body, call.callee.rpartition(".")[0])
    elif isinstance(call.callee, tuple) and call.callee[0] == facts.ATTRIBUTE:
        receiver = call.callee[1]  # `Path("/proc/stat").open()`
    if type(receiver) is int:
        call = body.calls[receiver]
        if (
            isinstance(call.callee, tuple)
            and call.callee[0] == facts.ATTRIBUTE
            and type(call.callee[1]) is int
        ):
            call = body.calls[call.callee[1]]
    asked = body.calls[leaf.call]
    given = (*asked.arguments, *call.arguments, *(value for _, value in (*asked.keywords, *call.keywords)))
    around = _entered_around(body, asked.block)
    return any(
        _is_buffer(body, around.get(part, part) if isinstance(part, str) else part) or _is_made_up(part)
        for part in given
    )


def _entered_around(body: Body, block: int) -> dict[str, Expression]:
    """What the names of the `with` blocks around a call are there, whatever they are elsewhere."""
    found: dict[str, Expression] = {}
    for each in body.enclosing(block):
        for made, target in each.detail if each.kind == "with" else ():
            if isinstance(target, str):
                found.setdefault(target, made)
    return found


def _opened_as(body: Body, name: str) -> int | None:
    """The only call that gives the name its value."""
    found = _given(body, name)
    return found[0] if len(found) == 1 and type(found[0]) is int else None


def _given(body: Body, name: str) -> list[Expression]:
    """What gives a name its value: `with open(…) as name`, `name = open(…)`."""
    entered = [
        made
        for block in body.blocks
        if block.kind == "with"
        for made, target in block.detail
        if target == name
    ]
    assigned = [part.value for part in body.statements if part.kind == "assign" and name in part.target]
    return [*entered, *assigned]


def _is_made_up(part: Expression) -> bool:
    path = facts.constant(part)
    return isinstance(path, str) and path.startswith(("/proc/", "/sys/", "/dev/"))


def _is_buffer(body: Body, part: Expression) -> bool:
    if type(part) is int:
        made = body.calls[part]
        into = made.arguments[:1] if facts.last_name(made.callee) == "ExcelWriter" else ()
        return facts.last_name(made.callee) in _BUFFERS or any(_is_buffer(body, each) for each in into)
    if not isinstance(part, str):
        return False
    values = _given(body, part)
    return bool(values) and all(type(value) is int and _is_buffer(body, value) for value in values)
