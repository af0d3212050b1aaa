"""Templates of Helm charts, with the chart's own values put in, as far as they can be told without running Helm.

What stands under conditions is taken as if all of them held; what cannot be told is left empty, which to the
reader of manifests means that it comes from elsewhere. Lines stay where they are.
"""

import json
import posixpath
import re
from typing import Final

from greenroom.project.settings.tree import Tree

_TEMPLATE: Final = re.compile(r"^(?:(?P<chart>.*)/)?templates/.*\.ya?ml$")
_VALUES: Final = re.compile(r"(?:^|/)values[^/]*\.ya?ml$")
_REMARK: Final = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_ALONE: Final = re.compile(r"^\s*(?:\{\{(?:(?!\}\}).)*\}\}\s*)+$")
_BRANCH: Final = re.compile(r"\{\{-?\s*(?:if|else|end|range|with)\b")
_ACTION: Final = re.compile(r"\{\{-?\s*((?:(?!\}\}).)*?)\s*-?\}\}")
_WHOLE: Final = re.compile(r"^(?P<before>[^{]*(?::|-)\s+)(?P<action>\{\{(?:(?!\}\}).)*\}\})\s*$")
_VALUE: Final = re.compile(r"\.Values((?:\.\w+)+)")
_DEFAULT: Final = re.compile(r"\bdefault\s+(?:\"([^\"]*)\"|(\d+))")


def chart_of(path: str) -> str | None:
    """The folder of the chart whose template a file is; None where it is none."""
    found = _TEMPLATE.match(path)
    return None if found is None else found["chart"] or ""


def values_beside(path: str) -> str:
    """Where the values of a template's chart stand."""
    return posixpath.join(chart_of(path) or "", "values.yaml")


def is_values(path: str) -> bool:
    """Whether a file's name says that it holds the values of a chart."""
    return _VALUES.search(path) is not None


def rendered(text: str, values: Tree) -> str:
    """A template as YAML."""
    plain = _REMARK.sub(lambda found: "\n" * found[0].count("\n"), text)
    return "\n".join(_line(line, values) for line in plain.splitlines())


def _line(line: str, values: Tree) -> str:
    if "{{" not in line:
        return line
    if _ALONE.match(line):
        return ""
    if _BRANCH.search(line):
        return f"{line.partition(': ')[0]}:" if ": " in line.partition("{{")[0] else ""
    whole = _WHOLE.match(line)
    if whole is not None:
        value = _known(_ACTION.sub(r"\1", whole["action"]), values)
        return f"{whole['before']}{json.dumps(value) if value else ''}"
    return _ACTION.sub(lambda found: _known(found[1], values), line)


def _known(action: str, values: Tree) -> str:
    """What an action writes: a value of the chart, or the default that it names; empty for anything else."""
    asked = _VALUE.search(action)
    found = values.get(*asked[1].lstrip(".").split(".")).text if asked is not None else ""
    if found or asked is None:
        return found
    default = _DEFAULT.search(action)
    return (default[1] or default[2]) if default is not None else ""
