"""Compose files: services with what they are given, need and show."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Final

from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.tree import Tree, read_trees

_FILE: Final = re.compile(r"(?:^|/)[^/]*compose[^/]*\.ya?ml$", re.IGNORECASE)
_SOURCES: Final = re.compile(r"(?:\.|\$\{PWD\}|\$PWD)/?:")
_RELOADS: Final = re.compile(
    r"(?<!\w)(?:runserver|--reload|--debug|fastapi\s+dev|debugpy|watchfiles|watchmedo"
    r"|(?:p?npm|yarn)(?:\s+run)?\s+(?:dev|start:dev))\b"
)
_MODE: Final = re.compile(r"^(?:\w+_)?(?:DEBUG|ENV|ENVIRONMENT)$")
_DEVELOPS: Final = re.compile(r"1|true|yes|on|dev|develop|development|local", re.IGNORECASE)
_HEAD, _WHOLE_HEAD = 12, 60
"""Lines of remarks at the top of a file that say what it is for; with a licence above them."""
_NEVER_THERE: Final = re.compile(
    r"\bnot (?:yet )?(?:intended|meant|suitable|designed|recommended|supposed|fit|ready)(?: \w+){0,4}? (?:in|for) (?:a )?production\b",
    re.IGNORECASE,
)
_FOR_DEVELOPERS: Final = re.compile(
    r"\bonly (?:for|in|used (?:for|in)) (?:local |the )?(?:dev\w*|test\w*)|\bfor (?:local )?(?:dev|development|testing|tests)\b(?! and)"
    r"|\b(?:local|dev|development)[- ]only\b|\blocal dev(?:elopment)?\b(?! and)|\bdev(?:elopment)? (?:environment|set-?up|stack|compose)\b"
    r"|\bnot (?:\w+ ){0,4}(?:in|for) (?:a )?production\b|\bdevelopment containers?\b|\bonly (?:be )?used if you are developing\b",
    re.IGNORECASE,
)
_NOT_PRODUCTION: Final = re.compile(
    r"\b(?:not?|never|don't)\b[^.;,]{0,40}\b(?:production|deploy\w*)", re.IGNORECASE
)
_FOR_ALL: Final = re.compile(r"\bproduction\b|\bdeploy", re.IGNORECASE)
_IN_PRODUCTION: Final = re.compile(r"\b(?:for|in) production\b", re.IGNORECASE)
_EMULATORS: Final = re.compile(
    r"(?:^|/)(?:localstack(?:-pro)?|azurite|fake-gcs-server|dynamodb-local|moto|motoserver|stripe-mock|firebase-emulator\w*)(?:[:@]|$)"
)
"""Images that stand in for a cloud on the machine of whoever works on the project: behind them nothing is kept for anybody."""
_DEEPEST: Final = 4
Read = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of `depends_on`."""

    name: str
    condition: str
    """`service_started` where nothing is said."""
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of a compose file, `extends` followed."""

    name: str
    path: str
    line: int
    image: str
    build: str
    """Folder of its Dockerfile relative to the project's root, `.` for the root; empty where it is not built here."""
    dockerfile: str
    """Relative to the project's root; empty where it is not built here, or written into the compose file."""
    target: str
    """The stage that is built; empty for the last."""
    command: Tree
    entrypoint: Tree
    environment: dict[str, Line]
    """What stands under `environment:`; an entry without a value is passed through and has an empty one."""
    passed: frozenset[str]
    """Names under `environment:` without a value: from the shell that runs compose."""
    env_files: tuple[tuple[str, int], ...]
    """Path relative to the project's root, and the line that names it; later ones win."""
    networks: frozenset[str] | None
    """None: not said, so the default one."""
    network_mode: str
    aliases: frozenset[str]
    """Names under which others reach it, beside its own."""
    ports: tuple[str, ...]
    depends_on: tuple[Dependency, ...]
    healthcheck: Tree
    volumes: tuple[str, ...]
    """As written, the long form as the short one; without what is a `tmpfs`."""
    tmpfs: bool
    """Whether some folder of it is kept in memory on purpose."""
    restart: str
    profiles: frozenset[str]
    links: bool

    @property
    def on(self) -> frozenset[str]:
        """The networks that it is on."""
        return self.networks if self.networks is not None else frozenset({"default"})

    def published(self) -> Iterator[tuple[str, str]]:
        """Port of the host and port of the container, where both are said."""
        for port in self.ports:
            parts = port.partition("/")[0].rsplit(":", 2)
            if len(parts) > 1:
                yield parts[-2], parts[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFile:
    """One file."""

    path: str
    services: dict[str, Service]
    stage: str
    """The environment that it is for, as its path, the remarks at its top or its services say: test, development, production, or empty."""

    def answering(self, host: str) -> Service | None:
        """The service that others reach under this name."""
        own = self.services.get(host)
        return own or next((part for part in self.services.values() if host in part.aliases), None)


def is_compose_file(path: str) -> bool:
    """Whether a file's name says so."""
    return _FILE.search(path) is not None


def is_for_developers(service: Service) -> bool:
    """Whether it runs the sources of whoever works on them: mounted, reloaded at each change, or in debug mode."""
    words = " ".join(part.text for tree in (service.command, service.entrypoint) for part in tree.listed)
    told = (line for line in service.environment.values() if _MODE.search(line.name.upper()))
    return (
        any(_SOURCES.match(volume) for volume in service.volumes)
        or _RELOADS.search(words) is not None
        or any(_DEVELOPS.fullmatch(line.value) for line in told)
    )


def is_said_to_pass(service: Service, text: str) -> bool:
    """Whether the remark right above it in its file says that it is for tests or development."""
    above = reversed(text.splitlines()[: service.line - 1])
    remark = takewhile(lambda line: line.startswith("#"), map(str.strip, above))
    said = " ".join(reversed([line.strip(" #") for line in remark]))
    return _FOR_DEVELOPERS.search(said) is not None and not _IN_PRODUCTION.search(said)


def read_compose(path: str, read: Read) -> ComposeFile | None:
    """The services of a compose file; None where it is none."""
    document = next(iter(read_trees(read(path))), None)
    listed = document.get("services").entries if document is not None else {}
    if not listed:
        return None
    reader = _Reader(path, read)
    services = {name: reader.service(name, tree, listed) for name, tree in listed.items() if tree.entries}
    stage = stage_of(path) or _stage_said(read(path))
    if stage != "test" and any(map(_emulates, services.values())):
        stage = "development"
    return ComposeFile(path=path, services=services, stage=stage)


def _emulates(service: Service) -> bool:
    """Whether it stands in for a cloud, in whatever is started with the file."""
    return not service.profiles and _EMULATORS.search(service.image) is not None


def _stage_said(text: str) -> str:
    """`# Only for local development, not used in production`."""
    head = takewhile(lambda line: not line.strip() or line.lstrip().startswith("#"), text.splitlines())
    lines = [line.strip(" #") for line in islice(head, _WHOLE_HEAD)]
    if _NEVER_THERE.search(" ".join(lines)):
        return "development"
    said = " ".join(lines[:_HEAD])
    negated = _NOT_PRODUCTION.sub("", said)
    return "development" if _FOR_DEVELOPERS.search(said) and not _FOR_ALL.search(negated) else ""


class _Reader:
    def __init__(self, path: str, read: Read) -> None:
        self._path = path
        self._folder = posixpath.dirname(path)
        self._read = read

    def service(self, name: str, tree: Tree, listed: dict[str, Tree], depth: int = 0) -> Service:
        own = self._plain(name, tree)
        base = self._extended(tree, listed, depth)
        return _over(own, base, tree) if base is not None else own

    def _extended(self, tree: Tree, listed: dict[str, Tree], depth: int) -> Service | None:
        extends = tree.get("extends")
        name = extends.text or extends.get("service").text
        if not name or depth > _DEEPEST:
            return None
        file = extends.get("file").text
        if not file:
            return self.service(name, listed[name], listed, depth + 1) if name in listed else None
        path = self._below(file)
        document = next(iter(read_trees(self._read(path))), None)
        others = document.get("services").entries if document is not None else {}
        reader = _Reader(path, self._read)
        return reader.service(name, others[name], others, depth + 1) if name in others else None

    def _below(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, path))

    def _plain(self, name: str, tree: Tree) -> Service:
        environment, passed = _environment(tree.get("environment"))
        networks = tree.get("networks")
        names = frozenset(networks.entries) | {part.text for part in networks.items}
        build, dockerfile = self._built(tree.get("build"))
        volumes = tree.get("volumes").items
        in_memory = [part for part in volumes if part.get("type").text == "tmpfs"]
        return Service(
            name=name, path=self._path, line=tree.line, image=tree.get("image").text, build=build,
            dockerfile=dockerfile, target=tree.get("build", "target").text, command=tree.get("command"),
            entrypoint=tree.get("entrypoint"), environment=environment, passed=passed,
            env_files=tuple(self._env_files(tree.get("env_file"))),
            networks=names or None, network_mode=tree.get("network_mode").text or tree.get("net").text,
            aliases=_aliases(tree), ports=tuple(_ports(tree.get("ports"))),
            depends_on=tuple(_dependencies(tree.get("depends_on"))), healthcheck=tree.get("healthcheck"),
            volumes=tuple(_mounted(part) for part in volumes if part not in in_memory),
            tmpfs=bool(in_memory or tree.get("tmpfs").listed),
            restart=tree.get("restart").text or tree.get("deploy", "restart_policy", "condition").text,
            profiles=frozenset(part.text for part in tree.get("profiles").items),
            links=bool(tree.get("links").items),
        )  # fmt: skip

    def _built(self, build: Tree) -> tuple[str, str]:
        context = build.text or build.get("context").text or ("." if build.entries else "")
        if not context or "://" in context or context.startswith(("git@", "$")):
            return "", ""
        folder = self._below(context)
        if "dockerfile_inline" in build.entries:
            return folder, ""
        return folder, posixpath.normpath(
            posixpath.join(folder, build.get("dockerfile").text or "Dockerfile")
        )

    def _env_files(self, tree: Tree) -> Iterator[tuple[str, int]]:
        for part in tree.listed or ([tree] if tree.entries else []):
            name = part.text or part.get("path").text
            if name:
                yield self._below(name.removeprefix("${PWD}/")), part.line


