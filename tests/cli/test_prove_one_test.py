"""`greenroom prove --test … --incident …` as a user meets it."""

import pytest

from tests.cli.test_prove_command import PYTEST, SHOP, TESTS
from tests.conftest import RunGreenroom
from tests.record.suites import Suite


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    found = Suite(root=tmp_path_factory.mktemp("shop"))
    return found.write({"shop.py": SHOP, "test_shop.py": TESTS})


def test_a_test_that_notices_is_told_so(
    greenroom: RunGreenroom, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.root)
    ran = greenroom(
        "prove",
        "--test",
        "test_shop.py::test_strict",
        "--incident",
        "drop-timeout",
        "--workers",
        "1",
        *PYTEST,
    )

    assert ran.err == ""
    assert ran.out.splitlines()[:8] == [
        (
            "test_shop.py::test_strict notices the one failure of T1 drop-timeout that was seeded on lines that it "
            "runs: red with it, green without."
        ),
        "",
        "red     shop.py:6:12: DEP001 T1 drop-timeout: `httpx.Client` loses its `timeout=5`",
        "        -    return httpx.Client(timeout=5)",
        "        +    return httpx.Client(timeout=None)",
        "        with it, test_shop.py::test_strict is red, twice; without it, it passes",
        "        test_shop.py:7: assert client.timeout.read == 5",
        "        AssertionError: assert None == 5",
    ]
    assert ran.out.splitlines()[9] == "3 lines more where that can happen, and where this test does not go:"
    assert ran.code == 0
    assert not (suite.root / ".greenroom" / "prove").exists()


def test_a_test_that_does_not_notice_fails_the_build(
    greenroom: RunGreenroom, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.root)
    ran = greenroom(
        "prove", "--test", "test_shop.py::test_lax", "--incident", "T1", "--workers", "1", *PYTEST
    )

    assert ran.out.splitlines()[0].endswith("seeded on lines that it runs: it stays green.")
    assert ran.code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--test", "test_shop.py::test_lax"), "--test and --incident belong together"),
        (("--incident", "T1"), "--test and --incident belong together"),
        (("--test", "a", "--incident", "T1", "--since", "HEAD"), "--incident says the rest"),
        (("--test", "a", "--incident", "T1", "--output-format", "sarif"), "full or json, not as sarif"),
        (("--test", "a", "--incident", "T999"), "incident: nobody knows `T999`"),
        (("--sensors", "--cluster", "tcp://localhost:1"), "it goes without --cluster"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    greenroom: RunGreenroom, suite: Suite, arguments: tuple[str, ...], message: str
) -> None:
    ran = greenroom("prove", str(suite.root), *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
