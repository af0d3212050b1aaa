"""A page that is one file: style and script inside, nothing to fetch, and what a project says stays text."""

import base64
import hashlib
import re
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from greenroom.report.text import count, one_line, sentence
from greenroom.report.verdict import grade

_PART: Final = re.compile(r"[^/._]+(?:\.[a-z]{1,4}$)?[/._]*|[/._]+")
"""Of a path or a dotted name, with what ends it; an extension stays with its name."""


def page(template: str, **values: Any) -> str:
    """Fill a template; it also gets `style`, `script` and the script's digest."""
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    filled = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(_asset("report.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            script_digest=digest,
            **values,
        )
    )
    return filled + "\n"


def prose(text: str) -> Markup:
    """A sentence in which what stands between backticks is code; all else is escaped."""
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(one_line(text))
    marked = (
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
    return Markup("").join(marked)


def breakable(text: str) -> Markup:
    """A path or a dotted name that a narrow column breaks where its parts end."""
    return Markup("<wbr>").join(escape(part) for part in _PART.findall(one_line(text)))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("greenroom.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(prose=prose, line=one_line, breakable=breakable, count=count, grade=grade)
    environment.filters.update(sentence=sentence)
    return environment


def _asset(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
