"""SARIF 2.1.0, and what GitHub takes of it."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.mode import FailureMode
from greenroom.model.place import Place
from greenroom.report import RenderOptions, render
from greenroom.report.request import ReportRequest
from greenroom.report.sarif import Limits, render_within
from greenroom.report.text import sentence
from tests.report.rendering import DATA, rendered
from tests.report.sample import BLOCKING, MODES, empty_audit, large_audit, rich_audit, sample_lines

SCHEMA = json.loads((DATA / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))


def results(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["runs"][0]["results"]
    return found


def limited(audit: Audit, limits: Limits) -> list[dict[str, Any]]:
    modes: dict[str, FailureMode] = {mode.code: mode for mode in MODES}
    return results(render_within(ReportRequest(audit=audit, modes=modes, lines=sample_lines), limits))


@pytest.mark.parametrize("audit", [rich_audit(), empty_audit(), large_audit(200)])
def test_keeps_to_the_schema(audit: Audit) -> None:
    errors = Draft7Validator(SCHEMA).iter_errors(json.loads(rendered("sarif", audit)))

    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_schema_notices_a_mistake() -> None:
    log = json.loads(rendered("sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"

    assert not Draft7Validator(SCHEMA).is_valid(log)


def found(*codes: str) -> Audit:
    names = {mode.code: mode.name for mode in api.modes()}
    findings = tuple(replace(BLOCKING, code=code, name=names[code], key=code) for code in codes)
    return replace(rich_audit(), findings=findings)


def test_every_failure_mode_that_was_found_is_a_rule_with_its_page() -> None:
    audit = found(*(mode.code for mode in api.modes()))
    text = render(audit, api.modes(), "sarif", pages=api.pages())
    rules = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == [mode.code for mode in api.modes()]
    assert all(rule["help"]["markdown"].startswith(f"# {rule['name']} (") for rule in rules)
    assert all(
        rule["help"]["text"] == f"{sentence(mode.consequence)} {sentence(mode.remedy)}"
        for rule, mode in zip(rules, api.modes(), strict=True)
    )
    assert all(
        rule["fullDescription"]["text"].startswith(sentence(mode.summary))
        for rule, mode in zip(rules, api.modes(), strict=True)
    )
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules)
    assert Draft7Validator(SCHEMA).is_valid(json.loads(text))


@pytest.mark.parametrize("codes", [(), ("TST001",), ("TST001", "EVL001")])
def test_only_what_has_a_result_is_a_rule(codes: tuple[str, ...]) -> None:
    every = found(*(mode.code for mode in api.modes()))
    audit = replace(every, findings=tuple(replace(each, shown=each.code in codes) for each in every.findings))
    text = render(audit, api.modes(), "sarif", pages=api.pages())
    run = json.loads(text)["runs"][0]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(codes)
    assert sorted(each["ruleId"] for each in run["results"]) == sorted(codes)
    assert [run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert fingerprints(text) == [
        each for each in fingerprints(rendered("sarif", every)) if each in fingerprints(text)
    ]
    assert Draft7Validator(SCHEMA).is_valid(json.loads(text))


def test_results_point_to_their_rules() -> None:
    run = json.loads(rendered("sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])


def test_a_chain_is_a_code_flow() -> None:
    (flow,) = results(rendered("sarif"))[0]["codeFlows"]
    steps = [step["location"]["physicalLocation"] for step in flow["threadFlows"][0]["locations"]]

    assert [(step["artifactLocation"]["uri"], step["region"]["startLine"]) for step in steps] == [
        (place.path, place.line) for place in BLOCKING.chain
    ]


def test_fingerprints_survive_edits_above_and_differ_from_each_other() -> None:
    audit = rich_audit()
    moved = replace(
        audit,
        findings=tuple(
            replace(each, place=replace(each.place, line=each.place.line + 40), end_line=0)
            for each in audit.findings
        ),
    )
    twice = replace(audit, findings=(BLOCKING, replace(BLOCKING, place=replace(BLOCKING.place, line=12))))

    assert fingerprints(rendered("sarif", moved)) == fingerprints(rendered("sarif"))
    assert len(set(fingerprints(rendered("sarif", twice)))) == 2


def fingerprints(text: str) -> list[str]:
    return [value for each in results(text) for value in each["partialFingerprints"].values()]


def test_suppressed_results_say_why_unless_github_would_open_alerts() -> None:
    kinds = [each["suppressions"][0]["kind"] for each in results(rendered("sarif")) if "suppressions" in each]
    without = rendered("sarif", options=RenderOptions(sarif_suppressed=False))

    assert sorted(kinds) == ["external", "inSource"]
    assert "the proxy in front cuts after 5 s" in rendered("sarif")
    assert len(results(without)) == 5


def test_paths_are_addresses() -> None:
    uris = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for each in results(rendered("sarif"))
        for location in each["locations"]
    }

    assert "src/desk/%C3%BCbersicht%20%26%20mehr.py" in uris


def test_keeps_what_github_keeps_and_says_what_it_left_out() -> None:
    text = rendered("sarif", large_audit(6_000))
    (invocation,) = json.loads(text)["runs"][0]["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]

    assert len(results(text)) == 5_000
    assert notification["message"]["text"] == "400 findings left out to stay within GitHub's limits."
    assert len(gzip.compress(text.encode())) < 10_000_000


def test_the_most_urgent_stay() -> None:
    found = limited(large_audit(100), Limits(shown=10))

    assert {each["level"] for each in found} == {"error"}


def test_a_file_that_packs_too_large_loses_results() -> None:
    found = limited(large_audit(400), Limits(compressed=8_000))

    assert 0 < len(found) < 360


def test_long_chains_and_many_sites_are_cut() -> None:
    chain = tuple(Place(path="app.py", line=line) for line in range(1, 51))
    audit = replace(rich_audit(), findings=(replace(BLOCKING, chain=chain, sites=chain),))

    (result,) = limited(audit, Limits(flow=10, places=7))
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]

    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [
        1, 2, 3, 4, 5, 46, 47, 48, 49, 50,
    ]  # fmt: skip
    assert len(result["relatedLocations"]) == 7
