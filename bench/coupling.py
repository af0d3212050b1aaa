"""Do the operators of `greenroom prove` stand for what goes wrong? Asked of bugs that others have mended, with their own tests.

    python bench/coupling.py                                        the tables, from coupling/results.jsonl and mended.jsonl
    python bench/coupling.py list REPOSITORY CLONE                  the commits that the rule chooses
    python bench/coupling.py probe REPOSITORY CLONE --python PY     those whose own tests fail without them
    python bench/coupling.py run REPOSITORY CLONE --python PY       results for the fixes of coupling/fixes.jsonl

A fix is *coupled* when an operator, on the lines that the fix touched, makes a mutant that the fix's own tests catch: those that
pass with the fix and fail when its source is put back. Such a failure is one that `prove` would have put to the suite. Beside it
stands the same for the whole functions that the fix touched. CLONE is a throw-away clone with history, PY an interpreter with the
libraries that the project's tests need, but not necessarily the project; nothing of the projects is kept here. The rule of `list`: a
commit since June 2019, no merge and no backport, whose subject has one of `_WORDS` and one of `_MENDS`, which changes at most 80
lines in at most four source files, and adds lines to tests. What of that is no operational failure is told, with the reason,
in coupling/discarded.jsonl; classes are the letters of the operators' keys.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, cast

from greenroom.campaign.plan import Choice, chosen_modes
from greenroom.catalogue import all_modes
from greenroom.model.mutant import Mutant
from greenroom.model.rate import Rate
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source

_DATA = Path(__file__).parent / "coupling"
_WORDS = re.compile(
    r"time.?out|\bleak|\bhang|deadlock|\bclos(?:e|ed|ing)\b|cancel|\brace\b|\bretr(?:y|ies)|reconnect|\bawait|swallow|unhandled|"
    r"disconnect|shut ?down|\bstuck\b|never (?:end|return|release)|\blost\b|release|keep.?alive|expire|\bpool\b|"
    r"connection reset|broken pipe|graceful|abort|backpressure|exception",
    re.IGNORECASE,
)
_MENDS = re.compile(
    r"fix|prevent|avoid|ensure|handle|handling|properly|correct|don't|do not|never|always|make sure|bug|issue|stop|raise|wait|"
    r"suppress|ignore|restore",
    re.IGNORECASE,
)
_CLASSES = {
    "T": "time limits", "E": "errors", "R": "retries", "A": "tasks, locks and cancellation", "P": "connections and other resources",
    "C": "caches", "S": "streams and disconnects", "W": "routes, checks and contracts", "K": "settings, start and stop",
}  # fmt: skip
_LENIENT = (
    "default::DeprecationWarning",
    "default::PendingDeprecationWarning",
    "default::pytest.PytestConfigWarning",
)
"""Newer libraries than the commit knew."""
_NOTICED = ("caught", "hung")
_PATIENCE = 15
"""Seconds for a test, given to pytest-timeout; a run of several has ten times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A commit, read and classified."""

    repository: str
    commit: str
    kind: str
    """A key of `_CLASSES`."""
    what: str
    """What went wrong before, in a few words."""
    tests: tuple[str, ...]
    """The commit's own tests that fail without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the commit's tests said of our mutants."""

    repository: str
    commit: str
    kind: str
    on_lines: list[tuple[str, str]] = field(default_factory=list)
    """Operator and verdict of each mutant on the fixed lines."""
    in_functions: list[tuple[str, str]] = field(default_factory=list)
    """The same for the functions around, up to the first that is caught."""


def main(arguments: Sequence[str]) -> None:
    """Print what is asked for."""
    options = _parser().parse_args(arguments)
    if options.do == "table":
        first = read_results("results.jsonl")
        print("### As it was\n", *tables(first), "### With A11 and A12\n", sep="\n")
        print(*tables(together(first, read_results("mended.jsonl"))), sep="\n")
        return
    project = json.loads((_DATA / "projects.json").read_text("utf-8"))[options.repository]
    clone = Clone(options.clone, project, options.python, tuple(options.select))
    if options.do == "list":
        for commit, subject in clone.candidates():
            print(commit[:10], subject)
    elif options.do == "probe":
        for commit, subject in clone.candidates():
            if not options.commit or commit.startswith(tuple(options.commit)):
                print(json.dumps({"repository": options.repository, "commit": commit[:10], "subject": subject, **clone.probe(commit)}), flush=True)  # fmt: skip
    else:
        for fix in read_fixes():
            if fix.repository == options.repository and (not options.commit or fix.commit in options.commit):
                result = clone.result(fix)
                print(json.dumps(asdict(result)) if result else "", end="\n" if result else "", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", nargs="?", choices=("table", "list", "probe", "run"), default="table")
    parser.add_argument("repository", nargs="?", help="a key of coupling/projects.json")
    parser.add_argument("clone", nargs="?", type=Path, help="its clone; what is checked out there changes")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--commit", nargs="*", default=[], help="only these")
    parser.add_argument(
        "--select", nargs="*", default=[], help="only these operators; all but those asked for"
    )
    return parser


class Clone:
    """A clone in which commits are checked out, put back and mutated, one after another."""

    def __init__(self, root: Path, project: Mapping[str, Any], python: str, select: tuple[str, ...]) -> None:
        self._root = root.resolve()
        self._project = project
        self._server = Server(project, python)
        self._modes = chosen_modes(all_modes(), Choice(select=select))

    def candidates(self) -> Iterator[tuple[str, str]]:
        """Hash and subject of the commits that the rule chooses, the newest first; of those with the same subject one."""
        log = self._git("log", "--no-merges", "--since=2019-06-01", "--format=%x00%H%x01%s", "--numstat", self._project.get("branch", "origin/HEAD"))  # fmt: skip
        seen = set()
        for record in log.split("\0")[1:]:
            head, *files = record.strip().split("\n")
            commit, subject = head.split("\1")
            bare = re.sub(r"\s*\(#\d+\)", "", subject)
            if "backport" in subject or bare in seen:
                continue
            if _WORDS.search(subject) and _MENDS.search(subject) and self._is_small(files):
                seen.add(bare)
                yield commit, subject

    def _is_small(self, files: list[str]) -> bool:
        changes = [each.split("\t") for each in files if each and not each.startswith("-")]
        source = [int(more) + int(less) for more, less, path in changes if self._is_source(path)]
        tests = [int(more) for more, _, path in changes if self._is_test(path)]
        return 0 < sum(source) <= 80 and len(source) <= 4 and sum(tests) > 0

    def _is_source(self, path: str) -> bool:
        return path.endswith(".py") and path.startswith(self._project["source"]) and not self._is_test(path)

    def _is_test(self, path: str) -> bool:
        return path.endswith(".py") and bool(re.search(self._project["tests"], path))

    def probe(self, commit: str) -> dict[str, Any]:
        """The tests of a commit that pass with it and fail without it, and how many were asked."""
        self._checkout(commit)
        touched = self._changed(commit)
        asked = [
            name
            for path, lines in touched.items()
            if self._is_test(path)
            for name in self._tests(path, lines)
        ]
        if not asked:
            return {"tests": [], "asked": 0, "green": 0}
        green, _ = self._run(asked)
        files = [path for path in touched if self._is_source(path)]
        for path in files:
            before = self._git("show", f"{commit}~1:{path}")
            (self._root / path).write_text(before, encoding="utf-8")
        without, said = self._run(asked) if green else (set(), "")
        self._checkout(commit)
        return {"tests": sorted(green - without), "asked": len(asked), "green": len(green), "without": said}

    def result(self, fix: Fix) -> Result | None:
        """Try the operators where the fix was made; None where its tests are not green here."""
        self._checkout(fix.commit)
        result = Result(repository=fix.repository, commit=fix.commit, kind=fix.kind)
        green, _ = self._run(fix.tests)
        if set(fix.tests) - green:
            print(f"{fix.repository} {fix.commit}: green are only {sorted(green)}", file=sys.stderr)
            return None
        around: list[tuple[Mutant, str]] = []
        for path, lines in self._changed(fix.commit).items():
            if not self._is_source(path) or not (self._root / path).exists():
                continue
            source = Source(path, (self._root / path).read_text("utf-8"))
            functions = _functions(source, lines)
            for mutant in seed(source, self._modes):
                if _lines(mutant, source) & lines:
                    result.on_lines.append((mutant.operator, self._verdict(fix, mutant, source.text)))
                elif any(f"{mutant.place.symbol}.".startswith(f"{name}.") for name in functions):
                    around.append((mutant, source.text))
        for mutant, text in around:
            if any(verdict in _NOTICED for _, verdict in (*result.on_lines, *result.in_functions)):
                break
            result.in_functions.append((mutant.operator, self._verdict(fix, mutant, text)))
        return result

    def _verdict(self, fix: Fix, mutant: Mutant, text: str) -> str:
        file = self._root / mutant.place.path
        file.write_text(mutant.applied_to(text), encoding="utf-8")
        try:
            said = self._said(fix)
            if said == "caught" and self._said(fix) != "caught":
                said = "unconfirmed"
        finally:
            file.write_text(text, encoding="utf-8")
        return said

    def _said(self, fix: Fix) -> str:
        green, state = self._run(fix.tests)
        return state or ("escaped" if green >= set(fix.tests) else "caught")

    def _checkout(self, commit: str) -> None:
        self._git("checkout", "--quiet", "--force", commit)
        self._git("clean", "-fdq")

    def _changed(self, commit: str) -> dict[str, set[int]]:
        """The lines of the new version; where lines were only taken away, those on both sides of the gap."""
        changed: dict[str, set[int]] = {}
        path = ""
        for line in self._git("diff", "--unified=0", "--no-renames", f"{commit}~1", commit).split("\n"):
            if line.startswith("+++ "):
                path = line.removeprefix("+++ ").removeprefix("b/")
            elif found := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
                first, count = int(found[1]), int(found[2] or 1)
                changed.setdefault(path, set()).update(
                    range(first, first + count) if count else (first, first + 1)
                )
        return changed

    def _tests(self, path: str, lines: set[int]) -> Iterator[str]:
        for name, node in _definitions(ast.parse((self._root / path).read_text("utf-8"))):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if node.name.startswith("test") and lines & set(range(first, (node.end_lineno or first) + 1)):
                yield f"{path}::{name}"

    def _run(self, tests: Iterable[str]) -> tuple[set[str], str]:
        """The ids of the tests that pass; and `hung`, `broken` (nothing could be collected), or nothing."""
        plugins = ["pytest_timeout", *self._project.get("plugins", [])]
        arguments = ["-rA", "-q", "--tb=no", "--assert=plain", "-o", "addopts=", "-p", "no:cacheprovider",
                     *(word for name in plugins for word in ("-p", name)), *(word for name in _LENIENT for word in ("-W", name)),
                     f"--timeout={_PATIENCE}", *self._project.get("arguments", []), *tests]  # fmt: skip
        answer = self._server.ask(arguments, [str(self._root / each) for each in self._project.get("paths", [])], str(self._root))  # fmt: skip
        text = answer["said"]
        state = {0: "", 1: "", -1: "hung"}.get(answer["code"], "broken")
        passed = {line.removeprefix("PASSED ") for line in text.split("\n") if line.startswith("PASSED ")}
        bad = {line.split(" ", 1)[1].split(" - ", 1)[0] for line in text.split("\n") if line.startswith(("FAILED ", "ERROR "))}  # fmt: skip
        if os.environ.get("COUPLING_SHOW"):
            print(text[-3000:], file=sys.stderr)
        return passed - bad, state

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self._root), *arguments], capture_output=True, check=False)  # noqa: S603, S607
        return done.stdout.decode(errors="replace")


class Server:
    """pytest in the interpreter of the project's tests."""

    def __init__(self, project: Mapping[str, Any], python: str) -> None:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **project.get("environment", {})}  # fmt: skip
        command = [str(Path(python).absolute()), str(_DATA / "forked_pytest.py"), str(_PATIENCE * 10), *project.get("loaded", [])]  # fmt: skip
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603
        self._questions, self._answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def ask(self, arguments: Sequence[str], paths: Sequence[str], folder: str) -> dict[str, Any]:
        """Run pytest once."""
        question = json.dumps({"arguments": arguments, "paths": paths, "folder": folder})
        self._questions.write(f"{question}\n".encode())
        self._questions.flush()
        answer: dict[str, Any] = json.loads(self._answers.readline())
        return answer


