"""Which files are there, what each is for, and what was left out."""

import os
import re
import stat
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from greenroom.model.audit import LeftOut
from greenroom.model.settings import Settings
from greenroom.project.files.classify import Classifier
from greenroom.project.files.env_names import ENV_TEMPLATE
from greenroom.project.files.errors import NothingToCheckError, ProjectError
from greenroom.project.files.glance import Glance
from greenroom.project.files.glances import Glances
from greenroom.project.files.ignore import Globs, Listing
from greenroom.project.files.kind import FileKind
from greenroom.project.files.notations import parse_toml
from greenroom.project.files.roots import find_roots

LARGEST = 2_000_000
"""Bytes; people write smaller files, so a larger one is data."""
_LARGEST_LOCK = 20_000_000
"""Of what a package manager writes."""
_KEPT = 100_000
"""Characters of a text that is asked for again and again."""

_OTHER = re.compile(
    r"(?:.*[./-])?(?:docker|container)file(?:[.-].*)?|(?:docker-)?compose.*\.ya?ml|(?:gnu)?makefile|.*\.mk|\.?justfile|"
    r"taskfile\.ya?ml|procfile.*|caddyfile.*|jenkinsfile|readme.*|contributing.*|(?:development|agents|claude)\.(?:md|rst)|"
    r"\.env.*|.*\.env|"
    rf"{ENV_TEMPLATE}|"
    r".*requirements.*\.(?:txt|in)|constraints.*\.txt|pipfile(?:\.lock)?|.*\.lock|package\.json|"
    r"environment.*\.ya?ml|conda.*\.ya?ml|\.?pytest\.(?:ini|toml)|\.coveragerc|.*\.(?:toml|ini|cfg|sh|bash|zsh|bicep)",
    re.IGNORECASE,
)
_SERVICES = re.compile(
    r"(?:^|/)(?:\.[^/]+/.*|[^/]+|(?:charts?|deploy(?:ment)?s?|infra|docker|manifests|ci|(?:\w+[_-])?(?:k8s|kubernetes|helm)(?:[_-]\w+)?)/.*)\.ya?ml",
    re.IGNORECASE,
)
_FRONT = re.compile(r"(?:.*/)?[^/]+(?<!\.d)(?<!\.min)(?<!-min)(?<!\.bundle)\.(?:[cm]?[jt]sx?|vue|svelte)")
_DOCUMENT = re.compile(
    r".*\.(?:md|mdx|rst|adoc|txt|ya?ml|json5?|tf|tfvars|hcl|service|conf|tpl|c?tmpl|j2|ps1|bat|cmd|fish|properties|nix|template)|"
    r"_redirects",
    re.IGNORECASE,
)
_TOLD = re.compile(r"readme|contributing|agents|claude|development|.*\.lock$", re.IGNORECASE)
"""What people are told: that the folder is there, not that it is started."""
_DOWNLOAD = re.compile(
    r"(?:^|/)static/(?:.*/)?(?:(?:docker-)?compose[^/]*\.ya?ml|(?:[^/]*[.-])?(?:docker|container)file[^/]*)$",
    re.IGNORECASE,
)
"""Of a folder that browsers get as it is: a deployment for others, on their machines."""
_BY_FOLDER = re.compile(
    r"(?:^|/)(?:(?:requirements|reqs|deps)/(?:[^/]+\.(?:txt|in)|[^./]+)|(?:\.?ci|bin|scripts?|tools|dev|hack|docker)/[^./]+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A Python file that is read."""

    path: str
    """Relative to the root, with forward slashes."""
    kind: FileKind
    size: int
    """Bytes."""
    digest: str = ""
    """Of its content as it was listed; empty where nobody took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The files of the audited project."""

    root: Path
    files: tuple[SourceFile, ...]
    """Python files, sorted by path."""
    left_out: tuple[LeftOut, ...]
    """Sorted by path; what .gitignore names is not told."""
    source_roots: tuple[str, ...]
    """Folders that are on the import path, `.` for the root; the most telling first."""
    other: tuple[str, ...]
    """Configuration, build, service and documentation files of the project itself, sorted."""
    documents: tuple[str, ...] = ()
    """Further files that may describe or deploy it, from pages to Terraform, sorted."""
    front: tuple[str, ...] = ()
    """Sources of a front end, sorted; no declarations, no bundles, nothing that is vendored."""
    texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Those that were read already, as long as they are short."""
    places: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Where folders truly lie, of those that something was read in."""

    def read_text(self, path: str) -> str:
        """The text of a file of the project; empty where there is none to be had."""
        known = self.texts.get(path)
        if known is None:
            known = self._read_text(path)
            if len(known) <= _KEPT:
                self.texts[path] = known
        return known

    def _read_text(self, path: str) -> str:
        folder, name = os.path.split(path)
        place = f"{self._place(folder)}/{name}"
        if os.path.islink(place):  # noqa: PTH114  - as below
            place = os.path.realpath(place)
        if not place.startswith(f"{self._place('')}/"):
            return ""
        try:
            return _read_start(place)
        except OSError:
            return ""

    def _place(self, folder: str) -> str:
        """The folder with all links followed: to follow them anew for each file takes longer than to read it."""
        found = self.places.get(folder)
        if found is None:
            found = self.places[folder] = os.path.realpath(self.root / folder).rstrip("/")
        return found


def take_inventory(root: Path, settings: Settings) -> Inventory:
    """List and classify the files below a folder.

    Raises:
        ProjectError: there is no such folder.
        NothingToCheckError: there is no Python file in it.
    """
    _check_root(root)
    listing = Listing(root, Globs(settings.exclude))
    listing.take()
    files, glances = _look_at_all(listing)
    if not glances:
        raise NothingToCheckError(_explain_empty(root, _sorted(listing.left_out)))
    classifier = Classifier(listing.files, Globs(settings.tests).match, partial(_is_deployed, listing))
    kinds = classifier.classify(glances)
    files = tuple([replace(file, kind=kinds[file.path]) for file in files])
    other = tuple(
        path for path in _others(listing.files) if not classifier.is_foreign(path.rpartition("/")[0])
    )
    known = set(other)
    found = Inventory(root=root, files=files, left_out=(), source_roots=(), other=other)
    return Inventory(
        root=root,
        files=files,
        left_out=_sorted([*listing.left_out, *_broken_manifests(found)]),
        source_roots=settings.source_roots or find_roots(other, found.read_text, kinds, glances),
        other=other,
        documents=tuple(
            path for path in listing.files
            if _DOCUMENT.fullmatch(path.rpartition("/")[2]) and path not in known
        ),
        front=tuple(
            path for path in listing.files
            if _FRONT.fullmatch(path) and not classifier.is_foreign(path.rpartition("/")[0])
        ),
    )  # fmt: skip


def _is_deployed(listing: Listing, folder: str) -> bool:
    """Whether a build, a service or a recipe outside of a folder speaks of it."""
    spoken = re.compile(rf"(?<![\w-]){re.escape(folder)}(?![\w-])")
    outside = (path for path in _others(listing.files) if not path.startswith(f"{folder}/"))
    found = Inventory(root=Path(listing.root), files=(), left_out=(), source_roots=(), other=())
    return any(
        spoken.search(found.read_text(path)) for path in outside if not _TOLD.match(path.rpartition("/")[2])
    )


def _sorted(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple(sorted(left_out, key=lambda item: item.path))


def _broken_manifests(inventory: Inventory) -> Iterable[LeftOut]:
    """What such a file declares is not known, and nobody should believe that it declares nothing."""
    for path in inventory.other:
        if path.rpartition("/")[2] == "pyproject.toml":
            try:
                parse_toml(inventory.read_text(path))
            except tomllib.TOMLDecodeError as error:
                yield LeftOut(path=path, reason=f"not valid TOML: {error}")


def _check_root(root: Path) -> None:
    if root.is_dir():
        return
    if root.exists():
        message = f"{root} is a file: pass the folder of the project that it belongs to"
    else:
        message = f"{root} does not exist: pass the folder of a Python project"
    raise ProjectError(message)


def _explain_empty(root: Path, left_out: tuple[LeftOut, ...]) -> str:
    if not left_out:
        return f"{root} holds no Python file that git does not ignore: pass the folder of a Python project"
    first = left_out[0]
    more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
    return (
        f"{root} holds no Python file that can be read; left out: {first.path} ({first.reason}){more}: "
        "pass the folder of a Python project"
    )


def _look_at_all(listing: Listing) -> tuple[tuple[SourceFile, ...], dict[str, Glance]]:
    """The Python files, sorted, not yet told apart, and what a glance at each tells."""
    known, files, glances = Glances(listing.root), [], {}
    for path in listing.files:
        content = _look(listing, path) if path.endswith(".py") else None
        if content is not None:
            glances[path], digest = known.at(path, content)
            files.append(SourceFile(path=path, kind=FileKind.PRODUCTION, size=len(content), digest=digest))
    if glances:
        known.save()
    return tuple(sorted(files, key=lambda file: file.path)), glances


def _look(listing: Listing, path: str) -> bytes | None:
    """Read one Python file, or say why not."""
    reason = ""
    try:
        _check_name(path)
        place = f"{listing.root}/{path}"
        state = os.lstat(place)
        if stat.S_ISLNK(state.st_mode):
            reason = listing.explain_link(path)
        elif not stat.S_ISREG(state.st_mode):
            reason = "not a regular file"
        elif state.st_size > LARGEST:
            reason = f"{state.st_size / 1_000_000:.1f} MB: generated data, not code"
        else:
            content = _read(place)
            if b"\0" in content:
                reason = "binary content"
            else:
                return content
    except FileNotFoundError:
        return None  # in git's index, but deleted
    except UnicodeEncodeError:
        reason = "its name is not valid text"
        path = path.encode("utf-8", "replace").decode()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    if reason:
        listing.left_out.append(LeftOut(path=path, reason=reason))
    return None


def _read_start(place: str) -> str:
    """The text of a file; empty for what is no regular file, and for data, such as a report of ours beside the code."""
    most = _LARGEST_LOCK if place.endswith(".lock") else LARGEST
    if not os.path.isfile(place) or os.path.getsize(place) > most:  # noqa: PTH113, PTH202  - as below
        return ""
    with open(place, "rb") as file:  # noqa: PTH123  - three times as fast as through `Path`, on thousands of files
        return file.read(most).decode("utf-8-sig", "replace")


def _check_name(path: str) -> None:
    if not path.isascii():
        path.encode("utf-8")


def _read(place: str) -> bytes:
    handle = os.open(place, os.O_RDONLY)
    try:
        return os.read(handle, LARGEST + 1)
    finally:
        os.close(handle)


def _others(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        name = path.rpartition("/")[2]
        if (
            not name.endswith(".py")
            and name != "pnpm-lock.yaml"
            and (_OTHER.fullmatch(name) or _SERVICES.fullmatch(path) or _BY_FOLDER.search(path))
            and not _DOWNLOAD.search(path)
        ):
            yield path
