"""What the calls and exceptions before a skip are called, where they say of what kind it is; shared by the entries of this family."""

import re

PLATFORM = re.compile(
    r"\bplatform\b|version_info|python_implementation|os\.name\b|symlink|sys\.maxsize|win32|darwin|linux|\bfork\b"
    r"|signal\.SIG|NotImplementedError|hexversion|byteorder|\bget_?e?uid|\bcuda|\bgpu|setlocale|mkfifo|chmod|windows|macos|ipv6",
    re.IGNORECASE,
)
"""What an operating system or a machine may lack is no infrastructure of the product."""
BESIDE = re.compile(
    r"(?:destroy|close|delete|stop|clean|terminate|remove|disconnect|shutdown|rollback|tear|print|sleep|isinstance$|len$"
    r"|loads?$|safe_load$|raise_for_status$|str$|startswith$|l?strip$|skip$|importorskip$)",
    re.IGNORECASE,
)
"""Tidying up, and looking at what came back: not what fails."""
READS = frozenset({
    "float", "int", "str", "strip", "split", "read_text", "read", "readlines", "open", "Path", "loads", "load",
})  # fmt: skip
"""A figure from a file that is not there, or says nothing: no part of the product failed."""
ANSWERS = frozenset({
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "LookupError", "OSError", "ArithmeticError",
    "Resolver404", "NoReverseMatch", "PackageNotFoundError", "SyntaxError",
})  # fmt: skip
"""By name, an answer that the test reckons with; not that something is missing."""
