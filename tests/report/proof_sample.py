"""A campaign made by hand: every verdict, several families, and much that could break a report."""

from dataclasses import replace
from typing import Final

from greenroom.model.mode import Family
from greenroom.model.mutant import Edit, Mutant, Verdict
from greenroom.model.operator import Symptom
from greenroom.model.place import Place
from greenroom.model.proof import Check, Control, Proof, SuiteFacts, Trial

HOSTILE: Final = "</script><b>bold</b> & ]]> \x1b[31mred\x07"
SECRET: Final = "hunter2hunter2"  # noqa: S105 - nobody's

SOURCES: Final = {
    "desk/chat.py": (
        "import httpx\n"
        "\n"
        "\n"
        f'PASSWORD = "{SECRET}"\n'
        "\n"
        "\n"
        "def ask():\n"
        '    "🎭"; return httpx.get(URL, timeout=5)\n'
        "\n"
        "\n"
        "async def relay(upstream):\n"
        "    try:\n"
        "        await upstream.drain()\n"
        "    finally:\n"
        "        upstream.close()\n"
    ),
    "desk/übersicht & mehr.py": "TOTAL = 1\n" * 20,
}
TIMEOUT: Final = "timeout=5"
TESTS: Final = (
    "tests/test_chat.py::test_ask[a<b]",
    "tests/test_chat.py::test_relay",
    "tests/test_more.py::T::test",
)


def text(path: str) -> str:
    """The sample's sources."""
    return SOURCES.get(path, "")


def _mutant(key: str, path: str, old: str, new: str, **fields: object) -> Mutant:
    source = SOURCES[path]
    at = source.index(old)
    line = source.count("\n", 0, at) + 1
    mutant = Mutant(
        key=key,
        operator="T1",
        name="drop-timeout",
        code="DEP001",
        place=Place(path=path, line=line, column=at - source.rfind("\n", 0, at), symbol="ask"),
        end_line=line,
        lines=(line,),
        edits=(Edit(start=at, end=at + len(old), text=new),),
        symptom=Symptom.HANG,
        weight=5,
        note="`httpx.get` loses its `timeout=5`",
    )
    return replace(mutant, **fields)  # type: ignore[arg-type]


_ASK: Final = _mutant("a1", "desk/chat.py", TIMEOUT, "timeout=None")
_CLOSE: Final = _mutant(
    "b2", "desk/chat.py", "        upstream.close()\n", "        pass\n", operator="E1", name="drop-release",
    code="RES001", note=HOSTILE, weight=3, symptom=Symptom.LEAK,
)  # fmt: skip
_TOTAL: Final = _mutant(
    "c3", "desk/übersicht & mehr.py", "TOTAL = 1", "TOTAL = 2", operator="K1", name="change-setting",
    code="CFG001", note="`TOTAL` becomes 2", weight=1, symptom=Symptom.RESULT,
)  # fmt: skip
_DIFF: Final = "\n".join(
    (
        "--- a/desk/chat.py", "+++ b/desk/chat.py", "@@ -4,6 +4,6 @@", f' PASSWORD = "{SECRET}"', " def ask():",
        '-    "🎭"; return httpx.get(URL, timeout=5)', '+    "🎭"; return httpx.get(URL, timeout=None)',
    )
)  # fmt: skip


def _numbered(trial: Trial, number: int) -> Trial:
    """The first two are of one function, each further one of another."""
    mutant = trial.mutant
    symbol = f"{mutant.place.symbol}{number if number > 1 else ''}"
    place = replace(mutant.place, symbol=symbol)
    return replace(trial, mutant=replace(mutant, key=f"{mutant.key}-{number}", place=place))


_ESCAPED: Final = Trial(mutant=_ASK, verdict=Verdict.ESCAPED, tests=TESTS[:2], diff=_DIFF, seconds=0.25)
_CAUGHT: Final = Trial(
    mutant=_CLOSE, verdict=Verdict.CAUGHT, tests=TESTS, by=TESTS[1], seconds=1.5,
    error=f"ResourceWarning: postgres://desk:{SECRET}@db/desk {HOSTILE}",
)  # fmt: skip
_HUNG: Final = Trial(
    mutant=replace(_ASK, key="h"), verdict=Verdict.HUNG, tests=TESTS[:1], by=TESTS[0], error="no end in 9 s"
)
_AT_IMPORT: Final = Trial(
    mutant=_TOTAL, verdict=Verdict.ESCAPED, tests=TESTS, cold=True, at_import=True, diff=_DIFF
)


def rich_proof() -> Proof:
    """Twelve escapes, one of them of the import alone, and one trial or more of every other verdict."""
    trials = (
        *(_numbered(_ESCAPED, number) for number in range(11)),
        *(_numbered(_CAUGHT, number) for number in range(27)),
        _HUNG,
        Trial(mutant=replace(_ASK, key="u", code="STR001"), verdict=Verdict.UNSEEN),
        Trial(mutant=replace(_ASK, key="s"), verdict=Verdict.BROKEN, error="ImportError: no URL"),
        Trial(mutant=replace(_ASK, key="n"), verdict=Verdict.UNCONFIRMED, tests=TESTS),
        replace(_ESCAPED, mutant=replace(_ASK, key="k"), accepted="the gateway has a limit"),
        _AT_IMPORT,
    )
    controls = tuple(
        Control(check=check, place=Place(path="desk/chat.py", line=8), verdict=verdict, held=True)
        for check, verdict in ((Check.IDENTITY, Verdict.ESCAPED), (Check.CANARY, Verdict.CAUGHT))
    )
    return Proof(
        project="help<desk>",
        trials=trials,
        controls=controls,
        suite=SuiteFacts(tests=5, voting=3, failed=("tests/test_more.py::test_red",), timing=(TESTS[2],), seconds=2.5),
        families={"DEP001": Family.DEPENDENCY, "STR001": Family.STREAM, "RES001": Family.RESOURCE, "CFG001": Family.CONFIG},
        noticed_by={"T1": "a test with a silent peer", "E1": "a leak sensor", "K1": "an assertion"},
        consequences={"T1": "every user waits", "E1": "memory grows", "K1": "a wrong total"},
        left_out=7,
        seconds=12.5,
        notices=(f"`accept` of postgres://desk:{SECRET}@db/desk is not used",),
    )  # fmt: skip


def doubted_proof() -> Proof:
    """The same, but unchanged code was called a failure."""
    proof = rich_proof()
    identity, canary = proof.controls
    failed = replace(identity, verdict=Verdict.CAUGHT, held=False, error="test_ask failed")
    return replace(proof, controls=(failed, canary))


def empty_proof() -> Proof:
    """Nothing was tried, and nothing checked."""
    return replace(rich_proof(), trials=(), controls=(), notices=(), suite=SuiteFacts(tests=0, voting=0))
