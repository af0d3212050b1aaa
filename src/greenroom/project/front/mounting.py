"""What the production pages load and mount: by import path, from the files that a page or a framework starts with."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from greenroom.project.front import facts
from greenroom.project.front.facts import Import
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.hand_routed import GLOBS, ROOT_MAKERS, HandRouted
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.lookup import Lookup
from greenroom.project.front.started import started_without_import

_START = re.compile(
    r"(?:^|/)(?:main|index|app|_app|root|client|entry[\w.-]*|layout|page|template|error|loading|not-found|\+layout|\+page|"
    r"__root|bootstrap|renderer)\.[jt]sx?$",
    re.IGNORECASE,
)
_PASSES_ON = re.compile(
    r"(?:^|/)(?:index|app|layout|page|template|error|loading|not-found)\.[jt]sx?$", re.IGNORECASE
)
"""Beginnings by the rules of some frameworks only, or of a whole package."""
_FRAMEWORK = re.compile(r"(?:^|/)(?:pages|routes|app)/")
_DEEPEST_EXPORT = 4
_ANY = frozenset({"default", "*"})
_LOADS = frozenset({"import", "require"})
_ASSET = re.compile(
    r"\.(?:css|s[ac]ss|less|styl|svg|png|jpe?g|gif|webp|avif|ico|json5?|ya?ml|md|txt|html|wasm|woff2?|mp[34]|gql|graphql)"
    r"(?:\?.*)?$",
    re.IGNORECASE,
)


class Mounting:
    """Which files are loaded, and which of their functions others use."""

    def __init__(self, files: Mapping[str, FrontFile], lookup: Lookup, by_hand: HandRouted) -> None:
        self._files = [
            file for file in files.values() if file.kind in (FrontKind.PRODUCTION, FrontKind.GENERATED)
        ]
        self._all = files
        self._lookup = lookup
        self._by_hand = by_hand
        self._known: dict[tuple[str, str], bool] = {}
        self._used: dict[tuple[str, frozenset[str]], bool] = {}
        self._shown: dict[str, bool] = {}
        self._given: dict[str, frozenset[str]] = {}

    @cached_property
    def _starts(self) -> list[FrontFile]:
        starts = [file for file in self._files if self._is_start(file)]
        return starts + started_without_import(self._all.values()) if starts else []

    @cached_property
    def loaded(self) -> frozenset[str]:
        """Paths of the files that a page loads, by any number of imports; empty where no page can be told."""
        return frozenset(file.path for file in self.reached(self._starts))

    @cached_property
    def live(self) -> list[FrontFile]:
        """What people wrote and a page loads; where no page can be told, all is taken for loaded."""
        return [
            file for file in self._files
            if file.kind is FrontKind.PRODUCTION and (not self.loaded or file.path in self.loaded)
        ]  # fmt: skip

    def reached(self, starts: Iterable[FrontFile]) -> list[FrontFile]:
        """The files that some files load, by any number of imports, and these themselves."""
        found = {file.path: file for file in starts}
        waiting = list(found.values())
        while waiting:
            file = waiting.pop()
            for source in _sources(file):
                target = self._lookup.imported(file, source)
                if target is not None and target.path not in found:
                    found[target.path] = target
                    waiting.append(target)
        return list(found.values())

    def may_give(self, file: FrontFile, spelled: str, home: FrontFile) -> bool:
        """Whether `Api.orders.list` may be a function of another file: neither `Api` nor `orders` is known to come from elsewhere."""
        head, *rest = spelled.split(".")
        target = self._imported_as(file, head)
        if target is not None and not self._gives(target, home):
            return False
        named = self._named_in_tables.get(rest[-2], ()) if len(rest) > 1 else ()
        return not named or any(self._gives(each, home) for each in named)

    def _imported_as(self, file: FrontFile, local: str) -> FrontFile | None:
        sources = (part.source for part in file.imports if part.local == local)
        return next((self._lookup.imported(file, source) for source in sources), None)

    def _gives(self, file: FrontFile, home: FrontFile) -> bool:
        """Whether a file is the other, or hands on what that exports, perhaps through further ones."""
        if file.path not in self._given:
            found = {file.path: file}
            waiting = [file]
            while waiting:
                current = waiting.pop()
                for target in self._handed_on(current):
                    if target.path not in found:
                        found[target.path] = target
                        waiting.append(target)
            self._given[file.path] = frozenset(found)
        return home.path in self._given[file.path]

    def _handed_on(self, file: FrontFile) -> Iterator[FrontFile]:
        """The files of which it exports, calls, extends or mentions something by its bare name."""
        said = file.words | file.mentioned | {str(part.base) for part in file.classes}
        said |= {part.local for part in file.exports if isinstance(part.local, str)}
        sources = [part.source for part in file.exports if part.source]
        sources += [part.source for part in file.imports if part.local in said]
        yield from (
            target for source in sources if (target := self._lookup.imported(file, source)) is not None
        )

    @cached_property
    def _named_in_tables(self) -> Mapping[str, list[FrontFile]]:
        """What tables such as `export default { orders, clients }` call the modules that their file imports."""
        found: dict[str, list[FrontFile]] = defaultdict(list)
        for file in self._files:
            tables = [part.local for part in file.exports] + [part.value for part in file.bindings]
            for table in tables if file.imports else ():
                if isinstance(table, tuple) and table[:1] == (facts.MAPPING,):
                    for key, value in zip(table[1], table[2], strict=False):
                        target = self._imported_as(file, value) if isinstance(value, str) else None
                        if target is not None and isinstance(key, str):
                            found[key].append(target)
            file.put_away()
        return found

    def _is_start(self, file: FrontFile) -> bool:
        """What a page or a framework begins with; anything may load it."""
        if not ROOT_MAKERS.isdisjoint(file.words):
            return True
        named = _START.search(file.path)
        if named is not None:
            return not (_PASSES_ON.search(file.path) and self._by_hand.is_inside(file.path))
        return _FRAMEWORK.search(file.path) is not None and not self._by_hand.holds(file.path)

    def not_found(self, file: FrontFile) -> Iterator[str]:
        """What a file loads that is no file of the project: libraries, generated code; `*` for files by a pattern."""
        if not GLOBS.isdisjoint(file.words):
            yield "*"
        for source in _sources(file):
            if not _ASSET.search(source) and self._lookup.imported(file, source) is None:
                yield source

    def is_used(self, home: FrontFile, function: int) -> bool:
        """Whether a file of production names the component or hook around a place, beside its own definition."""
        names = {
            name.rpartition(".")[2]
            for index in home.enclosing(function)
            if (name := home.functions[index].name)
        }
        if not names or self._is_start(home):
            return True
        names |= {part.name for part in home.exports if part.local in names} - _ANY
        asked = (home.path, frozenset(names))
        if asked not in self._used:
            # Not only by what is loaded: which file a page begins with is a setting of the build, too.
            self._used[asked] = any(self._uses(file, home, names) for file in self._files)
        return self._used[asked]

    def is_shown(self, home: FrontFile, function: int) -> bool:
        """Whether it is used, and what uses it as well, up to a file that a page begins with: an import alone shows nothing."""
        if not self.is_used(home, function):
            return False
        if home.path not in self._shown:
            self._shown[home.path] = self._leads_to_a_start(home)
        return self._shown[home.path]

    def _leads_to_a_start(self, home: FrontFile) -> bool:
        """Whether what uses a file is used as well, up to one that a page begins with."""
        starts = {file.path for file in self._starts}
        seen, waiting = {home.path}, [home]
        while waiting:
            file = waiting.pop()
            names = {part.name for part in file.exports} | {
                part.local for part in file.exports if isinstance(part.local, str)
            }
            if file.path in starts or not names:  # without exports it is there for its effect
                return True
            for user in self._files:
                if user.path not in seen and self._uses(user, file, names - _ANY):
                    seen.add(user.path)
                    waiting.append(user)
        return False

    def callers(self, home: FrontFile, hook: str) -> Iterator[tuple[FrontFile, int, int, int]]:
        """File, line, column and index of the function of the calls of a hook in loaded files."""
        for file in self._files:
            if file.path not in self.loaded or hook not in file.words:
                continue
            local = {hook} if file is home else self._locals(file, home, {hook})
            for call in file.calls:
                if call.callee in local:
                    yield file, call.line, call.column, call.function

    def _uses(self, file: FrontFile, home: FrontFile, names: set[str]) -> bool:
        local = names if file is home else self._locals(file, home, names)
        if any(part in file.words or part in file.mentioned for part in local):
            return True
        return file is not home and any(
            call.callee == "import" and self._leads(file, facts.constant(call.arguments[0]), home)
            for call in file.calls_of("import")
            if call.arguments
        )

    def _locals(self, file: FrontFile, home: FrontFile, names: set[str]) -> set[str]:
        """What a file calls what it imports from another; of a namespace whatever it is asked for."""
        return {
            part.local if part.name != "*" else name
            for part in file.imports
            if part.name in names or part.name in _ANY or self._is_renamed(file, part, names)
            if self._leads(file, part.source, home)
            for name in names
        }

    def _is_renamed(self, file: FrontFile, part: Import, names: set[str]) -> bool:
        """`export { default as Session } from "./Session"` on the way."""
        target = self._lookup.imported(file, part.source)
        exported = self._lookup.names(target).exports.get(part.name) if target is not None else None
        return exported is not None and bool(exported.source) and exported.local in {*names, "default"}

    def _leads(self, file: FrontFile, source: object, home: FrontFile, depth: int = 0) -> bool:
        """Whether an import leads to a file, perhaps through others that only export it again."""
        target = self._lookup.imported(file, source) if isinstance(source, str) else None
        if target is None or target is home or depth > _DEEPEST_EXPORT:
            return target is home
        key = (target.path, home.path)
        if key not in self._known:
            self._known[key] = False  # for files that export each other
            self._known[key] = self._passes(target, home, depth)
        return self._known[key]

    def _passes(self, target: FrontFile, home: FrontFile, depth: int) -> bool:
        """Whether a file exports again what another exports."""
        if any(self._leads(target, part.source, home, depth + 1) for part in target.exports if part.source):
            return True
        exported = {part.local for part in target.exports if isinstance(part.local, str) and not part.source}
        return any(
            part.local in exported and self._leads(target, part.source, home, depth + 1)
            for part in target.imports
        )


def _sources(file: FrontFile) -> Iterator[str]:
    yield from (part.source for part in file.imports if not part.is_type)
    yield from (part.source for part in file.exports if part.source)
    for call in file.calls:
        given = facts.constant(call.arguments[0]) if call.arguments else None
        if call.callee in _LOADS and isinstance(given, str):
            yield given