def _definitions(
    node: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _definitions(child, f"{prefix}{child.name}::")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.If | ast.Try):
            yield from _definitions(child, prefix)


def _lines(mutant: Mutant, source: Source) -> set[int]:
    """The lines whose text it changes, and the one at which it is shown."""
    return {mutant.place.line} | {
        line for edit in mutant.edits for line in range(source.line(edit.start), source.line(edit.end) + 1)
    }


def _functions(source: Source, lines: set[int]) -> set[str]:
    """The qualified names of the innermost functions in which the lines stand."""
    found = set()
    for line in lines:
        around = [node for node in source.nodes(ast.AST) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                  and node.lineno <= line <= (node.end_lineno or node.lineno)]  # fmt: skip
        if around:
            found.add(source.symbol(max(around, key=lambda node: node.lineno)))
    return found


def read_fixes() -> list[Fix]:
    """The fixes that were read and classified."""
    rows = map(json.loads, (_DATA / "fixes.jsonl").read_text("utf-8").splitlines())
    return [Fix(**{**row, "tests": tuple(row["tests"])}) for row in rows]


def read_results(file: str) -> list[Result]:
    """What the last run said of each."""
    rows = map(json.loads, (_DATA / file).read_text("utf-8").splitlines())
    return [Result(**row) for row in rows]


