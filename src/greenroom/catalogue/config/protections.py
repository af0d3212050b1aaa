"""Settings that protect, and that the tests turn off."""

import configparser
import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import SEQUENCE
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.files.notations import parse_toml, table_at
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of

_PROTECTS: Final = re.compile(
    r"RATE_?LIMIT|THROTTL|(?:^|_)CSRF_(?:ENABLED|CHECK|PROTECT)|CSRF_ENABLED|AUTH_?(?:ENABLED|REQUIRED|ENFORCED)|(?:ENABLE|REQUIRE)_AUTH"
    r"|REQUIRE_LOGIN|LOGIN_REQUIRED|LOGIN_DISABLED|VERIFY_(?:SSL|TLS|TOKEN|SIGNATURE|EMAIL)|SSL_VERIFY|CAPTCHA_?(?:ENABLED|REQUIRED)|SSL_REDIRECT|"
    r"PERMISSION_CHECK|ENFORCE_|MFA_(?:ENABLED|REQUIRED)|2FA_|LOCKOUT|BRUTE_?FORCE|QUOTA|(?:DISABLE|SKIP|BYPASS)_(?:AUTH|RATE|"
    r"LIMIT|CSRF|LOGIN|PERMISSION|VERIFICATION|SECURITY|VALIDATION)"
)
_TURNS_OFF: Final = re.compile(r"(?:^|_)(?:DISABLE|DISABLED|SKIP|BYPASS|NO|WITHOUT)(?:_|$)")
_DETAIL: Final = re.compile(
    r"(?:URL|URI|STORAGE|STORAGE_URL|STRATEGY|KEY|PREFIX|HEADER|HEADERS|MESSAGE|SECRET|TOKEN|SCOPE|CLASS|EMAIL|BACKEND|CACHE)$"
)
_OFF: Final = frozenset({"", "0", "false", "no", "off", "none", "disabled", "null"})
_ON: Final = frozenset({"1", "true", "yes", "on"})
_TEST_CLASS: Final = re.compile(
    r"^(?:Testing|Tests?|UnitTest)(?:ing)?\w*(?:Config|Configuration|Settings)$|^(?:Config|Settings)(?:Test|Testing)$"
)
_USUAL: Final = re.compile(r"CSRF|SSL_REDIRECT")
"""Form libraries recommend it in their own documentation; a client in the process of the tests speaks no TLS."""


class Protection(NamedTuple):
    """One that the tests run without."""

    name: str
    short: str
    """As a settings field spells it, without the prefix of the environment."""
    place: Place
    is_usual: bool


def protects(name: str) -> bool:
    """Whether a setting of this name limits, checks or keeps out."""
    upper = name.upper()
    return _PROTECTS.search(upper) is not None and _DETAIL.search(upper) is None


def is_off(name: str, value: object) -> bool:
    """Whether the value takes the protection away."""
    text = str(value).strip().lower()
    return text in _ON if _TURNS_OFF.search(name.upper()) else text in _OFF


def find_protections(project: Project) -> Iterator[Protection]:
    """Those that files of the tests turn off, and that are on elsewhere."""
    production = _Production(project)
    for name, place in _turned_off(project):
        field = production.is_on(name)
        if field is not None:
            yield Protection(name, field, place, _USUAL.search(name.upper()) is not None)


class _Production:
    """What holds where no test runs."""

    def __init__(self, project: Project) -> None:
        self._declared: dict[str, list[str]] = {}
        for part in project.configuration.declarations:
            if part.stage not in ("test", "development") and part.value is not None:
                self._declared.setdefault(part.name.upper(), []).append(part.value)
        self._reads = {name.upper(): read for read in project.configuration.reads for name in read.names}
        self._project = project

    @cached_property
    def _written(self) -> dict[str, Any]:
        return {
            name.upper(): value for module in self._project.production() for name, value in _literals(module)
            if stage_of(module.path) not in ("test", "development")
        }  # fmt: skip

    def is_on(self, name: str) -> str | None:
        """The name of its field, where production has the protection; None where it has not, or nobody can tell."""
        upper = name.upper()
        read = self._reads.get(upper)
        values: list[Any] = self._declared.get(upper, [])
        if not values and read is not None and read.default is not None:
            values = [read.default]
        if not values and upper in self._written:
            values = [self._written[upper]]
        if not values or any(is_off(name, value) for value in values):
            return None
        return _field(read.scope, read.line) if read is not None else ""


