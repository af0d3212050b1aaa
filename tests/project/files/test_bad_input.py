"""What users really have on their disks, through the command line as they meet it: never a traceback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import WriteProject

APPLICATION = """\
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/slow")
async def slow():
    time.sleep(5)
"""
FOUND = "main.py:10:5: EVL001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "greenroom", *map(str, arguments)]


def audit(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, output: Path | None = None
) -> Said:
    """One run as a user's shell starts it."""
    with (output or Path(os.devnull)).open("w") as stream:
        done = subprocess.run(
            command("audit", *arguments),
            stdout=stream if output else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    said = Said(code=done.returncode, out=done.stdout or "", err=done.stderr)
    assert "Traceback" not in said.out + said.err
    assert "internal error" not in said.err
    return said


@pytest.fixture
def application(write_project: WriteProject) -> Path:
    return write_project({"main.py": APPLICATION})


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    said = audit(tmp_path / "nowhere")

    expected = f"greenroom: {tmp_path / 'nowhere'} does not exist: pass the folder of a Python project\n"
    assert said == Said(code=2, out="", err=expected)


def test_a_file_instead_of_a_folder(application: Path) -> None:
    said = audit(application / "main.py")

    expected = (
        f"greenroom: {application / 'main.py'} is a file: pass the folder of the project that it belongs to\n"
    )
    assert said == Said(code=2, out="", err=expected)


@pytest.mark.parametrize("files", [{}, {"README.md": "# Not Python\n", "main.go": "package main\n"}])
def test_nothing_to_check(files: dict[str, str], write_project: WriteProject) -> None:
    root = write_project(files)

    said = audit(root)

    assert said == Said(
        code=5,
        out="",
        err=(
            f"greenroom: nothing to check: {root} holds no Python file that git does not ignore: "
            "pass the folder of a Python project\n"
        ),
    )


def test_nothing_that_can_be_read_names_the_reason(write_project: WriteProject) -> None:
    root = write_project({})
    (root / "main.py").write_bytes(b"\x7fELF\x00\x01")

    said = audit(root)

    assert said.code == 5
    assert "left out: main.py (binary content): pass the folder of a Python project" in said.err


def test_what_cannot_be_read_is_named_and_the_rest_is_read(application: Path) -> None:
    (application / "binary.py").write_bytes(b"\x7fELF\x00\x01")
    (application / "null.py").write_bytes(b"x = 1\n\x00\n")
    (application / "latin.py").write_bytes(b"x = '\xe4'\n")
    (application / "coding.py").write_bytes(b"# coding: klingon\nx = 1\n")
    (application / "syntax.py").write_text("def broken(:\n")
    (application / "deep.py").write_text("x = " + "(" * 5_000 + ")" * 5_000 + "\n")
    (application / "sum.py").write_text("x = " + "+".join(["1"] * 20_000) + "\n")
    (application / "dangling.py").symlink_to("nowhere.py")
    (application / "circle.py").symlink_to("circle.py")
    (application / "folder.py").mkdir()
    (application / "empty.py").touch()
    os.mkfifo(application / "pipe.py")

    said = audit(application, "--output-format", "concise", "--output-file", application / "report.txt")
    report = (application / "report.txt").read_text()

    assert (said.code, said.out, said.err) == (1, "", "")
    assert FOUND in report
    assert "binary.py (binary content)" in report
    assert left_out(application) == {
        "binary.py": "binary content",
        "circle.py": "a link that leads nowhere, or in a circle",
        "coding.py": "does not parse: line 1: cannot be decoded: unknown encoding: klingon",
        "dangling.py": "a link that leads nowhere, or in a circle",
        "deep.py": "does not parse: line 1: too many nested parentheses",
        "latin.py": (
            "does not parse: line 1: cannot be decoded: 'utf-8' codec can't decode byte 0xe4 in position 5: "
            "invalid continuation byte"
        ),
        "null.py": "binary content",
        "pipe.py": "not a regular file",
        "sum.py": "does not parse: line 1: nested too deeply to be read",
        "syntax.py": "does not parse: line 1: invalid syntax",
    }


DEEP = {
    "branches.py": "def of(a):\n    if a:\n        pass\n"
    + "".join(f"    elif a == {n}:\n        return of({n})\n" for n in range(2_000)),
    "sum.py": "TEXT = (" + " + ".join(["'a'"] * 2_000) + ")\n",
    "chain.py": "from main import app\n\n\n@app.get('/chained')\ndef chained(rows):\n    return rows"
    + ".where(a=1)" * 1_000
    + "\n",
    "names.py": "names" + ".a" * 2_000 + "\n",
}
"""What Python compiles, and functions that call themselves cannot go through in ordinary room."""


def test_what_is_nested_as_deeply_as_python_takes_is_read(application: Path) -> None:
    for name, text in DEEP.items():
        (application / name).write_text(text)
        compile(text, name, "exec")

    said = audit(application, "--output-format", "json", "--possible", "--exit-zero")
    document = json.loads(said.out)

    assert (said.code, document["project"]["left_out"]) == (0, [])
    assert "/chained" in {route["path"] for route in document["routes"]}


@pytest.mark.parametrize("levels", [600, 2_400, 20_000])
def test_files_of_a_project_that_are_nested_too_deeply_are_passed_over(
    application: Path, levels: int
) -> None:
    deep = {
        ".github/workflows/ci.yml": f"jobs:\n  a:\n    steps:\n    - run: pytest\n    - x: {'[' * levels}{']' * levels}\n",
        ".gitlab-ci.yml": f"pytest: {'{a: ' * levels}1{'}' * levels}\n",
        "docker-compose.yml": f"services:\n  a:\n    environment: {'[' * levels}{']' * levels}\n",
        "setup.py": f"from setuptools import setup\nx = {'-' * levels}1\nsetup(name='a')\n",
        "old/setup.py": f"x{'.a' * levels}()\n",
        "noxfile.py": f"def t(session):\n    session.run('pytest', {'-' * levels}1)\n",
        "package.json": f'{{"a": {"[" * levels}{"]" * levels}}}',
        "web/tsconfig.json": f'{{"a": {"[" * levels}{"]" * levels}}}',
        "web/a.ts": "fetch('/slow')\n",
        "Dockerfile": f"FROM python:3.11\nCMD {'[' * levels}{']' * levels}\n",
        "Pipfile.lock": f'{{"default": {"[" * levels}{"]" * levels}}}',
        "pyproject.toml": f"x = {'[' * levels}{']' * levels}\n",
        "service/pyproject.toml": f"tox.a = {'[' * levels}{']' * levels}\n",
        "pytest.toml": f"pytest.env = {'[' * levels}{']' * levels}\n",
        "service/pytest.toml": f"pytest.env = {'1' * 5_000}\n",
    }
    for path, text in deep.items():
        (application / path).parent.mkdir(parents=True, exist_ok=True)
        (application / path).write_text(text)

    said = audit(application, "--output-format", "concise")

    assert (said.code, said.err) == (1, "")
    assert FOUND in said.out


@pytest.mark.parametrize(
    "text",
    [
        "tool = 3\n",
        "project = 3\nbuild-system = 3\ndependency-groups = 3\n",
        "[tool]\npytest = 'env'\npytest_env = 3\npoetry = 3\nsetuptools = 3\nuv = 3\ncoverage = 3\n",
        "[tool.pytest]\nini_options = 'env'\n",
        "[tool.pytest.ini_options]\nenv = 3\npythonpath = 3\ntestpaths = 3\naddopts = 3\nmarkers = 3\n",
    ],
)
def test_tables_that_are_none_are_passed_over(application: Path, text: str) -> None:
    (application / "pyproject.toml").write_text(text)

    said = audit(application, "--output-format", "concise")

    assert (said.code, said.err) == (1, "")
    assert FOUND in said.out


def left_out(root: Path) -> dict[str, str]:
    document = json.loads(audit(root, "--output-format", "json", "--exit-zero").out)
    return {each["path"]: each["reason"] for each in document["project"]["left_out"]}


def test_links_to_folders_do_not_lead_in_circles(application: Path) -> None:
    (application / "here").symlink_to(".")
    (application / "outside").symlink_to("..")
    inner = application / "package"
    inner.mkdir()
    (inner / "up").symlink_to("..")
    (inner / "module.py").write_text("x = 1\n")
    (application / "again").symlink_to("package")

    assert left_out(application) == {
        "again": "a link to package, which is read there",
        "here": "a link to a folder that it lies in",
        "outside": "a link out of the project, to ..",
        "package/up": "a link to a folder that it lies in",
    }


def test_a_project_behind_a_link_is_read(application: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(application)

    assert FOUND in audit(tmp_path / "link", "--output-format", "concise").out


def test_a_hundred_megabytes_are_left_out_and_not_loaded(application: Path) -> None:
    with (application / "data.py").open("wb") as file:
        file.truncate(100_000_000)

    # The limit would end the run if the file were read: the interpreter itself takes a fraction of it.
    program = (
        "import resource, runpy, sys; "
        "resource.setrlimit(resource.RLIMIT_DATA, (90_000_000, 90_000_000)); "
        "runpy.run_module('greenroom', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "audit", str(application), "--output-format", "concise"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (1, "")
    assert FOUND in done.stdout
    assert "not read in full: data.py (100.0 MB: generated data, not code)" in done.stdout


def test_many_small_files_take_work_in_proportion(tmp_path: Path) -> None:
    few, more, most = (
        calls_made(many_files(tmp_path / str(number), number)) for number in (300, 1_200, 2_400)
    )

    # Each further file costs as much as those before; with a quadratic step it would be 2.4 times as much.
    assert (most - more) / 1_200 < 1.5 * (more - few) / 900


def many_files(root: Path, number: int) -> Path:
    for place in range(number):
        folder = root / f"package{place // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        other = (place * 7 + 1) % number
        source = (
            f"from package{other // 100}.module{other} import work{other}\n\n\n"
            f"class Thing{place}:\n    def grow(self, by):\n        self.size = work{other}(by)\n\n\n"
            f"def work{place}(value):\n    return [item for item in range(value)]\n"
        )
        (folder / f"module{place}.py").write_text(source)
    return root


def calls_made(root: Path) -> int:
    """Calls of Python and C functions in an audit: what time is spent on, on any machine and under any load."""
    program = (
        "import sys\n"
        "from greenroom import api\n"
        "calls = 0\n"
        "def count(frame, event, argument):\n"
        "    global calls\n"
        "    calls += event in ('call', 'c_call')\n"
        "sys.setprofile(count)\n"
        f"api.audit({str(root)!r})\n"
        "sys.setprofile(None)\n"
        "print(calls)\n"
    )
    return int(
        subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    )


def test_all_errors_of_a_configuration_at_once(application: Path) -> None:
    (application / "pyproject.toml").write_text(
        '[tool.greenroom]\nselct = ["EVL"]\nignore = ["EVX001", "evl"]\nfail-on = ["hihg"]\npossible = 3\n'
    )

    said = audit(application, "--minimum-severity", "hgh", environment={"GREENROOM_FAILON": "high"})

    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "greenroom: the configuration is not valid:",
        "  pyproject.toml: [tool.greenroom] selct: no such setting; did you mean `select`?",
        (
            "  pyproject.toml: [tool.greenroom] ignore: `EVX001` is of no family; did you mean `EVL`?; "
            "`evl` is no code; did you mean `EVL`?"
        ),
        (
            "  pyproject.toml: [tool.greenroom] fail-on: `hihg` is no severity (high, medium, low), no code and no "
            "`score<N`; did you mean `high`?"
        ),
        "  pyproject.toml: [tool.greenroom] possible: must be true or false",
        "  GREENROOM_FAILON: no such setting; did you mean `GREENROOM_FAIL_ON`?",
        "  --minimum-severity: `hgh` is no severity; did you mean `high`?",
    ]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (
            "pyproject.toml",
            b"[tool.greenroom\n",
            (
                "pyproject.toml: is not valid TOML: Expected ']' at the end of a table declaration "
                "(at line 1, column 16)"
            ),
        ),
        (
            "greenroom.toml",
            b"select = [",
            "greenroom.toml: is not valid TOML: Invalid value (at end of document)",
        ),
        (
            "pyproject.toml",
            b'[tool.greenroom]\nselect = ["\xff"]\n',
            "pyproject.toml: is not valid UTF-8: byte 0xff on line 2",
        ),
    ],
)
def test_a_configuration_that_cannot_be_read(
    application: Path, name: str, content: bytes, problem: str
) -> None:
    (application / name).write_bytes(content)

    said = audit(application)

    expected = f"greenroom: the configuration is not valid:\n  {problem}\n"
    assert said == Said(code=2, out="", err=expected)


