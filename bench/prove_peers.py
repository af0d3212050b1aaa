"""The peers of `bench/prove_speed.py`: how mutmut and cosmic-ray are run, and mutmut's mutants as our own."""

import ast
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from greenroom.model.mutant import Edit, Mutant
from greenroom.model.operator import Symptom
from greenroom.model.place import Place

_ENDED = {0: "survived", 1: "killed", 3: "killed", 5: "no test", 33: "no test", 36: "hung", 24: "hung", -24: "hung",
          152: "hung", 255: "hung"}  # fmt: skip
"""What mutmut 3.8 means by the exit codes that it keeps; all others are neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is mutated, and by which tests it is judged."""

    package: str
    """The folder of the sources, relative to the project's root."""
    files: tuple[str, ...]
    """Of the package, relative to the root."""
    arguments: tuple[str, ...]
    """For pytest."""
    tests: str
    """The folder of the tests, relative to the root."""


def configure_mutmut(root: Path, target: Target) -> None:
    """Say in the project's own file what is to be mutated, and how tests are run."""
    lines = {
        "source_paths": [target.package],
        "only_mutate": list(target.files),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", *target.arguments],
        "pytest_add_cli_args_test_selection": [target.tests],
    }
    section = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[tool.mutmut]\n{section}")


def mutmut_verdicts(root: Path) -> dict[str, str]:
    """What mutmut made of each of its mutants."""
    found: dict[str, str] = {}
    for file in (root / "mutants").rglob("*.meta"):
        codes = json.loads(file.read_text())["exit_code_by_key"]
        found |= {name: _ENDED.get(code, f"exit code {code}") for name, code in codes.items()}
    return found


def mutmut_mutants(root: Path) -> Iterator[Mutant]:
    """What mutmut has generated, as changes of the sources; passed over is what no source can be found for."""
    for spans in sorted((root / "mutants").rglob("*.spans")):
        path = str(spans.relative_to(root / "mutants").with_suffix(""))
        generated = spans.with_suffix("").read_text(encoding="utf-8").splitlines(keepends=True)
        names = json.loads(spans.with_suffix(".meta").read_text())["exit_code_by_key"]
        text = (root / path).read_text(encoding="utf-8")
        reader = _Reader(path, text, generated, json.loads(spans.read_text())["spans"])
        for name in names:
            found = reader.mutant(name)
            if found is not None:
                yield found


class _Reader:
    """Of one file: its own text, and what mutmut made of it."""

    def __init__(self, path: str, text: str, generated: list[str], spans: dict[str, tuple[int, int]]) -> None:
        self._path = path
        self._text = text
        self._generated = generated
        self._spans = spans
        self._tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)
        self._heads = list(_heads(self._tree))
        self._functions = [
            node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    def mutant(self, key: str) -> Mutant | None:
        """By mutmut's name for it."""
        name = key.rpartition(".")[2]
        mangled = name.partition("__mutmut_")[0]
        own = mangled.rpartition("ǁ")[2] if "ǁ" in mangled else mangled.removeprefix("x_")
        before = self._function(f"{mangled}__mutmut_orig", own)
        after = self._function(name, own)
        first = self._line_of(own, before)
        if first is None:
            return None
        start = sum(map(len, self._lines[: first - 1]))
        head = _equal(before, after)
        tail = _equal(before[: head - 1 if head else None : -1], after[: head - 1 if head else None : -1])
        edit = Edit(start=start + head, end=start + len(before) - tail, text=after[head : len(after) - tail])
        lines = self._seen_on(edit)
        return Mutant(
            key=key, operator="mutmut", name=name, code="TST999", symptom=Symptom.RESULT, weight=1, edits=(edit,),
            place=Place(path=self._path, line=self._text.count("\n", 0, edit.start) + 1, symbol=own),
            end_line=self._text.count("\n", 0, edit.end) + 1, lines=lines,
        )  # fmt: skip

    def _function(self, name: str, own: str) -> str:
        """From its `def` on, under its own name."""
        first, last = self._spans[name]
        text = "".join(self._generated[first - 1 : last])
        at = text.index(f"def {name}(")
        return text[text.rfind("\n", 0, at) + 1 :].replace(f"def {name}(", f"def {own}(", 1).rstrip() + "\n"

    def _line_of(self, own: str, text: str) -> int | None:
        """Where this very function stands."""
        for node in self._functions:
            if node.name == own:
                first = node.lineno
                if "".join(self._lines[first - 1 : first - 1 + text.count("\n")]) == text:
                    return first
        return None

    def _seen_on(self, edit: Edit) -> tuple[int, ...]:
        """The lines of the statement, or of its head, in which the edit lies."""
        first = self._text.count("\n", 0, edit.start) + 1
        last = self._text.count("\n", 0, max(edit.start, edit.end - 1)) + 1
        best = (first, last)
        size = len(self._lines)
        for begins, ends in self._heads:
            if begins <= first and last <= ends and ends - begins < size:
                best, size = (begins, ends), ends - begins
        return tuple(range(best[0], best[1] + 1))


def _heads(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line of each statement, or of what stands before its block."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.excepthandler):
            body = getattr(node, "body", None)
            ends = body[0].lineno - 1 if body else node.end_lineno
            yield node.lineno, max(node.lineno, ends or node.lineno)


def _equal(some: str, other: str) -> int:
    """How many characters at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, other, strict=False)))


def configure_cosmic_ray(root: Path, target: Target, python: str, timeout: float) -> None:
    """A configuration; the files that are not wanted are excluded."""
    others = sorted(
        str(file.relative_to(root))
        for file in (root / target.package).rglob("*.py")
        if str(file.relative_to(root)) not in target.files
    )
    words = [python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *target.arguments, target.tests]
    (root / "cosmic.toml").write_text(
        f"""[cosmic-ray]
module-path = {json.dumps(target.package)}
timeout = {timeout:.0f}
excluded-modules = {json.dumps(others)}
test-command = {json.dumps(" ".join(words))}

[cosmic-ray.distributor]
name = "local"
""",
        encoding="utf-8",
    )


def leave_sample(database: Path, drawn: list[str]) -> None:
    """Of a session that was made, only these mutants remain."""
    marks = ",".join("?" * len(drawn))
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, column in (("mutation_specs", "job_id"), ("work_items", "job_id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({marks})", drawn)  # noqa: S608


def draw(database: Path, size: int, seed: int) -> list[str]:
    """A random sample of the mutants of a session, and how many there are in all."""
    with closing(sqlite3.connect(database)) as connection:
        known = sorted(row[0] for row in connection.execute("SELECT job_id FROM work_items"))
    return random.Random(seed).sample(known, min(size, len(known)))  # noqa: S311


def cosmic_ray_verdicts(database: Path) -> list[str]:
    """What became of those that were tried."""
    with closing(sqlite3.connect(database)) as connection:
        return [
            str(row[0]).rpartition(".")[2].lower()
            for row in connection.execute("SELECT test_outcome FROM work_results")
        ]
