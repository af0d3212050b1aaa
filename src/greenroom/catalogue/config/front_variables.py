"""Variables that a front end is built with, and that no file of the project declares."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.model.finding import Confidence
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_PUBLIC: Final = re.compile(
    r"(?!PUBLIC_URL$)(?:VITE|NEXT_PUBLIC|NUXT_PUBLIC|REACT_APP|VUE_APP|PUBLIC|GATSBY|EXPO_PUBLIC)_\w+"
)
"""What a bundler writes into the code that browsers get; `PUBLIC_URL` is Create React App's own."""
_ADDRESS: Final = re.compile(
    r"_(?:URL|URI|HOST|HOSTNAME|ENDPOINT|ORIGIN|DOMAIN|BASE|BASE_PATH|SERVER|ADDRESS)$"
)
"""A switch, or the key of a service that only some use, may be missing; an address is put into every request."""
_AT_RUN_TIME: Final = re.compile(
    r"(?:window|globalThis|self)\??\.(?:_+env_*|env|_*config_*|ENV|__RUNTIME\w*)\b|import\.meta\.env\.(?:MODE|PROD)\b"
)
"""The file takes its values from the page as well, or others in production than at the build."""
_SIFTED: Final = re.compile(r"[^\]]*\]\s*\.filter\(\s*(?:Boolean|\(?(\w+)\)?\s*=>\s*(?:!!)?\1\b)")
_FIELD: Final = re.compile(r"(\w+)\s*:\s*(?:import\.meta|process)\.env\b")
_LONGEST_LIST: Final = 15
_FEW: Final = 2
"""Fewer declared variables than these, and the project keeps no list that one could be missing from."""
_DECLARES: Final = re.compile(r"\.(?:d\.ts|md|mdx|rst|adoc|txt)$")


class FrontVariable(NamedTuple):
    """One that nobody gives a value."""

    name: str
    sites: tuple[tuple[str, int], ...]
    """Path and line of each read that needs it."""
    confidence: Confidence


def find_front_variables(project: Project) -> Iterator[FrontVariable]:
    """Those that product code reads without a default, where files of the project declare its others."""
    needed: dict[str, list[tuple[str, int]]] = defaultdict(list)
    spared: set[str] = set()
    for path, file in project.front.files.items():
        if file.kind is FrontKind.PRODUCTION:
            for part in file.variables:
                if not _PUBLIC.fullmatch(part.name):
                    continue
                if part.optional or part.default is not None:
                    spared.add(part.name)
                else:
                    needed[part.name].append((path, part.line))
    known = project.configuration.mentioned
    read = spared | needed.keys()
    missing = {name: sites for name, sites in needed.items() if name not in known}
    if missing and len(read & known) >= _FEW:
        given = _given_elsewhere(project, missing.keys())
        for name, sites in missing.items():
            if name not in given:
                told = name in spared or name in project.configuration.described
                told = told or all(_is_sifted(project, *site) or _may_lack(project, *site) for site in sites)
                late = all(_AT_RUN_TIME.search(project.inventory.read_text(path)) for path, _ in sites)
                sure = _ADDRESS.search(name) is not None and not told and not late
                yield FrontVariable(name, tuple(sites), Confidence.PROBABLE if sure else Confidence.POSSIBLE)


def _is_sifted(project: Project, path: str, line: int) -> bool:
    """Whether it stands in a list out of which what is missing is taken."""
    lines = project.inventory.read_text(path).splitlines()
    return _SIFTED.match("\n".join(lines[line - 1 : line - 1 + _LONGEST_LIST])) is not None


def _may_lack(project: Project, path: str, line: int) -> bool:
    """Whether it becomes a field of which the file says that it may be missing: `url: string | undefined`, `url?: string`."""
    text = project.inventory.read_text(path)
    field = _FIELD.search(text.splitlines()[line - 1])
    if field is None:
        return False
    name = re.escape(field[1])
    return re.search(rf"\b{name}(?:\?\s*:|\s*:[^;,\n]*\|\s*(?:undefined|null)\b)", text) is not None


def _given_elsewhere(project: Project, names: Iterable[str]) -> set[str]:
    """Those that build files, or documents of deployment, name."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    paths = [path for path, file in project.front.files.items() if file.kind is FrontKind.BUILD]
    paths += [path for path in project.inventory.documents if not _DECLARES.search(path)]
    return {found for path in paths for found in pattern.findall(project.inventory.read_text(path))}
