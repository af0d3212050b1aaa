"""`greenroom prove` as a user meets it: the sentence, the exit codes, what is left behind, what is taken over."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunGreenroom
from tests.record.suites import Ran, Suite, clean

PROVE = (sys.executable, "-m", "greenroom", "prove", "--select", "T1", "--workers", "2")
PYTEST = ("--", "-p", "no:greenroom")

SHOP = """
    import httpx


    def strict():
        return httpx.Client(timeout=5)


    def lax():
        return httpx.Client(timeout=7)


    def unused():
        return httpx.Client(timeout=9)


    def known():
        # greenroom: accept[T1] the gateway has a limit of its own
        return httpx.Client(timeout=11)
    """
TESTS = """
    import shop


    def test_strict():
        with shop.strict() as client:
            assert client.timeout.read == 5


    def test_lax():
        with shop.lax() as client:
            assert client is not None


    def test_known():
        with shop.known() as client:
            assert client is not None
    """


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """One failure that is caught, one that escapes, one that is accepted and one that nobody sees."""
    found = Suite(root=tmp_path_factory.mktemp("shop"))
    return found.write({"shop.py": SHOP, "test_shop.py": TESTS, ".gitignore": ".greenroom\n__pycache__\n"})


@pytest.fixture(scope="module")
def first(suite: Suite) -> Ran:
    return suite.run(*PROVE, *PYTEST)


def document(ran: Ran) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_answer_is_one_sentence_and_the_evidence_for_it(first: Ran) -> None:
    assert first.out.splitlines() == [
        (
            "Of 2 production failures seeded on lines your tests run, 1 would have reached production "
            "(50.0 %, 9.5–90.5 %)."  # noqa: RUF001
        ),
        "",
        "       1 caught by a failing test",
        "       1 more were seeded where no passing test goes: unseen",
        "       1 escape and are accepted by a comment",
        "       1 of 1 controls: unchanged code survived",
        "       1 of 1 controls: raised exceptions were caught",
        "       3 of 3 tests voted",
        "",
        "By family:",
        "  dependencies   1 of 2 escaped; not enough to say more",
        "",
        "shop.py:10:12: DEP001 T1 drop-timeout: `httpx.Client` loses its `timeout=7`",
        "  1. Users would have seen: one slow upstream pins all workers, and every user waits with it.",
        "      @@ -7,7 +7,7 @@",
        "       ",
        "       ",
        "       def lax():",
        "      -    return httpx.Client(timeout=7)",
        "      +    return httpx.Client(timeout=None)",
        "       ",
        "       ",
        "       def unused():",
        "  1 test ran it and did not notice:",
        "      test_shop.py::test_lax",
        "  try: A test in which the other side stays silent, and which asserts that an answer comes in time.",
        "       greenroom new-test T1 --path shop.py:10",
    ]
    assert (first.code, first.err) == (1, "")


@pytest.fixture(scope="module")
def second(suite: Suite, first: Ran) -> Ran:
    """After tests that were killed and left their database behind."""
    assert first.code == 1
    with closing(sqlite3.connect(suite.root / "shop-test-gw0")) as database:
        database.execute("create table orders (number)")
    return suite.run(*PROVE, "--output-format", "json", *PYTEST)


def test_a_second_run_takes_everything_over_and_tells_the_same(second: Ran) -> None:
    told = document(second)
    assert (told["version"], told["resumed"], second.code) == (1, 3, 1)
    assert told["rate"]["escaped"] == 1
    assert {trial["mutant"]["place"]["line"]: trial["verdict"] for trial in told["trials"]} == {
        6: "caught",
        10: "escaped",
        14: "unseen",
        19: "escaped",
    }
    assert told["trials"][3]["accepted"] == "the gateway has a limit of its own"


def test_after_a_change_only_what_rests_on_it_is_tried_again(
    suite: Suite, second: Ran, tmp_path: Path
) -> None:
    changed = Suite(root=tmp_path / "changed")
    shutil.copytree(suite.root, changed.root)
    (tmp_path / "before.json").write_text(second.out, encoding="utf-8")
    changed.write({"test_more.py": "import shop\n\n\ndef test_unused():\n    assert shop.unused()\n"})

    gate = ("--fail-on", "new", "--baseline", str(tmp_path / "before.json"))
    ran = changed.run(*PROVE, *gate, "--output-format", "json", *PYTEST)

    told = document(ran)
    assert {trial["mutant"]["place"]["line"]: trial["verdict"] for trial in told["trials"]} == {
        6: "caught",
        10: "escaped",
        14: "escaped",
        19: "escaped",
    }
    assert (told["resumed"], told["kept"]) == (0, 2)  # of three, one is reached anew, to be sure
    assert ran.err == "greenroom: escapes that are not in the baseline: 1, the first at shop.py:14\n"
    assert ran.code == 1


def test_two_shards_are_the_whole(suite: Suite, first: Ran) -> None:
    assert first.code == 1
    parts = [
        document(suite.run(*PROVE, "--shard", f"{part}/2", "--output-format", "json", *PYTEST))
        for part in (1, 2)
    ]

    lines = [trial["mutant"]["place"]["line"] for part in parts for trial in part["trials"]]
    assert sorted(lines) == [6, 10, 14, 19]
    assert [part["left_out"] for part in parts] == [4 - len(part["trials"]) for part in parts]


def test_exit_zero_and_a_file(suite: Suite, first: Ran, tmp_path: Path) -> None:
    assert first.code == 1
    ran = suite.run(*PROVE, "--exit-zero", "--output-file", str(tmp_path / "proof.txt"), *PYTEST)

    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "proof.txt").read_text(encoding="utf-8") == first.out


@pytest.mark.parametrize(
    ("format_name", "begins", "holds"),
    [
        ("html", "<!doctype html>", '<span class="l added">+    return httpx.Client(timeout=None)</span>'),
        ("stryker", '{\n "schemaVersion": "2.0"', '"replacement": "return httpx.Client(timeout=None)"'),
    ],
)
def test_a_campaign_is_written_for_others(  # noqa: PLR0917
    suite: Suite, first: Ran, tmp_path: Path, format_name: str, begins: str, holds: str
) -> None:
    file = tmp_path / "proof"
    ran = suite.run(*PROVE, "--output-format", format_name, "--output-file", str(file), *PYTEST)

    assert (ran.code, ran.out, ran.err) == (first.code, "", "")
    told = file.read_text(encoding="utf-8").lstrip()
    assert told.startswith(begins)
    assert holds in told


def test_since_seeds_on_changed_lines_only(tmp_path: Path) -> None:
    suite = Suite(root=tmp_path).write({"shop.py": SHOP, "test_shop.py": TESTS, ".gitignore": ".greenroom\n"})
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        assert suite.run(*git, *command).code == 0
    nothing = suite.run(*PROVE, "--since", "HEAD", *PYTEST)
    suite.write({"shop.py": SHOP.replace("timeout=5", "timeout=5.0")})
    changed = suite.run(*PROVE, "--since", "HEAD", "--output-format", "json", *PYTEST)

    assert (nothing.code, nothing.out) == (5, "")
    assert "lines that changed since HEAD" in nothing.err
    assert [trial["mutant"]["place"]["line"] for trial in document(changed)["trials"]] == [6]
    assert changed.code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--select", "T1,X9"), 2, "select: `X9` is neither the code of a failure mode that can be seeded"),
        (("--shard", "3/2"), 2, "'3/2' is no shard"),
        (("--budget", "soon"), 2, "'soon' is no time"),
        (("--select", "T1", "--python", "/no/such/python"), 2, "/no/such/python is no Python that runs"),
        (("--select", "T1", "no-such-folder"), 2, "no-such-folder does not exist"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(  # noqa: PLR0917
    greenroom: RunGreenroom, suite: Suite, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:  # fmt: skip
    monkeypatch.chdir(suite.root)
    before = signal.getsignal(signal.SIGTERM)
    outcome = greenroom("prove", *arguments)

    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err
    assert "Traceback" not in outcome.err
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        ("def test_red():\n    assert 0\n", "none of the 1 tests passes"),
        (
            "import nowhere\n",
            "test_shop.py cannot be imported: ModuleNotFoundError: No module named 'nowhere'\nThe tests were run with ",
        ),
        ("", "pytest finds no test"),
    ],
)
def test_a_suite_that_cannot_vote_is_refused(tmp_path: Path, tests: str, message: str) -> None:
    suite = Suite(root=tmp_path).write({"shop.py": SHOP, "test_shop.py": tests})
    ran = suite.run(*PROVE, *PYTEST)

    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_two_files_of_one_name_are_told_as_pytest_tells_them(tmp_path: Path) -> None:
    files = {"shop.py": SHOP, "a/test_shop.py": "import shop\n", "b/test_shop.py": "import shop\n"}
    ran = Suite(root=tmp_path).write(files).run(*PROVE, *PYTEST)

    assert (ran.code, ran.out) == (2, "")
    assert "b/test_shop.py cannot be imported: import file mismatch: imported module 'test_shop'" in ran.err
    assert "use a unique basename" in ran.err


def test_a_plugin_that_ends_pytest_before_it_looks_for_tests(tmp_path: Path) -> None:
    plugin = "def pytest_load_initial_conftests():\n    raise RuntimeError('no settings')\n"
    files = {"shop.py": SHOP, "test_shop.py": "import shop\n", "early.py": plugin}
    ran = Suite(root=tmp_path).write(files).run(*PROVE, *PYTEST, "-p", "early")

    assert (ran.code, ran.out) == (2, "")
    assert ": RuntimeError: no settings\nRun pytest yourself" in ran.err
    assert "Traceback" not in ran.err
    assert "  File " not in ran.err


@pytest.fixture
def slow(tmp_path: Path) -> Suite:
    """A dozen failures, each of which takes its time."""
    shop = "import time\nimport httpx\n\n" + "".join(
        f"def client_{n}():\n    time.sleep(0.2)\n    return httpx.Client(timeout={n + 1})\n\n\n"
        for n in range(12)
    )
    tests = "import shop\n\n\n" + "".join(
        f"def test_{n}():\n    shop.client_{n}().close()\n\n\n" for n in range(12)
    )
    return Suite(root=tmp_path).write({"shop.py": shop, "test_shop.py": tests})


def start(suite: Suite, **variables: str) -> subprocess.Popen[str]:
    """A campaign in the midst of its work."""
    started = subprocess.Popen(
        (*PROVE, *PYTEST), cwd=suite.root, env=clean(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    while finished(suite) < 3:
        assert started.poll() is None, started.communicate()
        time.sleep(0.05)
    return started


def finished(suite: Suite) -> int:
    journals = suite.root.glob(".greenroom/prove/*/verdicts.jsonl")
    return sum(len(journal.read_bytes().splitlines()) for journal in journals)


def left_over(suite: Suite) -> list[str]:
    """Processes whose working folder is the project."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                if (process / "cwd").readlink() == suite.root:
                    found.append((process / "cmdline").read_text())
            except OSError:
                continue
    return found


