"""How a report should look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """Plain choices that the caller makes: it knows the terminal, the reporters do not."""

    colour: bool = False
    """ANSI colours in `full` and `concise`; the caller looks at `NO_COLOR` and the terminal."""
    width: int = 100
    """Columns at which the prose of `full` is wrapped."""
    encoding: str = "utf-8"
    """Of the stream that `full` and `concise` go to; decides on blocks and arrows or ASCII."""
    path_prefix: str = ""
    """Set before each path of `full`, `concise` and `github`, with its slash: `services/api/`.

    Makes lines clickable when the project is not the working directory.
    """
    root_uri: str = ""
    """SARIF's `SRCROOT`, such as `file:///builds/shop/`; empty: left to who reads the file."""
    sarif_suppressed: bool = True
    """Whether SARIF holds what was suppressed or is in the baseline, marked as such.

    Set it to False for an upload to GitHub, which ignores the mark and opens an alert for each:
    https://github.com/github/codeql-action/issues/1230
    """
    version: str = ""
    """Of Greenroom, for the formats that name their writer."""
    show_hidden: bool = False
    """Whether `full` and `concise` list findings that the default selection hides."""
