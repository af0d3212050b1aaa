"""The library: what the command line calls, and what a program may call itself."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from greenroom.campaign.missed import Wanted, find_missed
from greenroom.campaign.question import Question
from greenroom.campaign.request import Request
from greenroom.catalogue import all_modes, find, page
from greenroom.catalogue.templates import templates_for
from greenroom.detect.changed import read_changes
from greenroom.detect.gate import read_rules
from greenroom.detect.noticed import with_escapes
from greenroom.detect.observe import observe
from greenroom.detect.run import detect
from greenroom.detect.score import score
from greenroom.detect.selection import apply_selection, check_codes, is_open
from greenroom.detect.shut_out import without_shut_out
from greenroom.detect.suite_facts import reach_bars
from greenroom.detect.summary import summarise
from greenroom.detect.suppression import read_suppressions
from greenroom.detect.unread_routes import notices_of_routes
from greenroom.draft.draft import draft_test
from greenroom.history.checkout import checked_out
from greenroom.history.fitness import Fitness
from greenroom.history.repository import Repository
from greenroom.history.run import read_deletions, read_history, read_range, read_range_to_head
from greenroom.model.audit import Audit
from greenroom.model.draft import Draft
from greenroom.model.effectiveness import Effectiveness
from greenroom.model.history import Deletion, History
from greenroom.model.mode import FailureMode
from greenroom.model.proof import Proof
from greenroom.model.run_summary import RunSummary
from greenroom.model.settings import Settings
from greenroom.project.code.reading import Progress
from greenroom.project.collector import collector_paused
from greenroom.project.contract.asked import asked_calls
from greenroom.project.declared.configuration import load_settings
from greenroom.project.files.contents import contents_of
from greenroom.project.files.errors import ProjectError
from greenroom.project.project import Project, read_project
from greenroom.record.command import record_command
from greenroom.record.line_index import LineIndex
from greenroom.record.pruning import prune_journals
from greenroom.record.recording import Recording, read_recording
from greenroom.store.baseline import Revision, read_baseline, revise, write_baseline
from greenroom.store.latest_proof import keep_noticed, latest_noticed
from greenroom.store.location import locate
from greenroom.store.used_run import used_run


@collector_paused()
def audit(
    path: str | Path,
    settings: Settings | None = None,
    *,
    since: str = "",
    history_of: str = "",
    progress: Progress | None = None,
) -> Audit:
    """Read a project, and say what can fail in production and what its tests are worth.

    Nothing of the project is imported or run. What a recorded run of its tests observed outranks what is read.

    Args:
        path: The project's root.
        settings: As `configure` gives them, which is also the default.
        since: A git revision: show only findings on lines that changed since.
        history_of: How many of the last commits, or a range that ends at `HEAD`: look for tests that they lost.
        progress: Called with what is being done, how far, and of how many.

    Raises:
        ProjectError: the path, the baseline, the revision or the run that the settings name cannot be used.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    began = time.monotonic()
    root = Path(path)
    settings = settings or configure(root)
    known = all_modes()
    check_codes(settings, known)
    read_rules(settings.fail_on)
    recorded, notices = used_run(root, settings)
    project = read_project(root, settings, progress)
    if history_of:
        project = replace(project, deletions=_deletions(root, project, history_of, progress))
    found = detect(project, known)
    project = without_shut_out(project, found)
    observed = observe(project, found, *recorded, contents_of(root)) if recorded is not None else None
    if observed is not None:
        project, found = observed.project, observed.findings
    noticed, baseline = latest_noticed(root), read_baseline(root / settings.baseline)
    selection = apply_selection(
        with_escapes(found, noticed),
        settings,
        suppressions=read_suppressions(root, project.modules.values(), known),
        baseline=None if baseline is None else baseline.entries,
        changed=read_changes(root, since) if since else None,
    )
    return Audit(
        project=summarise(project, time.monotonic() - began),
        findings=selection.findings,
        tests=project.suite.tests,
        integration_points=project.integration_points,
        routes=project.routes,
        applications=project.applications,
        calls=tuple(asked_calls(project.contract)),
        score=score(project, selection.findings, observed, noticed),
        critical=settings.critical,
        evidence=observed.used if observed is not None else None,
        noticed=noticed,
        notices=(*notices, *notices_of_routes(project), *selection.notices),
    )


