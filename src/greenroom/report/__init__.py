"""The audit as text: one file per format; nothing here prints, exits or opens a file to write."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from greenroom.model.audit import Audit
from greenroom.model.mode import FailureMode
from greenroom.report.options import RenderOptions
from greenroom.report.request import ReportRequest
from greenroom.report.secrets import without_secrets
from greenroom.report.sources import SourceLines, no_source

__all__ = ["FORMATS", "RenderOptions", "render"]

_MODULES: Final = MappingProxyType(
    {
        "full": "full",
        "concise": "concise",
        "json": "json_format",
        "sarif": "sarif",
        "github": "github",
        "junit": "junit",
        "markdown": "markdown",
        "html": "html_format",
    }
)

FORMATS: Final = tuple(_MODULES)
"""The names of the formats, as `--output-format` takes them."""

_FOR_PEOPLE: Final = frozenset({"full", "concise"})


def render(  # noqa: PLR0913 - everything after the format is an option with a default
    audit: Audit,
    modes: Iterable[FailureMode],
    format_name: str,
    *,
    options: RenderOptions | None = None,
    lines: SourceLines = no_source,
    pages: Mapping[str, str] | None = None,
) -> str:
    """Render an audit.

    Args:
        audit: What was found.
        modes: The failure modes that were looked for; rules and families are named after them.
        format_name: One of `FORMATS`.
        options: Colour, width, encoding and the like.
        lines: Gives the lines of a file of the project, for source frames.
        pages: Pages of the catalogue in Markdown by code, where a format has room for them.

    Raises:
        ValueError: The format is not one of `FORMATS`.
    """
    if format_name not in _MODULES:
        message = f"unknown format {format_name!r}: one of {', '.join(FORMATS)}"
        raise ValueError(message)
    request = ReportRequest(
        audit=without_secrets(audit),
        modes={mode.code: mode for mode in sorted(modes, key=lambda mode: mode.code)},
        options=options or RenderOptions(),
        lines=lines,
        pages=pages or {},
    )
    # Imported when asked for: nobody pays for Jinja2 who wants one line per finding.
    module = import_module(f"{__name__}.{_MODULES[format_name]}")
    text: str = module.render(request)
    encoding = request.options.encoding if format_name in _FOR_PEOPLE else "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