@pytest.mark.parametrize("content", [b"[project\n", b'[project]\nname = "\xff"\n'])
def test_a_broken_manifest_without_our_section_is_no_reason_to_stop(
    application: Path, content: bytes
) -> None:
    (application / "pyproject.toml").write_bytes(content)

    assert FOUND in audit(application, "--output-format", "concise").out


def test_a_broken_manifest_is_named(application: Path) -> None:
    (application / "pyproject.toml").write_text("[project\n")

    assert left_out(application) == {
        "pyproject.toml": (
            "not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"
        )
    }


@pytest.mark.parametrize("place", [".greenroom", ".greenroom/cache"])
def test_a_folder_that_takes_no_cache(application: Path, place: str) -> None:
    # Tests run as root, whom no permission stops: a file where the folder should be stops everybody.
    (application / place).parent.mkdir(exist_ok=True)
    (application / place).write_text("in the way\n")

    first, second = audit(application), audit(application)

    assert first.code == second.code == 1
    assert FOUND in first.out
    assert (application / place).read_text() == "in the way\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk(application: Path) -> None:
    to_file = audit(application, "--output-file", "/dev/full")
    to_shell = audit(application, output=Path("/dev/full"))

    assert to_file == Said(code=2, out="", err="Error: could not write /dev/full: No space left on device\n")
    assert to_shell == Said(
        code=2, out="", err="Error: could not write standard output: No space left on device\n"
    )


