"""What all resolution rests on beside the contents of the files."""

from greenroom.project.calls.infer import Inference
from greenroom.project.files.packs import digest, own_code

_ROOMS = (("calls",), ("code",), ("libraries",), ("libraries", "effects"))


def world_of(inference: Inference) -> bytes:
    """Which files there are and as what, what counts as a library, and how we resolve, as a digest."""
    symbols, effects = inference.symbols, inference.effects
    files = [(module.path, module.kind.value) for module in symbols.modules()]
    told = (files, symbols.roots, sorted(symbols.libraries), sorted(effects.kinds), _ourselves())
    return digest(repr(told).encode())


def _ourselves() -> bytes:
    """Our own code and the effects of libraries: nobody has to remember a number when these change."""
    return b"".join([own_code("project", *room) for room in _ROOMS])
