"""The variables that resources of Terraform give to processes: functions, tasks, containers, applications, charts."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from greenroom.project.settings.terraform.folder import Folder, Meant, read_folders
from greenroom.project.settings.terraform.tokens import HclError
from greenroom.project.settings.terraform.tree import Block, Value, read_value

_HOLDS: Final = re.compile(
    r"(?:\w+_)?(?:env|envs|environment|env_?vars?|env(?:ironment)?_var(?:iable)?s?|environment_secrets|app_settings|config_vars)",
    re.IGNORECASE,
)
_PAIRS: Final = frozenset(
    {"env", "environment_variable", "environment_variables", "secret_environment_variables"}
)
_MAPS: Final = re.compile(r"kubernetes_(?:config_map|secret)(?:_v1)?(?:_data)?")
_BEANSTALK: Final = "aws:elasticbeanstalk:application:environment"
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_OF_A_CHART: Final = re.compile(r"(?:^|[.\]])([A-Z][A-Z0-9_]{2,})$")
_ELSEWHERE: Final = ("value_from", "valueFrom", "secret_name", "value_source", "secret")
_OF_A_PAIR: Final = frozenset({
    "name", "key", "value", "type", "scope", "sensitive", "target", "namespace", *_ELSEWHERE,
})  # fmt: skip
_DEEPEST: Final = 8


class Given(NamedTuple):
    """One variable of an environment."""

    name: str
    value: str | None
    """None where it comes from elsewhere. May be secret: never tell it."""
    path: str
    line: int
    """Where the environment names it."""
    written: tuple[str, int]
    """Path and line of the value, where it stands in a file: a default, a file of values; else as above."""
    listed: int
    """The line on which the list begins, or the block, that has it as one entry of `name` and `value`; 0 in a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What one process, or all of one kind, is given."""

    path: str
    line: int
    owner: str
    """As Terraform names the block: `aws_lambda_function.orders`."""
    alone: bool
    """Whether no other container shares its network."""
    image: str
    given: list[Given] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    """Parts of it that nobody here can read, as names; with one of them, what is missing here may still be there."""


def is_terraform(path: str) -> bool:
    """Whether a file is written in Terraform's language."""
    return path.endswith((".tf", ".tfvars")) and "/.terraform/" not in f"/{path}"


def read_environments(
    paths: Iterable[str], read: Callable[[str], str], set_elsewhere: Iterable[str]
) -> tuple[Environment, ...]:
    """The environments of all files; `set_elsewhere` are names that other files of the project set."""
    found: list[Environment] = []
    for folder in read_folders(paths, read, set_elsewhere):
        for path, block in folder.blocks:
            if block.kind in ("resource", "module"):
                found.extend(_Reader(folder, path, block, read).find())
    return tuple(part for part in found if part.given or part.opened)


