"""A place that gives a variable a value, and for which environment it speaks."""

import re
from typing import Final, NamedTuple

_WORDS: Final = re.compile(r"[^a-z0-9]+")
_STAGES: Final = (
    ("test", frozenset({"test", "tests", "testing", "ci", "e2e", "pytest", "integration", "unittest", "playwright"})),
    ("development", frozenset({
        "dev", "devel", "develop", "development", "local", "localhost", "debug", "devcontainer", "override", "sandbox",
        "example", "examples", "sample", "samples", "demo", "tutorial", "quickstart", "docs", "benchmark", "playground",
        "devenv", "hack", "contrib", "bench", "benchmarks", "loadtest",
    })),
    ("production", frozenset({"prod", "production", "live", "staging", "stage", "deploy", "deployment", "release"})),
)  # fmt: skip
_TEMPLATE: Final = re.compile(
    r"(?<![a-z])(?:example|sample|template|tmpl|tpl|dist|default)s?(?![a-z])", re.IGNORECASE
)


class Declaration(NamedTuple):
    """One place that gives a variable a value, or asks the deployer for one."""

    name: str
    value: str | None
    """As written, without quotation marks; None where it comes from elsewhere. May be secret: never tell it."""
    path: str
    line: int
    source: str
    """file · template · compose · image · systemd · kubernetes · terraform"""
    stage: str
    """test · development · production, as path and names tell; empty where they do not."""


def stage_of(text: str) -> str:
    """The environment that a path or name speaks of: test, development, production, or empty."""
    folder, _, name = text.lower().rpartition("/")
    words = set(_WORDS.split(folder)) | set(_WORDS.split(_TEMPLATE.sub("", name)))
    return next((stage for stage, known in _STAGES if words & known), "")


def is_template(path: str) -> bool:
    """Whether people copy the file and fill it in."""
    return _TEMPLATE.search(path.rpartition("/")[2]) is not None
