"""DAT001: two services' data in one logical database, and maps of databases that contradict each other."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from greenroom.catalogue.datastore.addresses import (
    Address,
    NumberMap,
    configured,
    hard_numbers,
    number_maps,
    written,
)
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.project import Project
from greenroom.project.settings.addresses import LOCAL
from greenroom.project.settings.compose import is_for_developers
from greenroom.project.settings.declaration import stage_of

_ROLES = (
    (
        "broker",
        re.compile(
            r"broker|celery|queue|(?:^|_)rq(?:_|$)|arq|dramatiq|huey|tasks?(?:_|$)|jobs?(?:_|$)|backend"
        ),
    ),
    ("sessions", re.compile(r"session")),
    ("rate limits", re.compile(r"rate_?limit|limiter|throttl")),
    ("vectors", re.compile(r"vector|embedding")),
    ("locks", re.compile(r"(?:^|_)locks?(?:_|$)")),
    ("channels", re.compile(r"channel|pub_?sub")),
    ("cache", re.compile(r"cach")),
)
_RUNS_TESTS = re.compile(r"\b(?:pytest|manage\.py test|unittest|tox|nox)\b")
_PASSING = re.compile(
    r"(?:^|[/._-])(?:tests?|testing|ci|dev|develop|development|devcontainer|local|examples?)(?:[/._-]|$)"
)
_PUBLISHER = re.compile(r"(?:[^/$]+/)*([^/$]+)/[^/$]+")
"""An image with the name of who publishes it, before its own."""
_WATCHES = re.compile(r"exporter|flower|insight|commander|monitor|dashboard|worker")
"""What looks into the data of another."""
_FLUSHES = frozenset({"flushdb", "flushall"})
_ALIASES = frozenset({"default", "main", "base", "primary", "redis"})
_PARTS = frozenset({"redis", "db", "database", "number", "url", "uri", "dsn", "index", "app", "idx"})


def detect_wrong_databases(project: Project) -> Iterator[Sighting]:
    """What literals say of the databases of a Redis; possible where the file that says so is not for production."""
    for found in _wrong_databases(project):
        passing = _is_passing(project, found.place.path)
        yield replace(found, confidence=Confidence.POSSIBLE) if passing else found


def _wrong_databases(project: Project) -> Iterator[Sighting]:
    in_files, in_code, maps = list(configured(project)), list(written(project)), list(number_maps(project))
    flushed = _flushes(project)
    for group in _together(in_files, in_code):
        yield from _shared(group, flushed=flushed)
    for found in maps:
        yield from _same_number(found)
    if flushed:
        yield from _taken_numbers(project, in_files)
    yield from _different_maps(maps)
    yield from _unread(project, in_files, in_code, maps)
    yield from _services_differ(project, in_files)


def _is_passing(project: Project, path: str) -> bool:
    """Whether a file is for tests or developers: by its name, by what it says of itself, by how it starts the services."""
    compose = project.configuration.compose.get(path)
    if compose is None:
        return bool(_PASSING.search(path.lower()))
    ours = [service for service in compose.services.values() if service.build]
    return (
        bool(_PASSING.search(path.lower()))
        or compose.stage in ("test", "development")
        or (bool(ours) and all(map(is_for_developers, ours)))
    )


def _together(in_files: list[Address], in_code: list[Address]) -> Iterator[list[Address]]:
    """Those that hold at the same time: of one file, of one program."""
    by_file: dict[str, list[Address]] = defaultdict(list)
    for address in in_files:
        by_file[address.path].append(address)
    for address in in_code:
        by_file[f"{address.path.split('/', 1)[0]}/*.py"].append(address)
    yield from by_file.values()


def role(name: str) -> str:
    """What a name says that the data is; empty where it does not."""
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return next((title for title, pattern in _ROLES if pattern.search(word)), "")


# one database, two kinds of data


def _shared(group: list[Address], *, flushed: dict[tuple[str, str], str]) -> Iterator[Sighting]:
    by_database: dict[tuple[str, int], list[Address]] = defaultdict(list)
    for address in group:
        if address.server and role(address.name):
            by_database[(address.server, address.number)].append(address)
    for addresses in by_database.values():
        first = next((part for part in addresses if role(part.name) == "cache"), None)
        second = next((part for part in addresses if role(part.name) != "cache"), None)
        if first is None or second is None:
            continue  # what is never evicted or flushed as a whole gets on with its neighbours
        yield _one_database(first, second, flushed.get((first.path, first.name), ""))


def _one_database(cache: Address, other: Address, flushed: str) -> Sighting:
    apart = _are_set_apart(cache, other)
    sure = Confidence.DEFINITE if flushed else Confidence.PROBABLE
    how = f"`{flushed}` empties both" if flushed else "who clears or evicts the cache takes the other with it"
    return _sighting(
        other,
        f"`{cache.name}` and `{other.name}` name the same database `{other.database}`: the cache and the "
        f"{_plural(role(other.name))} are kept in one, and {how}",
        Confidence.POSSIBLE if apart else sure,
        sites=(cache,),
        subject=f"{other.database}:cache+{role(other.name)}",
    )


def _are_set_apart(first: Address, second: Address) -> bool:
    """Whether each has a variable of its own, and only what a developer's machine gets who sets neither is the same."""
    apart = first.variable and second.variable and first.variable != second.variable
    return bool(apart) and first.server.partition(":")[0] in LOCAL


