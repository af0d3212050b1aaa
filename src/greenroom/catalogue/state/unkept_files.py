"""Files that requests leave in a container which keeps nothing: uploads, and a database in a file."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from greenroom.catalogue.config.containers import Containers
from greenroom.detect.search import mentioning, words
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.settings.addresses import store_of_image
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.dockerfile import Image
from greenroom.project.settings.layers import Layers
from greenroom.project.settings.variable_read import VariableRead

_SQLITE: Final = re.compile(r"sqlite(?:\+\w+)?:///(?!:memory:|/?(?:tmp|dev/shm|var/tmp)/)[^?]+")
_TABLES: Final = re.compile(r"(?:^|_)(?:DB|DATABASE|SQL|SQLALCHEMY|SQLITE)(?:_|$)")
_SQL: Final = frozenset({"postgres", "mysql"})
_KEPT_BY_IMAGE: Final = re.compile(
    r"^\s*VOLUME\b|s3fs|gcsfuse|rclone|litestream|mount\.nfs", re.MULTILINE | re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(
    r"storages|cloudinary|minio|boto|gcloud|google\.cloud|azure|qiniu|oss2|ipfs", re.IGNORECASE
)
_STORED_ELSEWHERE: Final = frozenset({"DEFAULT_FILE_STORAGE", "STORAGES"})
_FIELDS: Final = frozenset({"FileField", "ImageField"})
_JOINS: Final = frozenset({"join", "Path", "str", "resolve", "abspath", "joinpath", "dirname"})
_UPLOADED: Final = "UploadFile"
_FOLLOWED: Final = 4
_OPENS: Final = frozenset({"open", "aiofiles.open"})
_KEEPING: Final = re.compile(
    r"^(?:\./|/app/|/code/|/data/)?(?:\w+/)?(?:uploads?|media|avatars?|attachments?|uploaded_files|user_files)(?:/|$)",
    re.IGNORECASE,
)
_REMOVES: Final = re.compile(
    r"\b(?:remove|unlink|rmtree|NamedTemporaryFile|TemporaryDirectory|mkdtemp|mkstemp|gettempdir)\b"
)


class Unkept(NamedTuple):
    """What is written into the container of one service."""

    what: str
    place: Place
    """Where the code decides the path."""
    module: Module


def unkept_files(project: Project, compose: ComposeFile, service: Service) -> Iterator[Unkept]:
    """What a service that is built here, and has no volume of any kind, keeps in its own container."""
    image = project.configuration.images.get(service.dockerfile)
    if service.volumes or service.tmpfs or service.profiles or image is None:
        return
    if _KEPT_BY_IMAGE.search(project.inventory.read_text(image.path)):
        return
    if any(
        other.build == service.build and other.dockerfile != service.dockerfile
        for other in compose.services.values()
    ):
        return  # which of the images holds which code is not told by the folder
    containers = project.once(Containers)
    if not any(
        containers.runs(service, module)
        for route in project.routes
        if (module := project.modules.get(route.file)) is not None
    ):
        return
    layers = Layers(service, project.configuration)
    for found in (*_databases(project, compose, layers), *_media(project), *_uploads(project)):
        held = containers.runs(service, found.module) and _is_copied(image, service, found.module)
        if held and not _is_passing(found.module):
            yield found


def _is_copied(image: Image, service: Service, module: Module) -> bool:
    """Whether the image's recipe takes over the file, or a folder around it."""
    path = module.path if service.build == "." else module.path.removeprefix(f"{service.build}/")
    taken = {posixpath.normpath(source) for stage in image.stages for source in stage.copied}
    return any(source in (".", path) or path.startswith(f"{source}/") for source in taken)


def _is_passing(module: Module) -> bool:
    return stage_of(module.path) in ("test", "development")


def _databases(project: Project, compose: ComposeFile, layers: Layers) -> Iterator[Unkept]:
    """A database in a file by the default of a variable that nobody of the project sets to anything else."""
    if layers.unknown_files or any(store_of_image(part.image) in _SQL for part in compose.services.values()):
        return
    if any(
        (part.module or "").startswith("dotenv") for module in project.production() for part in module.imports
    ):
        return  # a file that nobody else sees may say otherwise
    given = {name.upper() for name in layers.names()}
    declared = project.configuration.by_name()
    for read in project.configuration.reads:
        if (
            read.how != "environ"
            or not isinstance(read.default, str)
            or not _SQLITE.fullmatch(read.default)
            or _is_told(read, given)
        ):
            continue
        others = [part for name in read.names for part in declared.get(name, ())]
        if _TABLES.search(read.name.upper()) and not others:
            place = Place(path=read.scope.path, line=read.line, symbol=read.scope.qualname)
            yield Unkept(f"the database that `{read.name}` leads to by its default", place, read.scope.module)


def _is_told(read: VariableRead, given: set[str]) -> bool:
    return any(name.upper() in given for name in read.names)


