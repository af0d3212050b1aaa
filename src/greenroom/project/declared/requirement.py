"""One requirement, and the files that list them line by line."""

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from greenroom.project.files.roots import Read

_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:\(?\s*((?:[<>=!~][^;@#)]*)?)\)?)"
)
_PIN = re.compile(r"={2,3}\s*([^\s,*]+)")
_EGG = re.compile(r"#egg=([\w.-]+)")
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)")
_SEPARATORS = re.compile(r"[-_.]+")


class Requirement(NamedTuple):
    """A distribution, and which versions of it will do."""

    name: str
    """Normalised as PEP 503 says."""
    specifier: str
    """As PEP 440 spells it, without spaces; empty for any version."""

    @property
    def pinned(self) -> str:
        """The one version that will do, or empty."""
        pin = _PIN.fullmatch(self.specifier)
        return pin[1] if pin else ""


def normalise(name: str) -> str:
    """The name by which package indexes know the distribution (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def parse_requirement(text: str) -> Requirement | None:
    """Read `name[extra]>=1; marker`, `name @ url` or a URL that names its egg."""
    if "://" in text.split("@", maxsplit=1)[0]:
        egg = _EGG.search(text)
        return Requirement(normalise(egg[1]), "") if egg else None
    found = _REQUIREMENT.match(text)
    if found is None:
        return None
    return Requirement(normalise(found[1]), re.sub(r"\s+", "", found[2] or "").rstrip(","))


def parse_all(texts: object) -> tuple[Requirement, ...]:
    """Read a list as TOML or a literal gives it; what is no requirement is passed over."""
    if isinstance(texts, str):
        texts = texts.splitlines()
    if not isinstance(texts, list | tuple):
        return ()
    found = (parse_requirement(text.partition(" #")[0]) for text in texts if isinstance(text, str))
    return tuple(requirement for requirement in found if requirement)


class Listed(NamedTuple):
    """What a requirements file asks for, with all that it includes."""

    required: tuple[Requirement, ...]
    constrained: tuple[Requirement, ...]
    """From `-c` files: they fix versions without asking for anything."""


def read_requirements(path: str, read: Read) -> Listed:
    """Read a requirements file; circles of inclusion end where they close."""
    required: list[Requirement] = []
    constrained: list[Requirement] = []
    pending = [(path, required)]
    seen = {path}
    while pending:
        current, target = pending.pop()
        for line in _logical_lines(read(current)):
            include = _INCLUDE.match(line)
            if include:
                inner = posixpath.normpath(posixpath.join(posixpath.dirname(current), include[1]))
                if inner not in seen:
                    seen.add(inner)
                    pending.append((inner, constrained if line.startswith(("-c", "--c")) else target))
            else:
                target.extend(parse_all([re.sub(r"^(?:-e|--editable)[\s=]*", "", line)]))
    return Listed(tuple(required), tuple(constrained))


def _logical_lines(text: str) -> Iterable[str]:
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        plain = re.sub(r"(?:^|\s)#.*", "", line).split(" --hash")[0].strip()
        if plain and (not plain.startswith("-") or plain.startswith(("-r", "-c", "-e", "--r", "--c", "--e"))):
            yield plain


def from_poetry(name: str, value: object) -> Requirement:
    """Read one entry of a poetry or Pipfile table, such as `"^1.2"` or `{version = "~1.4"}`."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("version", "")
    text = value if isinstance(value, str) else ""
    if "||" in text:
        return Requirement(normalise(name), "")
    parts = [_from_caret(part.strip()) for part in text.split(",")]
    return Requirement(normalise(name), ",".join(part for part in parts if part))


def _from_caret(text: str) -> str:
    if text in ("", "*"):
        return ""
    if text.startswith("^") or (text.startswith("~") and not text.startswith("~=")):
        return _range(text[0], text[1:].strip())
    if text[0] in "<>=!~":
        text = re.sub(r"\s+", "", text)
        return f"={text}" if re.match(r"=[^=]", text) else text
    return f"=={text}"


def _range(kind: str, version: str) -> str:
    """`^1.2.3` → `>=1.2.3,<2`; `~1.2.3` → `>=1.2.3,<1.3`."""
    release = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    if not release:
        return ""
    if kind == "~":
        kept = min(len(release), 2)
    else:
        kept = next((n for n, part in enumerate(release, start=1) if part), len(release))
    upper = [*release[: kept - 1], release[kept - 1] + 1]
    return f">={version},<{'.'.join(map(str, upper))}"
