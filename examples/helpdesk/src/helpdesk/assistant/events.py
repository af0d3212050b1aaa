"""Server-sent events in the style of OpenAI, line by line."""

import json
from dataclasses import dataclass

PREFIX = "data:"


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer; the last one says so."""

    text: str = ""
    last: bool = False


def parse_line(line: str) -> Delta | None:
    """The delta in a line, or None when it carries none; raises ValueError on nonsense."""
    if not line.startswith(PREFIX):
        return None
    data = line.removeprefix(PREFIX).strip()
    if data == "[DONE]":
        return Delta(last=True)
    try:
        return Delta(text=json.loads(data)["choices"][0]["delta"].get("content", ""))
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"not a completion chunk: {data[:80]}") from error
