"""STA001: an import, or a file, on which the start ends."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.startup.entered import Entered
from greenroom.catalogue.startup.first_party import FirstParty, Missing
from greenroom.catalogue.startup.front_imports import front_imports
from greenroom.catalogue.startup.import_chain import ImportChains
from greenroom.catalogue.startup.known_to_work import KnownToWork
from greenroom.catalogue.startup.left_behind import LeftBehind
from greenroom.catalogue.startup.loaded_for_sure import LoadedForSure
from greenroom.catalogue.startup.not_come_to import NotComeTo, is_laid_down
from greenroom.catalogue.startup.optional import Optional
from greenroom.catalogue.startup.patched import find_lost_targets
from greenroom.catalogue.startup.python_two import PythonTwo
from greenroom.catalogue.startup.undeclared import find_undeclared
from greenroom.catalogue.startup.unparsed import confidence_of, is_filled_in_later, is_meant_to_be_read
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module, Scope
from greenroom.project.declared.requirement import normalise
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_READ = {FileKind.PRODUCTION, FileKind.TEST, FileKind.SCRIPT, FileKind.EXAMPLE}
_SEVERITY = {FileKind.PRODUCTION: Severity.HIGH, FileKind.TEST: Severity.MEDIUM}
_LOCKED_OUT = (
    "an installation from the lock file fails with a ModuleNotFoundError; where it works, it works by chance"
)
_BROUGHT_ALONG = "a fresh installation has it only as long as another library brings it along"
_DATA_OF_TESTS = {"test_files", "test_data", "testdata"}
_DATA_FOLDERS = {*_DATA_OF_TESTS, "data", "files", "fixtures", "resources", "assets", "samples"}
_MEANT_TO_FAIL = ("invalid_", "broken_", "bad_import", "failing_import")
_STARTED_BY_NAME = re.compile(
    r"(?:main|app|asgi|wsgi|manage|server|run|cli|start|worker|settings|urls|tasks|celery|models|admin|apps|signals"
    r"|conftest|plugin|commands?|\d.*|__\w+__)\.py$"
)
_FOUND_THERE = re.compile(r"(?:^|/)(?:migrations|versions|commands|plugins|extensions|addons)(?:/|$)")
"""Files that a server, a framework or a person finds by their name or their folder."""
_OF_ALEMBIC = re.compile(r"(?:^|/)alembic/(?:env\.py$|versions/)")
_WEAK = (Reach.PROJECT, Reach.UNREACHED, Reach.TASK)
_NOT_RUN = "the test file cannot be imported: none of its tests runs"


def detect_unresolved_imports(project: Project) -> Iterator[Sighting]:
    """Files that do not parse, imports of what is not there, libraries that nothing installs."""
    first_party, by_hand, optional = project.once(FirstParty), project.once(ByHand), Optional(project)
    chains, working, entered = ImportChains(project), KnownToWork(project), Entered(project)
    behind = LeftBehind(project, partial(_missing, first_party))
    not_come_to, loaded = NotComeTo(project, by_hand), LoadedForSure(project, chains)
    failing: set[str] = set()
    for module in project.modules.values():
        if module.kind in _READ:
            yield from (
                _with_chain(found, chains, module)
                for found in _unparsed(project, module, not_come_to, loaded)
            )
            missing = list(_missing(first_party, module))
            is_left_over = bool(missing) and _is_left_over(by_hand, module)
            is_beyond_doubt = bool(missing) and bool(chains.to(module)) and _lacks_several(missing)
            is_set_apart = bool(missing) and (
                first_party.is_made_for_another_program(module)
                or _is_data_of_tests(module)
                or optional.includes(module)
                or _is_copied_elsewhere(project, module)
                or (is_left_over and not _is_way_in(project, module))
                or entered.is_forgotten(module)
            )
            for sighting in missing:
                doubtful = (
                    is_set_apart
                    or loaded.leaves_open(module, sighting.place)
                    or _is_copied_into(project, module, sighting.subject)
                    or _is_installed_there(project, module, sighting.subject)
                    or _is_published(project, module, sighting.subject)
                    or (is_left_over and behind.holds(module, sighting))
                    or _is_called_by_nobody(project, module, sighting)
                    or _is_laid_aside(project, module, sighting)
                    or not_come_to.includes(module, sighting)
                    or (not sighting.place.symbol and working.includes(module) and not is_beyond_doubt)
                )
                found = replace(sighting, confidence=Confidence.POSSIBLE) if doubtful else sighting
                if not sighting.place.symbol and found.confidence is not Confidence.POSSIBLE:
                    failing.add(module.path)
                yield _as_left_over(found) if is_left_over else _with_chain(found, chains, module)
    yield from _undeclared(project, first_party)
    yield from front_imports(project)
    for sighting in _lost_targets(project, first_party):
        if sighting.place.path not in failing:  # a file that cannot be imported patches nothing
            yield sighting


def _unparsed(
    project: Project, module: Module, not_come_to: NotComeTo, loaded: LoadedForSure
) -> Iterator[Sighting]:
    if module.error is None or not is_meant_to_be_read(module):
        return
    line, problem = module.error
    if is_filled_in_later(project.inventory.read_text(module.path)):
        return
    yield Sighting(
        place=Place(path=module.path, line=line),
        message=f"`{module.path}` does not parse: {problem}",
        severity=_SEVERITY.get(module.kind, Severity.LOW),
        confidence=Confidence.POSSIBLE
        if not_come_to.is_loaded_by_nobody(module)
        or project.once(PythonTwo).is_meant
        or not (module.kind is FileKind.TEST or loaded.has(module))
        else confidence_of(project, module),
        consequence=_NOT_RUN if module.kind is FileKind.TEST else "whatever imports the file fails",
        remedy="correct the syntax, or delete the file; let CI compile every file (`python -m compileall`)",
        subject="does not parse",
        stops=True,
    )


def _missing(first_party: FirstParty, module: Module) -> Iterator[Sighting]:
    seen: set[tuple[int, Missing]] = set()
    for part in module.imports:
        if part.guard in ("try", "typing"):
            continue
        head = part.module.partition(".")[0]
        if not part.level and (not first_party.owns(head, module) or _is_run_by_its_library(module, head)):
            continue
        missing = first_party.check(module, part)
        if missing is not None and (part.line, missing) not in seen:
            seen.add((part.line, missing))
            yield _sighting(module, part, missing)


def _lacks_several(missing: list[Sighting]) -> bool:
    """Whether a file asks at once for what two modules do not have, one of which is there: no build would write a part of that."""
    sure = [part for part in missing if not part.place.symbol and part.confidence is Confidence.DEFINITE]
    return len({part.cause.partition(":")[0] for part in sure}) > 1 and any(
        not part.cause.endswith(":") for part in sure
    )


def _is_run_by_its_library(module: Module, head: str) -> bool:
    """`alembic/env.py` and the versions beside it: only alembic's command loads them, and by then it is the library."""
    return head == "alembic" and _OF_ALEMBIC.search(module.path) is not None


