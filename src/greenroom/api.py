"""The library: what the command line calls, and what a program may call itself."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from greenroom.catalogue import all_modes, find, page
from greenroom.detect.changed import read_changes
from greenroom.detect.gate import read_rules
from greenroom.detect.run import detect
from greenroom.detect.score import score
from greenroom.detect.selection import apply_selection, check_codes, is_open
from greenroom.detect.summary import summarise
from greenroom.detect.suppression import read_suppressions
from greenroom.model.audit import Audit
from greenroom.model.mode import FailureMode
from greenroom.model.settings import Settings
from greenroom.project.code.reading import Progress
from greenroom.project.collector import collector_paused
from greenroom.project.declared.configuration import load_settings
from greenroom.project.project import read_project
from greenroom.store.baseline import Baseline, Revision, read_baseline, revise, write_baseline


@collector_paused()
def audit(
    path: str | Path,
    settings: Settings | None = None,
    *,
    since: str = "",
    progress: Progress | None = None,
) -> Audit:
    """Read a project, and say what can fail in production and what its tests are worth.

    Nothing of the project is imported or run.

    Args:
        path: The project's root.
        settings: As `configure` gives them, which is also the default.
        since: A git revision: show only findings on lines that changed since.
        progress: Called with what is being done, how far, and of how many.

    Raises:
        ProjectError: the path, the baseline or the revision cannot be used.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    began = time.monotonic()
    root = Path(path)
    settings = settings or configure(root)
    known = all_modes()
    check_codes(settings, known)
    read_rules(settings.fail_on)
    project = read_project(root, settings, progress)
    codes = frozenset(mode.code for mode in known)
    selection = apply_selection(
        detect(project, known),
        settings,
        suppressions=read_suppressions(root, project.modules.values(), codes),
        baseline=(_baseline_of(root, settings) or Baseline()).entries,
        changed=read_changes(root, since) if since else None,
    )
    return Audit(
        project=summarise(project, time.monotonic() - began),
        findings=selection.findings,
        tests=project.suite.tests,
        integration_points=project.integration_points,
        routes=project.routes,
        score=score(project, selection.findings),
        notices=selection.notices,
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
    """Drop from the baseline what no longer occurs, and write it.

    Args:
        path: The project's root.
        settings: As `configure` gives them, which is also the default.
        accept_new: Let an existing baseline grow.
        progress: As for `audit`.

    Raises:
        ProjectError: the path or the baseline cannot be used.
        ConfigurationError: the settings cannot be used; carries all problems.
    """
    root = Path(path)
    settings = settings or configure(root)
    before = _baseline_of(root, settings)
    found = audit(root, settings, progress=progress).findings
    revision = revise(before, filter(is_open, found), accept_new=accept_new)
    write_baseline(root / settings.baseline, revision.baseline)
    return revision


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


def _baseline_of(root: Path, settings: Settings) -> Baseline | None:
    return read_baseline(root / settings.baseline)
