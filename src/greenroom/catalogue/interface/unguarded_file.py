"""A file whose routes ask nobody, in an application whose other files ask."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from greenroom.catalogue.interface.changing_routes import CHANGING, is_open_by_nature
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.web.authentication import Authentication

_FEWEST = 3
_SHARE = 0.5


def unguarded_files(checks: Authentication, routes: Iterable[Route]) -> Iterator[Sighting]:
    """Routes that replace or delete, of files without any guard, where at least half of the files that change data ask.

    Args:
        checks: what stands in front of routes.
        routes: all of one application.
    """
    files: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        files[route.file].append(route)
    to_be_guarded = {
        file: [route for route in part if route.method in CHANGING and not is_open_by_nature(route)]
        for file, part in files.items()
    }
    changing = {file: part for file, part in to_be_guarded.items() if part}
    guarded = [part for part in changing.values() if all(map(checks.surely, part))]
    if len(guarded) < _FEWEST or len(guarded) < _SHARE * len(changing):
        return
    for file, part in changing.items():
        if not any(map(checks.explicit, files[file])):
            yield from _open(checks, part, guarded)


def _open(checks: Authentication, routes: list[Route], guarded: list[list[Route]]) -> Iterator[Sighting]:
    beside = guarded[0][0]
    for route in routes:
        if route.method == "POST" or checks.is_said_open(route) or checks.any_sign(route):
            continue
        sure = route.certain and not checks.may_ask_in_a_base(route)
        yield Sighting(
            place=Place(path=route.file, line=route.line, symbol=route.symbol),
            message=f"`{route.method} {route.path}` asks nobody who they are, nor does any route of its file, while all that "
            f"change data in {len(guarded)} other files of the application do, by `{checks.surely(beside)[0]}` for one",
            severity=Severity.HIGH,
            confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
            sites=(Place(path=beside.file, line=beside.line, symbol=beside.symbol),),
            subject=f"{route.method} {route.path}",
            cause=route.file,
        )
