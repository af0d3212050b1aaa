"""What one test is worth against one incident: for the terminal and as JSON."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Final

from greenroom.model.effectiveness import Effect, Effectiveness
from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Trial
from greenroom.model.secret import cover, cover_written
from greenroom.report.prove_words import control_words, covered_mutant, covered_trial, new_test, reason, told
from greenroom.report.text import count, joined, one_line, sentence, visible

EFFECTIVENESS_FORMATS: Final = ("full", "json")
EFFECTIVENESS_VERSION: Final = 1
"""Raised when a field goes, changes its meaning or its type; not when one is added."""

Text = Callable[[str], str]
"""Relative path → source; empty where there is none."""

_SHOWN: Final = 10
"""Places that a reader can be expected to look at."""
_COLOURS: Final = {
    Verdict.CAUGHT: "red",
    Verdict.HUNG: "hangs",
    Verdict.ESCAPED: "green",
    Verdict.BROKEN: "broken",
    Verdict.UNCONFIRMED: "unsure",
}


def render_effectiveness(found: Effectiveness, text: Text, format_name: str) -> str:
    """Render it in one of `EFFECTIVENESS_FORMATS`."""
    if format_name == "json":
        return cover_written(json.dumps(_document(found, text), indent=2, ensure_ascii=False)) + "\n"
    return "\n".join(_full(found, text)) + "\n"


def _document(found: Effectiveness, text: Text) -> dict[str, object]:
    safe = replace(
        found,
        trials=tuple(map(covered_trial, found.trials)),
        elsewhere=tuple(map(covered_mutant, found.elsewhere)),
    )
    document = asdict(safe)
    for trial in document["trials"]:
        trial["assertion"] = assertion_at(trial["where"], text)
    return {
        "version": EFFECTIVENESS_VERSION,
        "effect": found.effect,
        "answer": answer(found),
        "doubt": found.doubt,
        **document,
    }


def answer(found: Effectiveness) -> str:
    """The verdict in one sentence."""
    test, incident = one_line(found.test), joined(found.incidents)
    if found.effect is Effect.NEVER_RAN:
        return f"{test} says nothing of {incident}: {one_line(cover_written(found.never_ran))}."
    if found.effect is Effect.ELSEWHERE:
        where = count(len(found.elsewhere), "line on which that can", "lines on which that can")
        return f"{test} cannot notice {incident}: it runs none of the {where} be seeded."
    if found.doubt:
        return f"No verdict is told on {test}: {one_line(found.doubt)}."
    if found.effect is Effect.UNDECIDED:
        return f"No verdict on {test}: nothing that was seeded on its lines came to one."
    number = len(found.decided)
    one = f"the one failure of {incident} that was seeded on lines that it runs"
    each = f"{{}} of the {number:,} failures of {incident} that were seeded on lines that it runs"
    if found.effect is Effect.NOTICES:
        what = one if number == 1 else each.format("each")
        return f"{test} notices {what}: red with it, green without."
    if found.effect is Effect.MISSES:
        return f"{test} notices {each.format('none') if number > 1 else 'nothing of ' + one}: it stays green."
    return f"{test} notices {each.format(f'{len(found.noticed):,}')}."


def _full(found: Effectiveness, text: Text) -> Iterator[str]:
    yield answer(found)
    for trial in sorted(found.trials, key=lambda each: each.verdict is not Verdict.ESCAPED):
        yield ""
        yield from _trial(found, trial, text)
    yield from _elsewhere(found)
    idle = [test for test in found.tests if test.idle]
    if idle and not found.never_ran:
        yield ""
        yield f"{count(len(idle), 'variant')} of {len(found.tests):,} did not take part, as {one_line(idle[0].id)}: {one_line(cover_written(idle[0].idle))}."
    if found.trials:
        yield ""
        yield from control_words(found.controls)


def _trial(found: Effectiveness, trial: Trial, text: Text) -> Iterator[str]:
    mutant = trial.mutant
    yield f"{_COLOURS[trial.verdict]:<7} {_place(mutant)}: {mutant.code} {mutant.operator} {mutant.name}: {told(trial)}"
    for line in trial.diff.splitlines()[3:]:
        if line.startswith(("-", "+")):
            yield f"        {visible(cover(line, mutant.place.path))}"
    if trial.verdict is Verdict.CAUGHT:
        yield from _caught(trial, text)
    elif trial.verdict is Verdict.HUNG:
        yield f"        with it, {one_line(trial.by)} does not come to its end, twice; without it, it passes"
        yield "        CI would stop, and nobody would be told why: give the test a limit of its own"
    elif trial.verdict is Verdict.ESCAPED:
        yield "        with it, the test stays green, twice"
        yield f"        {sentence('users would have seen: ' + found.consequences[mutant.operator])}"
        yield f"        try: {sentence(found.noticed_by[mutant.operator])}"
        yield f"             {new_test(mutant)}"
    else:
        yield f"        says nothing: {reason(trial)}"


def _caught(trial: Trial, text: Text) -> Iterator[str]:
    yield f"        with it, {one_line(trial.by)} is red, twice; without it, it passes"
    said = assertion_at(trial.where, text)
    if said:
        yield f"        {trial.where}: {one_line(cover_written(said))}"
    yield f"        {reason(trial)}"


def _elsewhere(found: Effectiveness) -> Iterator[str]:
    if not found.elsewhere:
        return
    yield ""
    more = " more" if found.trials else ""
    where = "" if found.never_ran else ", and where this test does not go"
    yield f"{count(len(found.elsewhere), f'line{more}', f'lines{more}')} where that can happen{where}:"
    for mutant in found.elsewhere[:_SHOWN]:
        yield f"  {_place(mutant)}: {mutant.operator} {mutant.name}: {one_line(cover_written(mutant.note))}"
    if len(found.elsewhere) > _SHOWN:
        yield f"  and {len(found.elsewhere) - _SHOWN:,} more; --output-format json lists them all"


def _place(mutant: Mutant) -> str:
    place = mutant.place
    return f"{one_line(place.path)}:{place.line}:{place.column}"


def assertion_at(where: str, text: Text) -> str:
    """The statement on this line of a test; empty where it cannot be read."""
    path, _, number = where.rpartition(":")
    try:
        module = ast.parse(text(path))
    except (SyntaxError, ValueError, RecursionError):
        return ""
    around = [
        each
        for each in ast.walk(module)
        if isinstance(each, ast.stmt) and each.lineno <= int(number) <= (each.end_lineno or each.lineno)
    ]
    if not around:
        return ""
    inner = max(around, key=lambda each: each.lineno)
    said = ast.get_source_segment(text(path), inner) or ""
    return said.splitlines()[0] if hasattr(inner, "body") else said