def _media(project: Project) -> Iterator[Unkept]:
    """`MEDIA_ROOT` of Django's settings, where a model has files, and nothing stores them elsewhere."""
    settings = [
        (module, part)
        for module in project.production()
        if module.mentions(0, b"MEDIA_ROOT")
        for part in module.top.body.statements
        if part.kind in ("assign", "annotate") and "MEDIA_ROOT" in _targets(part)
    ]
    if len(settings) != 1 or _stores_elsewhere(project):
        return
    module, part = settings[0]
    if any(taken.name == "*" and "local" in (taken.module or "") for taken in module.imports):
        return  # settings of one machine
    if part.block == 0 and _is_written_out(module.top, part.value) and _has_files(project):
        place = Place(path=module.path, line=part.line)
        yield Unkept("what users upload (`MEDIA_ROOT`)", place, module)


def _targets(part: facts.Statement) -> tuple[Any, ...]:
    return part.target if part.kind == "assign" else (part.target,)


def _stores_elsewhere(project: Project) -> bool:
    return any(
        _ELSEWHERE.search(part.module or "") for module in project.production() for part in module.imports
    ) or any(
        name in _STORED_ELSEWHERE
        for module in project.production()
        for part in module.top.body.statements
        if part.kind == "assign"
        for name in part.target
        if isinstance(name, str)
    )


def _has_files(project: Project) -> bool:
    return any(
        facts.last_name(call.callee) in _FIELDS and _is_of_models(call.callee)
        for scope in mentioning(project.production(), words("FileField", "ImageField"))
        if scope.kind == "class"
        for call in scope.body.calls
    )


def _is_of_models(callee: facts.Expression) -> bool:
    return isinstance(callee, str) and callee.rpartition(".")[0] in ("models", "django.db.models")


def _is_written_out(scope: Scope, value: facts.Expression) -> bool:
    """Whether a path is made of literals and names alone: nothing is asked for, no mode is looked at."""
    parts = list(facts.walk(value))
    calls = [scope.body.calls[part] for part in parts if type(part) is int]
    texts = [text for part in parts if isinstance(text := facts.constant(part), str)]
    for call in calls:
        if facts.last_name(call.callee) not in _JOINS:
            return False
        for argument in call.arguments:
            if not _is_written_out(scope, argument) and not isinstance(argument, str):
                return False
            texts += [text for part in facts.walk(argument) if isinstance(text := facts.constant(part), str)]
    return bool(texts) and not any(text.startswith(("/tmp", "/mnt", "/efs")) for text in texts)  # noqa: S108


def _uploads(project: Project) -> Iterator[Unkept]:
    """`open("uploads/…", "wb")` in a function that is handed an uploaded file."""
    handlers = {(route.file, route.symbol) for route in project.routes}
    for module in project.production():
        if not any(part.name == _UPLOADED for part in module.imports) or _REMOVES.search(
            project.inventory.read_text(module.path)
        ):
            continue
        for scope in module.scopes:
            takes = any(_UPLOADED in _spelled(part.annotation) for part in scope.parameters)
            call = _keeping(scope) if takes and (scope.path, scope.qualname) in handlers else None
            if call is not None:
                place = Place(path=scope.path, line=call.line, symbol=scope.qualname)
                yield Unkept(f"what `{scope.name}` is sent", place, module)


def _keeping(scope: Scope) -> facts.Call | None:
    """The call that opens a file in a folder of uploads for what is sent."""
    for call in scope.body.calls:
        if call.callee in _OPENS and call.arguments:
            mode = call.arguments[1] if len(call.arguments) > 1 else call.keyword("mode")
            writes = facts.constant(mode) in ("wb", "wb+", "xb")
            if writes and _KEEPING.search(_beginning(scope, call.arguments[0])):
                return call
    return None


def _spelled(annotation: Any) -> str:
    return " ".join(part for part in facts.walk(annotation) if isinstance(part, str))


def _beginning(scope: Scope, value: facts.Expression) -> str:
    """The literal text with which a path begins, also through names of the function or module."""
    for _ in range(_FOLLOWED):
        if isinstance(value, str):
            value = _bound(scope, value)
        if type(value) is int:
            call = scope.body.calls[value]
            value = call.arguments[0] if facts.last_name(call.callee) in _JOINS and call.arguments else None
        if isinstance(value, tuple) and value[0] == facts.TEXT and value[1]:
            value = value[1][0]
        if isinstance(text := facts.constant(value), str):
            return text
    return ""


def _bound(scope: Scope, name: str) -> facts.Expression:
    """What the only assignment to a name gives it, in the function; of its module only a text."""
    for place in (scope, scope.module.top):
        found = [
            part.value for part in place.body.statements if part.kind == "assign" and name in part.target
        ]
        if found:
            is_known = len(found) == 1 and (place is scope or isinstance(facts.constant(found[0]), str))
            return found[0] if is_known else None
    return None
