"""Paths that are written as regular expressions."""

import re


def simplified(pattern: str) -> str:
    """A regular expression as Django's own documentation of views spells it: `<name>` for a group."""
    text = pattern.removeprefix("^").removesuffix("$").replace("\\A", "").replace("\\Z", "")
    found, position = "", 0
    while position < len(text):
        if text[position] == "(":
            end = _closing(text, position)
            found += _group(text[position : end + 1])
            position = end + 1
            while position < len(text) and text[position] in "?*+" and found.endswith(">"):
                position += 1
        elif text[position] == "\\" and position + 1 < len(text):
            found += text[position + 1] if not text[position + 1].isalnum() else text[position : position + 2]
            position += 2
        else:
            found += text[position]
            position += 1
    return re.sub(r"/\?$", "/", found)


def _group(text: str) -> str:
    named = re.match(r"\(\?P<(\w+)>", text)
    if named:
        return f"<{named.group(1)}>"
    return simplified(text[3:-1]) if text.startswith("(?:") else "" if text.startswith("(?") else "<var>"


def _closing(text: str, start: int) -> int:
    depth, position, in_class = 0, start, False
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position
        position += 1
    return len(text) - 1
