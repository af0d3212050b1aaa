"""A campaign in the formats for machines: against their schemas, and word for word where it matters."""

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from greenroom.model.proof import Proof
from greenroom.report.prove_formats import PROVE_FORMATS, render_prove
from greenroom.report.prove_request import ProveRequest
from greenroom.report.prove_sarif import render_within
from greenroom.report.sarif import Limits
from tests.report.proof_sample import SECRET, SOURCES, TESTS, doubted_proof, empty_proof, rich_proof, text
from tests.report.rendering import DATA

STRYKER = Draft7Validator(
    json.loads((DATA / "mutation-testing-report.schema.json").read_text(encoding="utf-8"))
)
SARIF = Draft7Validator(json.loads((DATA / "sarif-2.1.0.schema.json").read_text(encoding="utf-8")))
PROOFS = pytest.mark.parametrize("proof", [rich_proof(), doubted_proof(), empty_proof()], ids=["rich", "doubted", "empty"])  # fmt: skip
FORMATS = pytest.mark.parametrize("format_name", PROVE_FORMATS)


def rendered(format_name: str, proof: Proof | None = None) -> str:
    return render_prove(ProveRequest(proof=proof or rich_proof(), text=text, version="1.2.3"), format_name)


def stryker(proof: Proof | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered("stryker", proof))
    return found


def mutants(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for file in document["files"].values() for each in file["mutants"]}


def run(proof: Proof | None = None) -> dict[str, Any]:
    (found,) = json.loads(rendered("sarif", proof))["runs"]
    assert isinstance(found, dict)
    return found


@FORMATS
@PROOFS
def test_no_secret_and_no_control_character_gets_out(format_name: str, proof: Proof) -> None:
    told = rendered(format_name, proof)

    assert SECRET not in told
    assert "\x1b" not in told
    assert "\x07" not in told
    assert told.endswith("\n")
    assert not told.endswith("\n\n")


@PROOFS
def test_stryker_report_is_valid(proof: Proof) -> None:
    document = stryker(proof)

    assert list(STRYKER.iter_errors(document)) == []
    assert document["schemaVersion"].split(".")[0] == "2"


def test_the_schema_of_stryker_refuses_what_is_wrong() -> None:
    document = stryker()
    mutants(document)["h"]["status"] = "Dead"

    assert [error.message.partition(" ")[0] for error in STRYKER.iter_errors(document)] == ["'Dead'"]


def test_stryker_verdicts_in_its_words() -> None:
    found = mutants(stryker())

    assert {key: found[key]["status"] for key in ("a1-0", "b2-0", "h", "u", "s", "n", "k", "c3")} == {
        "a1-0": "Survived",
        "b2-0": "Killed",
        "h": "Timeout",
        "u": "NoCoverage",
        "s": "RuntimeError",
        "n": "Ignored",
        "k": "Ignored",
        "c3": "Survived",
    }
    assert found["k"]["statusReason"] == "accepted: the gateway has a limit"
    assert found["n"]["statusReason"] == "a test failed once, and not again"


def test_stryker_score_of_covered_code_is_what_the_escape_rate_leaves() -> None:
    statuses = [each["status"] for each in mutants(stryker()).values()]
    detected = statuses.count("Killed") + statuses.count("Timeout")

    share = detected / (detected + statuses.count("Survived"))
    assert share == pytest.approx(1 - rich_proof().rate.share)


def test_stryker_change_is_whole_lines_in_the_columns_of_javascript() -> None:
    found = mutants(stryker())

    line = '"🎭"; return httpx.get(URL, timeout=5)'
    assert found["a1-0"]["location"] == {
        "start": {"line": 8, "column": 5},
        "end": {"line": 8, "column": 5 + len(line) + 1},  # the mask takes two
    }
    assert found["a1-0"]["replacement"] == line.replace("5)", "None)")
    assert found["b2-0"]["replacement"] == "        pass\n"
    assert found["b2-0"]["location"] == {"start": {"line": 15, "column": 1}, "end": {"line": 16, "column": 1}}


def test_stryker_tests_are_named_and_credited() -> None:
    document = stryker()
    found = mutants(document)
    known = {test["id"] for file in document["testFiles"].values() for test in file["tests"]}

    assert known == set(TESTS)
    assert [test["name"] for test in document["testFiles"]["tests/test_more.py"]["tests"]] == ["T::test"]
    assert found["b2-0"]["killedBy"] == [TESTS[1]]
    assert found["a1-0"]["coveredBy"] == list(TESTS[:2])
    assert (found["c3"]["static"], "coveredBy" in found["c3"]) == (True, False)


def test_stryker_viewers_are_given_no_verdict_where_no_rate_may_be_told() -> None:
    found = mutants(stryker(doubted_proof()))

    assert {each["status"] for each in found.values()} == {"Ignored"}
    assert found["b2-0"]["statusReason"].startswith("No rate is told: 1 of 2 controls failed")
    assert found["b2-0"]["statusReason"].endswith("Otherwise: caught.")


