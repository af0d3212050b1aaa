"""A drafted test: what would have noticed a failure, as far as it can be written without its author."""

from dataclasses import dataclass

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A test with placeholders, as a page of the catalogue has it."""

    text: str
    """A function in Python, its fixtures by name."""
    operators: tuple[str, ...] = ()
    """Keys of the operators that it notices; empty: it only shows what such a test looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What the test shall notice."""

    incident: str
    """As `prove --incident` takes it: an operator's key, or a failure mode's code."""
    name: str
    """Of the operator or the failure mode: `drop-timeout`."""
    noticed_by: str
    """What would notice, in words."""
    place: Place | None = None
    """Where; None where the project has no such place."""
    note: str = ""
    """What happens there: `httpx.get loses its timeout=5`."""
    removed: str = ""
    """The text that the failure takes out of the code."""
    templates: tuple[Template, ...] = ()
    """The first of which the project has all that it needs is taken, else the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file of tests."""

    text: str
    file: str
    """Where it belongs, relative to the project's root."""
    test: str
    """The name of the test in it."""
    incident: str
    missing: tuple[str, ...] = ()
    """What its author has to fill in, in words; until then the test fails. Empty: it runs as it is."""