def _plural(title: str) -> str:
    return "queue" if title == "broker" else title


def _flushes(project: Project) -> dict[tuple[str, str], str]:
    """Path and name of what production empties as a whole → the call that does."""
    found = {}
    for scope in mentioning(project.production(), words(*_FLUSHES)):
        for call in scope.body.calls:
            base, _, last = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
            if last in _FLUSHES and project.entries.reach(scope) is not Reach.SCRIPT:
                found[(scope.path, base.rsplit(".", 1)[-1])] = f"{call.callee}()"
    return found


def _taken_numbers(project: Project, in_files: list[Address]) -> Iterator[Sighting]:
    """A number in code, where the configuration gives that database to something else, and somebody empties one."""
    owners: dict[int, list[Address]] = defaultdict(list)
    names = {address.name for address in in_files}
    often = Counter(word for name in names for word in plain(name).split("_"))
    usual = {word for word, count in often.items() if len(names) > 2 and count > len(names) / 2}  # the prefix
    for address in in_files:
        if address.server and not _PASSING.search(address.path.lower()):
            owners[address.number].append(address)
    for client in hard_numbers(project):
        # Database 0 is what everybody gets who says nothing: that names nobody.
        named = owners.get(client.number, []) if client.number else []
        around = f"{client.path} {client.symbol} {client.name}".lower()
        words = {word for part in named for word in plain(part.name).split("_")} - usual
        if words and not any(word in around for word in words):
            yield _sighting(
                client,
                f"database {client.number} is written here, and `{named[0].name}` names the same one for other data: "
                "production empties databases as a whole",
                Confidence.PROBABLE,
                sites=tuple(named[:1]),
                subject=f"{client.name}:{client.number}",
            )


# maps in code


def _same_number(found: NumberMap) -> Iterator[Sighting]:
    by_number: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for entry in found.numbers:
        if entry[0].lower() not in _ALIASES:
            by_number[entry[1]].append(entry)
    for number, entries in by_number.items():
        if len({plain(name) for name, _, _ in entries}) > 1:
            names = " and ".join(f"`{name}`" for name, _, _ in entries)
            place = Address(entries[-1][0], found.path, entries[-1][2], found.symbol, "", number)
            yield _sighting(
                place,
                f"`{found.name}` gives {names} the same database {number}",
                Confidence.DEFINITE,
                subject=f"{found.name}:{number}",
            )


def _different_maps(maps: list[NumberMap]) -> Iterator[Sighting]:
    for first, second in combinations(maps, 2):
        known = {plain(name): (name, number, line) for name, number, line in first.numbers}
        for name, number, line in second.numbers:
            other = known.get(plain(name))
            if other is not None and other[1] != number and first.path != second.path:
                place = Address(name, second.path, line, second.symbol, "", number)
                yield _sighting(
                    place,
                    f"`{second.name}` says that `{name}` is database {number}, and `{first.name}` in "
                    f"{first.path}:{other[2]} says {other[1]}: one writes where the other does not look",
                    Confidence.PROBABLE,
                    sites=(Address(other[0], first.path, other[2], first.symbol, "", other[1]),),
                    subject=f"{second.name}:{name}",
                )


# code and configuration


