"""Lines that are observed beside those that mutants change: the body of a test, and the functions around mutants."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from greenroom.campaign.observation import Lines
from greenroom.campaign.plan import Plan, read_source
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Mutant
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function


def bodies_in(root: Path, path: str) -> dict[str, set[int]]:
    """The lines of the bodies of a test file's functions, by qualified name; without those of which there are two."""
    text = read_source(root / path) if path.endswith(".py") else None
    if text is None:
        return {}
    try:
        source = Source(path, text)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    named = [(source.symbol(each), each) for each in source.functions()]
    counts = Counter(name for name, _ in named)
    return {
        name: set(range(each.body[0].lineno, (each.end_lineno or each.lineno) + 1))
        for name, each in named
        if counts[name] == 1 and _says_more_than_its_name(each)
    }


def around(plan: Plan) -> Lines:
    """The lines of the functions in which mutants stand: there, too, a campaign can be checked."""
    found: Lines = {}
    for path, text in plan.texts.items():
        source = Source(path, text)
        mutants = [mutant for mutant in plan.mutants if mutant.place.path == path]
        for function in source.functions():
            lines = set(range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1))
            if any(lines.intersection(mutant.lines) for mutant in mutants):
                found.setdefault(path, set()).update(lines)
    return found


def nearest_first(root: Path, test: str, mutants: Iterable[Mutant]) -> tuple[Mutant, ...]:
    """Those first that stand in files which the test's own file names, as imports do."""
    text = read_source(root / test.partition("::")[0]) or ""
    return tuple(sorted(mutants, key=lambda mutant: not _is_named(mutant.place.path, text)))


def _is_named(path: str, text: str) -> bool:
    """By its last two names, `routes.answers`, or by its only one."""
    names = path.removesuffix(".py").removesuffix("/__init__").split("/")[-2:]
    return re.search(rf"\b{re.escape('.'.join(names))}\b", text) is not None


def run_by(subject: Subject, tests: Iterable[tuple[str, Lines]]) -> set[int]:
    """Of the file of a mutant, the observed lines that its tests run."""
    path = subject.mutant.place.path
    return set().union(*(lines.get(path, set()) for name, lines in tests if name in subject.tests))


def _says_more_than_its_name(function: Function) -> bool:
    """Whether there is anything in it that runs."""
    return any(
        not isinstance(each, ast.Expr) or not isinstance(each.value, ast.Constant) for each in function.body
    )
