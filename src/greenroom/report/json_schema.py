"""The contract of the JSON format, as it ships with the package."""

import json
from importlib.resources import files
from typing import Any


def audit_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `--output-format json`."""
    text = files(__package__).joinpath("audit.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
