"""A campaign as text, in each format that it can be written in."""

from importlib import import_module
from types import MappingProxyType
from typing import Final

from greenroom.report.proof import PROOF_FORMATS, render_proof
from greenroom.report.prove_request import ProveRequest

_MODULES: Final = MappingProxyType(
    {
        "html": "prove_html",
        "stryker": "prove_stryker",
        "sarif": "prove_sarif",
        "junit": "prove_junit",
    }
)

PROVE_FORMATS: Final = (*PROOF_FORMATS, *_MODULES)
"""The names of the formats, as `--output-format` takes them."""


def render_prove(request: ProveRequest, format_name: str) -> str:
    """Render it in one of `PROVE_FORMATS`."""
    if format_name in PROOF_FORMATS:
        return render_proof(request.proof, format_name)
    # Imported when asked for: nobody pays for Jinja2 who wants a sentence.
    text: str = import_module(f"greenroom.report.{_MODULES[format_name]}").render(request)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
