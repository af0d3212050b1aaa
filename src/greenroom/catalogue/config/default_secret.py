"""CFG007: a secret with a default that everybody can read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from greenroom.catalogue.config.debug_settings import DebugSettings
from greenroom.catalogue.config.deployed_compose import is_deployed
from greenroom.catalogue.config.keys_of_fernet import is_refused_by_fernet
from greenroom.catalogue.config.lines import place_of
from greenroom.catalogue.config.made_stores import makes_a_store_with
from greenroom.catalogue.config.refusals import Refusals
from greenroom.catalogue.config.required_beside import RequiredBeside
from greenroom.catalogue.config.secret_names import Kind, is_placeholder, kind_of
from greenroom.catalogue.config.secrets_of_images import secrets_of_images
from greenroom.catalogue.config.secrets_of_terraform import secrets_of_terraform
from greenroom.catalogue.config.secrets_read import SecretsRead
from greenroom.catalogue.config.servers import KEYS_OF_SESSIONS, Servers
from greenroom.catalogue.config.signing_constants import SigningConstant, signing_constants
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.development import is_for_developers as asks_for_developers
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.settings.addresses import LOCAL
from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers, is_said_to_pass
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.interpolation import references
from greenroom.project.settings.variable_read import VariableRead

_SETTINGS: Final = re.compile(r"(?:^|[/_])(?:settings|config|configuration|conf)(?:[/_.]|$)", re.IGNORECASE)
_OF_A_BUILD: Final = re.compile(r"(?:^|/)settings/(?:build|assets|collectstatic|docker_build)\.py$")
"""Settings with which a build collects files, and nobody is served."""
_FIRST_LINES: Final = 5
_OF_ONE_MACHINE: Final = re.compile(r"(?<=\w)\.(?:local|localhost|test)(?![\w.])")
"""Names that only the machine of somebody who works on it knows."""
_SET_ON: Final = re.compile(r"(?:^|\.)(?:app|application|flask_app)(?:\.config)?$")
_KIND_WORDS: Final = {
    Kind.SIGNING: "signs or encrypts with",
    Kind.LOGIN: "lets people in by",
    Kind.STORE: "opens a store with",
}
_PASSWORD: Final = re.compile(r"(?:PASSWORD|PASSWD|PASS|PWD|SECRET_KEY)$")
_HOST: Final = re.compile(r"(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDRESS|ENDPOINT)$")
_KEY: Final = re.compile(r"SECRET_KEY$")
_SECRETS: Final = words("SECRET", "secret", "KEY", "SALT")
_SOURCES: Final = {
    "py": "code",
    "yml": "compose",
    "yaml": "compose",
    "tf": "terraform",
    "tfvars": "terraform",
}
_WHO: Final = "a deployment that sets no other"
_REMEDY: Final = "take the default away, so that a deployment without the secret does not start"


def detect_default_secrets(project: Project) -> Iterator[Sighting]:
    """In code, in compose files, in images, in files of Terraform."""
    refusals = project.once(Refusals)
    by_hand = project.once(ByHand)
    servers, used = project.once(Servers), SecretsRead(project)
    beside = RequiredBeside(project)
    for read in project.configuration.reads:
        if (
            isinstance(read.default, str)
            and not _is_passing(read.scope)
            and not _is_read_for_developers(read)
            and not by_hand.is_run_by_hand(read.scope.module)
        ):
            sighting = _of_read(project, read, refusals)
            if sighting is not None and not beside.is_never_used(read):
                idle = (
                    not used.is_used(read)
                    or (sighting.subject in KEYS_OF_SESSIONS and not servers.sign(read.scope.module))
                    or is_refused_by_fernet(project, read, servers.part(read.scope.module))
                )
                yield replace(sighting, confidence=Confidence.POSSIBLE) if idle else sighting
    yield from _of_code(project, refusals, servers, used)
    for compose in project.configuration.compose.values():
        text = project.inventory.read_text(compose.path)
        if not _says_that_it_passes(text):
            yield from _of_compose(compose, text, refusals, used)
    yield from _of_images(project, refusals)
    for place, name, kind, owner, confidence in secrets_of_terraform(project):
        yield _sighting(
            place, name, kind, f"`{owner}` gets a `{name}` that is written in this file", confidence
        )


def _of_code(project: Project, refusals: Refusals, servers: Servers, used: SecretsRead) -> Iterator[Sighting]:
    by_hand = project.once(ByHand)
    signed = {(held.module.path, held.line): held for held in signing_constants(project)}
    written: set[tuple[str, int]] = set()
    for module in project.production():
        for found in _written(module, refusals, by_hand, project.once(DebugSettings)):
            place = (found.place.path, found.place.line)
            if place in signed and signed[place].entered and found.subject not in KEYS_OF_SESSIONS:
                continue  # what is done with it says more
            written.add(place)
            idle = (
                not used.is_named(found.subject, module.path)
                or refusals.is_filled_in(found.subject)
                or (found.subject == "SECRET_KEY" and not (servers.may_use(module) and servers.sign(module)))
            )
            yield replace(found, confidence=Confidence.POSSIBLE) if idle else found
    for place, held in signed.items():
        if place not in written and not _is_passing(held.module.top):
            yield from _of_constant(held, refusals)


def _of_constant(held: SigningConstant, refusals: Refusals) -> Iterator[Sighting]:
    refused = refusals.refuse(held.value, (held.name,)) or (
        not held.is_given and refusals.is_set_elsewhere(held.name, held.module)
    )
    if not is_placeholder(Kind.SIGNING, held.value) and not refused:
        said = f"`{held.name}` is written into the code, and {held.by}"
        sure = Confidence.PROBABLE if held.entered else Confidence.POSSIBLE
        place = Place(path=held.module.path, line=held.line)
        yield _of_all(_sighting(place, held.name, Kind.SIGNING, said, sure))


def _of_all(found: Sighting) -> Sighting:
    """What is given to the application itself, nothing outside of the code can replace."""
    return replace(found, message=found.message.replace(_WHO, "every deployment"))


def _of_images(project: Project, refusals: Refusals) -> Iterator[Sighting]:
    for held in secrets_of_images(project):
        if not refusals.refuse(held.line.value, (held.line.name,)):
            yield _sighting(
                Place(path=held.path, line=held.line.line), held.line.name, held.kind,
                f"the image has a `{held.line.name}` that is written in this file", held.confidence,
            )  # fmt: skip


def _is_passing(scope: Scope) -> bool:
    """Whether its names say that it is for development or tests."""
    return (
        _OF_A_BUILD.search(scope.path) is not None
        or stage_of(scope.path) in ("development", "test")
        or stage_of(_words(scope.qualname))
        in (
            "development",
            "test",
        )
    )


def _is_read_for_developers(read: VariableRead) -> bool:
    """Whether a branch does it that only development, tests or a pipeline take."""
    body = read.scope.body
    blocks = {part.block for part in body.statements if part.line <= read.line <= part.end_line}
    return bool(blocks) and all(asks_for_developers(body, block) for block in blocks)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def _of_read(project: Project, read: VariableRead, refusals: Refusals) -> Sighting | None:
    kind = _kind_of_read(project, read)
    if kind is None or is_placeholder(kind, read.default) or refusals.refuse(read.default, read.names):
        return None
    sure = Confidence.PROBABLE if kind is Kind.STORE else Confidence.DEFINITE
    return _sighting(
        place_of(project, read), read.name, kind, f"`{read.name}` has a default in the code",
        Confidence.POSSIBLE
        if _is_read_again(project, read)
        or refusals.is_set_by_deployment(read.names)
        or (
            kind is Kind.STORE
            and (_opens_only_a_local_store(project, read) or not makes_a_store_with(project, read.default))
        )
        else sure,
    )  # fmt: skip


def _kind_of_read(project: Project, read: VariableRead) -> Kind | None:
    """What it is for by its names; beside an `…_ACCESS_KEY`, a `…_SECRET_KEY` is half of what a client shows a store."""
    kinds = [found for name in read.names if (found := kind_of(name)) is not None]
    pairs = {_KEY.sub("ACCESS_KEY", name.upper()) for name in read.names if _KEY.search(name.upper())}
    if Kind.SIGNING in kinds and any(
        name.upper() in pairs - {"ACCESS_KEY"}
        for other in project.configuration.reads
        if other.scope.module is read.scope.module
        for name in other.names
    ):
        return Kind.STORE
    return kinds[0] if kinds else None


def _opens_only_a_local_store(project: Project, read: VariableRead) -> bool:
    """Whether the host beside it defaults to this machine, and no service is made with the password: it opens a developer's store."""
    stem = _PASSWORD.sub("", read.name.upper())
    # `CLICKHOUSE_WRITER_PASSWORD` and `CLICKHOUSE_READER_PASSWORD` open one `CLICKHOUSE_SERVICE_HOSTNAME`.
    hosts = _hosts(project, read, stem) or _hosts(project, read, f"{stem.partition('_')[0]}_")
    return (
        bool(hosts)
        and all(str(host).rpartition(":")[0] in LOCAL or host in LOCAL for host in hosts)
        and not any(
            kind_of(line.name) is not None and _known(line) == read.default
            for compose in project.configuration.compose.values()
            if compose.stage not in ("test", "development")
            for service in compose.services.values()
            for line in service.environment.values()
        )
    )


