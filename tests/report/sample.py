"""A rich audit made by hand: every kind of thing that a report must show, and much that could break one."""

from collections.abc import Sequence
from dataclasses import replace

from greenroom.model.application import Application
from greenroom.model.audit import Audit, LeftOut, ProjectSummary
from greenroom.model.call import Call
from greenroom.model.finding import Confidence, Finding, Reach, Severity, Sighting
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.model.score import Bar, Fact, FamilyScore, Score
from greenroom.model.test_case import Interface, TestCase

SOURCES: dict[str, str] = {
    "src/desk/chat.py": """\
import requests

from desk.index import Index


class Chat:
    index = Index()

    async def answer(self, question: str) -> str:
        hits = self.index.search(question)
        return "</script><script>alert('x')</script>" + hits


async def relay(upstream):
\tasync for chunk in upstream:
\t\tyield chunk
""",
    "src/desk/index.py": """\
import time

import requests


class Index:
    def search(self, question):
        time.sleep(0.1)
        return requests.get(URL + question).text
""",
    "src/desk/übersicht & mehr.py": """\
NAMEN = ["Zoë", "漢字"]; cache["漢字"] = load(NAMEN)  # ]]> 100 %
""",
    "tests/test_chat.py": """\
def test_answer():
    chat = Chat()
    assert chat is not None
""",
}


def nothing(_: object) -> tuple[Sighting, ...]:
    """Stands for a detector: reports only ask whether there is one."""
    return ()


def sample_lines(path: str) -> Sequence[str]:
    """The sample project's lines, as `SourceLines` wants them."""
    return SOURCES.get(path, "").splitlines()


MODES = (
    FailureMode(
        code="EVL001",
        name="blocking-call-in-async",
        family=Family.EVENT_LOOP,
        summary="A synchronous, possibly slow call runs on the event loop.",
        consequence="While it waits, nobody else is served.",
        remedy="Use an async client, or hand the call to a thread.",
        source="Report 1, product A: an 82 % CPU deadlock from file reads on the loop.",
        detector=nothing,
    ),
    FailureMode(
        code="DEP001",
        name="missing-timeout",
        family=Family.DEPENDENCY,
        summary="A network client is called with no time limit.",
        consequence="A peer that hangs takes the caller with it.",
        remedy="Give the client a time limit.",
        source="Report 1, product A.",
        detector=nothing,
    ),
    FailureMode(
        code="STR001",
        name="stream-without-deadline",
        family=Family.STREAM,
        summary="A loop over a stream can run for ever.",
        consequence="Chats hang for good when the last chunk is lost.",
        remedy="Set an overall deadline and an idle limit.",
        source="Report 1, product A.",
        detector=nothing,
    ),
    FailureMode(
        code="TST002",
        name="always-true",
        family=Family.TESTS,
        summary="An assertion that cannot fail.",
        consequence="The test stays green whatever the product does.",
        remedy="Assert something that the product decides.",
        source="Rotten green tests, ICSE 2019.",
        detector=nothing,
    ),
    FailureMode(
        code="RES001",
        name="unbounded-growth",
        family=Family.RESOURCE,
        summary="A collection that lives as long as the process grows with requests.",
        consequence="Memory grows until the process is killed.",
        remedy="Bound it, or evict.",
        source="Report 1, product A.",
        detector=nothing,
    ),
)

BLOCKING = Finding(
    code="EVL001",
    name="blocking-call-in-async",
    place=Place(path="src/desk/chat.py", line=10, symbol="Chat.answer", column=16),
    end_line=10,
    message="`time.sleep` and `requests.get` run on the event loop, two calls below `Chat.answer`",
    consequence="While the index answers, every other request and socket of this worker waits.",
    remedy="Call the index with `httpx.AsyncClient`, or through `asyncio.to_thread`.",
    severity=Severity.HIGH,
    confidence=Confidence.DEFINITE,
    reach=Reach.ROUTE,
    shown=True,
    key="EVL001:src/desk/chat.py:Chat.answer:requests.get",
    chain=(
        Place(path="src/desk/main.py", line=31, symbol="post_chat", note="calls Chat.answer"),
        Place(
            path="src/desk/chat.py",
            line=10,
            symbol="Chat.answer",
            column=16,
            note="calls Index.search",
        ),
        Place(
            path="src/desk/index.py",
            line=9,
            symbol="Index.search",
            column=16,
            note="calls requests.get",
        ),
    ),
    sites=(
        Place(path="src/desk/index.py", line=8, symbol="Index.search", column=9, note="time.sleep"),
        Place(path="src/desk/gone.py", line=3),
    ),
)

