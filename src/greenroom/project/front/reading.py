"""Front-end files into their compact forms: from the cache, or by parsing.

For readers of variables: `FrontFile.variables` holds every read of `import.meta.env.X` and `process.env.X` as
`Variable(line, name, how, optional, default)`; `Project.front.files` has the files by path, each with its kind.
"""

import marshal
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from greenroom.project.files import packs
from greenroom.project.files.packs import Pack
from greenroom.project.front import facts
from greenroom.project.front.extract import extract
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.grammar import Grammar, script_of
from greenroom.project.front.kind import kind_of
from greenroom.project.front.markup import names_in_markup

_FORMAT = 4
"""Raise it whenever the form of the pack itself changes; a change of our code is noticed."""
_LARGEST = 600_000
"""Bytes; people write smaller files."""
_LONGEST_LINES = 400
"""On average: longer ones are what a bundler wrote."""


def read_front_files(root: Path, paths: Iterable[str]) -> dict[str, FrontFile]:
    """Every front-end file by path; what is too large, or no source that people write, is left out."""
    reader = _Reader(root)
    found: dict[str, FrontFile] = {}
    for path in paths:
        packed = reader.read(path)
        if packed is not None:
            found[path] = FrontFile(path, kind_of(path), packed)
    reader.save()
    return found


class _Reader:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._pack = Pack(root, "front", _FORMAT)
        self._code = packs.own_code("project", "front")
        self._known: Mapping[bytes, bytes] | None = None
        self._used: dict[bytes, bytes] = {}
        self._grammar: Grammar | None = None
        self._changed = False

    def read(self, path: str) -> tuple[Any, ...] | None:
        try:
            content = (self._root / path).read_bytes()
        except OSError:  # gone since the inventory
            return None
        if not _is_written(content):
            return None
        if self._known is None:
            code, known = self._pack.read() or (b"", {})
            self._known = known if code == self._code else {}
        # The grammar depends on the name's end.
        key = packs.digest(path.rpartition(".")[2].encode() + b"\n" + content)
        packed = self._known.get(key)
        if packed is None:
            self._grammar = self._grammar or Grammar()
            packed = marshal.dumps(compact(path, content, self._grammar))
            self._changed = True
        self._used[key] = packed
        entry: tuple[Any, ...] = marshal.loads(packed)  # noqa: S302  its pack has the right checksum
        return entry

    def save(self) -> None:
        """Write what this run used."""
        if self._used and (self._changed or len(self._used) != len(self._known or {})):
            self._pack.write((self._code, self._used))


def _is_written(content: bytes) -> bool:
    lines = content.count(b"\n") + 1
    return len(content) <= _LARGEST and len(content) / lines <= _LONGEST_LINES and b"\0" not in content


def compact(path: str, content: bytes, grammar: Grammar) -> tuple[Any, ...]:
    """The cached form of a file: what `FrontFile` takes."""
    source = script_of(path, content)
    tree = grammar.parse(path, source)
    failed = _first_error(tree.root_node) if tree.root_node.has_error else 0
    try:
        found = extract(source, tree.root_node)
    except RecursionError:  # nested deeper than people write
        found, failed = extract(b"", None), 1
    imports, exports, classes, shapes, variables, functions, bindings, calls, elements = found
    named, components = names_in_markup(path, content)
    words = {facts.last_name(call[2]) for call in calls} | {part[1] for part in elements} | components
    mentioned = tuple(sorted(_mentioned(calls, bindings, elements, exports) | named))
    body = marshal.dumps((functions, bindings, calls, elements))
    lines = content.count(b"\n") + 1
    return imports, exports, classes, shapes, variables, tuple(sorted(words)), mentioned, lines, failed, body


def _mentioned(
    calls: Iterable[Any], bindings: Iterable[Any], elements: Iterable[Any], exports: Iterable[Any]
) -> set[str]:
    """Last parts of the names that are handed to calls, given to others, or set as attributes of elements."""
    texts = {f"{binding[1]}.{key}" for binding in bindings for key in _keys_of_texts(binding[3])}
    given = [argument for call in calls for argument in call[3]]
    given += [binding[3] for binding in bindings]
    given += [value for element in elements for _, value in element[2]]
    given += [
        export[1] for export in exports if not isinstance(export[1], str)
    ]  # `export default [{ component: Page }]`
    return {
        part.rpartition(".")[2]
        for expression in given
        for part in facts.walk(expression)
        if isinstance(part, str) and part not in texts
    }


def _keys_of_texts(value: Any) -> Iterator[str]:
    """Of `{orders: "/orders", …}`: a table of addresses names its entries as the functions are named that ask for them."""
    if isinstance(value, tuple) and value[:1] == ("map",):
        yield from (
            key
            for key, part in zip(value[1], value[2], strict=False)
            if isinstance(part, tuple) and part[0] in ("text", "const")
        )


def _first_error(node: Any) -> int:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_error or current.is_missing:
            return int(current.start_point[0]) + 1
        stack.extend(reversed([child for child in current.children if child.has_error]))
    return 1
