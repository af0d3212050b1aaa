"""Every run over every file: what is collected, and what nobody awaits."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from greenroom.project.code.module import Module, Scope
from greenroom.project.testing.awaiting import AsyncRunners, Awaiting
from greenroom.project.testing.fixtures import texts
from greenroom.project.testing.items import Hidden, Item, ItemReader
from greenroom.project.testing.marks import Mark, Marks
from greenroom.project.testing.runs import Run, is_below
from greenroom.project.testing.selection import expression_holds, why_not_file

_BUILT_IN = frozenset({
    "parametrize", "skip", "skipif", "xfail", "usefixtures", "filterwarnings", "tryfirst", "trylast",
})  # fmt: skip
_OF_PLUGINS = {
    "asyncio": "pytest-asyncio", "anyio": "anyio", "trio": "pytest-trio", "django_db": "pytest-django",
    "urls": "pytest-django", "ignore_template_errors": "pytest-django", "timeout": "pytest-timeout",
    "flaky": "flaky", "benchmark": "pytest-benchmark", "vcr": "pytest-recording", "freeze_time": "pytest-freezer",
    "xdist_group": "pytest-xdist", "order": "pytest-order", "dependency": "pytest-dependency",
    "httpx_mock": "pytest-httpx", "respx": "respx", "celery": "celery",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the runs collect together."""

    items: list[Item] = field(default_factory=list)
    functions: set[Scope] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    """Paths from which some run collects."""
    refused: dict[str, list[tuple[Run, str]]] = field(default_factory=dict)
    """Paths which no run looks at, with each run's reason."""
    awaiting: dict[Item, Awaiting] = field(default_factory=dict)


class Collector:
    """All runs of a project."""

    def __init__(
        self, *, runs: tuple[Run, ...], items: ItemReader, marks: Marks, awaiting: AsyncRunners,
        installed: frozenset[str],
    ) -> None:  # fmt: skip
        self.runs = runs
        self.items = items
        self.marks = marks
        self.awaiting = awaiting
        self.installed = installed
        self._ignored = _Ignored(items)

    def collect(self, modules: Iterable[Module]) -> Seen:
        """The items of all files, each once."""
        seen = Seen()
        for module in modules:
            self._collect_module(module, seen)
        return seen

    def _collect_module(self, module: Module, seen: Seen) -> None:
        found: dict[str, Item] = {}
        refused: list[tuple[Run, str]] = []
        judged: dict[tuple[object, ...], list[Item]] = {}
        for run in self.runs:
            why = why_not_file(run, module.path) or self._ignored.why_not(module)
            if why:
                refused.append((run, why))
                continue
            key = (run.runner == "pytest", run.options.python_classes, run.options.python_functions)
            if key not in judged:
                judged[key] = list(self.items.items(module, run.options, runner=run.runner))
            for item in judged[key]:
                self._merge(found.setdefault(item.id, item), run, seen)
        if len(refused) < len(self.runs):
            seen.files.add(module.path)
        else:
            seen.refused[module.path] = refused
        for item in found.values():
            self._skipping(item)
            seen.items.append(item)
            seen.functions.add(item.function)

    def _merge(self, item: Item, run: Run, seen: Seen) -> None:
        """Account for one more run that looks at this item."""
        first = item not in seen.awaiting
        barred = self._barred(item, run)
        if barred is None:
            verdict = self.awaiting.judge(item, run) if item.function.is_async else Awaiting(awaited=True)
            was_lost = not first and item.hidden is not None
            if first or was_lost or (item.never_awaited and verdict.awaited is not False):
                seen.awaiting[item] = verdict
                item.never_awaited = verdict.reason if verdict.awaited is False else ""
            item.hidden = None
        elif first:
            item.hidden = barred
            seen.awaiting[item] = Awaiting(awaited=None)

    def _barred(self, item: Item, run: Run) -> Hidden | None:
        """Deselected by an expression, by node ids, or stopped by a strict marker."""
        if run.selected and not _is_named(item, run):
            return Hidden(reason=f"`{run.text}` names other tests", kind="deselected", certain=False)
        if run.runner != "pytest" or not (run.marker or run.keyword or run.strict_markers):
            return None
        marks = self.marks.on(item.function, item.owner)
        if run.marker:
            names = {mark.name for mark in marks}
            if expression_holds(run.marker, names.__contains__) is False:
                return _deselected(run, f"-m {run.marker!r}")
        if run.keyword:
            words = item.id.lower()
            if expression_holds(run.keyword, lambda word: word.lower() in words) is False:
                return _deselected(run, f"-k {run.keyword!r}")
        return self._unregistered(marks, run) if run.strict_markers else None

    def _unregistered(self, marks: tuple[Mark, ...], run: Run) -> Hidden | None:
        for mark in marks:
            if mark.name in _BUILT_IN or mark.name in run.options.markers:
                continue
            plugin = _OF_PLUGINS.get(mark.name)
            if plugin is None and not self._ignored.registers(mark.name, self.items):
                unknown = any(name.startswith("pytest-") for name in self.installed - _HARMLESS)
                return Hidden(
                    reason=f"marker {mark.name!r} is registered nowhere and --strict-markers is on",
                    kind="marker", certain=not unknown, path=run.options.path, line=mark.line,
                )  # fmt: skip
        return None

    def _skipping(self, item: Item) -> None:
        for mark in self.marks.on(item.function, item.owner):
            if mark.name == "skip":
                item.always_skipped = True
        for scope in (item.function, item.owner):
            if scope is None or scope.parent is None:
                continue
            for decorator in scope.decorators:
                origin = self.items.origins.of(scope.parent, decorator)
                if origin.removesuffix("()") in _SKIPPING:
                    item.always_skipped = True
        if item.always_skipped:
            item.notes.append("it is always skipped")


