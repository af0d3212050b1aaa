"""What the last words of a process say of its end."""

from typing import Final

_FRAME: Final = '  File "'


def last_complaint(words: str) -> str:
    """What pytest says that it cannot do; else the last that it says."""
    lines = [line.strip() for line in words.splitlines() if line.strip()] or ["pytest says nothing"]
    raised = [line.removeprefix("E ").strip() for line in lines if line.startswith("E  ")]
    if raised:
        return f"its module cannot be imported ({raised[-1]})"
    return next((line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")), lines[-1])


def without_traceback(words: str) -> str:
    """The exception that a process ended with, and what it says; all words where there is no traceback."""
    lines = words.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith(_FRAME)]
    if not frames:
        return words
    said = [line.strip() for line in lines[frames[-1] + 1 :] if line.strip() and not line.startswith(" ")]
    return " ".join(said) or words
