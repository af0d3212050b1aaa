"""How the suite is started: each documented or CI command, and what it would look at."""

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from greenroom.project.declared.commands import TestCommand
from greenroom.project.files.classify import stands_aside
from greenroom.project.testing.configuration import Configurations
from greenroom.project.testing.options import Options
from greenroom.project.testing.unittest_names import as_paths, read_search

_WITH_VALUE = frozenset({
    "-k", "-m", "-p", "-c", "-o", "-n", "-W", "-r", "--rootdir", "--ignore", "--ignore-glob",
    "--deselect", "--maxfail", "--tb", "--junitxml", "--junit-xml", "--import-mode", "--override-ini",
    "--config-file", "--confcutdir", "--durations", "--durations-min", "--cov-config", "--cov-report",
    "--cov-fail-under", "--ds", "--dc", "--timeout", "--dist", "--numprocesses", "--maxprocesses",
    "--log-level", "--log-cli-level", "--asyncio-mode", "--basetemp", "--capture", "--color", "--reruns",
    "--reruns-delay", "--html", "--splits", "--group", "-t", "-s", "--junit-prefix", "--log-file",
    "--verbosity", "--pattern", "--start-directory", "--top-level-directory", "--settings",
}) - {"-s"}  # fmt: skip
_COMPUTED = re.compile(r"[$`]|\{\{")
_BELOW = re.compile(r"^([\w.-][\w./-]*)/\$\{?\w+\}?/?$")
_VARIABLE = re.compile(r"[$%{<`\[]|\.\.\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command, taken apart."""

    text: str
    """As it is written; empty: nobody documents one, plain `pytest` is assumed."""
    source: str
    """ci · makefile · tox · nox · script · readme · package; `assumed` where there is no command."""
    path: str
    line: int
    runner: str
    """pytest · unittest · django · other"""
    directory: str
    """Relative to the project; "." for its root."""
    targets: tuple[str, ...]
    """Files and folders given, relative to the project; empty for none."""
    selected: tuple[str, ...] = ()
    """Node ids given: `path::Class::test`."""
    pattern: str = ""
    """Of the names of files, as `unittest discover` and Django's runner are given it."""
    marker: str = ""
    keyword: str = ""
    ignored: tuple[str, ...] = ()
    """Paths of `--ignore`, globs of `--ignore-glob`."""
    disabled: frozenset[str] = frozenset()
    """Plugins of `-p no:`."""
    strict_markers: bool = False
    open_ended: bool = False
    """Some arguments are variables, so that the command may run anything."""
    options: Options = field(default_factory=lambda: Options(path="", rootdir=".", values={}))

    @property
    def roots(self) -> tuple[str, ...]:
        """Where collection starts."""
        if self.targets or self.runner != "pytest":
            return self.targets or (self.directory,)
        if self.options.testpaths and self.options.rootdir == self.directory:
            return tuple(_join(self.directory, part) for part in self.options.testpaths)
        return (self.directory,)


class RunReader:
    """Commands into runs."""

    def __init__(self, root: Path, configurations: Configurations) -> None:
        self.root = root
        self.configurations = configurations

    def read(self, command: TestCommand) -> Run:
        """A command with its parts; the configuration's `addopts` are counted in."""
        run = self._plain(command.directory or ".", command.runner, command.arguments, command.path)
        return replace(run, text=command.text, source=command.source, path=command.path, line=command.line)

    def _plain(self, directory: str, runner: str, arguments: tuple[str, ...], path: str) -> Run:
        directory, pattern = posixpath.normpath(directory), ""
        if runner == "unittest":
            arguments, pattern = read_search(arguments)
        first = _parse(arguments)
        if runner == "django":
            pattern = first.pattern
        if runner != "pytest":
            first.places = list(as_paths(first.places, self.root / directory))
        targets, selected, directory, unclear = self._places(first.places, directory, path)
        home = self.root / directory
        options = self.configurations.options(
            home,
            [self.root / target for target in targets],
            file=(home / first.file) if first.file else None,
            overrides=dict(first.overrides),
        )
        both = _parse((*options.addopts, *arguments)) if runner == "pytest" else first
        return Run(
            text="", source="assumed", path="", line=1, runner=runner, directory=directory,
            targets=targets, selected=selected, pattern=pattern, marker=both.marker, keyword=both.keyword,
            ignored=tuple(_join(directory, part) for part in both.ignored),
            disabled=frozenset(both.disabled),
            strict_markers=both.strict or options.is_true("strict_markers") or options.is_true("strict"),
            open_ended=unclear or first.unclear, options=_with_mode(options, both),
        )  # fmt: skip

    def _places(
        self, places: Sequence[str], directory: str, source: str
    ) -> tuple[tuple[str, ...], tuple[str, ...], str, bool]:
        """Targets relative to the project, node ids, the directory, and whether some are variables.

        Where a target is not found in the directory, the folders around the command's file are tried.
        """
        unclear = any(_VARIABLE.search(place.split("[")[0]) for place in places)
        places = [_BELOW.sub(r"\1", place) for place in places]  # `tests/$suite` is somewhere in `tests`
        literal = [place for place in places if not _VARIABLE.search(place.split("[")[0])]
        for base in _candidates(directory, source):
            found = [
                (place, _join(base, place.split("::")[0]))
                for place in literal
                if (self.root / base / place.split("::")[0]).exists()
            ]
            if found:
                ids = [f"{path}::{place.split('::', 1)[1]}" for place, path in found if "::" in place]
                whole = [path for place, path in found if "::" not in place]
                files = [*whole, *(part.split("::")[0] for part in ids)]
                return tuple(dict.fromkeys(files)), tuple(ids), base, unclear
        return (), (), directory, unclear or bool(literal)

    def assumed(self, test_files: Iterable[str]) -> list[Run]:
        """Plain `pytest`, from the root and from every folder with a configuration of its own."""
        folders = {"."}
        for path in test_files:
            folder = Path(posixpath.dirname(path) or ".")
            for base in (folder, *folder.parents):
                home = self.root / base
                if any(self.configurations.section_in(home / name) for name in _CONFIGURED):
                    folders.add(base.as_posix())
        return [self._plain(folder, "pytest", (), "") for folder in sorted(folders)]

    def untold(self, test_files: Iterable[str], runs: Sequence[Run]) -> list[Run]:
        """Plain `pytest` in each project inside the repository of which no command looks at anything; not in examples."""
        roots = {root for run in runs for root in run.roots}
        told = {home_of(self.root, f"{root}/x") for root in roots}
        homes: dict[str, bool] = {}
        for path in test_files:
            home = home_of(self.root, path)
            if home and home not in told and not stands_aside(home):
                homes[home] = homes.get(home, False) or any(is_below(path, root) for root in roots)
        return [self._plain(home, "pytest", (), "") for home, seen in sorted(homes.items()) if not seen]


def home_of(root: Path, path: str) -> str:
    """The nearest folder around a file that has a manifest; empty for the root of the repository."""
    folder = posixpath.dirname(path)
    while folder not in ("", "."):
        if any((root / folder / name).is_file() for name in _MANIFESTS):
            return folder
        folder = posixpath.dirname(folder)
    return ""


_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
_CONFIGURED = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


class _Arguments:
    """A command line, taken apart."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.marker = ""
        self.keyword = ""
        self.file = ""
        self.mode = ""
        self.pattern = ""
        """Of the names of files, as Django's runner is given it; a plugin's name where the runner is pytest."""
        self.ignored: list[str] = []
        self.disabled: list[str] = []
        self.overrides: list[tuple[str, str]] = []
        self.strict = False
        self.unclear = False

    def take(self, option: str, value: str) -> None:
        if option in ("-m", "-k") and _COMPUTED.search(value):
            return  # what it selects is known where it is run
        if option == "-m":
            self.marker = value
        elif option == "-k":
            self.keyword = value
        elif option in ("-c", "--config-file"):
            self.file = value
        elif option in ("--ignore", "--ignore-glob", "--deselect"):
            self.ignored.append(value)
        elif option == "-p" and value.startswith("no:"):
            self.disabled.append(value[3:])
        elif option in ("-p", "--pattern"):
            self.pattern = value
        elif option == "--asyncio-mode":
            self.mode = value
        elif option in ("-o", "--override-ini") and "=" in value:
            name, _, text = value.partition("=")
            self.overrides.append((name, text))


def _parse(arguments: Sequence[str]) -> _Arguments:
    found = _Arguments()
    waiting = iter(arguments)
    for word in waiting:
        if word in ("--strict-markers", "--strict"):
            found.strict = True
        elif word in _WITH_VALUE:
            found.take(word, next(waiting, ""))
        elif word.startswith("--") and "=" in word:
            option, _, value = word.partition("=")
            found.take(option, value)
        elif word[:2] in ("-m", "-k", "-p", "-c", "-o") and len(word) > 2 and word[2] != "-":
            found.take(word[:2], word[2:].removeprefix("="))
        elif word.startswith("$") or word in ("{posargs}", "{{posargs}}", '"$@"'):
            found.unclear = found.unclear or word not in ("$@", "{posargs}", "{{posargs}}", '"$@"')
        elif word in (";", "&&", "||", "|", ">", "2>&1"):
            break
        elif not word.startswith("-"):
            found.places.append(word)
    return found


def _with_mode(options: Options, arguments: _Arguments) -> Options:
    if not arguments.mode:
        return options
    values = {**options.values, "asyncio_mode": arguments.mode}
    return Options(
        path=options.path,
        rootdir=options.rootdir,
        values=values,
        lines=options.lines,
        ignored=options.ignored,
    )


def _candidates(directory: str, source: str) -> Iterator[str]:
    yield directory
    folder = posixpath.dirname(source)
    seen = {directory}
    while True:
        if (folder or ".") not in seen:
            yield folder or "."
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _join(base: str, part: str) -> str:
    return posixpath.normpath(posixpath.join(base, part))


def is_below(path: str, root: str) -> bool:
    """Whether a file is this path or stands under it; `root` may be a glob."""
    if root in (".", path) or path.startswith(f"{root}/"):
        return True
    if any(sign in root for sign in "*?["):
        parts = path.split("/")
        depth = root.count("/") + 1
        return fnmatch.fnmatchcase("/".join(parts[:depth]), root)
    return False
