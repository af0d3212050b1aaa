"""From operators and a file to mutants: compiled, different from the original, one per line and operator."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import CodeType

from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Mutant
from greenroom.model.operator import Operator, Symptom
from greenroom.model.place import Place
from greenroom.mutate.arid import is_arid, is_left_out, is_migration
from greenroom.mutate.observing import only_observes
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source


def seed(source: Source, modes: Iterable[FailureMode]) -> list[Mutant]:
    """The mutants that the modes' operators make of a file, in the order of its lines.

    Dropped are those that stand in arid code, do not compile, whose code is equal to the original's or to that of
    a mutant before them, and all but the first of an operator on a line.
    """
    original = compile(source.module, source.path, "exec", dont_inherit=True)
    known = {_shape(original)}
    taken: set[tuple[str, int]] = set()
    found = []
    for mutant in sorted(_proposed(source, modes), key=lambda each: (each.place.line, each.place.column)):
        shape = _shape_of(mutant, source)
        if shape is None or shape in known or (mutant.operator, mutant.place.line) in taken:
            continue
        known.add(shape)
        taken.add((mutant.operator, mutant.place.line))
        found.append(mutant)
    return _numbered(found)


def _proposed(source: Source, modes: Iterable[FailureMode]) -> Iterator[Mutant]:
    if is_migration(source.path):
        return
    for mode in modes:
        for operator in mode.operators:
            for rewrite in operator.seed(source):
                if operator.symptom is Symptom.RESULT and only_observes(source, rewrite.node):
                    continue
                if not is_arid(source, rewrite.node) and not is_left_out(source, rewrite.node):
                    yield _mutant(source, mode, operator, rewrite)


def _mutant(source: Source, mode: FailureMode, operator: Operator, rewrite: Rewrite) -> Mutant:
    node = rewrite.node
    statement = source.statement(node) if not isinstance(node, ast.excepthandler) else node
    last = statement.end_lineno or statement.lineno
    return Mutant(
        key=_key(source, operator, rewrite),
        operator=operator.key,
        name=operator.name,
        code=mode.code,
        place=Place(
            path=source.path, line=node.lineno, symbol=source.symbol(node), column=node.col_offset + 1
        ),
        end_line=node.end_lineno or node.lineno,
        lines=rewrite.lines or tuple(range(statement.lineno, last + 1)),
        edits=tuple(sorted(rewrite.edits, key=lambda edit: edit.start)),
        symptom=operator.symptom,
        weight=operator.weight,
        note=" ".join(rewrite.note.split()),
    )


def _key(source: Source, operator: Operator, rewrite: Rewrite) -> str:
    """Equal as long as operator, file, symbol, the replaced text and what replaces it are."""
    said = "\0".join(f"{source.text[edit.start : edit.end]}\0{edit.text}" for edit in rewrite.edits)
    parts = (source.path, operator.key, source.symbol(rewrite.node), said)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """The same text twice in a function makes equal keys: all but the first are told by their number."""
    seen: Counter[str] = Counter()
    found = []
    for mutant in mutants:
        seen[mutant.key] += 1
        number = seen[mutant.key]
        found.append(mutant if number == 1 else replace(mutant, key=f"{mutant.key}-{number}"))
    return found


def _shape_of(mutant: Mutant, source: Source) -> str | None:
    """None for a mutant that is no Python."""
    try:
        return _shape(compile(mutant.applied_to(source.text), source.path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return None


def _shape(code: CodeType) -> str:
    """What a module does, whatever lines it does it on."""
    constants = [_shape(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    parts = (code.co_name, code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars,
             code.co_exceptiontable.hex(), code.co_flags, code.co_argcount, code.co_kwonlyargcount, constants)  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()