STREAM = Finding(
    code="STR001",
    name="stream-without-deadline",
    place=Place(path="src/desk/chat.py", line=15, symbol="relay", column=2),
    end_line=16,
    message="the loop over `upstream` has no deadline and no idle limit",
    consequence="Chats hang for good when the last chunk is lost.",
    remedy="Put `async with asyncio.timeout(60)` around it.",
    severity=Severity.HIGH,
    confidence=Confidence.PROBABLE,
    reach=Reach.SOCKET,
    shown=True,
    key="STR001:src/desk/chat.py:relay:upstream",
)

WEIRD = Finding(
    code="RES001",
    name="unbounded-growth",
    place=Place(path="src/desk/übersicht & mehr.py", line=1, column=24),
    end_line=1,
    message="`cache[\"漢字\"]` grows 100 %: <b>bold</b> & 'quoted' ]]> | pipe\n::error::x \x1b[31mred\x07",
    consequence="Memory grows,\nuntil the process is killed; 5 % a day.",
    remedy="Use `functools.lru_cache(maxsize=…)` -- or `</script>`.",
    severity=Severity.MEDIUM,
    confidence=Confidence.PROBABLE,
    reach=Reach.TASK,
    shown=True,
    key="RES001:src/desk/übersicht & mehr.py::cache",
)

TIMEOUT = Finding(
    code="DEP001",
    name="missing-timeout",
    place=Place(path="src/desk/gone.py", line=7, symbol="fetch", column=5),
    end_line=0,
    message="`requests.get` has no time limit",
    consequence="",
    remedy="",
    severity=Severity.LOW,
    confidence=Confidence.DEFINITE,
    reach=Reach.UNREACHED,
    shown=True,
    key="DEP001:src/desk/gone.py:fetch:requests.get",
)

EMPTY_TEST = Finding(
    code="TST002",
    name="always-true",
    place=Place(path="tests/test_chat.py", line=3, symbol="test_answer", column=5),
    end_line=3,
    message="`chat is not None` holds for every constructor",
    consequence="The test stays green whatever `Chat` does.",
    remedy="Assert on the answer.",
    severity=Severity.HIGH,
    confidence=Confidence.DEFINITE,
    reach=Reach.TEST,
    shown=True,
    key="TST002:tests/test_chat.py:test_answer",
)

POSSIBLE = replace(
    BLOCKING,
    place=Place(path="src/desk/index.py", line=8, symbol="Index.search", column=9),
    end_line=8,
    message="`time.sleep` may run on the event loop",
    confidence=Confidence.POSSIBLE,
    reach=Reach.UNREACHED,
    shown=False,
    key="EVL001:src/desk/index.py:Index.search:time.sleep",
    hidden_because="only possible",
    chain=(),
    sites=(),
)

SUPPRESSED = replace(
    TIMEOUT,
    place=Place(path="src/desk/index.py", line=9, symbol="Index.search", column=16),
    end_line=9,
    shown=False,
    key="DEP001:src/desk/index.py:Index.search:requests.get",
    hidden_because="suppressed: the proxy in front cuts after 5 s",
)

KNOWN = replace(
    TIMEOUT,
    place=Place(path="src/desk/old.py", line=70, symbol="legacy", column=1),
    shown=False,
    key="DEP001:src/desk/old.py:legacy:requests.get",
    hidden_because="in the baseline",
)

IGNORED = replace(
    TIMEOUT,
    place=Place(path="scripts/seed.py", line=2, column=1),
    shown=False,
    key="DEP001:scripts/seed.py::requests.get",
    hidden_because="not selected: per-file-ignores scripts/*",
)

SCORE = Score(
    overall=3.4,
    cap=7.0,
    verdict="Most of this green is decorative: 1 of 4 tests meets anything real.",
    families=(
        FamilyScore(
            family=Family.EVENT_LOOP,
            value=2.5,
            cap=7.0,
            facts=(
                Fact(
                    name="async entry points free of blocking calls",
                    achieved=3,
                    total=8,
                    weight=1.0,
                    explanation="Routes and sockets from which no blocking call is reached.",
                ),
            ),
        ),
        FamilyScore(family=Family.WEBSOCKET, value=None, cap=7.0, facts=()),
        FamilyScore(
            family=Family.TESTS,
            value=7.0,
            cap=7.0,
            facts=(
                Fact(name="tests that run", achieved=3, total=4, weight=0.5, explanation="Run."),
                Fact(name="tests that can fail", achieved=4, total=4, weight=0.5, explanation="%"),
            ),
        ),
    ),
    bars=(
        Bar(
            name="HTTP routes reached over HTTP",
            achieved=1,
            total=3,
            covered=("GET /health",),
            missing=("POST /chat", "DELETE /chat/{id}"),
        ),
        Bar(name="tests that run", achieved=3, total=4, missing=("tests/test_chat.py::test_later",)),
        Bar(name="sockets reached over a socket", achieved=0, total=0),
        Bar(name="integration points crossed for real", achieved=2, total=2),
    ),
)

