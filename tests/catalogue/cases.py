"""The pages of the catalogue, taken apart: every `### case` is a project of its own."""

import re
from dataclasses import dataclass

from greenroom.catalogue import page
from greenroom.model.mode import FailureMode

_FENCE = re.compile(r"^```(?P<language>\w*)(?: +title=\"(?P<path>[^\"]+)\")?\s*$")
_MARK = re.compile(r"\s*(?:#|//|--|;|<!--|/\*|\{#)\s*!\s+(?P<code>[A-Z]{3}\d{3})\b.*$")
"""`# ! EVL001` at the end of a line, in the comments of any language."""

_BEFORE, _AFTER = "before/", "after/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One project, and the lines of it on which findings stand."""

    code: str
    section: str
    """Flagged or Accepted."""
    title: str
    files: dict[str, str]
    """By path, without the marks: they must not become part of a value."""
    marked: frozenset[tuple[str, int]]
    foreign: frozenset[str]
    """Codes of marks that are not of this page."""
    before: dict[str, str]
    """What was there one commit earlier: blocks called `before/…`, the others being called `after/…`; empty for a case
    without history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on a page."""

    title: str
    prose: str
    """Between the title and the first section."""
    cases: tuple[Case, ...]


def read_page(mode: FailureMode) -> Page:
    """The page of a failure mode."""
    lines = page(mode).splitlines()
    assert lines, "the page is empty"
    sections = _split(lines[1:], "## ")
    cases = [
        _case(mode.code, section, title, body)
        for section in ("Flagged", "Accepted")
        for title, body in _split(sections.get(section, []), "### ").items()
        if title
    ]
    return Page(title=lines[0], prose="\n".join(sections[""]), cases=tuple(cases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """One file, and what an operator makes of it."""

    operator: str
    """The operator's key."""
    title: str
    path: str
    text: str
    diffs: tuple[str, ...]
    """The lines that go and come, of one mutant each; none where the operator must leave the file alone."""


def read_mutants(mode: FailureMode) -> tuple[Seeded, ...]:
    """The cases below *Mutants*: `### T1 what is shown`, a Python block, and a diff block per mutant."""
    sections = _split(page(mode).splitlines()[1:], "## ")
    cases = _split(sections.get("Mutants", []), "### ")
    return tuple(_seeded(title, body) for title, body in cases.items() if title)


def _seeded(heading: str, body: list[str]) -> Seeded:
    blocks: list[tuple[str, str, list[str]]] = []
    inside = False
    for line in body:
        fence = _FENCE.match(line)
        if fence is not None:
            inside = not inside
            if inside:
                blocks.append((fence["language"], fence["path"] or "", []))
        elif inside:
            blocks[-1][2].append(line)
    operator, _, title = heading.partition(" ")
    (path, text), *others = [(path, lines) for language, path, lines in blocks if language == "python"]
    assert not others, f"{heading!r} shows more than one file"
    diffs = tuple("\n".join(lines) for language, _, lines in blocks if language == "diff")
    return Seeded(operator=operator, title=title, path=path, text="\n".join(text) + "\n", diffs=diffs)


def _split(lines: list[str], heading: str) -> dict[str, list[str]]:
    """Lines by the heading above them; headings inside fenced blocks are code."""
    found: dict[str, list[str]] = {"": []}
    current, fenced = "", False
    for line in lines:
        fenced ^= line.startswith("```")
        if line.startswith(heading) and not fenced:
            current = line.removeprefix(heading).strip()
            assert current not in found, f"two headings are called {current!r}"
            found[current] = []
        else:
            found[current].append(line)
    return found


def _case(code: str, section: str, title: str, body: list[str]) -> Case:
    files: dict[str, list[str]] = {}
    marked: set[tuple[str, int]] = set()
    foreign: set[str] = set()
    path = ""
    for line in body:
        fence = _FENCE.match(line)
        if fence is not None:
            path = "" if path else fence["path"] or ""
            assert path not in files, f"two blocks of {title!r} are called {path!r}"
            if path:
                files[path] = []
        elif path:
            mark = _MARK.search(line)
            files[path].append(line[: mark.start()] if mark else line)
            if mark and mark["code"] == code:
                marked.add((path, len(files[path])))
            elif mark:
                foreign.add(mark["code"])
    texts = {name: "\n".join(lines) + "\n" for name, lines in files.items()}
    return Case(
        code=code, section=section, title=title, foreign=frozenset(foreign),
        marked=frozenset((name.removeprefix(_AFTER), line) for name, line in marked),
        files={name.removeprefix(_AFTER): text for name, text in texts.items() if not name.startswith(_BEFORE)},
        before={name.removeprefix(_BEFORE): text for name, text in texts.items() if name.startswith(_BEFORE)},
    )  # fmt: skip