def _hosts(project: Project, read: VariableRead, stem: str) -> list[Any]:
    """What the hosts that are read beside it, by names that begin alike, default to."""
    return [
        other.default
        for other in project.configuration.reads
        if other.scope.module is read.scope.module
        and any(name.upper().startswith(stem) and _HOST.search(name.upper()) for name in other.names)
    ]


def _is_read_again(project: Project, read: VariableRead) -> bool:
    """Whether settings that take all of these over read the variable without a default: those of production."""
    home = read.scope.module
    again = {
        part.scope.module
        for part in project.configuration.reads
        if read.name in part.names and not isinstance(part.default, str) and part.scope.module is not home
    }
    return any(
        part.name == "*" and project.symbols.imported_module(module, part.level, part.module) is home
        for module in again
        for part in module.imports
    )


def _written(module: Module, refusals: Refusals, by_hand: ByHand, debug: DebugSettings) -> Iterator[Sighting]:
    """`SECRET_KEY = "…"` in settings, `app.secret_key = "…"`, `app.config["SECRET_KEY"] = "…"`."""
    for scope in mentioning([module], _SECRETS):
        if scope.kind == "lambda" or _is_passing(scope):
            continue
        for part in scope.body.statements:
            if part.kind != "assign" or not isinstance(value := facts.constant(part.value), str):
                continue
            if asks_for_developers(scope.body, part.block):
                continue
            for target in part.target:
                name = _name_of(scope, target)
                if (
                    name
                    and kind_of(name) is Kind.SIGNING
                    and not (
                        is_placeholder(Kind.SIGNING, value)
                        or refusals.refuse(value, (name,))
                        or refusals.is_set_elsewhere(name, module)
                    )
                ):
                    found = _sighting(
                        Place(path=scope.path, line=part.line, symbol=scope.qualname), name, Kind.SIGNING,
                        f"`{name}` is written into the code", _of_written(module, target, by_hand, debug),
                    )  # fmt: skip
                    yield found if target == name else _of_all(found)


