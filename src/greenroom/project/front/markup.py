"""What the markup of Vue and Svelte uses: the names in its expressions, and the components it consists of."""

import re

_COMPILED = (".vue", ".svelte")
_CODE = re.compile(rb"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_EXPRESSIONS = {
    ".vue": re.compile(rb"""\s(?:@|:|\#|v-)[\w.:\[\]-]*\s*=\s*(?:"([^"]*)"|'([^']*)')|\{\{(.*?)\}\}""", re.DOTALL),
    ".svelte": re.compile(rb"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", re.DOTALL),
}  # fmt: skip
_TEXT = re.compile(rb"""'[^'\n]*'|"[^"\n]*\"""")
_NAME = re.compile(rb"[A-Za-z_$][\w$]*")
_TAG = re.compile(rb"<([A-Z]\w*|[a-z]\w*(?:-\w+)+)")


def names_in_markup(path: str, content: bytes) -> tuple[set[str], set[str]]:
    """The names in its expressions, and its components as the code spells them; nothing of other files."""
    ending = "." + path.rpartition(".")[2]
    if ending not in _COMPILED:
        return set(), set()
    markup = _CODE.sub(b"", content)
    written = [part for match in _EXPRESSIONS[ending].finditer(markup) for part in match.groups() if part]
    names = {name.decode() for part in written for name in _NAME.findall(_TEXT.sub(b"", part))}
    return names, {_component(tag.decode()) for tag in _TAG.findall(markup)}


def _component(tag: str) -> str:
    """`order-list` is `OrderList`."""
    return "".join(part[:1].upper() + part[1:] for part in tag.split("-"))
