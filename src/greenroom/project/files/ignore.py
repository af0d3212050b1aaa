"""Which files are part of the project: what git would list, else what its .gitignore files leave."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from greenroom.model.audit import LeftOut
from greenroom.project.files.env_names import ENV_TEMPLATE

if TYPE_CHECKING:
    import pathspec

ENVIRONMENT = "an installed environment"
BUILD = "build output"

_NEVER = {
    ".git": "", ".hg": "", ".svn": "", "__pycache__": "", ".greenroom": "", ".eggs": "", ".ipynb_checkpoints": "",
    ".mypy_cache": "", ".pytest_cache": "", ".ruff_cache": "", ".hypothesis": "", ".cache": "", ".next": "", ".nuxt": "",
    "node_modules": "installed JavaScript packages", "bower_components": "installed JavaScript packages",
    "site-packages": ENVIRONMENT, "dist-packages": ENVIRONMENT, "__pypackages__": ENVIRONMENT,
    ".venv": ENVIRONMENT, "venv": ENVIRONMENT, ".tox": ENVIRONMENT, ".nox": ENVIRONMENT, ".conda": ENVIRONMENT,
    "htmlcov": BUILD,
}  # fmt: skip
"""Folders that are never walked; an empty reason is not worth telling."""

_TEMPLATE = re.compile(ENV_TEMPLATE)
_OUTPUTS = frozenset({"build", "dist"})

# Where a hook of git itself started us, these would lead every call to the wrong repository.
_MISLEADING = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
    }
)
_GIT_SECONDS = 120

_ANYTHING = re.compile(r".+", re.DOTALL)
_ANY_FOLDER = re.compile(r".*/", re.DOTALL)


class Globs:
    """Patterns in the manner of .gitignore, relative to the project's root."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._spec = _spec(patterns) if patterns else None

    def match(self, path: str) -> bool:
        """Whether the relative path, or a folder around it, is meant."""
        return self._spec is not None and self._spec.match_file(path)


class Listing:
    """The files below a root; links to folders are not followed."""

    def __init__(self, root: Path, exclude: Globs) -> None:
        self.root = root
        self.files: list[str] = []
        """Relative, with forward slashes, sorted."""
        self.left_out: list[LeftOut] = []
        self._exclude = exclude
        self._real_root = os.path.realpath(root)

    def take(self) -> None:
        """List everything."""
        entries = self._by_git("")
        if not entries:
            entries = self._walk("")
        dropped = _find_dropped(entries)
        for path in sorted(set(entries)):
            folder = path.rpartition("/")[0]
            if not (dropped and _is_below(folder, dropped)) and not self._exclude.match(path):
                self.files.append(path)
        for folder, reason in dropped.items():
            if reason and not self._exclude.match(folder):
                self.left_out.append(LeftOut(path=folder, reason=reason))

    def explain_link(self, path: str) -> str:
        """Why a link is not followed."""
        place = self.root / path
        target = os.path.realpath(place)
        if not os.path.exists(target):  # noqa: PTH110 - a text, as realpath gives it
            return "a link that leads nowhere, or in a circle"
        inside = os.path.relpath(target, self._real_root).replace(os.sep, "/")
        if inside == ".." or inside.startswith("../"):
            return f"a link out of the project, to {place.readlink()}"
        if f"{os.path.realpath(place.parent)}/".startswith(f"{target}/"):
            return "a link to a folder that it lies in"
        return f"a link to {inside}, which is read there"

    def _by_git(self, prefix: str) -> list[str] | None:
        """What git has or would add, submodules and nested repositories included; None: ask the disk."""
        folder = f"{self.root}/{prefix}"
        listed = _list_by_git(folder) if _is_listed(folder) else None
        if listed is None:
            return None
        found = []
        for raw in listed:
            path = os.fsdecode(raw)
            mode = 0 if path.endswith(".py") else _mode(folder + path)
            if stat.S_ISDIR(mode):
                found.extend(self._nested(f"{prefix}{path.rstrip('/')}/"))
            elif not (stat.S_ISLNK(mode) and self._note_link(prefix + path)):
                found.append(prefix + path)
        return found

    def _nested(self, prefix: str) -> list[str]:
        """A repository in the repository; a submodule that is not checked out has no .git."""
        if not (self.root / prefix / ".git").exists():
            return []
        found = self._by_git(prefix)
        return self._walk(prefix) if found is None else found

    def _note_link(self, path: str) -> bool:
        """Whether it is a link to a folder, or to nothing."""
        if (self.root / path).is_file():
            return False
        self.left_out.append(LeftOut(path=path, reason=self.explain_link(path)))
        return True

    def _walk(self, start: str) -> list[str]:
        """Everything below, without what the .gitignore files on the way down name."""
        found: list[str] = []
        pending: list[tuple[str, tuple[_Rules, ...]]] = [(start, ())]
        while pending:
            prefix, rules = pending.pop()
            entries = self._scan(prefix)
            names = {entry.name for entry in entries}
            if ".gitignore" in names:
                rules = (*rules, _Rules(prefix, _lines(self.root / prefix / ".gitignore")))
            if prefix != start and "pyvenv.cfg" in names:
                found.append(f"{prefix}pyvenv.cfg")
                continue
            for entry in entries:
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    path += "/"
                    if _NEVER.get(entry.name) == "" or _is_ignored(path, rules):
                        continue
                    if entry.name in _NEVER:
                        found.append(path)
                    else:
                        pending.append((path, rules))
                elif _is_kept(path, entry.name, rules) and not (entry.is_symlink() and self._note_link(path)):
                    found.append(path)
        return found

    def _scan(self, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / prefix) as scan:
                return list(scan)
        except OSError as error:
            self.left_out.append(LeftOut(path=prefix or ".", reason=f"cannot be read: {error.strerror}"))
            return []


