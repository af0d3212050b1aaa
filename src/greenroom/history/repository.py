"""A git repository, asked through git's own plumbing; nothing in it is changed."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from greenroom.project.files.errors import ProjectError

_NO_BLOB = "0" * 40
_COMMIT = "\x01"
_ENDINGS = frozenset(
    {
        "py",
        "html",
        "htm",
        "jinja",
        "jinja2",
        "j2",
        "js",
        "jsx",
        "ts",
        "tsx",
        "vue",
        "svelte",
        "yml",
        "yaml",
        "toml",
    }
)
"""Of files in which tests stand, or texts that tests look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit of the range."""

    id: str
    time: int
    """Seconds since the epoch."""
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file in one commit; blobs are empty where there was or is none."""

    commit: Commit
    age: int
    """How many commits came after it that changed Python files."""
    path: str
    before: str
    after: str


class Repository:
    """The repository around a folder."""

    def __init__(self, folder: Path) -> None:
        """Find it.

        Raises:
            ProjectError: there is no git, or no repository.
        """
        self._folder = folder
        self.missing: set[str] = set()
        """Objects that were asked for and that git does not hold: a partial clone, or a damaged one."""
        if self._try("rev-parse", "--git-dir") is None:
            message = f"{folder}: not in a git repository, and so there is no history to read"
            raise ProjectError(message)
        prefix = self._try("rev-parse", "--show-prefix") or ""
        self.prefix = prefix.strip()
        """Of the folder below the repository's root; paths are told below it."""

    @property
    def name(self) -> str:
        """Of the folder."""
        return self._folder.resolve().name

    @property
    def is_shallow(self) -> bool:
        """Whether the clone was cut off."""
        return (self._try("rev-parse", "--is-shallow-repository") or "").strip() == "true"

    @property
    def is_bare(self) -> bool:
        """Whether there are no files beside the history."""
        return (self._try("rev-parse", "--is-bare-repository") or "").strip() == "true"

    def resolve(self, revision: str) -> str | None:
        """The full id of a commit, or None."""
        found = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return found.strip() if found else None

    def commits(self, *selection: str) -> list[Commit]:
        """The commits that git's own arguments select, newest first."""
        output = self._bytes(
            "log", "-z", "--no-show-signature", f"--format=%H{_COMMIT}%ct{_COMMIT}%s", *selection
        )
        return [_commit(line) for line in _text(output).split("\0") if line]

    def changes(self, *selection: str) -> Iterator[Change]:
        """What these commits did to Python files, pages, scripts and settings, newest first.

        Merges add nothing of their own. Git is not asked for these endings alone: it would look at each path itself,
        which takes five times as long, and would count `--max-count` in commits that changed such a file.
        """
        output = self._bytes(
            "log", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-show-signature",
            f"--format={_COMMIT}%H{_COMMIT}%ct{_COMMIT}%s", *selection,
        )  # fmt: skip
        return _read_changes(output, self.prefix)

    def tree(self, revision: str) -> dict[str, str]:
        """Path and blob of every Python file of a commit, below the folder."""
        return {path: blob for path, blob in self.files(revision).items() if path.endswith(".py")}

    def files(self, revision: str) -> dict[str, str]:
        """Path and blob of every file of a commit, below the folder; links and submodules are left out."""
        output = self._bytes("ls-tree", "-r", "-z", "--full-tree", revision)
        found = {}
        for entry in _text(output).split("\0"):
            meta, _, path = entry.partition("\t")
            if path.startswith(self.prefix) and meta.startswith("100") and not _leads_out(path):
                found[path.removeprefix(self.prefix)] = meta.rpartition(" ")[2]
        return found

    def texts(self, blobs: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each blob with its text, one at a time, in their order; versions of one file are read fastest in a row."""
        for blob, content in self.contents(blobs):
            yield blob, content.decode("utf-8", "replace")

    def contents(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Each blob once, with its content; what git does not hold is left out, and noted in `missing`.

        Raises:
            ProjectError: git gives up, as it does on an object that is damaged.
        """
        wanted = list(dict.fromkeys(blobs))
        if not wanted:
            return
        # Asked through a file: through a pipe, git would have to answer each before the next.
        with TemporaryFile() as questions:
            questions.write("\n".join([*wanted, ""]).encode())
            questions.seek(0)
            with subprocess.Popen(
                ("git", "cat-file", "--batch", "--buffer"),  # noqa: S607  - found as users have it
                cwd=self._folder, stdin=questions, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
            ) as process:  # fmt: skip
                assert process.stdout is not None  # noqa: S101  - it was asked for
                for blob in wanted:
                    content = self._read_answer(process.stdout)
                    if content is None:
                        self.missing.add(blob)
                    else:
                        yield blob, content

    def _read_answer(self, answers: IO[bytes]) -> bytes | None:
        """The content of the next object; None where git does not hold it."""
        line = answers.readline()
        if not line:
            message = f"{self._folder}: git cannot read its own objects; `git fsck` says which are damaged"
            raise ProjectError(message)
        header = line.split()
        if len(header) < 3:  # otherwise name, type and size
            return None
        content = answers.read(int(header[2]))
        answers.read(1)
        return content

    def _try(self, *arguments: str) -> str | None:
        done = self._run(*arguments)
        return _text(done.stdout) if done.returncode == 0 else None

    def _bytes(self, *arguments: str) -> bytes:
        done = self._run(*arguments)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            message = (
                f"git {arguments[0]} failed in {self._folder}: {said[-1] if said else 'it does not say why'}"
            )
            raise ProjectError(message)
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = ("git", "-c", "core.quotePath=false", *arguments)
        try:
            return subprocess.run(command, cwd=self._folder, capture_output=True, check=False)  # noqa: S603
        except OSError as error:
            message = f"history needs git, run in {self._folder}: {error.strerror}"
            raise ProjectError(message) from error


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def _commit(line: str) -> Commit:
    name, time, subject = line.split(_COMMIT, 2)
    return Commit(id=name, time=int(time), subject=subject.encode("utf-8", "replace").decode())


def _read_changes(output: bytes, prefix: str) -> Iterator[Change]:
    """`git log --raw -z`: a header per commit, then pairs of a change and its path."""
    commit: Commit | None = None
    age, aged = 0, ""
    meta = ""
    for part in _text(output).split("\0"):
        field = part.lstrip("\n")
        if field.startswith(_COMMIT):
            commit = _commit(field[1:])
        elif field.startswith(":"):
            meta = field
        elif meta and commit is not None:
            if field.startswith(prefix) and field.rpartition(".")[2] in _ENDINGS:
                before, after = (_blob_of(*found) for found in _sides(meta))
                if field.endswith(".py") and commit.id != aged:
                    age, aged = age + bool(aged), commit.id
                yield Change(
                    commit=commit, age=age, path=field.removeprefix(prefix), before=before, after=after
                )
            meta = ""


def _sides(meta: str) -> Iterator[tuple[str, str]]:
    """Mode and blob before and after: `:100644 100644 1a2b… 3c4d… M`."""
    before_mode, after_mode, before, after = meta[1:].split(" ")[:4]
    yield before_mode, before
    yield after_mode, after


def _blob_of(mode: str, blob: str) -> str:
    """Links and submodules have no text."""
    return blob if mode.startswith("100") and blob != _NO_BLOB else ""


def _leads_out(path: str) -> bool:
    """Whether a tree that nobody's git has made would write beside the folder it is put into."""
    return path.startswith("/") or not {"..", ".git"}.isdisjoint(path.split("/"))
