"""Parsers that fetch an address, and read a text: which of the two they are given."""

import re
from typing import Final

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts

_OF_ADDRESS_OR_TEXT: Final = frozenset({"feedparser.parse"})
_TEXT: Final = re.compile(
    r"(?:^|[._])(?:contents?|text|body|xml|atom|data|raw|html|payload|bytes|string|read|document)(?:\(.*\))?$",
    re.IGNORECASE,
)


def is_given_text(leaf: Edge) -> bool:
    """`feedparser.parse(response.text)`, `feedparser.parse(content)`: it asks nobody for anything."""
    if leaf.symbol not in _OF_ADDRESS_OR_TEXT or leaf.call < 0:
        return False
    calls = leaf.caller.body.calls
    call = calls[leaf.call]
    return bool(call.arguments) and _TEXT.search(facts.spell(call.arguments[0], calls)) is not None