class _Rules:
    """One .gitignore."""

    def __init__(self, prefix: str, lines: list[str]) -> None:
        self._prefix = prefix
        patterns = reversed(list(_spec(tuple(lines)).patterns))
        self._patterns = [(each.include, _whole(each.regex)) for each in patterns if each.regex is not None]

    def verdict(self, path: str) -> bool | None:
        """True: ignored; False: expressly kept; None: no word about it."""
        path = path.removeprefix(self._prefix)
        for include, regex in self._patterns:
            # Fully: a folder's pattern speaks of the folder; what lies in it is asked for on its own.
            if regex.fullmatch(path):
                return include
        return None


def _whole(regex: re.Pattern[str]) -> re.Pattern[str]:
    """The expression for a whole path; pathspec cuts two of them short, as it only searches."""
    return {".": _ANYTHING, "(?P<ps_d>/)": _ANY_FOLDER}.get(regex.pattern, regex)


def _is_ignored(path: str, rules: tuple[_Rules, ...]) -> bool:
    """The innermost file that says something decides."""
    for rule in reversed(rules):
        verdict = rule.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _is_kept(path: str, name: str, rules: tuple[_Rules, ...]) -> bool:
    """A template of an env file was added by hand where `.env.*` names it: nobody keeps one for himself."""
    return not _is_ignored(path, rules) or _TEMPLATE.fullmatch(name) is not None


def _spec(patterns: tuple[str, ...]) -> "pathspec.GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - not needed where git lists the files

    kept = []
    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            continue  # git, too, passes over a pattern that it cannot read
        kept.append(_what_is_inside(pattern))
    return GitIgnoreSpec.from_lines(kept)


def _what_is_inside(pattern: str) -> str:
    """`a/**` as `a/**/*`: it means what is in the folder, where pathspec takes it for the folder too."""
    plain = pattern.rstrip()
    before = plain.removesuffix("**")
    if before in ("", "!", "/", "!/") and plain != before:
        return f"{before.rstrip('/')}*"
    return f"{plain}/*" if plain.endswith("/**") else pattern


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _find_dropped(entries: list[str]) -> dict[str, str]:
    """Folders that are left out although they are listed, with the reason."""
    found = {path.rpartition("/")[0]: ENVIRONMENT for path in entries if path.endswith("/pyvenv.cfg")}
    folders = {path.rpartition("/")[0] for path in entries}
    packages = {path.rpartition("/")[0] for path in entries if path.endswith("/__init__.py")}
    sources = {path.rpartition("/")[0] for path in entries if path.endswith(".py")}
    for folder in folders:
        parts = folder.split("/")
        for depth, part in enumerate(parts, start=1):
            whole = "/".join(parts[:depth])
            if part in _NEVER:
                found[whole] = _NEVER[part]
                break
            if part == "conda-meta" and depth > 1:
                found["/".join(parts[: depth - 1])] = ENVIRONMENT
                break
            # `build` and `dist` are also honest names for a package.
            if part in _OUTPUTS and whole not in packages and not _is_inside(whole, packages, sources):
                found[whole] = BUILD
                break
    return found


def _is_inside(folder: str, packages: set[str], sources: set[str]) -> bool:
    """Whether it holds modules right inside a package: a part of that one, though without an `__init__.py`."""
    return folder in sources and folder.rpartition("/")[0] in packages


def _is_below(folder: str, dropped: dict[str, str]) -> bool:
    while folder:
        if folder in dropped:
            return True
        folder = folder.rpartition("/")[0]
    return False


def _list_by_git(folder: str) -> set[bytes] | None:
    """Relative to the folder; a nested repository ends with a slash."""
    output = _git(folder, "ls-files", "-co", "--exclude-standard", "-z")
    return None if output is None else {path for path in output.split(b"\0") if path}


def _is_listed(folder: str) -> bool:
    """Whether the folder is in a work tree that does not ignore it."""
    inside = _git(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix")
    if inside is None or not inside.startswith(b"true"):
        return False
    below_top = inside.split(b"\n")[1]
    return not below_top or _git(folder, "check-ignore", "-q", ".") is None


def _mode(path: str) -> int:
    """Of the entry itself; 0 where it is gone."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _git(folder: str, *arguments: str) -> bytes | None:
    """The output, or None where git fails or is not there."""
    program = shutil.which("git")
    if program is None:
        return None
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    # A file-system monitor is a program that the audited project names: nothing of it may run.
    command = [program, "-C", folder, "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command on a folder that the user named
            command,
            env=environment,
            capture_output=True,
            check=False,
            timeout=_GIT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
