"""Where the volumes of a pod are mounted in its containers, and which of them outlast it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.project.settings.tree import Tree

_OF_THE_POD: Final = frozenset({"emptyDir", "ephemeral"})
_OF_OTHERS: Final = frozenset({"configMap", "secret", "projected", "downwardAPI", "image"})
"""What a container reads there is written elsewhere, and nothing that it writes stays: no places for data."""


class Mount(NamedTuple):
    """One folder of a container."""

    folder: str
    outlasts: bool
    """What is written there is still there in the next pod, or is in memory on purpose, or nobody can tell."""


def read_mounts(container: Tree, pod: Tree, claims: Tree) -> tuple[Mount, ...] | None:
    """The mounts of a container that take what it writes; None where a template fills them in.

    Args:
        container: one of the pod's.
        pod: with the volumes that it names.
        claims: the templates of claims of a StatefulSet.
    """
    if any(_is_filled_in(*place) for place in ((container, "volumeMounts"), (pod, "volumes"))):
        return None
    mounted = container.get("volumeMounts").items
    if not all(part.get("mountPath").text and part.get("name").text for part in mounted):
        return None
    volumes = {part.get("name").text: part for part in pod.get("volumes").items}
    claimed = {part.get("metadata", "name").text for part in claims.items}
    return tuple(_mounts(mounted, {name: part for name, part in volumes.items() if name not in claimed}))


def _is_filled_in(tree: Tree, key: str) -> bool:
    """Whether there is such a list, of which only a template knows what is in it."""
    return key in tree.entries and not tree.get(key).items


def _mounts(mounted: list[Tree], volumes: dict[str, Tree]) -> Iterator[Mount]:
    for part in mounted:
        volume = volumes.get(part.get("name").text)
        kinds = volume.entries.keys() - {"name"} if volume is not None else set()
        if not kinds or not kinds <= _OF_OTHERS:
            folder = part.get("mountPath").text.rstrip("/")
            in_memory = volume is not None and volume.get("emptyDir", "medium").text == "Memory"
            yield Mount(folder, not kinds or not kinds <= _OF_THE_POD or in_memory)
