"""The whole front end of the audited project."""

import re
from dataclasses import dataclass
from pathlib import Path

from greenroom.project.collector import collector_paused
from greenroom.project.files.inventory import Inventory
from greenroom.project.front.calls import CallReader
from greenroom.project.front.contexts import Contexts
from greenroom.project.front.evaluation import Evaluation
from greenroom.project.front.front_call import FrontCall
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.hand_routed import HandRouted
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.lookup import Lookup
from greenroom.project.front.module_paths import ModulePaths
from greenroom.project.front.mounting import Mounting
from greenroom.project.front.proxied import Proxied
from greenroom.project.front.proxies import read_proxies
from greenroom.project.front.reading import read_front_files
from greenroom.project.front.served import served_paths

_SETTINGS = re.compile(r"(?:.*/)?(?:tsconfig[\w.-]*\.json|jsconfig\.json|package\.json)")
_BUILD = re.compile(r"(?:.*/)?(?:vite|vitest|vue|webpack|next|nuxt|craco|rsbuild)\.config\.[cm]?[jt]s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What was read of it; nothing of it was run."""

    files: dict[str, FrontFile]
    """By relative path, all kinds."""
    calls: tuple[FrontCall, ...]
    """Its requests."""
    served: tuple[str, ...]
    """Paths that servers in JavaScript answer."""
    proxies: tuple[Proxied, ...]
    """What a proxy hands on."""
    contexts: Contexts
    """Of React."""
    mounting: Mounting
    lookup: Lookup


def read_front(root: Path, inventory: Inventory) -> Front:
    """Read the front end; nothing but a look at the names where there is none."""
    if not inventory.front:
        return _front(
            {},
            Evaluation({}, ModulePaths({}, (), inventory.read_text)),
            (),
            HandRouted((), (), inventory.read_text),
        )
    with collector_paused():
        files = read_front_files(root, inventory.front)
        settings = [path for path in (*inventory.other, *inventory.documents) if _SETTINGS.fullmatch(path)]
        settings += [path for path in inventory.front if _BUILD.fullmatch(path)]
        evaluation = Evaluation(files, ModulePaths(files, settings, inventory.read_text))
        proxies = read_proxies((*inventory.other, *inventory.documents), inventory.front, inventory.read_text)
        return _front(files, evaluation, proxies, HandRouted(files.values(), settings, inventory.read_text))


def _front(
    files: dict[str, FrontFile], evaluation: Evaluation, proxies: tuple[Proxied, ...], by_hand: HandRouted
) -> Front:
    calls = CallReader(files, evaluation).read((FrontKind.PRODUCTION, FrontKind.GENERATED), "product")
    found = Front(
        files=files, calls=tuple(calls), served=tuple(dict.fromkeys(served_paths(files.values()))),
        proxies=proxies, contexts=Contexts(files, evaluation), mounting=Mounting(files, evaluation.lookup, by_hand),
        lookup=evaluation.lookup,
    )  # fmt: skip
    for file in files.values():
        file.put_away()
    return found
