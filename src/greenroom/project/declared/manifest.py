"""What the project says it needs: declared distributions, pinned versions, console scripts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from greenroom.project.declared.declarations import Source, read_source
from greenroom.project.declared.requirement import Requirement
from greenroom.project.files.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All manifests of the project as one."""

    declared: frozenset[str]
    """Normalised names of distributions, of all groups and extras."""
    runtime: frozenset[str]
    """Those that the product itself needs, without groups and extras."""
    versions: dict[str, str]
    """Locked, or pinned with `==`; a lower bound is no version."""
    specifiers: dict[str, str]
    """As PEP 440 spells them, such as `>=1.4,<2`; empty for any."""
    requires_python: str
    """As PEP 440 spells it; empty: not said."""
    scripts: dict[str, str]
    """Console script → `package.module:function`."""
    has_any: bool
    """Whether there is a manifest at all."""
    sources: tuple[Source, ...]
    """What was read, those nearer to the root first."""
    known: "dict[tuple[str, ...], Manifest]" = field(default_factory=dict, repr=False, compare=False)
    """By the paths of its sources: what was put together for some file already."""

    def near(self, path: str) -> "Manifest":
        """What holds for a file where several projects share a repository; all, where none is near."""
        near = [source for source in self.sources if source.speaks_for(path)]
        if not near:
            return self
        key = tuple([source.path for source in near])
        if key not in self.known:
            self.known[key] = _merge(near[::-1], sources=self.sources)
        return self.known[key]


def read_manifest(inventory: Inventory) -> Manifest:
    """Read every manifest and lock file of the project."""
    setups = (file.path for file in inventory.files if file.path.rpartition("/")[2] == "setup.py")
    found = (read_source(path, inventory.read_text) for path in (*inventory.other, *setups))
    sources = tuple(sorted((source for source in found if source), key=_distance))
    return _merge(sources, sources=sources)


def _distance(source: Source) -> tuple[int, str]:
    return len(source.folder.split("/")) if source.folder else 0, source.path


def _merge(ranked: Sequence[Source], sources: tuple[Source, ...]) -> Manifest:
    """Where two disagree, the first wins; a lock file before any other."""
    runtime = [requirement for source in ranked for requirement in source.runtime]
    development = [requirement for source in ranked for requirement in source.development]
    versions: dict[str, str] = {}
    scripts: dict[str, str] = {}
    for source in ranked:
        versions = source.locked | versions
        scripts = source.scripts | scripts
    specifiers: dict[str, str] = {}
    for requirement in (*runtime, *development):
        specifiers[requirement.name] = specifiers.get(requirement.name) or requirement.specifier
        if pinned := requirement.pinned:
            versions.setdefault(requirement.name, pinned)
    return Manifest(
        declared=_names(runtime) | _names(development),
        runtime=_names(runtime),
        versions=versions,
        specifiers=specifiers,
        requires_python=next((source.requires_python for source in ranked if source.requires_python), ""),
        scripts=scripts,
        has_any=bool(ranked),
        sources=sources,
    )


def _names(requirements: Iterable[Requirement]) -> frozenset[str]:
    return frozenset(requirement.name for requirement in requirements)