class _Reader:
    """Of one block at the top of a file."""

    def __init__(self, folder: Folder, path: str, block: Block, read: Callable[[str], str]) -> None:
        self._folder = folder
        self._path = path
        self._block = block
        self._type = block.labels[0] if block.kind == "resource" and block.labels else block.kind
        self._owner = ".".join(block.labels if block.kind == "resource" else ("module", *block.labels))
        self._read = read

    def find(self) -> Iterator[Environment]:
        own = self._environment(self._block.line)
        if _MAPS.fullmatch(self._type):
            self._take(own, self._block.attributes.get("data"), loose=False)
        elif self._type == "helm_release":
            for part in self._block.blocks:
                if part.kind in ("set", "set_sensitive"):
                    self._take_set(own, part.attributes)
            for name in ("set", "set_sensitive"):
                for value in self._block.attributes.get(name, Value("other", 0)).parts:
                    self._take_set(own, dict(value.entries))
        elif "environment_variable" in self._type and "key" in self._block.attributes:
            self._take_pair(own, self._block.attributes)
        yield own
        yield from self._in_block(self._block, alone=True)

    def _environment(self, line: int, *, alone: bool = True, image: str = "") -> Environment:
        return Environment(path=self._path, line=line, owner=self._owner, alone=alone, image=image)

    # blocks

    def _in_block(self, block: Block, *, alone: bool) -> Iterator[Environment]:
        image = block.attributes.get("image")
        written = self._folder.written(image, self._path) if image is not None else None
        own = self._environment(block.line, alone=alone, image=written.text if written else "")
        for name, value in block.attributes.items():
            if _HOLDS.fullmatch(name):
                self._take(own, value)
            else:
                yield from self._in_value(value, 0, alone=True)
        kinds = [part.kind for part in block.blocks]
        for part in block.blocks:
            if part.kind == "environment":
                self._take(own, part.attributes.get("variables"))
            if part.kind in _PAIRS and {"name", "key"} & part.attributes.keys():
                self._take_pair(own, part.attributes, part.blocks)
            elif part.kind == "dynamic" and part.labels and part.labels[0] in _PAIRS:
                self._take(own, part.attributes.get("for_each"))
            elif part.kind == "setting" and _text(part.attributes.get("namespace")) == _BEANSTALK:
                self._take_pair(own, part.attributes)
            else:
                yield from self._in_block(part, alone=kinds.count(part.kind) == 1)
        yield own

    def _in_value(self, value: Value, depth: int, *, alone: bool) -> Iterator[Environment]:
        """Environments inside of an expression: containers of a task, values of a chart."""
        if depth > _DEEPEST:
            return
        if value.kind in ("text", "template") and '"environment"' in value.text:
            yield from self._in_json(value.text, value.line, depth, alone=alone)
        if value.kind == "call" and value.text == "templatefile" and value.parts:
            yield from self._in_template(value.parts[0], depth)
        image = self._folder.written(value.get("image"), self._path)
        own = self._environment(value.line, alone=alone, image=image.text if image else "")
        for name, part in value.entries:
            if _HOLDS.fullmatch(name):
                self._take(own, part)
            elif name == "secrets":
                self._take(own, part, loose=False)
            else:
                yield from self._in_value(part, depth + 1, alone=alone)
        yield own
        for part in value.parts:
            yield from self._in_value(part, depth + 1, alone=alone and len(value.parts) == 1)

    def _in_json(self, text: str, line: int, depth: int, *, alone: bool) -> Iterator[Environment]:
        try:
            value = read_value(text, line)
        except HclError:
            return
        yield from self._in_value(value, depth + 1, alone=alone)

    def _in_template(self, value: Value, depth: int) -> Iterator[Environment]:
        """A file of the repository that is filled in; what is filled in stays open."""
        text = (
            "".join(part.text for part in value.parts if part.kind == "text") if value.parts else value.text
        )
        path = posixpath.normpath(posixpath.join(self._folder.path, text.lstrip("/")))
        inside = _Reader(Folder(""), path, self._block, self._read)
        yield from inside._in_json(self._read(path), 1, depth, alone=False)

    # variables

    def _take(self, into: Environment, value: Value | None, *, loose: bool = True) -> None:
        if value is not None:
            _Variables(into, loose=loose).take(Meant(value, self._path, self._folder))

    def _take_pair(
        self, into: Environment, attributes: dict[str, Value], blocks: Sequence[Block] = ()
    ) -> None:
        if any(part.kind in _ELSEWHERE for part in blocks):
            attributes = {name: value for name, value in attributes.items() if name != "value"}
        line = attributes.get("name", attributes.get("key", Value("other", into.line))).line
        pair = Value("object", line, entries=tuple(attributes.items()))
        _Variables(into, loose=False, listed=into.line).take(Meant(pair, self._path, self._folder))

    def _take_set(self, into: Environment, attributes: dict[str, Value]) -> None:
        """`set { name = "env.LEVEL", value = … }`, or the name of one in a list of `name` and `value`."""
        key, value = _text(attributes.get("name")), attributes.get("value")
        found = _OF_A_CHART.search(key)
        if value is None or not key:
            return
        listed = value.text if key.endswith("].name") and value.kind == "text" else ""
        held = Meant(value, self._path, self._folder)
        if found is not None:
            _Variables(into, loose=True).add(found[1], held, attributes["name"].line)
        elif _VARIABLE.fullmatch(listed):
            nothing = held._replace(value=Value("other", value.line))
            _Variables(into, loose=True).add(listed, nothing, value.line)


class _Variables:
    """What stands in the expression that is an environment."""

    def __init__(self, into: Environment, *, loose: bool, listed: int = 0) -> None:
        self._into = into
        self._listed = listed
        self._loose = loose
        """Only names in capitals are variables: that the map is an environment is its name's word alone."""

    def take(self, meant: Meant, depth: int = 0) -> None:
        value = meant.value
        if depth > _DEEPEST:
            self._into.opened.append(value.text)
        elif value.kind == "object":
            self._take_object(meant)
        elif value.kind == "name":
            known = meant.folder.meanings(value.text)
            if not known:
                self._into.opened.append(value.text)
            for each in known:
                self.take(each, depth + 1)
        elif value.kind == "for":
            self.take(meant._replace(value=value.parts[0]), depth + 1)
        elif value.kind in ("call", "list", "other"):
            inside = _Variables(
                self._into, loose=self._loose, listed=value.line if value.kind == "list" else self._listed
            )
            for part in value.parts:
                inside.take(meant._replace(value=part), depth + 1)

    def _take_object(self, meant: Meant) -> None:
        value = meant.value
        keys = {name for name, _ in value.entries}
        if {"name", "key"} & keys and keys <= _OF_A_PAIR:
            name = value.get("name") if "name" in keys else value.get("key")
            known = meant.folder.written(name, meant.path)
            if known is None:
                self._into.opened.append(name.text)
            elif _NAME.fullmatch(known.text):
                held = meant._replace(value=value.get("value"))
                self.add(known.text, held, name.line, listed=self._listed)
            return
        for key, part in value.entries:
            if not key:
                self._into.opened.append("")
            elif (_VARIABLE if self._loose else _NAME).fullmatch(key):
                held = meant._replace(value=part.get("value") if part.kind == "object" else part)
                self.add(key, held, part.line)

    def add(self, name: str, held: Meant, line: int, *, listed: int = 0) -> None:
        """One variable; `line` is where the environment names it."""
        found = held.folder.written(held.value, held.path)
        text, written = (
            (found.text, (found.path, found.line)) if found is not None else (None, (held.path, line))
        )
        self._into.given.append(Given(name, text, held.path, line, written, listed))


def _text(value: Value | None) -> str:
    return value.text if value is not None and value.kind == "text" else ""