def _over(own: Service, base: Service, tree: Tree) -> Service:
    """What a service says, over what it extends; `depends_on` is not taken over."""
    said = {"image", "command", "entrypoint", "healthcheck", "restart", "network_mode"} & set(tree.entries)
    kept = {name: getattr(base, name) for name in ("image", "command", "entrypoint", "healthcheck", "restart",
                                                   "network_mode") if name not in said}  # fmt: skip
    if "build" not in tree.entries:
        kept |= {"build": base.build, "dockerfile": base.dockerfile, "target": base.target}
    networks = (
        None
        if own.networks is None and base.networks is None
        else (own.networks or frozenset()) | (base.networks or frozenset())
    )
    return replace(
        own, **kept, environment=base.environment | own.environment, passed=base.passed | own.passed,
        env_files=base.env_files + own.env_files, networks=networks, ports=base.ports + own.ports,
        volumes=base.volumes + own.volumes, aliases=base.aliases | own.aliases,
    )  # fmt: skip


def _environment(tree: Tree) -> tuple[dict[str, Line], frozenset[str]]:
    found: dict[str, Line] = {}
    passed = set()
    for name, part in tree.entries.items():
        found[name] = Line(name, part.text, part.line)
    for part in tree.items:
        name, given, value = part.text.partition("=")
        name = name.strip()
        if name:
            found[name] = Line(name, value.strip(), part.line)
            if not given:
                passed.add(name)
    return found, frozenset(passed)


def _aliases(tree: Tree) -> frozenset[str]:
    listed = [
        alias.text
        for network in tree.get("networks").entries.values()
        for alias in network.get("aliases").items
    ]
    return frozenset({tree.get("container_name").text, tree.get("hostname").text, *listed} - {""})


def _mounted(tree: Tree) -> str:
    source, target = tree.get("source").text, tree.get("target").text
    return tree.text or (f"{source}:{target}" if source else target)


def _ports(tree: Tree) -> Iterator[str]:
    for part in tree.items:
        target, published = part.get("target").text, part.get("published").text
        yield part.text or (f"{published}:{target}" if published else target)


def _dependencies(tree: Tree) -> Iterator[Dependency]:
    for part in tree.items:
        if part.text:
            yield Dependency(name=part.text, condition="service_started", line=part.line)
    for name, part in tree.entries.items():
        condition = part.get("condition").text or "service_started"
        yield Dependency(name=name, condition=condition, line=part.line)
