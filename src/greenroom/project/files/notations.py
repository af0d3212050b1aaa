"""JSON and TOML as projects have them: whatever Python does not read is no JSON, or no TOML, and nothing worse."""

import json
import tomllib
from typing import Any

_TOO_DEEP = "nested too deeply"


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


def table_at(container: object, *keys: str) -> dict[str, Any]:
    """The table under the keys, or an empty one, whatever is written there."""
    for key in keys:
        container = container.get(key) if isinstance(container, dict) else None
    return container if isinstance(container, dict) else {}