def _is_data_of_tests(module: Module) -> bool:
    """What tests read or load by its path, where an import that fails may be the point: `tests/files/broken/app.py`."""
    *folders, name = module.path.split("/")
    data = _DATA_FOLDERS if module.kind is FileKind.TEST else _DATA_OF_TESTS
    return not data.isdisjoint(folders) or name.startswith(_MEANT_TO_FAIL)


def _is_copied_elsewhere(project: Project, module: Module) -> bool:
    """`from .common import *` in a folder that is no package: a file that an image or a script puts beside others."""
    folder = module.path.rpartition("/")[0]
    alone = f"{folder}/__init__.py".lstrip("/") not in project.modules
    beside = (part for part in module.imports if part.level and part.scope == 0 and not part.guard)
    found = [project.symbols.imported_module(module, part.level, part.module) is not None for part in beside]
    return alone and bool(found) and (not any(found) or module.imports[0].level > 0)


def _is_copied_into(project: Project, module: Module, wanted: str) -> bool:
    """An example that asks for itself, or its neighbour, where it will lie once somebody has copied it."""
    folder, last = module.path.rpartition("/")[0], wanted.rpartition(".")[2]
    beside = f"{folder}/{last}.py" in project.modules or folder.rpartition("/")[2] == last
    return module.kind is FileKind.EXAMPLE and beside


def _is_installed_there(project: Project, module: Module, wanted: str) -> bool:
    """Whether a part of the repository asks an index for the package of which another part holds the source."""
    distribution = normalise(wanted.partition(".")[0])
    return any(
        source.folder and module.path.startswith(f"{source.folder}/")
        for source in project.manifest.sources
        for requirement in source.runtime
        if requirement.name == distribution and requirement.specifier
    )


def _is_published(project: Project, module: Module, wanted: str) -> bool:
    """An example for people who install what the project publishes under that name: `pip install shop-sdk`."""
    head = re.escape(wanted.partition(".")[0]).replace("_", "[-_]")
    told = re.compile(rf"\b(?:pip3?|uv|poetry|uv pip) (?:install|add) [\"']?{head}(?![a-z])", re.IGNORECASE)
    inventory = project.inventory
    return module.kind is FileKind.EXAMPLE and any(
        told.search(inventory.read_text(path)) for path in (*inventory.other, *inventory.documents)
    )


def _is_laid_aside(project: Project, module: Module, sighting: Sighting) -> bool:
    """Inside a test that its decorator keeps from running, or a fixture of a class of which no test runs."""
    symbol = sighting.place.symbol
    items = [item for item in project.suite.items if item.module is module]
    own = [item for item in items if item.function.qualname == symbol]
    if own or "." not in symbol:
        return any(item.always_skipped for item in own)
    around = symbol.rpartition(".")[0]
    beside = [item for item in items if item.function.qualname.startswith(f"{around}.")]
    return all(item.always_skipped for item in beside) and bool(beside or around.startswith("Test"))


def _is_called_by_nobody(project: Project, module: Module, sighting: Sighting) -> bool:
    """Inside a function of production that nothing is known to come to."""
    return module.kind is FileKind.PRODUCTION and any(
        project.entries.reach(scope) in _WEAK
        for scope in module.scopes
        if scope.facts.qualname == sighting.place.symbol and scope.is_function
    )


