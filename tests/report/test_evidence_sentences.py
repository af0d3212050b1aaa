"""On which run an audit rests, in sentences."""

from dataclasses import replace

import pytest

from greenroom.model.used_evidence import UsedEvidence
from greenroom.report.evidence import evidence_sentences
from tests.report.sample import rich_audit

USED = UsedEvidence(
    run="20261121T110412Z-4f2a91", started=0.0, command=("pytest",), revision="", modified=False, tests=4, usable=4
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ((), "No Python file has changed since."),
        (("a.py",), "1 file has changed since, and is judged by reading only: a.py."),
        (("a.py", "b.py"), "2 files have changed since, and are judged by reading only: a.py and b.py."),
    ],
)
def test_what_has_changed_since_the_run(changed: tuple[str, ...], said: str) -> None:
    sentences = evidence_sentences(replace(rich_audit(), evidence=replace(USED, changed=changed)))

    assert said in sentences