def _of_written(module: Module, target: Any, by_hand: ByHand, debug: DebugSettings) -> Confidence:
    """An application that nobody starts is an example."""
    of_application = not isinstance(target, str) or "." in target
    known = not of_application or by_hand.is_imported(module) or by_hand.may_be_started(module)
    return Confidence.PROBABLE if known and not debug.are_for_developers(module) else Confidence.POSSIBLE


def _name_of(scope: Scope, target: Any) -> str:
    """The name of a setting, where an assignment sets one."""
    if (
        isinstance(target, tuple)
        and target[0] == facts.ITEM
        and isinstance(target[1], str)
        and _SET_ON.search(target[1])
    ):
        key = facts.constant(target[2])
        return key if isinstance(key, str) else ""
    if not isinstance(target, str):
        return ""
    base, _, last = target.rpartition(".")
    if base:
        return last.upper() if last == "secret_key" and _SET_ON.search(base) else ""
    settings = _SETTINGS.search(scope.path) and (
        scope.kind == "module" or "onfig" in scope.name or "ettings" in scope.name
    )
    return target if settings and target.isupper() else ""


# deployment


def _says_that_it_passes(text: str) -> bool:
    """Whether its first lines say that it is for development or tests."""
    comments = (line for line in text.splitlines()[:_FIRST_LINES] if line.lstrip().startswith("#"))
    return any(stage_of(comment) in ("development", "test") for comment in comments)


