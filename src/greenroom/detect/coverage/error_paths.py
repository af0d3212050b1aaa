"""Error-path coverage: `except` branches of production code that a test has entered."""

from collections.abc import Iterator

from greenroom.detect.coverage.figure import figure
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.place import Place
from greenroom.model.score import Bar


def error_path_coverage(seen: SeenRun) -> Bar:
    """`except` branches in functions of production code that were entered, of all."""
    entered = {
        (each.place.path, each.place.line)
        for test in seen.tests.values()
        for part in test.parts
        for each in part.handled
    }
    return figure(
        "error paths",
        [
            (f"{place.path}:{place.line} {place.symbol}", (place.path, place.line) in entered)
            for place in error_paths(seen)
        ],
    )


def error_paths(seen: SeenRun) -> Iterator[Place]:
    """All of them, without those at module level, which choose between imports."""
    for module in seen.project.production():
        if module.path in seen.changed:
            continue
        for scope in module.scopes:
            if not scope.is_function:
                continue
            for block in scope.body.blocks:
                if block.kind == "except":
                    yield Place(path=module.path, line=block.line, symbol=scope.qualname)
