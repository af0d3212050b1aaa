"""Doubles whose shape is that of the real thing."""

from greenroom.detect.coverage.figure import figure
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.score import Bar


def double_fidelity(seen: SeenRun) -> Bar:
    """Mocks that were used only in ways which the real thing has, of all that stood in for something.

    A mock is told by what it replaces and where; the same one in several tests counts once.
    """
    shapes: dict[tuple[str, str], bool] = {}
    for test in seen.tests.values():
        for part in test.parts:
            for each in part.replacements:
                if "Mock" in each.double:
                    where = f"{each.place.path}:{each.place.line}" if each.place is not None else each.by
                    key = (each.target, where)
                    shapes[key] = shapes.get(key, True) and not (each.missing or each.unlike)
    return figure(
        "doubles of the right shape",
        [(f"{what} in {where}", fits) for (what, where), fits in sorted(shapes.items())],
    )
