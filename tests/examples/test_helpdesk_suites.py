"""Both suites of the help desk are green, and only one of them would notice that it is broken.

They run in an environment of their own: `make helpdesk` makes it.
"""

import os
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.examples.conftest import HELPDESK

VARIABLE = "HELPDESK_PYTHON"
"""Not `GREENROOM_…`: Greenroom takes a variable of that name for a setting, and refuses what it does not know."""
LIMIT = 600
FOREIGN = ("HELPDESK_", "PYTEST_", "PYTHONPATH", "COVERAGE_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one pytest run."""

    code: int
    output: str
    passed: frozenset[str]
    skipped: frozenset[str]
    broken: frozenset[str]
    """Failed, or not even begun."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of the help desk; without it there is nothing to test, and that is a failure."""
    named = os.environ.get(VARIABLE)
    interpreter = Path(named).absolute() if named else HELPDESK / ".venv" / "bin" / "python"
    if not interpreter.is_file():
        pytest.fail(f"{interpreter} is missing: run `make helpdesk`, or name an interpreter in {VARIABLE}")
    return interpreter


def run_suite(python: Path, root: Path, *arguments: str) -> Run:
    """Run tests of the help desk as its own CI does."""
    report = root / "report.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    finished = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments],
        cwd=root,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    output = finished.stdout + finished.stderr
    assert report.is_file(), output
    ends: dict[str, set[str]] = {"passed": set(), "skipped": set(), "broken": set()}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        tags = {child.tag for child in case}
        end = "broken" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        ends[end].add(case.attrib["name"])
    return Run(
        code=finished.returncode,
        output=output,
        passed=frozenset(ends["passed"]),
        skipped=frozenset(ends["skipped"]),
        broken=frozenset(ends["broken"]),
    )


def test_the_theatre_is_green(python: Path, helpdesk: Path) -> None:
    run = run_suite(python, helpdesk, "tests/suite_theatre")

    assert (run.code, run.broken) == (0, frozenset()), run.output
    assert len(run.passed) > 40
    assert {"test_lead_may_delete", "test_staging_is_ready"} <= run.skipped


def test_the_real_suite_is_green_and_skips_nothing(python: Path, helpdesk: Path) -> None:
    run = run_suite(python, helpdesk, "tests/suite_real")

    assert (run.code, run.broken, run.skipped) == (0, frozenset(), frozenset()), run.output
    assert len(run.passed) > 25


def test_only_the_real_suite_notices_that_the_product_does_not_start(python: Path, helpdesk: Path) -> None:
    startup = helpdesk / "src" / "helpdesk" / "startup.py"
    text = startup.read_text(encoding="utf-8")
    broken = text.replace("await create_tables(engine)", 'raise RuntimeError("no database today")')
    assert broken != text
    startup.write_text(broken, encoding="utf-8")

    theatre = run_suite(python, helpdesk, "tests/suite_theatre")
    real = run_suite(python, helpdesk, "tests/suite_real", "--maxfail=1")

    assert (theatre.code, theatre.broken) == (0, frozenset()), theatre.output
    assert real.code == 1, real.output
    assert "no database today" in real.output
