"""What all resolution rests on beside the contents of the files."""

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from greenroom.project.calls.infer import Inference
from greenroom.project.code.packs import digest

_ROOMS = ("calls", "code", "libraries")


def world_of(inference: Inference) -> bytes:
    """Which files there are and as what, what counts as a library, and how we resolve, as a digest."""
    symbols, effects = inference.symbols, inference.effects
    files = [(module.path, module.kind.value) for module in symbols.modules()]
    told = (files, symbols.roots, sorted(symbols.libraries), sorted(effects.kinds), _ourselves())
    return digest(repr(told).encode())


@cache
def _ourselves() -> bytes:
    """Our own code and the effects of libraries: nobody has to remember a number when these change."""
    state = hashlib.blake2b(digest_size=16)
    project = resources.files("greenroom.project")
    for room in _ROOMS:
        for file in sorted(project.joinpath(room).iterdir(), key=lambda file: file.name):
            _add(file, state)
    for file in sorted(project.joinpath("libraries", "effects").iterdir(), key=lambda file: file.name):
        _add(file, state)
    return state.digest()


def _add(file: Traversable, state: "hashlib.blake2b") -> None:
    if file.name.endswith((".py", ".toml")):
        state.update(file.read_bytes())