def _of_compose(compose: ComposeFile, text: str, refusals: Refusals, used: SecretsRead) -> Iterator[Sighting]:
    """One sighting for each secret; development's files are for development."""
    names = (part for service in compose.services.values() for part in (service.name, service.target))
    if any(stage_of(text) in ("development", "test") for text in (compose.path, *names)):
        return
    for service in compose.services.values():
        for line in service.environment.values():
            default = _known(line)
            kind = _kind_for(service, line.name)
            if kind is None or default is None or is_placeholder(kind, default):
                continue
            if default != line.value and refusals.is_compared(default):
                continue
            yield _sighting(
                Place(path=compose.path, line=line.line), line.name, kind,
                f"the service `{service.name}` gets a `{line.name}` that is written in this file",
                _confidence(kind, service, compose)
                if (not service.build or used.is_variable_read(line.name, service))
                and not is_said_to_pass(service, text)
                else Confidence.POSSIBLE,
            )  # fmt: skip


def _kind_for(service: Service, name: str) -> Kind | None:
    """The password of a server that somebody else makes is that of a store."""
    kind = kind_of(name)
    return Kind.STORE if kind is Kind.LOGIN and not service.build else kind


def _known(line: Line) -> str | None:
    """The value that counts where nobody sets another."""
    asked = references(line.value)
    if not asked:
        return line.value
    if len(asked) == 1 and line.value.startswith("${") and line.value.endswith("}"):
        return asked[0].default
    return None


def _confidence(kind: Kind, service: Service, compose: ComposeFile) -> Confidence:
    if is_for_developers(service) or any(
        _OF_ONE_MACHINE.search(line.value) for line in service.environment.values()
    ):
        return Confidence.POSSIBLE
    open_to_all = any(not port.startswith("127.") for port in service.ports)
    matters = kind is not Kind.STORE or (compose.stage == "production" and open_to_all)
    return Confidence.PROBABLE if matters and is_deployed(compose) else Confidence.POSSIBLE


def _sighting(place: Place, name: str, kind: Kind, message: str, confidence: Confidence) -> Sighting:
    return Sighting(
        place=place,
        message=f"{message}: {_WHO} {_KIND_WORDS[kind]} a value that everybody can read",
        severity=Severity.MEDIUM if kind is Kind.STORE else Severity.HIGH,
        confidence=confidence,
        remedy=_REMEDY,
        subject=name,
        cause=f"{_SOURCES.get(place.path.rpartition('.')[2], 'image')}:{kind}",
    )


MODE = FailureMode(
    code="CFG007",
    name="default-secret",
    family=Family.CONFIG,
    summary="a key, password or token with a default that stands in the repository",
    consequence="whoever reads the repository can sign sessions and tokens, or log in, wherever nobody set another value",
    remedy=_REMEDY,
    source="CWE-1392 (Use of Default Credentials) and CWE-798 (Use of Hard-coded Credentials)",
    detector=detect_default_secrets,
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