def _is_way_in(project: Project, module: Module) -> bool:
    """By its name or its content: that such a file does not come up, somebody would notice."""
    folder, _, file = module.path.rpartition("/")
    return (
        (b"__main__" in module.packed_bodies and not is_laid_down(project, module))
        or _STARTED_BY_NAME.match(file) is not None
        or _FOUND_THERE.search(folder) is not None
        or any(
            project.entries.reach(scope) not in _WEAK and not _is_of_its_own(project, scope)
            for scope in module.scopes
        )
    )


def _is_of_its_own(project: Project, scope: Scope) -> bool:
    """Whether the entry that leads there stands in the same file: a form, a route that is there once somebody loads it."""
    entry = project.entries.entry(scope)
    return entry is not None and entry.scope.module is scope.module


def _is_left_over(by_hand: ByHand, module: Module) -> bool:
    """Whether nothing is known to import or start the file: had it been in use, somebody would have noticed."""
    return (
        module.kind is FileKind.PRODUCTION
        and not module.path.endswith("__init__.py")
        and not (by_hand.is_imported(module) or by_hand.is_started(module))
    )


def _with_chain(sighting: Sighting, chains: ImportChains, module: Module) -> Sighting:
    """The same, with the way from what the deployment starts, where the import runs on it."""
    way = chains.to(module) if not sighting.place.symbol else ()
    if not way:
        return sighting
    chain = (*way, replace(sighting.place, note="fails"))
    return replace(
        sighting, chain=chain, consequence="the process exits before its first request, at every start"
    )


def _as_left_over(sighting: Sighting) -> Sighting:
    return replace(
        sighting,
        severity=Severity.LOW,
        consequence=f"{sighting.consequence}; nothing in the project imports the file, so that nobody noticed",
        remedy="delete the file, or correct the import and let something use it",
    )


def _sighting(module: Module, part: Import, missing: Missing) -> Sighting:
    at_once = part.scope == 0
    severity = _SEVERITY.get(module.kind, Severity.LOW)
    if severity is Severity.HIGH and not at_once:
        severity = Severity.MEDIUM
    return Sighting(
        place=_place(module, part),
        message=f"{_spelled(part)} fails: {_explained(missing)}",
        severity=severity,
        confidence=Confidence.DEFINITE if missing.certain and part.guard != "if" else Confidence.POSSIBLE,
        consequence=_consequence(module, at_once=at_once),
        subject=f"{missing.module}.{missing.name}".rstrip("."),
        cause=f"{missing.module}:{missing.name}",
        stops=True,
    )


def _place(module: Module, part: Import) -> Place:
    return Place(path=module.path, line=part.line, symbol=module.scopes[part.scope].qualname)


def _spelled(part: Import) -> str:
    if part.name is None:
        return f"`import {part.module}`"
    return f"`from {'.' * part.level}{part.module} import {part.name}`"


def _explained(missing: Missing) -> str:
    if missing.name:
        return f"`{missing.module}` has no `{missing.name}`"
    return f"the project has no module `{missing.module}`"


def _consequence(module: Module, *, at_once: bool) -> str:
    if module.kind is FileKind.TEST and at_once:
        return _NOT_RUN
    when = "the import of this file" if at_once else "the first call of this function"
    return f"{when} ends in an ImportError"


def _undeclared(project: Project, first_party: FirstParty) -> Iterator[Sighting]:
    for found in find_undeclared(project, first_party):
        for module, part in found.sites:
            yield Sighting(
                place=_place(module, part),
                message=f"`{found.name}` is imported, and no manifest asks for {found.distribution}",
                severity=Severity.MEDIUM if part.scope == 0 else Severity.LOW,
                confidence=found.confidence,
                consequence=_LOCKED_OUT if found.confidence is Confidence.PROBABLE else _BROUGHT_ALONG,
                remedy=f"declare {found.distribution} with a version, beside the project's other requirements",
                subject=found.name,
                cause=f"undeclared {found.name}",
            )


def _lost_targets(project: Project, first_party: FirstParty) -> Iterator[Sighting]:
    for scope, call, target, missing in find_lost_targets(project, first_party):
        yield Sighting(
            place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
            message=f'`patch("{target}")` has nothing to replace: {_explained(missing)}',
            severity=Severity.MEDIUM,
            confidence=Confidence.DEFINITE if missing.certain else Confidence.POSSIBLE,
            consequence="the test fails before it tests anything, or has not run for as long",
            subject=target,
            cause=f"patch {missing.module}:{missing.name}",
        )


MODE = FailureMode(
    code="STA001",
    name="import-does-not-resolve",
    family=Family.STARTUP,
    summary="an import, a patched name or a whole file that Python cannot resolve",
    consequence="the process, the worker or the test file that imports it does not come up",
    remedy="correct or delete the import; let CI import every module once",
    source="Python documentation, The import system: ModuleNotFoundError",
    detector=detect_unresolved_imports,
    surest=Confidence.PROBABLE,
)