def is_alone(suite: Suite) -> bool:
    """Whether all are gone, sooner or later."""
    for _ in range(600):
        if not left_over(suite):
            return True
        time.sleep(0.1)
    return False


def test_who_is_killed_leaves_nothing_running_and_goes_on_from_there(slow: Suite) -> None:
    temporary = slow.root / "tmp"
    temporary.mkdir()
    started = start(slow, TMPDIR=str(temporary))
    started.kill()
    started.communicate()
    known = finished(slow)

    assert is_alone(slow)
    assert list(temporary.iterdir()) == []
    again = document(slow.run(*PROVE, "--output-format", "json", *PYTEST))
    assert again["resumed"] >= known >= 3
    assert again["rate"]["of"] == len(again["trials"]) == 12
    assert again["doubt"] == ""


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "\ninterrupted\n"), (signal.SIGTERM, 143, "")]
)
def test_who_is_interrupted_leaves_nothing_behind(slow: Suite, number: int, code: int, said: str) -> None:
    temporary = slow.root / "tmp"
    temporary.mkdir()
    started = start(slow, TMPDIR=str(temporary))
    os.kill(started.pid, number)
    out, err = started.communicate(timeout=120)

    assert (started.returncode, out, err) == (code, "", said)
    assert is_alone(slow)
    assert list(temporary.iterdir()) == []
