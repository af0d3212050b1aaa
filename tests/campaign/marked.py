"""Mutants that stand in the code itself: `return total  # mutant: return 0`."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.mode import FailureMode, Family
from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_MARK = re.compile(r"[ \t]*# mutant: (.*)$", re.MULTILINE)


def seed_marked(source: Source) -> Iterator[Rewrite]:
    """Each marked line becomes what its mark says; the whole file knows nothing of it."""
    for mark in _MARK.finditer(source.text):
        line = source.line(mark.start())
        start = source.text.rfind("\n", 0, mark.start()) + 1
        start += len(source.text[start:]) - len(source.text[start:].lstrip(" "))
        node = next(each for each in source.nodes(ast.AST) if getattr(each, "lineno", 0) == line)
        assert isinstance(node, ast.stmt | ast.expr | ast.excepthandler)
        yield Rewrite(
            node=node,
            edits=(Edit(start=start, end=mark.start(), text=mark[1]),),
            note="what the mark says",
            lines=(line,),
        )


MARKED = FailureMode(
    code="TST999",
    name="marked",
    family=Family.TESTS,
    summary="what a mark in the code says",
    consequence="whatever that is",
    remedy="none",
    source="tests",
    operators=(
        Operator(
            key="Z1",
            name="marked",
            summary="a marked line is replaced",
            consequence="users see it",
            noticed_by="a test of ours",
            weight=3,
            seed=seed_marked,
        ),
    ),
)
