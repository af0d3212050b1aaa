"""What a campaign leaves for audits: a real one, then the audit of the same tree, of a changed one, and of a part."""

import json
from typing import Any

import pytest

from tests.cli.test_prove_command import PYTEST, SHOP, TESTS
from tests.conftest import RunGreenroom
from tests.record.suites import Suite


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    found = Suite(root=tmp_path_factory.mktemp("shop"))
    return found.write({"shop.py": SHOP, "test_shop.py": TESTS})


def audited(greenroom: RunGreenroom, suite: Suite) -> Any:
    ran = greenroom("audit", str(suite.root), "--output-format", "json", "--exit-zero")
    assert ran.code == 0
    return json.loads(ran.out)["noticed"]


def test_an_audit_tells_what_the_latest_whole_campaign_found(greenroom: RunGreenroom, suite: Suite) -> None:
    assert audited(greenroom, suite) is None
    part = greenroom("prove", str(suite.root), "--select", "T1", "--workers", "1", *PYTEST)
    assert (part.code, audited(greenroom, suite)) == (1, None)

    whole = greenroom("prove", str(suite.root), "--workers", "1", "--output-format", "json", *PYTEST)
    told = audited(greenroom, suite)

    proof = json.loads(whole.out)
    assert told["rate"] == proof["rate"]
    assert {each["family"]: each["rate"] for each in told["families"]} == proof["by_family"]
    assert told["seeded"] == len(proof["trials"])
    assert (told["changed"], told["narrowed"]) == ([], ["pytest was given arguments"])

    suite.write({"shop.py": SHOP + "\n\nMORE = 1\n"})
    assert audited(greenroom, suite)["changed"] == ["shop.py"]
