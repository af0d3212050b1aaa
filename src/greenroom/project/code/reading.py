"""Files into modules: from the cache, or by parsing."""

import ast
import io
import marshal
import re
import tokenize
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

from greenroom.project.code.cache import FactsCache, digest
from greenroom.project.code.extract import extract
from greenroom.project.code.module import BodyShelf, Module
from greenroom.project.code.newer_python import as_older
from greenroom.project.code.readings import Readings
from greenroom.project.code.searches import Searches
from greenroom.project.collector import collector_paused
from greenroom.project.files.inventory import SourceFile

Progress = Callable[[str, int, int], None]
"""What is being done, how far, of how many."""

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_SUPPRESSION = re.compile(r"#\s*greenroom:\s*ignore(?:\[([^\]]*)\])?[ \t]*:?[ \t]*(.*)")


def read_modules(
    root: Path, files: Iterable[SourceFile], progress: Progress | None = None
) -> dict[str, Module]:
    """Every file in its compact form, by path. A file that does not parse carries its error."""
    cache, shelf, searches, readings = FactsCache(root), BodyShelf(), Searches(root), Readings(root)
    modules: dict[str, Module] = {}
    listed = list(files)
    with collector_paused(), _no_warnings():
        for number, file in enumerate(listed):
            if progress is not None:
                progress("reading", number, len(listed))
            module = _read_module(root, file, cache, shelf)
            if module is not None:
                module.searches, module.readings = searches, readings
                modules[file.path] = module
        cache.save()
        cache.forget()
    return modules


def keep_answers(modules: Collection[Module]) -> None:
    """What was searched for and read, for the next run, once all detectors are through."""
    first = next(iter(modules), None)
    for shared in (first.searches, first.readings) if first is not None else ():
        if shared is not None:
            shared.kept.save(module.digest for module in modules)


@contextmanager
def _no_warnings() -> Iterator[None]:
    """What the parser thinks of the code is not asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read_module(root: Path, file: SourceFile, cache: FactsCache, shelf: BodyShelf) -> Module | None:
    module = Module(file.path, file.kind, shelf)
    module.digest = file.digest
    entry = cache.get(file.digest)
    if entry is None:
        try:
            content = (root / file.path).read_bytes()
        except OSError:  # gone since the inventory
            return None
        module.digest = digest(content)
        entry = cache.get(module.digest)
        if entry is None:
            entry = compact(content, file.path)
            cache.put(module.digest, entry)
    module.load(entry)
    return module


def compact(content: bytes, path: str) -> tuple[Any, ...]:
    """The cached form of a file: what `Module.load` takes."""
    error: tuple[int, str] | None = None
    try:
        source = _decode(content)
    except (SyntaxError, UnicodeDecodeError, LookupError) as problem:
        error, source = (1, f"cannot be decoded: {problem}"), ""
    try:
        headers, imports, exports, variables, placed, bodies = extract(source, path)
    except SyntaxError as problem:
        restored = as_older(source)
        try:
            headers, imports, exports, variables, placed, bodies = extract(restored, path)
        except SyntaxError:
            error = (problem.lineno or 1, problem.msg or "invalid syntax")
            headers, imports, exports, variables, placed, bodies = extract(_parsable_part(restored), path)
    lines = source.count("\n") + 1
    packed = [marshal.dumps(body) for body in bodies]
    ends = tuple(accumulate(map(len, packed)))
    return (
        headers, imports, exports, variables, placed, b"".join(packed), ends, lines, error, _suppressions(source),
    )  # fmt: skip


def _decode(content: bytes) -> str:
    """As the interpreter would: byte order mark, coding cookie, else UTF-8."""
    head = content[:400]
    if head.startswith(b"\xef\xbb\xbf") or any(_COOKIE.match(line) for line in head.splitlines()[:2]):
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    else:
        text = content.decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parsable_part(source: str) -> str:
    """The top-level statements that parse, at their own lines; the others are blanked out."""
    lines = source.split("\n")
    starts = [n for n, line in enumerate(lines) if line and not line[0].isspace() and line[0] not in "#)]}"]
    kept = [""] * len(lines)
    decorated = len(lines)
    for first, end in zip(
        starts, [*starts[1:], len(lines)], strict=False
    ):  # one end more where nothing starts
        if lines[first].startswith("@"):  # belongs to what comes next
            decorated = min(decorated, first)
            continue
        start, decorated = min(decorated, first), len(lines)
        chunk = lines[start:end]
        if _parses("\n".join(chunk)):
            kept[start:end] = chunk
    text = "\n".join(kept)
    return text if _parses(text) else ""


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _suppressions(source: str) -> tuple[tuple[int, str, str], ...]:
    """Comments only: the same words in a string are no suppression."""
    if "greenroom:" not in source:
        return ()
    found: list[tuple[int, str, str]] = []
    with suppress(tokenize.TokenError, SyntaxError):
        found.extend(
            (token.start[0], match.group(1) or "", match.group(2).strip())
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT and (match := _SUPPRESSION.search(token.string))
        )
    return tuple(found)