def test_stryker_source_that_is_gone_is_no_error() -> None:
    document = json.loads(render_prove(ProveRequest(proof=rich_proof()), "stryker"))

    assert list(STRYKER.iter_errors(document)) == []
    assert set(document["files"]) == set(SOURCES)


@PROOFS
def test_sarif_is_valid(proof: Proof) -> None:
    assert list(SARIF.iter_errors(json.loads(rendered("sarif", proof)))) == []


def test_sarif_holds_the_escapes_and_marks_what_is_accepted() -> None:
    found = run()
    results = found["results"]

    assert len(results) == 13
    assert [each["ruleId"] for each in results if "suppressions" not in each] == ["DEP001/T1"] * 11 + [
        "CFG001/K1"
    ]
    assert results[0]["level"] == "error"
    assert results[0]["message"]["text"].splitlines() == [
        "Nobody would notice: `httpx.get` loses its `timeout=5`.",
        "2 tests ran it and did not notice.",
        "Users would have seen: every user waits.",
        "Try: a test with a silent peer.",
    ]
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["CFG001/K1", "DEP001/T1"]
    assert results[-1]["suppressions"][0]["justification"] == "the gateway has a limit"
    prints = [each["partialFingerprints"]["greenroomMutant/v1"] for each in results]
    assert len(set(prints)) == len(prints)
    assert found["invocations"] == [{"executionSuccessful": True}]


def test_sarif_says_that_the_campaign_is_in_doubt() -> None:
    (invocation,) = run(doubted_proof())["invocations"]

    assert invocation["executionSuccessful"] is False
    assert "1 of 2 controls failed" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_keeps_the_worst_within_the_limits() -> None:
    request = ProveRequest(proof=rich_proof())
    (log,) = json.loads(render_within(request, Limits(shown=3, results=3)))["runs"]

    assert [each["ruleId"] for each in log["results"]] == ["DEP001/T1"] * 3
    (notification,) = log["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "10 escapes left out to stay within GitHub's limits."


def counts(element: ET.Element) -> tuple[int, int, int, int]:
    cases = list(element.iter("testcase"))
    kinds = [[child.tag for child in case] for case in cases]
    return (
        len(cases), kinds.count(["failure"]), kinds.count(["error"]), kinds.count(["skipped"]),
    )  # fmt: skip


@PROOFS
def test_junit_counts_what_it_holds(proof: Proof) -> None:
    root = ET.fromstring(rendered("junit", proof))  # noqa: S314 - our own

    for suite in root:
        told = tuple(int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped"))
        assert told == counts(suite)
    assert [int(root.attrib[name]) for name in ("tests", "failures", "errors")] == list(counts(root)[:3])


def test_junit_says_what_became_of_each() -> None:
    root = ET.fromstring(rendered("junit"))  # noqa: S314 - our own

    assert counts(root) == (46, 12, 0, 4)
    assert [suite.attrib["name"] for suite in root] == [
        "greenroom: controls",
        "greenroom: dependencies",
        "greenroom: streams",
        "greenroom: resources",
        "greenroom: configuration",
    ]
    names = [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)
    skipped = [each.attrib["message"] for each in root.iter("skipped")]
    assert skipped == [
        "broken: ImportError: no URL",
        "unconfirmed: a test failed once, and not again",
        "accepted: the gateway has a limit",
        "unseen: no passing test runs it",
    ]


def test_junit_controls_that_did_not_hold_are_errors() -> None:
    for proof, wrong in ((doubted_proof(), ["identity"]), (empty_proof(), ["identity", "canary"])):
        root = ET.fromstring(rendered("junit", proof))  # noqa: S314 - our own
        assert [error.attrib["type"] for error in root.iter("error")] == wrong


@pytest.mark.parametrize("format_name", ["full", "html", "sarif", "stryker"])
def test_controls_that_were_not_tried_are_no_figure(format_name: str) -> None:
    told = " ".join(rendered(format_name, empty_proof()).split())

    assert not re.search("0 of 0 (controls|identity|canaries)", told)
    assert "no control with unchanged code was tried" in told
    assert "no control with a raised exception was tried" in told
    assert "control with" not in rendered(format_name)


def test_who_notices_and_who_does_not_is_told_beside_the_weighted_rates() -> None:
    proof = rich_proof()
    idle = [replace(trial, tests=("tests/test_idle.py::test",)) for trial in proof.trials if trial.diff]

    told = rendered("full", replace(proof, trials=(*proof.trials, *idle))).splitlines()
    page = rendered("html")

    first = told.index("1 test noticed none of the failures that they ran:")
    assert told[first + 1 :] == [
        "      11 missed  tests/test_idle.py::test",
        "",
        "The tests that were the first to notice most:",
        "      27 caught  tests/test_chat.py::test_relay",
    ]
    assert "; weighted by how grave each is, 39.4 %" in rendered("full")
    assert "The tests that were the first to notice most:" in page
    assert "weighted by how grave each is, 91.7 %" in page
    assert json.loads(rendered("json"))["weighted"] == pytest.approx(0.394, abs=0.001)
