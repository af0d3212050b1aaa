"""The client libraries that are watched: a file for each, with a `CLIENT` or several in `CLIENTS`.

A new library is a new file here. Nothing here imports the library that it describes.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from greenroom.record.clients.client import Client


def all_clients() -> Iterator[Client]:
    """What the files of this folder describe."""
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        yield from getattr(module, "CLIENTS", ())
