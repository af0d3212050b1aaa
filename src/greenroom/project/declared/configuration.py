"""Settings: defaults ← `[tool.greenroom]` ← environment (`GREENROOM_…`) ← flags."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Any

from greenroom.model.finding import Severity
from greenroom.model.mode import Family
from greenroom.model.settings import Settings
from greenroom.project.declared.store_address import InvalidAddressError, check_address
from greenroom.project.files.errors import ConfigurationError
from greenroom.project.files.notations import parse_toml

PREFIX = "GREENROOM_"
NO_SETTINGS = frozenset(
    {"GREENROOM_CONTEXT", "GREENROOM_ONLY", "GREENROOM_PART", "GREENROOM_PREFIX", "GREENROOM_ROOT", "GREENROOM_RUN",
     "GREENROOM_SEED", "GREENROOM_SHUFFLE", "GREENROOM_WITH", "GREENROOM_WITHOUT"}
)  # fmt: skip
"""Variables of ours by which processes talk to each other."""
OWN_FILE = "greenroom.toml"
SHARED_FILE = "pyproject.toml"

_KEYS = tuple(field.name.replace("_", "-") for field in fields(Settings))
_SEVERITIES = tuple(str(severity) for severity in Severity)
_FAMILIES = tuple(str(family) for family in Family)
_CODE = re.compile(r"[A-Z]{3}\d{0,3}")
_SCORE = re.compile(r"score<(\d+(?:\.\d+)?)")
_BEST_SCORE = 10
_CRITICAL = re.compile(r"[A-Za-z]+\s+/\S*(?:\s+[1-9]\d*)?")
_RUN = re.compile(r"latest|none|\d{8}T\d{6}Z-[0-9a-f]+")
_WORDS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def load_settings(root: Path, flags: Mapping[str, object], environment: Mapping[str, str]) -> Settings:
    """Gather the settings for the project at `root`.

    Args:
        root: the audited folder; its `greenroom.toml` or `pyproject.toml` is read.
        flags: by name (`fail_on` or `fail-on`); None and empty tuples count as not given.
        environment: usually `os.environ`.

    Raises:
        ConfigurationError: with every problem of every source at once.
    """
    reader = _Reader(root)
    reader.read_files()
    reader.read_environment(environment)
    reader.read_flags(flags)
    if reader.problems:
        raise ConfigurationError(tuple(reader.problems))
    return Settings(**reader.values)


class _InvalidError(ValueError):
    """One value is wrong; the text says how."""


class _Reader:
    """Collects values and problems, later sources over earlier ones."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.values: dict[str, Any] = {}
        self.problems: list[str] = []

    def read_files(self) -> None:
        own = self._tables(OWN_FILE, needed=True)
        shared = self._tables(SHARED_FILE, needed=False)
        tool = shared.get("tool")
        section = tool.get("greenroom") if isinstance(tool, dict) else None
        if section is not None and not isinstance(section, dict):
            self.problems.append(f"{SHARED_FILE}: tool.greenroom must be a table: [tool.greenroom]")
            section = None
        if own and section:
            self.problems.append(
                f"{OWN_FILE}: settings stand here and in [tool.greenroom] of {SHARED_FILE}; keep them in one of the two"
            )
        for key, value in (section or {}).items():
            self._take(f"{SHARED_FILE}: [tool.greenroom] {key}", key, value)
        for key, value in own.items():
            self._take(f"{OWN_FILE}: {key}", key, value)

    def read_environment(self, environment: Mapping[str, str]) -> None:
        for name in sorted(environment):
            if name.startswith(PREFIX) and name not in NO_SETTINGS:
                key = name.removeprefix(PREFIX).lower().replace("_", "-")
                self._take(name, key, environment[name], spell=_as_variable)

    def read_flags(self, flags: Mapping[str, object]) -> None:
        for name, value in flags.items():
            if value is None or value == ():
                continue
            key = name.replace("_", "-")
            self._take(f"--{key}", key, value, spell=_as_flag)

    def _tables(self, name: str, *, needed: bool) -> dict[str, Any]:
        path = self.root / name
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return {}
        except OSError as error:
            self.problems.append(f"{name}: cannot be read: {error.strerror}")
            return {}
        # A pyproject.toml without our section may be a template; that is not ours to judge.
        judged = needed or b"tool.greenroom" in content
        try:
            return parse_toml(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            problem = f"is not valid UTF-8: byte 0x{content[error.start]:02x} on line {line}"
        except tomllib.TOMLDecodeError as error:
            problem = f"is not valid TOML: {error}"
        if judged:
            self.problems.append(f"{name}: {problem}")
        return {}

    def _take(self, where: str, key: str, value: object, spell: Callable[[str], str] = str) -> None:
        if key not in _KEYS:
            self.problems.append(f"{where}: no such setting; {_suggest(key, _KEYS, spell)}")
            return
        name = key.replace("-", "_")
        try:
            self.values[name] = _READERS[name](value, self.root)
        except _InvalidError as invalid:
            self.problems.append(f"{where}: {invalid}")


def _as_variable(key: str) -> str:
    return PREFIX + key.upper().replace("-", "_")


def _as_flag(key: str) -> str:
    return f"--{key}"


def _suggest(word: str, known: Iterable[str], spell: Callable[[str], str] = str) -> str:
    known = tuple(known)
    plain = word.lower().replace("_", "-")
    by_plain = {name.lower(): name for name in known}
    close = difflib.get_close_matches(plain, by_plain, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{spell(by_plain[close[0]])}`?"
    return "known: " + ", ".join(spell(name) for name in known)


def _strings(value: object) -> tuple[str, ...]:
    """A list of strings; from environment and flags also one text with commas."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        message = 'must be a list of strings, such as ["a", "b"]'
        raise _InvalidError(message)
    pieces = [piece.strip() for part in value for piece in _split(part)]
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def _split(text: str) -> list[str]:
    """Split at commas, but not inside the braces of a glob."""
    return re.split(r",(?![^{]*\})", text)


def _codes(value: object, _root: Path) -> tuple[str, ...]:
    return _each(_strings(value), _check_code)


def _selection(value: object, root: Path) -> tuple[str, ...]:
    found = _strings(value)
    # ruff's habit: ALL is everything, which is what an empty selection means here.
    return () if "ALL" in found else _codes(found, root)


def _each(values: tuple[str, ...], check: Callable[[str], str]) -> tuple[str, ...]:
    """Checks all of them, so that one wrong value does not hide the next."""
    wrong = [complaint for complaint in map(check, values) if complaint]
    if wrong:
        message = "; ".join(wrong)
        raise _InvalidError(message)
    return values


def _check_code(code: str) -> str:
    """What is wrong with it; empty: nothing."""
    if _CODE.fullmatch(code) and code[:3] in _FAMILIES:
        return ""
    upper = code.upper()
    if _CODE.fullmatch(upper) and upper[:3] in _FAMILIES:
        return f"`{code}` is no code; did you mean `{upper}`?"
    if _CODE.fullmatch(upper):
        return f"`{code}` is of no family; {_suggest(upper[:3], _FAMILIES)}"
    return f"`{code}` is neither a code nor a prefix of one, such as `EVL` or `EVL001`"


def _gates(value: object, _root: Path) -> tuple[str, ...]:
    return _each(tuple(part.replace(" ", "") for part in _strings(value)), _check_gate)


def _check_gate(gate: str) -> str:
    score = _SCORE.fullmatch(gate)
    if gate in _SEVERITIES or (score and float(score[1]) <= _BEST_SCORE):
        return ""
    if _CODE.fullmatch(gate):
        return _check_code(gate)
    if gate.startswith("score"):
        return f"`{gate}` must read `score<N` with N from 0 to {_BEST_SCORE}"
    hint = _suggest(gate, (*_SEVERITIES, "score<5"))
    return f"`{gate}` is no severity ({', '.join(_SEVERITIES)}), no code and no `score<N`; {hint}"


def _globs(value: object, _root: Path) -> tuple[str, ...]:
    return _each(_strings(value), _check_relative)


def _folders(value: object, root: Path) -> tuple[str, ...]:
    def check(name: str) -> str:
        complaint = _check_relative(name)
        if complaint or (root / name).is_dir():
            return complaint
        return f"`{name}` is no folder of {root}"

    found = _each(_strings(value), check)
    return tuple(str(PurePosixPath(name.replace("\\", "/"))) for name in found)


def _check_relative(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return f"`{name}` must be relative to the project's root and stay inside it"
    return ""


def _per_file(value: object, root: Path) -> dict[str, tuple[str, ...]]:
    """A table glob → codes; from environment and flags ruff's `glob:CODE,glob:CODE`."""
    if isinstance(value, str | list | tuple):
        pairs: dict[str, list[str]] = {}
        for part in _strings(value):
            glob, colon, code = part.rpartition(":")
            if not colon or not glob:
                message = f"`{part}` must read `glob:CODE`, such as `tests/*:EVL001`"
                raise _InvalidError(message)
            pairs.setdefault(glob.strip(), []).append(code.strip())
        value = pairs
    if not isinstance(value, dict):
        message = 'must be a table of globs, such as {"legacy/*" = ["EVL"]}'
        raise _InvalidError(message)
    found = {}
    wrong = []
    for glob, codes in value.items():
        try:
            found[str(glob)] = _codes(codes, root)
        except _InvalidError as invalid:
            wrong.append(f"for `{glob}`: {invalid}")
    if wrong:
        message = "; ".join(wrong)
        raise _InvalidError(message)
    return found


def _flag(value: object, _root: Path) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _WORDS:
        return _WORDS[value.lower()]
    message = "must be true or false"
    raise _InvalidError(message)


def _file(value: object, _root: Path) -> str:
    if not isinstance(value, str | Path) or not str(value).strip():
        message = "must be the path of a file, relative to the project's root"
        raise _InvalidError(message)
    return str(value)


def _store(value: object, _root: Path) -> str:
    try:
        return check_address(value)
    except InvalidAddressError as invalid:
        raise _InvalidError(invalid) from None


def _count(value: object, _root: Path) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | str) or not text.isdecimal() or int(text) < 1:
        message = "must be a whole number, 1 or more"
        raise _InvalidError(message)
    return int(text)


def _critical(value: object, _root: Path) -> tuple[str, ...]:
    return _each(_strings(value), _check_critical)


def _check_critical(line: str) -> str:
    if _CRITICAL.fullmatch(line):
        return ""
    return f"`{line}` must read `METHOD PATH`, such as `POST /orders`, with a worth behind it if you like: `POST /orders 5`"


def _evidence(value: object, _root: Path) -> str:
    if isinstance(value, str) and _RUN.fullmatch(value):
        return value
    message = f"`{value}` is neither `latest` nor `none` nor the id of a run; `greenroom runs` lists them"
    raise _InvalidError(message)


def _severity(value: object, _root: Path) -> Severity:
    if value not in _SEVERITIES:
        message = f"`{value}` is no severity; {_suggest(str(value), _SEVERITIES)}"
        raise _InvalidError(message)
    return Severity(str(value))


_READERS: dict[str, Callable[[object, Path], Any]] = {
    "select": _selection,
    "ignore": _codes,
    "per_file_ignores": _per_file,
    "exclude": _globs,
    "source_roots": _folders,
    "tests": _globs,
    "possible": _flag,
    "fail_on": _gates,
    "baseline": _file,
    "minimum_severity": _severity,
    "store": _store,
    "keep_runs": _count,
    "critical": _critical,
    "evidence": _evidence,
}
