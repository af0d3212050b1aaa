"""Every setting that has a flag, spelled once: for `audit`, for `baseline` and for `init`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from greenroom.model.finding import Severity

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One field of `Settings` as a flag; `configuration` judges its value."""

    setting: str
    """The field's name with dashes, which is also its key in the configuration file."""
    metavar: str
    help: str
    example: str
    """As `init` writes it, in TOML."""
    flags: tuple[str, ...] = ()
    """Where it is not `--setting` alone."""
    kind: str = "list"
    """list · text · switch"""

    def option(self) -> Callable[[_Function], _Function]:
        """The click option; None or an empty tuple stands for "not given"."""
        names = self.flags or (f"--{self.setting}",)
        if self.kind == "switch":
            return click.option(*names, self.name, default=None, is_flag=True, help=self.help)
        many = self.kind == "list"
        return click.option(*names, self.name, multiple=many, metavar=self.metavar, help=self.help)

    @property
    def name(self) -> str:
        """The field's name."""
        return self.setting.replace("-", "_")


FLAGS = (
    Flag(
        setting="select", metavar="CODES", example='["EVL", "DEP001"]',
        help="Report these codes or prefixes only; may be repeated, takes commas.",
    ),
    Flag(
        setting="ignore", metavar="CODES", example='["TST009"]',
        help="Do not report these codes or prefixes; the longer prefix wins.",
    ),
    Flag(
        setting="per-file-ignores", metavar="GLOB:CODE", example='{ "legacy/**" = ["EVL"] }',
        help="Do not report these codes for these paths.",
    ),
    Flag(
        setting="exclude", metavar="GLOBS", example='["third_party/**"]',
        help="Do not read these paths at all.",
    ),
    Flag(
        setting="source-roots", metavar="FOLDERS", example='["backend", "src"]',
        help="Folders on the import path; found out where not given.",
    ),
    Flag(
        setting="tests", metavar="GLOBS", example='["checks/**"]',
        help="Paths that are tests, beside those found out.",
    ),
    Flag(
        setting="possible", metavar="", example="true", kind="switch", flags=("--possible/--no-possible",),
        help="Show findings of confidence `possible` too.",
    ),
    Flag(
        setting="minimum-severity", metavar="SEVERITY", example='"medium"', kind="text",
        help=f"Show findings of at least this severity: {', '.join(reversed(Severity))}.",
    ),
    Flag(
        setting="fail-on", metavar="RULES", example='["high", "TST", "score<5"]',
        help="What makes the exit code 1: a severity at least, a code, `score<N`.",
    ),
    Flag(
        setting="baseline", metavar="FILE", example='".greenroom-baseline.json"', kind="text",
        help="Where accepted findings are kept, relative to the project.",
    ),
    Flag(
        setting="store", metavar="FILE|URL", example='".greenroom/greenroom.db"', kind="text",
        help="Where runs and audits are kept: a file of the project, or `postgresql://user@host/database`.",
    ),
    Flag(
        setting="keep-runs", metavar="N", example="50", kind="text",
        help="How many runs keep their evidence and their journals.",
    ),
    Flag(
        setting="critical", metavar="ROUTES", example='["POST /orders 5", "POST /login"]',
        help="Routes that must not break, each with its worth; all that change something where none is named.",
    ),
    Flag(
        setting="evidence", metavar="latest|none|RUN", example='"latest"', kind="text",
        help="The recorded run that outranks what is read from the code.",
    ),
)  # fmt: skip
"""In the order of the help."""

_ALL = tuple(flag.setting for flag in FLAGS)


def settings_flags(*names: str, without: tuple[str, ...] = ()) -> Callable[[_Function], _Function]:
    """Give a command the flags of these settings; of all but some where none is named."""
    chosen = [flag for flag in FLAGS if flag.setting in (names or _ALL) and flag.setting not in without]

    def decorate(function: _Function) -> _Function:
        for flag in reversed(chosen):
            function = flag.option()(function)
        return function

    return decorate