@pytest.mark.parametrize("output_format", ["full", "json", "html"])
def test_a_report_that_cannot_be_written_leaves_the_old_one(application: Path, output_format: str) -> None:
    folder = application / "reports"
    folder.mkdir()
    (folder / "report").write_text("the old one")
    limited = (
        "import resource, runpy; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "runpy.run_module('greenroom', run_name='__main__', alter_sys=True)"
    )
    arguments = ["audit", str(application), "--output-format", output_format]

    done = subprocess.run(
        # Without -B, what Python keeps of the modules is cut off, too, for whoever comes next.
        [sys.executable, "-B", "-c", limited, *arguments, "--output-file", str(folder / "report")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == f"Error: could not write {folder / 'report'}: File too large\n"
    assert [file.name for file in folder.iterdir()] == ["report"]
    assert (folder / "report").read_text() == "the old one"


def test_a_reader_that_has_seen_enough(application: Path) -> None:
    many_files(application, 300)
    with subprocess.Popen(
        command("audit", application, "--output-format", "json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait()


def test_two_runs_at_once(application: Path) -> None:
    many_files(application, 200)
    both = [
        subprocess.Popen(
            command("audit", application, "--output-format", "concise"), stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outs = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [1, 1]
    assert FOUND in outs[0]
    assert without_seconds(outs[0]) == without_seconds(outs[1])
    assert without_seconds(audit(application, "--output-format", "concise").out) == without_seconds(outs[0])


def test_a_killed_run_leaves_a_cache_that_can_be_used(application: Path) -> None:
    many_files(application, 400)
    expected = without_seconds(audit(application, "--output-format", "concise").out)
    cache = application / ".greenroom" / "cache"

    for delay in (0.1, 0.2, 0.3, 0.4):
        for file in cache.glob("*"):
            file.unlink()
        process = subprocess.Popen(command("audit", application), stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert without_seconds(audit(application, "--output-format", "concise").out) == expected


@pytest.mark.parametrize("keep", [0, 10, 40, 1_000])
def test_a_damaged_cache_is_not_believed(application: Path, keep: int) -> None:
    expected = without_seconds(audit(application, "--output-format", "concise").out)
    (pack,) = (application / ".greenroom" / "cache").glob("facts-*")
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 0xFF
    pack.write_bytes(content[:keep] if keep < 1_000 else content)

    assert without_seconds(audit(application, "--output-format", "concise").out) == expected


def without_seconds(text: str) -> str:
    return text.rpartition(", in ")[0]
