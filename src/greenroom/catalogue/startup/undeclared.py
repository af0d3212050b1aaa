"""Libraries that are imported, and that no manifest names."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.startup.distributions import (
    is_declared,
    is_listed,
    is_standard,
    providers,
    with_company,
)
from greenroom.catalogue.startup.first_party import FirstParty
from greenroom.model.finding import Confidence
from greenroom.project.code.facts import Block, Import
from greenroom.project.code.module import Module
from greenroom.project.declared.requirement import normalise
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_TOO_MANY = 0.4
"""Where more of the imported libraries are declared nowhere, there is a manifest that we do not read."""
_FEW = 5
_OF_WINDOWS = frozenset(
    {"win32api", "win32con", "win32gui", "win32com", "win32file", "win32process", "pythoncom", "pywintypes"}
)
"""There from the start on some machines, and what imports it runs on them alone."""
_INSTALLS = re.compile(
    r"(?:pip3?|uv|conda|mamba|poetry|apt|apt-get|apk|dnf|yum)\b[^\n]*\b(?:install|add)\b", re.IGNORECASE
)


class Undeclared(NamedTuple):
    """A library's import name without a manifest's word on it."""

    name: str
    distribution: str
    """As a package index knows it, most likely."""
    confidence: Confidence
    sites: list[tuple[Module, Import]]


def find_undeclared(project: Project, first_party: FirstParty) -> Iterator[Undeclared]:
    """Imports of libraries in production code that nothing installs, as far as the project says."""
    manifest = project.manifest
    if not manifest.declared:
        return
    imported = _imported(project, first_party)
    locked = {name for source in manifest.sources for name in source.locked}
    locks = [source for source in manifest.sources if source.is_lock]
    brought = with_company(manifest.declared) - manifest.declared
    words = _words_of_installations(project)
    by_hand = project.once(ByHand)
    missing = {name: sites for name, sites in imported.items() if not is_declared(name, manifest.declared)}
    incomplete = len(missing) > _FEW and len(missing) > _TOO_MANY * len(imported)
    for name, sites in missing.items():
        comes_along = is_declared(name, locked | brought)
        told = any(provider.rstrip("*") in words for provider in (*providers(name), normalise(name)))
        firm = [
            module
            for module, part in sites
            if not _is_optional(module, part)
            and (by_hand.is_imported(module) or by_hand.may_be_started(module))
            and not _is_chosen(project, module)
        ]
        unproven = (
            not is_listed(name)
            or name in _OF_WINDOWS
            or not any(lock.speaks_for(module.path) for lock in locks for module in firm)
        )
        doubtful = incomplete or comes_along or told or unproven
        confidence = Confidence.POSSIBLE if doubtful else Confidence.PROBABLE
        yield Undeclared(name, (*providers(name), name)[0].rstrip("*-"), confidence, sites)


def _imported(project: Project, first_party: FirstParty) -> dict[str, list[tuple[Module, Import]]]:
    """By import name: where production code imports what is neither its own nor of Python."""
    found: dict[str, list[tuple[Module, Import]]] = {}
    optional: set[str] = set()
    for module in project.production():
        for part in module.imports:
            head = part.module.partition(".")[0]
            if part.level or not head or is_standard(head) or first_party.is_installed_by_code(head):
                continue
            if part.guard in ("try", "if"):
                optional.add(head)
            elif (
                not part.guard and not first_party.owns(head, module) and not first_party.knows(head, module)
            ):
                found.setdefault(head, []).append((module, part))
    return {name: sites for name, sites in sorted(found.items()) if name not in optional}


def _is_optional(module: Module, part: Import) -> bool:
    """Loaded when a function is first called, as what only some installations use is; or not deployed."""
    return part.scope != 0 or module.kind is not FileKind.PRODUCTION


def _is_chosen(project: Project, module: Module) -> bool:
    """Whether all that import the file do it on a branch of a function: one of several ways, for who has installed it."""
    found = [
        importer.scopes[part.scope].is_function
        and any(block.kind in ("if", "else", "case", "match") for block in _around(importer, part))
        for importer in project.symbols.importers(module)
        for part, *targets in project.symbols.imports(importer)
        if module in targets
    ]
    return bool(found) and all(found)


def _around(importer: Module, part: Import) -> list[Block]:
    """The blocks of its function that begin above an import and hold what stands right behind it."""
    body = importer.scopes[part.scope].body
    places = [(entry.line, entry.block) for entry in body.statements if entry.line >= part.line]
    places += [(entry.line, entry.block) for entry in body.calls if entry.line >= part.line]
    return list(body.enclosing(min(places)[1])) if places else []


def _words_of_installations(project: Project) -> set[str]:
    """Names in the lines of Dockerfiles, scripts and documents that install something."""
    words: set[str] = set()
    for path in project.inventory.other:
        text = project.inventory.read_text(path)
        if _INSTALLS.search(text) is None:
            continue
        joined = text.replace("\\\n", " ")
        for line in joined.splitlines():
            if _INSTALLS.search(line):
                words.update(normalise(word) for word in re.findall(r"[A-Za-z][\w.-]+", line))
    return words