TESTS = (
    TestCase(
        id="tests/test_api.py::TestChat::test_post",
        path="tests/test_api.py",
        line=12,
        symbol="TestChat.test_post",
        is_async=True,
        interface=Interface.IN_PROCESS,
        collected=True,
        runs=True,
        evidence=(Place(path="tests/test_api.py", line=13, note="httpx.ASGITransport"),),
    ),
    TestCase(
        id="tests/test_chat.py::test_answer",
        path="tests/test_chat.py",
        line=1,
        symbol="test_answer",
        is_async=False,
        interface=Interface.DIRECT,
        collected=True,
        runs=True,
    ),
    TestCase(
        id="tests/test_chat.py::test_later",
        path="tests/test_chat.py",
        line=40,
        symbol="test_later",
        is_async=True,
        interface=Interface.MOCKED,
        collected=True,
        runs=False,
        reasons=("never awaited: asyncio_mode is strict & no <marker>",),
    ),
    TestCase(
        id="tests/test_live.py::test_redis",
        path="tests/test_live.py",
        line=5,
        symbol="test_redis",
        is_async=False,
        interface=Interface.REAL,
        collected=False,
        runs=False,
        reasons=("outside testpaths",),
    ),
)

POINTS = (
    IntegrationPoint(
        name="redis",
        kind="cache",
        library="redis",
        sites=(Place(path="src/desk/store.py", line=4, symbol="Store.get"),),
        tests_real=("tests/test_live.py::test_redis",),
    ),
    IntegrationPoint(
        name="http via requests",
        kind="http",
        library="requests",
        sites=(
            Place(path="src/desk/index.py", line=9, symbol="Index.search"),
            Place(path="src/desk/gone.py", line=7, symbol="fetch"),
        ),
        tests_doubled=("tests/test_chat.py::test_later",),
        failures_provoked=("tests/test_chat.py::test_later",),
    ),
)

ROUTES = (
    Route(
        method="POST",
        path="/chat",
        application="desk.main.app",
        file="src/desk/main.py",
        line=30,
        symbol="post_chat",
    ),
    Route(
        method="WEBSOCKET",
        path="/ws/{room:<path>}",
        application="",
        file="src/desk/main.py",
        line=44,
        symbol="room",
        certain=False,
    ),
)

APPLICATIONS = (
    Application(
        name="desk.main.app",
        file="src/desk/main.py",
        framework="asgi",
        routes=1,
        is_live=True,
        started_by=(Place(path="Dockerfile", line=9, note="uvicorn desk.main:app"),),
    ),
)

CALLS = (
    Call(
        kind="http",
        method="POST",
        base="",
        path="/chat",
        file="web/chat.ts",
        line=4,
        symbol="send",
        status="served",
        routes=("POST /chat",),
    ),
)

PROJECT = ProjectSummary(
    name="helpdesk",
    files={"production": 12, "tests": 4, "scripts": 1, "vendored": 0},
    lines=2_345,
    frameworks=("FastAPI",),
    source_roots=("src",),
    test_commands=("pytest -q",),
    left_out=(LeftOut(path="data/big.py", reason="larger than 5 MB"),),
    elapsed=0.42,
)


def rich_audit() -> Audit:
    """One of everything."""
    return Audit(
        project=PROJECT,
        findings=(
            BLOCKING,
            STREAM,
            WEIRD,
            TIMEOUT,
            POSSIBLE,
            SUPPRESSED,
            KNOWN,
            IGNORED,
            EMPTY_TEST,
        ),
        tests=TESTS,
        integration_points=POINTS,
        routes=ROUTES,
        applications=APPLICATIONS,
        calls=CALLS,
        score=SCORE,
        notices=("src/desk/chat.py:3: the suppression of EVL001 is no longer needed",),
    )


def empty_audit() -> Audit:
    """Nothing found, nothing to judge."""
    return Audit(
        project=replace(PROJECT, left_out=()),
        findings=(),
        tests=(),
        integration_points=(),
        routes=(),
        score=Score(overall=None, cap=7.0, verdict="Nothing here to judge.", families=(), bars=()),
    )


def large_audit(number: int) -> Audit:
    """Many findings, each with a chain; every tenth is hidden."""
    findings = tuple(
        replace(
            (BLOCKING, STREAM, WEIRD, EMPTY_TEST)[index % 4],
            key=f"finding-{index}",
            message=f"finding number {index} of many, with a sentence of ordinary length",
            shown=index % 10 != 0,
            hidden_because="" if index % 10 else "only possible",
        )
        for index in range(number)
    )
    return replace(rich_audit(), findings=findings)
