"""Line numbers and branches as short text: `3-7,12` and `5>6,9>12`."""

from collections.abc import Iterable, Iterator


def write_lines(lines: Iterable[int]) -> str:
    """Ranges of line numbers, in order."""
    parts: list[list[int]] = []
    for line in sorted(set(lines)):
        if parts and line == parts[-1][1] + 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def read_lines(text: str) -> Iterator[int]:
    """The numbers behind `write_lines`."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def write_branches(branches: Iterable[tuple[int, int]]) -> str:
    """From one line to the next, in order."""
    return ",".join(f"{start}>{end}" for start, end in sorted(set(branches)))


def read_branches(text: str) -> Iterator[tuple[int, int]]:
    """The pairs behind `write_branches`."""
    for part in filter(None, text.split(",")):
        start, _, end = part.partition(">")
        yield int(start), int(end)