def together(results: Sequence[Result], more: Sequence[Result]) -> list[Result]:
    """The same fixes with the mutants of both."""
    by_commit = {result.commit: result for result in more}
    merged = []
    for result in results:
        other = by_commit.get(result.commit)
        merged.append(result if other is None else replace(
            result, on_lines=[*result.on_lines, *other.on_lines], in_functions=[*result.in_functions, *other.in_functions]
        ))  # fmt: skip
    return merged


def tables(results: Sequence[Result]) -> Iterator[str]:
    """Coupling per class and per repository, in Markdown."""
    for title, key in (("class", "kind"), ("repository", "repository")):
        yield f"| {title} | fixes | seeded on its lines | coupled on its lines | by its own class | coupled in its functions |"
        yield "|---|--:|--:|--:|--:|--:|"
        for name in sorted({getattr(result, key) for result in results}):
            chosen = [result for result in results if getattr(result, key) == name]
            yield _row(f"{name} {_CLASSES[name]}" if name in _CLASSES else name, chosen)
        yield _row("**all**", results)
        yield ""


def _row(name: str, results: Sequence[Result]) -> str:
    caught = [{operator for operator, verdict in each.on_lines if verdict in _NOTICED} for each in results]
    around = sum(
        any(verdict in _NOTICED for _, verdict in (*each.on_lines, *each.in_functions)) for each in results
    )
    seeded = sum(bool(each.on_lines) for each in results)
    own = sum(
        any(operator[0] == each.kind for operator in found)
        for each, found in zip(results, caught, strict=True)
    )
    coupled = Rate(count=sum(map(bool, caught)), of=len(results))
    wide = Rate(count=around, of=len(results))
    return f"| {name} | {len(results)} | {seeded} | {coupled.count} ({coupled}) | {own} | {wide.count} ({wide}) |"


if __name__ == "__main__":
    main(sys.argv[1:])