_SKIPPING = ("unittest.skip", "unittest.SkipTest", "unittest.case.SkipTest")
"""The exception as a decorator, by mistake: what it decorates is no test any more."""
_HARMLESS = frozenset({
    "pytest-cov", "pytest-xdist", "pytest-mock", "pytest-asyncio", "pytest-sugar", "pytest-html",
    "pytest-randomly", "pytest-env", "pytest-clarity", "pytest-instafail", "pytest-metadata",
    "pytest-httpx", "pytest-socket", "pytest-split",
})  # fmt: skip


def _is_named(item: Item, run: Run) -> bool:
    """Whether a command that gives node ids gives this one, or a folder around it."""
    if any(item.id == part or item.id.startswith(f"{part}::") for part in run.selected):
        return True
    files = {part.split("::")[0] for part in run.selected}
    return any(is_below(item.module.path, target) for target in run.targets if target not in files)


def _deselected(run: Run, expression: str) -> Hidden:
    return Hidden(
        reason=f"deselected by every command: {expression}", kind="deselected", certain=False,
        path=run.path, line=run.line,
    )  # fmt: skip


class _Ignored:
    """What conftest files leave out and register."""

    def __init__(self, items: ItemReader) -> None:
        self._modules = items.fixtures.modules
        self._lists: dict[str, list[str]] | None = None
        self._registered: str | None = None

    def why_not(self, module: Module) -> str:
        """`collect_ignore` of a conftest above."""
        if self._lists is None:
            self._lists = {
                path: found
                for path, conftest in self._modules.items()
                if posixpath.basename(path) == "conftest.py" and (found := _collect_ignore(conftest))
            }
        for path, names in self._lists.items():
            folder = posixpath.dirname(path)
            for name in names:
                if is_below(module.path, posixpath.normpath(posixpath.join(folder, name))):
                    return f"collect_ignore in {path} leaves it out"
        return ""

    def registers(self, marker: str, items: ItemReader) -> bool:
        """Whether some code of the project adds this marker by `addinivalue_line`."""
        if self._registered is None:
            lines = []
            for module in items.fixtures.modules.values():
                if any(child.name == "pytest_configure" for child in module.top.children):
                    lines += [repr(body) for body in module.bodies]
            self._registered = "\n".join(lines)
        return marker in self._registered


def _collect_ignore(conftest: Module) -> list[str]:
    found: list[str] = []
    for statement in conftest.top.body.statements:
        if statement.kind == "assign" and {"collect_ignore", "collect_ignore_glob"} & {
            part for part in statement.target if isinstance(part, str)
        }:
            found += texts(statement.value)
    return found
