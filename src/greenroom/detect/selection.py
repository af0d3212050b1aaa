"""Which of the findings are worth showing, and why the others are not."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pathspec import GitIgnoreSpec

from greenroom.detect.changed import ChangedLines
from greenroom.detect.gate import rank
from greenroom.detect.observed.judgement import REFUTED
from greenroom.detect.suppression import Suppressions, apply_suppressions
from greenroom.model.finding import Confidence, Finding
from greenroom.model.mode import FailureMode, Family
from greenroom.model.settings import Settings
from greenroom.project.files.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All findings, each marked as shown or not, and what the reader should know beside."""

    findings: tuple[Finding, ...]
    notices: tuple[str, ...]


def check_codes(settings: Settings, modes: Iterable[FailureMode]) -> None:
    """Refuse a setting that names what does not exist.

    Raises:
        ConfigurationError: with every such code.
    """
    known = {mode.code for mode in modes}
    problems = tuple(
        f"{setting}: `{code}` is no code of the catalogue{_hint(code, known)}"
        for setting, codes in _settings_with_codes(settings)
        for code in codes
        if not _is_known(code, known)
    )
    if problems:
        raise ConfigurationError(problems)


def apply_selection(
    findings: Iterable[Finding],
    settings: Settings,
    *,
    suppressions: Suppressions,
    baseline: Mapping[str, int] | None = None,
    changed: ChangedLines | None = None,
) -> Selection:
    """Mark each finding as shown, or say why it is hidden.

    Args:
        findings: Of every confidence, in reading order.
        settings: What the user selected.
        suppressions: Comments in the audited code.
        baseline: Accepted keys and how often each was accepted; None where there is no such file.
        changed: Show only what lies on these lines.
    """
    judged, notices = apply_suppressions(findings, suppressions)
    accepted = Counter(baseline or {})
    judged = tuple(_hide_accepted(judged, accepted))
    reasons = _reasons(settings, changed)
    return Selection(
        findings=tuple(_mark(finding, reasons) for finding in judged),
        notices=notices + _notice_of(baseline, settings.baseline, accepted),
    )


_ACCEPTED = "in the baseline"
_Reason = Callable[[Finding], str]
"""Why the finding is hidden; empty where it is not."""


def _reasons(settings: Settings, changed: ChangedLines | None) -> tuple[_Reason, ...]:
    ignores = [
        (GitIgnoreSpec.from_lines([pattern]), pattern, codes)
        for pattern, codes in settings.per_file_ignores.items()
    ]

    def selection(finding: Finding) -> str:
        return "" if is_selected(finding.code, settings.select, settings.ignore) else "not selected"

    def per_file(finding: Finding) -> str:
        for spec, pattern, codes in ignores:
            if _longest(finding.code, codes) >= 0 and spec.match_file(finding.place.path):
                return f"not selected: per-file-ignores {pattern}"
        return ""

    def scope(finding: Finding) -> str:
        if changed is None or changed.touch(finding):
            return ""
        return f"outside of the change: nothing of it has changed since {changed.revision}"

    def severity(finding: Finding) -> str:
        low = rank(finding.severity) < rank(settings.minimum_severity)
        return f"not selected: {finding.severity} severity" if low else ""

    def confidence(finding: Finding) -> str:
        hidden = finding.confidence is Confidence.POSSIBLE and not settings.possible
        return "only possible" if hidden else ""

    return (selection, per_file, scope, severity, confidence)


def _mark(finding: Finding, reasons: tuple[_Reason, ...]) -> Finding:
    if finding.hidden_because:
        return finding
    because = next(filter(None, (reason(finding) for reason in reasons)), "")
    return replace(finding, shown=not because, hidden_because=because)


def is_open(finding: Finding) -> bool:
    """Whether it is shown, or would be without the baseline."""
    return finding.shown or finding.hidden_because == _ACCEPTED


def is_selected(code: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Whether the code is to be reported: the longer prefix wins, and `ignore` wins a tie."""
    chosen = _longest(code, select) if select else 0
    return chosen >= 0 and chosen > _longest(code, ignore)


def _longest(code: str, prefixes: tuple[str, ...]) -> int:
    """Length of the longest prefix of the code among these; -1 where there is none."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


def _hide_accepted(findings: Iterable[Finding], accepted: Counter[str]) -> Iterator[Finding]:
    """Hide what the baseline accepts; what is left in `accepted` afterwards no longer occurs."""
    for finding in findings:
        is_refuted = finding.hidden_because.startswith(REFUTED)
        is_accepted = accepted[finding.key] > 0 and (is_refuted or not finding.hidden_because)
        accepted[finding.key] -= is_accepted
        if is_accepted and not is_refuted:
            yield replace(finding, shown=False, hidden_because=_ACCEPTED)
        else:
            yield finding


def _notice_of(baseline: Mapping[str, int] | None, file: str, left: Counter[str]) -> tuple[str, ...]:
    """Of one that was named and is not there, and of entries that no longer occur."""
    if baseline is None and file != Settings().baseline:
        return (
            f"{file}: there is no such baseline, so that every finding counts; `greenroom baseline` writes it",
        )
    stale = left.total()
    if not stale:
        return ()
    entries = "1 entry" if stale == 1 else f"{stale} entries"
    first = min(key for key, count in left.items() if count)
    return (f"{file}: {entries} of the baseline no longer found ({first}); `greenroom baseline` shrinks it",)


def _settings_with_codes(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "select", settings.select
    yield "ignore", settings.ignore
    for pattern, codes in settings.per_file_ignores.items():
        yield f"per-file-ignores {pattern!r}", codes


def _is_known(code: str, known: set[str]) -> bool:
    return code in set(Family) or any(other.startswith(code) for other in known)


def _hint(code: str, known: set[str]) -> str:
    close = get_close_matches(code.upper(), sorted(known | set(Family)), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "; `greenroom modes` lists them all"
