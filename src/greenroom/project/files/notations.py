"""JSON, TOML, YAML and Python as projects have them: whatever Python does not read is none of these, and nothing worse."""

import ast
import json
import re
import tomllib
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaml.nodes import Node

_TOO_DEEP = "nested too deeply"
_DEEPEST_YAML = 200
"""libyaml's reader calls itself for each level, and takes the process with it where there are too many."""
_BRACKET = re.compile(r"[\[\]{}]")
_DASHES = re.compile(rf"(?:[-?][ \t]+){{{_DEEPEST_YAML}}}")


def parse_json(text: str) -> Any:
    """What a text of JSON says.

    Raises:
        ValueError: it is no JSON, or deeper than Python reads.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error


def parse_toml(text: str) -> dict[str, Any]:
    """What a text of TOML says.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML, deeper than Python reads, or has a number longer than Python takes.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise tomllib.TOMLDecodeError(_TOO_DEEP) from error
    except ValueError as error:
        raise tomllib.TOMLDecodeError(str(error)) from error


def parse_yaml(text: str) -> "list[Node]":
    """The documents of a text of YAML, as nodes with their places.

    Raises:
        ValueError: it is no YAML, as a template is none, or deeper than the reader takes.
    """
    import yaml  # noqa: PLC0415 - few files are asked for

    if _DASHES.search(text) or _brackets_around(text) > _DEEPEST_YAML:
        raise ValueError(_TOO_DEEP)
    try:
        return list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def parse_python(text: str) -> ast.Module:
    """The tree of a source.

    Raises:
        ValueError: it is no Python of this version, or deeper than its parser goes.
    """
    try:
        return ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error) or _TOO_DEEP) from error


def _brackets_around(text: str) -> int:
    """How many are open at a time, at most; those in texts count, too."""
    steps = (1 if found[0] in "[{" else -1 for found in _BRACKET.finditer(text))
    return max(accumulate(steps, initial=0))


def table_at(container: object, *keys: str) -> dict[str, Any]:
    """The table under the keys, or an empty one, whatever is written there."""
    for key in keys:
        container = container.get(key) if isinstance(container, dict) else None
    return container if isinstance(container, dict) else {}
