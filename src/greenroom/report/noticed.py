"""What a report says of the latest campaign of `prove`; the same words in every format."""

from datetime import UTC, datetime
from typing import Final

from greenroom.model.audit import Audit
from greenroom.model.finding import Finding
from greenroom.model.noticed import Noticed, NoticedFamily
from greenroom.report.prove_words import family_words
from greenroom.report.text import count, joined

_NAMED: Final = 3
_COMMIT: Final = 12


def noticed_sentences(audit: Audit) -> list[str]:
    """Which campaign, what it found, and what has changed since; nothing where there was none."""
    noticed = audit.noticed
    if noticed is None:
        return []
    if noticed.doubt:
        return [f"What the tests notice is not shown: of {_when(noticed)}, {noticed.doubt}."]
    rate = noticed.rate
    escaped = f"{rate.count:,} would have reached production ({rate})"
    found = f"Of {count(rate.of, 'production failure')} seeded on lines that tests run, {escaped}"
    return [f"{found}: {_when(noticed)}{_narrowed(noticed)}. {_changed(noticed)}"]


def noticed_families(audit: Audit) -> list[tuple[NoticedFamily, str]]:
    """Each family of which a failure came to a verdict, with what is known of it."""
    families = audit.noticed.families if audit.noticed is not None else ()
    return [(each, f"{each.seeded:,} seeded; {family_words(each.rate)}") for each in families if each.rate.of]


def escape_sentence(finding: Finding) -> str:
    """That what was seeded on its lines was noticed by nobody; empty where nothing was."""
    if not finding.escapes:
        return ""
    what = (
        "a failure that was seeded here was"
        if len(finding.escapes) == 1
        else "failures that were seeded here were"
    )
    return f"{what} noticed by no test: {joined(finding.escapes)}"


def _when(noticed: Noticed) -> str:
    began = datetime.fromtimestamp(noticed.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    commit = f", at commit {noticed.revision[:_COMMIT]}" if noticed.revision else ""
    commit += " with changes" if noticed.revision and noticed.modified else ""
    return f"`greenroom prove` of {began}{commit}"


def _narrowed(noticed: Noticed) -> str:
    return f" ({joined(noticed.narrowed)})" if noticed.narrowed else ""


def _changed(noticed: Noticed) -> str:
    if not noticed.changed:
        return "No Python file has changed since."
    named = list(noticed.changed[:_NAMED])
    more = len(noticed.changed) - len(named)
    files = joined([*named, *([f"{more:,} more"] if more else [])])
    return f"The tree has changed since, in {count(len(noticed.changed), 'file')}: {files}."