def _unread(
    project: Project, in_files: list[Address], in_code: list[Address], maps: list[NumberMap]
) -> Iterator[Sighting]:
    """A number in the environment that no code reads, where the code has another of its own."""
    fixed = {plain(part.name): part for part in in_code if not part.is_default and not part.server}
    for found in maps:
        for name, number, line in found.numbers:
            fixed.setdefault(plain(name), Address(name, found.path, line, found.symbol, "", number))
    pairs = [
        (address, other) for address in in_files
        if not address.server and (other := fixed.get(plain(address.name))) is not None
        and other.number != address.number
    ]  # fmt: skip
    read = _strings(project) if pairs else set()
    for address, other in pairs:
        if address.name.lower() in read:
            continue
        yield _sighting(
            address,
            f"`{address.name}` says database {address.number}, and the code uses {other.number} for `{other.name}` "
            f"({other.path}:{other.line}) without asking the environment",
            Confidence.PROBABLE,
            sites=(other,),
            subject=address.name,
        )


def _strings(project: Project) -> set[str]:
    """All that production code could read from the environment: texts and names of fields, in lower case."""
    found: set[str] = set()
    for module in project.production():
        for body in module.bodies:
            for call in body.calls:
                for value in (*call.arguments, *(part for _, part in call.keywords)):
                    found.update(_texts(value))
            for statement in body.statements:
                found.update(_texts(statement.value))
                if statement.kind == "annotate" and isinstance(statement.target, str):
                    found.add(statement.target.lower())
    return found


def _texts(expression: object) -> Iterator[str]:
    for part in facts.walk(expression):
        text = facts.constant(part)
        if isinstance(text, str):
            yield text.lower()


def _services_differ(project: Project, in_files: Iterable[Address]) -> Iterator[Sighting]:
    """Of one compose file: the same variable, on the same server, with two numbers."""
    seen: dict[tuple[str, str], Address] = {}
    for address in in_files:
        if not address.service or not address.server:
            continue
        first = seen.setdefault((address.path, address.name), address)
        if (
            first.number != address.number
            and first.server == address.server
            and first.service != address.service
            and not _are_of_two_publishers(project, first, address)
            and not any(_is_of_tests(project, part) for part in (first, address))
        ):
            yield _sighting(
                address,
                f"`{address.name}` is `{address.database}` for the service `{address.service}`, and "
                f"`{first.database}` for `{first.service}`: what one writes the other never reads",
                Confidence.PROBABLE,
                sites=(first,),
                subject=f"{address.service}:{address.name}",
            )


def _is_of_tests(project: Project, address: Address) -> bool:
    """Whether the service runs the tests, whose data is to be apart: by its name, its profiles or what it starts."""
    compose = project.configuration.compose.get(address.path)
    service = compose.services.get(address.service) if compose is not None else None
    names = (address.service, *(service.profiles if service is not None else ()))
    started = " ".join(part.text for part in service.command.listed) if service is not None else ""
    return any(stage_of(name) == "test" for name in names) or _RUNS_TESTS.search(started) is not None


def _are_of_two_publishers(project: Project, first: Address, second: Address) -> bool:
    """Whether the one runs a product of others, which keeps data of its own: `ghcr.io/them/proxy` beside `us/shop`."""
    compose = project.configuration.compose.get(first.path)
    services = compose.services if compose is not None else {}
    known = [services.get(part.service) for part in (first, second)]
    images = [service.image for service in known if service is not None and not service.build]
    publishers = {_PUBLISHER.sub(r"\1", image) for image in images if _PUBLISHER.fullmatch(image)}
    return len(publishers) == len(known) and not any(map(_WATCHES.search, images))


def plain(name: str) -> str:
    """`REDIS_DB_SESSIONS`, `sessions` and `SESSION_REDIS_DB` are one name."""
    words = [
        part for part in re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_") if part not in _PARTS
    ]
    return "_".join(part.removesuffix("s") for part in words) or name.lower()


def _sighting(
    place: Address, message: str, confidence: Confidence, *, sites: tuple[Address, ...] = (), subject: str
) -> Sighting:
    return Sighting(
        place=Place(path=place.path, line=place.line, symbol=place.symbol),
        message=message,
        severity=Severity.MEDIUM,
        confidence=confidence,
        sites=tuple(Place(path=part.path, line=part.line, symbol=part.symbol) for part in sites),
        subject=subject,
    )


MODE = FailureMode(
    code="DAT001",
    name="wrong-database",
    family=Family.DATASTORE,
    summary="two services' data in one logical database, or maps of databases that contradict each other",
    consequence="one service reads, evicts or flushes another's data, or looks for its own where it never was written",
    remedy="give each kind of data its own database or server, and keep the one map of them in one place",
    source="Redis documentation, SELECT and FLUSHDB; Celery documentation, Using Redis: Key eviction",
    detector=detect_wrong_databases,
)
