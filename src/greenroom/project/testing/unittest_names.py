"""What a command hands to unittest or to Django's runner: modules, classes and methods with dots between, or a search."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_OPTIONS = {
    "-s": "start", "--start-directory": "start", "-p": "pattern", "--pattern": "pattern", "-t": "top",
    "--top-level-directory": "top", "-k": "keyword",
}  # fmt: skip


_ROOTS = ("test", "tests", "src")


def read_search(arguments: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """What `unittest discover` is given, as `pytest` would be, and its pattern; empty for none."""
    if "discover" not in arguments:
        return tuple(arguments), ""
    given, positional, rest = {"pattern": ""}, [], []
    waiting = iter(word for word in arguments if word != "discover")
    for word in waiting:
        option, _, value = word.partition("=")
        if option in _OPTIONS:
            given[_OPTIONS[option]] = value or next(waiting, "")
        elif word.startswith("-"):
            rest.append(word)
        else:
            positional.append(word)
    given |= dict(zip(("start", "pattern", "top"), positional, strict=False))
    start = [given["start"]] if given.get("start", ".") != "." else []
    return (*rest, *start), given["pattern"]


def as_paths(names: Iterable[str], folder: Path) -> Iterator[str]:
    """`tests.test_prices.TestTotal.test_one` as pytest would be told; what is no such name stays as it is."""
    for name in names:
        parts = name.split(".")
        if "/" in name or name.endswith(".py") or not all(part.isidentifier() for part in parts):
            yield name
        else:
            yield _as_path(parts, folder) or next(
                filter(None, (_below(parts, folder, sub) for sub in _ROOTS)), name
            )


def _below(parts: list[str], folder: Path, root: str) -> str:
    """The same in a folder that the command may well have put on the path of imports."""
    path = _as_path(parts, folder / root)
    return f"{root}/{path}" if path else ""


def _as_path(parts: list[str], folder: Path) -> str:
    for length in range(len(parts), 0, -1):
        path = "/".join(parts[:length])
        if (folder / f"{path}.py").is_file():
            return "::".join((f"{path}.py", *parts[length:]))
        if length == len(parts) and (folder / path).is_dir():
            return path
    return ""
