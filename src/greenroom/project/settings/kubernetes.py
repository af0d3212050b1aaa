"""Kubernetes manifests: containers with their variables and probes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from greenroom.project.settings.env_files import Line
from greenroom.project.settings.pod_volumes import Mount, read_mounts
from greenroom.project.settings.tree import Tree, read_trees

_MENTION: Final = re.compile(r"^kind:\s*\S+", re.MULTILINE)
_POD: Final = (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"), ("spec",))
_SECRETS: Final = (("valueFrom", "secretKeyRef"), ("secretKeyRef",), ("secret",))
_STANDS_FOR: Final = re.compile(r"\$\{\w+\}|\$\(\w+\)|\$[A-Z]\w*|\{\{[^{}]+\}\}|#\{\w+\}#?|__[A-Z]\w*__")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a pod."""

    name: str
    kind: str
    """Of what has it: `Deployment`, `CronJob` …"""
    workload: str
    """What that is called."""
    path: str
    line: int
    image: str
    words: tuple[str, ...]
    """Its own command with its arguments."""
    mounts: tuple[Mount, ...] | None
    """None where they cannot be told."""
    env: dict[str, Line]
    """Literal values; empty where the value comes from a secret, a map or a field."""
    from_secrets: frozenset[str]
    """Variables that it does not start without: each from an entry of a Secret that has to be there, or filled in by whoever deploys."""
    from_maps: tuple[str, ...]
    """Names of the ConfigMaps and Secrets that it takes as a whole."""
    probes: dict[str, tuple[str, int]]
    """Kind of probe → the HTTP path that it asks (empty for others) and its line."""
    companions: int
    """How many other containers the pod has: they share its localhost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """What one file holds."""

    path: str
    containers: tuple[Container, ...]
    maps: dict[str, dict[str, Line]]
    """ConfigMaps and Secrets: name → what they hold; values of secrets are left out."""


def read_manifests(path: str, text: str) -> Manifests | None:
    """The containers and maps of a file; None where it holds neither."""
    if _MENTION.search(text) is None:
        return None
    containers: list[Container] = []
    maps: dict[str, dict[str, Line]] = {}
    for document in read_trees(text):
        kind = document.get("kind").text
        if kind in ("ConfigMap", "Secret"):
            maps[document.get("metadata", "name").text] = _held(document, secret=kind == "Secret")
        else:
            containers.extend(_containers(path, document))
    return Manifests(path=path, containers=tuple(containers), maps=maps) if containers or maps else None


def _held(document: Tree, *, secret: bool) -> dict[str, Line]:
    listed = document.get("data").entries | document.get("stringData").entries
    return {name: Line(name, "" if secret else part.text, part.line) for name, part in listed.items()}


def _containers(path: str, document: Tree) -> Iterator[Container]:
    claims = document.get("spec", "volumeClaimTemplates")
    for keys in _POD:
        pod = document.get(*keys)
        listed = pod.get("containers").items
        for tree in listed:
            yield Container(
                name=tree.get("name").text, kind=document.get("kind").text,
                workload=document.get("metadata", "name").text,
                path=path, line=tree.line, image=tree.get("image").text,
                words=tuple(part.text for key in ("command", "args") for part in tree.get(key).listed),
                mounts=read_mounts(tree, pod, claims),
                env={part.name: part for part in _variables(tree.get("env").items)},
                from_secrets=frozenset((*taken_from_secrets(tree.get("env")), *_filled_in(tree.get("env").items))),
                from_maps=tuple(_maps(tree.get("envFrom").items)),
                probes={kind: (tree.get(kind, "httpGet", "path").text, tree.get(kind).line)
                        for kind in _PROBES if kind in tree.entries},
                companions=len(listed) - 1,
            )  # fmt: skip
        if listed:
            return


def _variables(listed: Iterable[Tree]) -> Iterator[Line]:
    for part in listed:
        name = part.get("name").text
        if name:
            yield Line(name, part.get("value").text, part.get("name").line)


def _filled_in(listed: Iterable[Tree]) -> Iterator[str]:
    """Those whose value stands for another: `"${DESK_PASSWORD}"`, which `envsubst` replaces."""
    for part in listed:
        if _STANDS_FOR.fullmatch(part.get("value").text.strip()):
            yield part.get("name").text


def taken_from_secrets(tree: Tree) -> Iterator[str]:
    """Variables that a tree takes from an entry of a Secret, as Kubernetes spells it, or by name as the values of charts do."""
    for part in tree.items:
        if _demands(part.get("valueFrom", "secretKeyRef")):
            yield part.get("name").text
        else:
            yield from taken_from_secrets(part)
    for name, part in tree.entries.items():
        if any(_demands(part.get(*keys)) for keys in _SECRETS):
            yield name
        else:
            yield from taken_from_secrets(part)


def _demands(entry: Tree) -> bool:
    """Whether it names an entry of a Secret, and the pod does not start where there is none."""
    return bool(
        entry.get("name").text and entry.get("key").text and entry.get("optional").text.lower() != "true"
    )


def _maps(listed: Iterable[Tree]) -> Iterator[str]:
    for part in listed:
        for kind in ("configMapRef", "secretRef"):
            if name := part.get(kind, "name").text:
                yield name