def configure(
    path: str | Path,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings for a project: defaults ← its configuration file ← environment ← flags.

    Args:
        path: The project's root.
        flags: Settings by name; None and empty tuples count as not given.
        environment: Instead of the process's own.

    Raises:
        ConfigurationError: with all problems of all sources at once.
    """
    variables = os.environ if environment is None else environment
    return load_settings(Path(path), flags or {}, variables)


def update_baseline(
    path: str | Path,
    settings: Settings | None = None,
    *,
    accept_new: bool = False,
    progress: Progress | None = None,
) -> Revision:
    """Drop from the baseline what no longer occurs, and write it; with `accept_new`, an existing one may grow.

    Raises:
        ProjectError: the path or the baseline cannot be used.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    root = Path(path)
    settings = settings or configure(root)
    before = read_baseline(root / settings.baseline)
    # What is accepted may not depend on what somebody has recorded.
    found = audit(root, replace(settings, evidence="none"), progress=progress).findings
    revision = revise(before, filter(is_open, found), accept_new=accept_new)
    write_baseline(root / settings.baseline, revision.baseline)
    return revision


def history(  # noqa: PLR0913  - three ways to name a range
    path: str | Path,
    settings: Settings | None = None,
    *,
    last: int = 40,
    since: str = "",
    span: str = "",
    progress: Progress | None = None,
) -> History:
    """What a range of commits did to the tests: each deleted one judged.

    Nothing of the project is imported or run; the repository is only read.

    Args:
        path: The project's root, in a git repository.
        settings: As `configure` gives them, which is also the default.
        last: So many commits of the main line, where neither `since` nor `span` is given.
        since: A revision, or a date as git takes it.
        span: A range in git's words: `v1.0..v2.0`.
        progress: As for `audit`.

    Raises:
        ProjectError: no repository, no such revision, no commit in the range.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    root = Path(path)
    if not root.is_dir():
        message = f"{root}: no such folder"
        raise ProjectError(message)
    settings = settings or configure(root)
    repository = Repository(root)
    chosen = read_range(repository, last=last, since=since, span=span)
    with checked_out(repository, root, chosen.last) as folder:
        project = read_project(folder, settings, progress)
        findings = detect(project, [find("STA001")])
    return read_history(
        repository,
        chosen,
        Fitness(project.suite.tests, findings),
        untested=[name for bar in reach_bars(project) for name in bar.missing],
        progress=progress,
    )


def _deletions(root: Path, project: Project, commits: str, progress: Progress | None) -> tuple[Deletion, ...]:
    """What these commits deleted."""
    repository = Repository(root)
    chosen = read_range_to_head(repository, commits)
    fitness = Fitness(project.suite.tests, detect(project, [find("STA001")]))
    return read_deletions(repository, chosen, fitness.doubt, progress)[0]


def explain(code_or_name: str) -> str:
    """The page of a failure mode, in Markdown.

    Raises:
        UnknownModeError: nobody knows it; the message says which are close.
    """
    return page(find(code_or_name))


def modes() -> tuple[FailureMode, ...]:
    """All failure modes, sorted by code."""
    return all_modes()


def pages() -> dict[str, str]:
    """The pages of all failure modes by code, in Markdown."""
    return {mode.code: page(mode) for mode in all_modes()}


def prove(path: str | Path, request: Request, *, progress: Progress | None = None) -> Proof:
    """Seed production failures, run the tests that can see each, and say what escapes; raises what `audit` raises.

    Nothing of the tree is written, except below `.greenroom`, where a campaign on all of it is kept for audits.
    """
    from greenroom.campaign.summary import prove_and_sum_up  # noqa: PLC0415  - what nobody else needs

    settings = request.settings or configure(path)
    proof, noticed = prove_and_sum_up(Path(path), settings, all_modes(), request, progress)
    if noticed is not None:
        keep_noticed(Path(path), noticed)
    return proof


def measure_effectiveness(
    path: str | Path, request: Request, question: Question, *, progress: Progress | None = None
) -> Effectiveness:
    """Say of one test whether it is red while an incident is there, and green without; raises what `audit` raises."""
    from greenroom.campaign.effectiveness import measure_effectiveness as measure  # noqa: PLC0415  - as `prove`

    settings = request.settings or configure(path)
    return measure(Path(path), settings, all_modes(), request, question, progress=progress)


def new_test(path: str | Path, wanted: Wanted, settings: Settings | None = None, *, file: str = "") -> Draft:
    """Write the test that would have noticed a failure, for a file relative to the root; raises what `audit` raises.

    Nothing of the project is run, and nothing is written.
    """
    root = Path(path)
    settings = settings or configure(root)
    project, noticed = read_project(root, settings), latest_noticed(root)
    missed = find_missed(
        root, settings, all_modes(), wanted, templates_for,
        escapes=noticed.escapes if noticed is not None else (), findings=lambda mode: detect(project, [mode]),
    )  # fmt: skip
    return draft_test(project, missed, file)


def record(
    command: Sequence[str],
    path: str | Path = ".",
    *,
    without: Sequence[str] = (),
    also: Sequence[str] = (),
) -> tuple[int, Path]:
    """Run a command that runs tests, and record what each of them truly touches.

    Args:
        command: The program and its arguments, as `["pytest", "-q"]`; its output is ours.
        path: The project's folder.
        without: Names of sensors that stay off.
        also: Names of sensors that are off unless asked for: `coverage`.

    Returns:
        The command's exit code, and the folder of the run, which `recording` reads.

    Raises:
        CommandNotStartedError: there is no such program, or it may not be run.
        OSError: the folder of the run cannot be made.
    """
    return record_command(command, Path(path), without, also)


def recording(folder: str | Path, path: str | Path | None = None) -> Recording:
    """What was recorded in the folder of a run, also while it runs or after it was killed.

    Args:
        folder: Of the run.
        path: The project's folder: the lines that its own coverage has measured in the run are taken over.

    Raises:
        OSError: the folder cannot be read.
    """
    found = read_recording(Path(folder))
    if path is None:
        return found
    from greenroom.record.reused_lines import reuse_lines  # noqa: PLC0415  - loads coverage

    return read_recording(Path(folder)) if reuse_lines(found, Path(path), Path(folder)) else found


def line_index(path: str | Path, settings: Settings | None = None) -> LineIndex | None:
    """Which tests run which line, from the run that `evidence` names in the settings.

    Returns:
        None where there is no such run, or it has no lines: `record --with coverage` has.

    Raises:
        StoreError: the store cannot be read, or has no such run.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    settings = settings or configure(path)
    if settings.evidence == "none" or not locate(Path(path), settings.store).may_exist():
        return None
    from greenroom.store.chosen_run import choose_run  # noqa: PLC0415  - loads SQLAlchemy

    chosen = choose_run(Path(path), settings.store, settings.evidence)
    return (LineIndex(*chosen) or None) if chosen is not None else None


def remember_run(recording: Recording, path: str | Path, settings: Settings | None = None) -> bool:
    """Take a recorded run into the project's store, which is made where there is none.

    A run, as `recording` gives it, may be taken in again when more is known of it.

    Returns:
        Whether anything changed: what is known already changes nothing.

    Raises:
        StoreError: the store cannot be read or written; it is as it was.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    from greenroom.store.store import open_store  # noqa: PLC0415  - loads SQLAlchemy

    settings = settings or configure(path)
    with open_store(path, settings.store, keep=settings.keep_runs) as store:
        changed = store.absorb(recording.run, recording.tests)
    prune_journals(Path(path), settings.keep_runs)
    return changed


def remember_audit(audit: Audit, path: str | Path, settings: Settings | None = None) -> bool:
    """Add an audit's score and its findings to the project's store, if it has one.

    It is of the whole project: the score of a part is no point of its history.

    Returns:
        Whether there is a store.

    Raises:
        StoreError: the store cannot be read or written; it is as it was.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    settings = settings or configure(path)
    if not locate(Path(path), settings.store).may_exist():
        return False
    from greenroom.store.audits import sum_up  # noqa: PLC0415  - loads SQLAlchemy
    from greenroom.store.store import open_existing  # noqa: PLC0415

    store = open_existing(path, settings.store)
    if store is None:
        return False
    with store:
        store.record_audit(sum_up(audit, at=time.time(), greenroom=version("greenroom")), audit.findings)
    return True


def runs(path: str | Path, settings: Settings | None = None) -> tuple[RunSummary, ...]:
    """The recorded runs of a project, newest first; none where it has no store.

    Raises:
        StoreError: the store cannot be read.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    settings = settings or configure(path)
    if not locate(Path(path), settings.store).may_exist():
        return ()
    from greenroom.store.store import open_existing  # noqa: PLC0415  - loads SQLAlchemy

    store = open_existing(path, settings.store)
    if store is None:
        return ()
    with store:
        return store.runs()
