"""Order and nesting of one body, and the names that it reads."""

import pytest

from greenroom.project.code.facts import Body
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import mentions
from greenroom.project.code.module import BodyShelf, Module
from greenroom.project.code.reading import compact
from greenroom.project.files.kind import FileKind


def body_of(function: str) -> Body:
    """The body of the first function."""
    module = Module("example.py", FileKind.PRODUCTION, BodyShelf())
    module.load(compact(function.encode(), "example.py"))
    return module.top.children[0].body


@pytest.mark.parametrize(
    ("statements", "dead"),
    [
        ("work()", False),
        ("return 1\n    work()", True),
        ("raise E\n    work()", True),
        ("if a:\n        return 1\n    work()", False),
        ("if a:\n        return 1\n        work()", True),
        ("if False:\n        work()", True),
        ("if 0:\n        work()", True),
        ("if False:\n        pass\n    else:\n        work()", False),
        ("if TYPE_CHECKING:\n        work()", True),
        ("while True:\n        break\n        work()", True),
        ("while True:\n        if a:\n            continue\n        work()", False),
        ("try:\n        return 1\n    finally:\n        work()", False),
        ("try:\n        raise E\n    except E:\n        work()", False),
        ("return work()", False),
    ],
)
def test_what_can_run(statements: str, dead: bool) -> None:  # noqa: FBT001  a case of a table
    body = body_of(f"def f():\n    {statements}\n")
    (call,) = body.calls

    assert Flow(body).is_dead(call.block, call.line) is dead


def test_loops_and_handlers_around() -> None:
    body = body_of(
        "def f():\n    for a in b:\n        while c:\n            try:\n                work()\n"
        "            except E:\n                other()\n"
    )
    flow = Flow(body)
    work, other = body.calls

    assert [block.kind for _, block in flow.loops(work.block)] == ["while", "for"]
    assert [block.detail for _, block in flow.handlers(work.block)] == [("E", None)]
    assert flow.calls_in(work.block) == [work]
    assert flow.inside(other.block, work.block) is False
    assert flow.inside(other.block, 0) is True


@pytest.mark.parametrize(
    ("statements", "once"),
    [
        ("if self.x is None:\n        self.x = work()", True),
        ("if not self.x:\n        self.x = work()", True),
        ("global x\n    if x is None:\n        x = work()", True),
        ("if x is None:\n        x = work()", False),
        ("if self.x is not None:\n        self.x = work()", False),
        ("if self.x is None:\n        self.y = work()", False),
        ("self.x = work()", False),
    ],
)
def test_what_runs_once(statements: str, once: bool) -> None:  # noqa: FBT001  a case of a table
    body = body_of(f"def f(self):\n    {statements}\n")

    assert Flow(body).first_only(body.calls[0].block) is once


@pytest.mark.parametrize(
    ("statements", "read"),
    [
        ("task = 1", []),
        ("task: int = 1", []),
        ("other = task", ["task"]),
        ("task.cancel()", ["task.cancel"]),
        ("call(key=task)", ["task"]),
        ("held[task] = 1", ["task"]),
        ("task.name = 1", ["task.name"]),
        ("task += 1", ["task"]),
        ("for x in task: pass", ["task"]),
        ("while task: pass", ["task"]),
        ("with task as x: pass", ["task"]),
        ("raise E from task", ["task"]),
        ("assert x, task", ["task"]),
        ("del held[task]", ["task"]),
        ("return [x for x in y if task]", ["task"]),
        ("return lambda: task", []),
        ("tasks = taskless", []),
    ],
)
def test_what_is_read(statements: str, read: list[str]) -> None:
    assert list(mentions(body_of(f"def f():\n    {statements}\n"), "task")) == read