def _field(scope: Scope, line: int) -> str:
    for part in scope.body.statements:
        if part.line == line and part.kind == "annotate" and isinstance(part.target, str):
            return part.target
    return ""


def _literals(module: Module) -> Iterator[tuple[str, Any]]:
    """Module-level and class-level settings with what is written for them, of settings that protect."""
    for scope in module.scopes:
        if scope.kind not in ("module", "class") or _TEST_CLASS.search(scope.name):
            continue
        for part in scope.body.statements:
            if part.kind == "assign" and isinstance(part.target[0], str) and protects(part.target[0]):
                value = part.value
                if isinstance(value, tuple) and value[0] in (facts.CONSTANT, SEQUENCE):
                    yield (
                        part.target[0],
                        value[1] if value[0] == facts.CONSTANT else "listed" if value[2] else "",
                    )


# what the tests turn off


def _turned_off(project: Project) -> Iterator[tuple[str, Place]]:
    for path, lines in project.configuration.env_files.items():
        if stage_of(path) == "test":
            for line in lines:
                if protects(line.name) and is_off(line.name, line.value):
                    yield line.name, Place(path=path, line=line.line)
    yield from _of_pytest(project)
    for module in project.modules.values():
        is_settings = stage_of(module.path) == "test" and "settings" in module.path
        has_class = any(scope.kind == "class" and _TEST_CLASS.search(scope.name) for scope in module.scopes)
        if module.kind is FileKind.TEST or is_settings or has_class:
            yield from _in_module(module, all_of_it=is_settings)


def _of_pytest(project: Project) -> Iterator[tuple[str, Place]]:
    """`env = NAME=value` of pytest-env."""
    for path in project.inventory.other:
        if path.rpartition("/")[2] not in ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"):
            continue
        text = project.inventory.read_text(path)
        for entry in _pytest_entries(path, text):
            name, _, value = entry.removeprefix("D:").removeprefix("R:").partition("=")
            name, value = name.strip(), value.strip().strip("'\"")
            if protects(name) and is_off(name, value):
                number = next((n for n, line in enumerate(text.splitlines(), 1) if name in line), 1)
                yield name, Place(path=path, line=number)


def _pytest_entries(path: str, text: str) -> list[str]:
    if "env" not in text:
        return []
    if path.endswith(".toml"):
        return _toml_entries(text)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    return [
        line for section in ("pytest", "tool:pytest") if parser.has_section(section)
        for line in parser.get(section, "env", fallback="").splitlines()
    ]  # fmt: skip


def _toml_entries(text: str) -> list[str]:
    try:
        tool = table_at(parse_toml(text), "tool")
    except tomllib.TOMLDecodeError:
        return []
    listed = table_at(tool, "pytest", "ini_options").get("env", [])
    if isinstance(listed, str):
        listed = listed.splitlines()
    entries = [str(each) for each in listed] if isinstance(listed, list) else []
    return entries + [f"{name}={value}" for name, value in table_at(tool, "pytest_env").items()]


def _in_module(module: Module, *, all_of_it: bool) -> Iterator[tuple[str, Place]]:
    for scope in module.scopes:
        if scope.kind == "class" and not (all_of_it or _TEST_CLASS.search(scope.name)):
            continue
        if scope.kind in ("module", "class"):
            yield from _assigned(scope, plain=all_of_it or scope.kind == "class")


def _assigned(scope: Scope, *, plain: bool) -> Iterator[tuple[str, Place]]:
    """`NAME = False` in settings of the tests, `os.environ["NAME"] = "0"` in any file of theirs."""
    for part in scope.body.statements:
        if part.kind not in ("assign", "annotate") or part.value is None:
            continue
        for target in part.target if part.kind == "assign" else (part.target,):
            name = target if plain and isinstance(target, str) else _environ_name(target)
            value = (
                part.value[1] if isinstance(part.value, tuple) and part.value[0] == facts.CONSTANT else None
            )
            known = isinstance(part.value, tuple) and part.value[0] == facts.CONSTANT
            empty = isinstance(part.value, tuple) and part.value[0] == SEQUENCE and not part.value[2]
            if name and protects(name) and ((known and is_off(name, value)) or empty):
                yield name, Place(path=scope.path, line=part.line, symbol=scope.qualname)


def _environ_name(target: object) -> str:
    if isinstance(target, tuple) and target[0] == facts.ITEM and target[1] in ("os.environ", "environ"):
        name = facts.constant(target[2])
        return name if isinstance(name, str) else ""
    return ""
