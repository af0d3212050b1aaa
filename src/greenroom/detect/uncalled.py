"""Functions that nobody calls: what they hold fails nobody, as far as the repository shows."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from greenroom.model.finding import Confidence, Reach
from greenroom.project.calls.imported import imported_by
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.entry import Entry
from greenroom.project.web.route_entries import PLAIN_BASES

_USERS: Final = frozenset({Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.WORKER})
_BY_CONVENTION: Final = re.compile(
    r"^(?:__\w+__|_?main|run|handler|lambda_handler|setup\w*|teardown\w*|register\w*|create_app|make_app|get_app|app|application|"
    r"on_\w+|pre_\w+|post_\w+|before_\w+|after_\w+|worker_\w+|when_ready|child_exit|upgrade|downgrade|pytest_\w+|plugin\w*|"
    r"entry_?point|execute|invoke|call|process|start|stop|shutdown|startup|ready|configure|init_\w+|load|unload)$"
)
"""What frameworks, servers, plug-ins' hosts and people call by its name."""
_CALLED_BY_NAME: Final = re.compile(
    r"(?:^|/)(?:plugins?|extensions?|dags|cogs|custom_components|addons|nodes|functions|lambdas?|hooks|templatetags)(?:/|$)"
)
_CHANGES_NOTHING: Final = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "contextmanager", "asynccontextmanager", "wraps",
        "lru_cache", "cache", "cached", "override", "final", "abstractmethod", "retry", "on_exception", "sync_to_async",
        "database_sync_to_async", "async_to_sync", "atomic", "no_type_check", "overload", "deprecated", "patch",
    }
)  # fmt: skip
"""Decorators that hand a function over to nobody."""
_DEMONSTRATES: Final = re.compile(
    r"(?:demos?|examples?|samples?|playground)(?:_\w+)?|\w+_(?:demo|example|sample)"
)
"""Names of programs that show what something does."""
_MIDDLEWARE: Final = "BaseHTTPMiddleware"
_SCHEDULERS: Final = (b"django_celery_beat", b"DatabaseScheduler", b"redbeat", b"django_q", b"rq_scheduler")
_FARTHEST: Final = 3
_DEFINES: Final = re.compile(r"^\s*(?:async\s+)?def\s|^\s*class\s+\w+\s*(?:\(\s*\))?:")
"""A function, or a class that is derived from none."""
_LISTS: Final = re.compile(
    r"^\s*(?:__all__\s*(?::[^=]*)?\+?=\s*)?[\[(]?\s*(?:[\"']\w+[\"']\s*,?\s*)+[\])]?\s*(?:#.*)?$"
)
"""A line of `__all__`."""
_BUILDS: Final = re.compile(
    r"^\s*\[(?:build-system|tool\.(?:poetry|flit\.\w+|setuptools|hatch\.build[\w.]*))\]", re.MULTILINE
)
_BUILDS_NOTHING: Final = re.compile(r"^\s*(?:package-mode|package)\s*=\s*false", re.MULTILINE)
_IMPORTS: Final = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s")


class Uncalled:
    """Answers for one project; asked only of functions in which something was found."""

    def __init__(self, project: Project, scope_at: Callable[[Module, int], Scope]) -> None:
        self._project = project
        self._scope_at = scope_at
        self._known: dict[Scope, bool] = {}
        self._read: dict[Module, str] = {}
        self._offered: dict[str, bool] = {}

    def holds(self, scope: Scope) -> bool:
        """Whether nobody says the name of the function, of one around it or of their class, in a project that serves somebody."""
        return self._serves and scope.module.kind is FileKind.PRODUCTION and self._is_dead(scope, frozenset())

    def surest(self, scope: Scope) -> Confidence:
        """No surer than its way in: a middleware that nobody adds, a job that nobody here sends, though another program may."""
        entry = self._project.entries.entry(scope)
        if entry is None:
            return Confidence.DEFINITE
        if self._is_never_added(entry):
            return Confidence.POSSIBLE
        return Confidence.PROBABLE if self._is_never_sent(entry) else Confidence.DEFINITE

    def _is_never_sent(self, entry: Entry) -> bool:
        """Whether a job of a queue is named nowhere, in code or configuration: no request, schedule or other job sends it."""
        name = entry.scope.name
        return (
            entry.is_sent
            and name not in self._project.configuration.mentioned
            and not self._is_offered(entry.scope)
            and not self._schedules_by_hand
            and next(self._users(entry.scope), None) is None
        )

    def _is_never_added(self, entry: Entry) -> bool:
        """Whether it is the middleware of a class that no code or setting names: no request goes through it."""
        cls = entry.scope.owner
        bases = self._project.inference.classes.line(cls)[1] if cls is not None else ()
        return (
            cls is not None
            and any(base.endswith(f".{_MIDDLEWARE}") for base in bases)
            and not self._is_offered(cls)
            and next(self._users(cls), None) is None
        )

    @cached_property
    def _schedules_by_hand(self) -> bool:
        """Whether people put jobs into a schedule while the product runs, in the administration of Django or in Redis."""
        return any(name in module.packed_bodies for module in self._reading for name in _SCHEDULERS)

    def _is_dead(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        """Of a scope: nobody comes there by a known entry, nor says the name of one of those around it."""
        entry = self._project.entries.entry(scope)
        if len(seen) > _FARTHEST or (entry is not None and not self._only_shows(entry.scope.module, scope)):
            return False
        around: Scope | None = scope
        while around is not None and around.kind != "module":
            if around.kind in ("function", "class") and self._is_unnamed(around, seen):
                return True
            around = around.parent
        return False

    def _is_unnamed(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        """Whether only what nobody names itself says its name: two that name each other only are both left over."""
        if scope in seen:
            return True
        if scope in self._known:
            return self._known[scope]
        further = seen | {scope}
        found = self._may_be_dead(scope) and all(self._is_dead(user, further) for user in self._users(scope))
        if not (seen and found):  # else it rests on what is still being asked
            self._known[scope] = found
        return found

    @cached_property
    def _serves(self) -> bool:
        return any(entry.reach in _USERS for entry in self._project.entries.all())

    def _may_be_dead(self, scope: Scope) -> bool:
        """Whether a name is the only way to it."""
        lines = self._project.inference.classes.line
        cls = scope if scope.kind == "class" else scope.owner
        return not (
            _BY_CONVENTION.match(scope.name)
            or _CALLED_BY_NAME.search(scope.module.folder)
            or any(_last(part, scope) not in _CHANGES_NOTHING for part in scope.decorators)
            or (scope.name in (scope.module.exports or ()) and self._is_offered(scope))
            or scope.name in self._project.configuration.mentioned
            or (cls is not None and any(base not in PLAIN_BASES for base in lines(cls)[1]))
            or self._is_asked_for_by_part(scope)
        )

    def _is_asked_for_by_part(self, scope: Scope) -> bool:
        """`getattr(self, f"export_{kind}")`."""
        parts = scope.name.split("_")
        begins = ["_".join(parts[:count]) + "_" for count in range(1, len(parts))]
        asked = re.compile(rf"[\"'](?:{'|'.join(map(re.escape, begins))})(?:[{{%\"'])") if begins else None
        return asked is not None and any(
            asked.search(self._texts(module))
            for module in self._reading
            if b"getattr" in module.packed_bodies
        )

    @cached_property
    def _reading(self) -> list[Module]:
        return [module for module in self._project.modules.values() if module.kind is not FileKind.TEST]

    def _users(self, scope: Scope) -> Iterator[Scope]:
        """The scopes that say its name, itself left out; of a door of a package also what imports it there."""
        name = scope.name
        said = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        # What is read says most names, and is searched fast; a text says what was left out of it too.
        for module in sorted(self._reading, key=lambda part: name.encode() not in part.packed_bodies):
            text = self._texts(module)
            if name not in text or self._only_shows(module, scope):
                continue
            bound = [part.alias for part in module.imports if part.name == name]
            is_door = bool(bound) and module.path.endswith("__init__.py") and self._is_offered(scope)
            if is_door or any(alias != name for alias in bound):
                yield module.top
            listed = name in (module.exports or ()) and not self._is_offered(scope)
            for number, line in enumerate(text.split("\n"), 1):
                if _is_use(line, said, name if bound else "") and not (listed and _LISTS.match(line)):
                    user = self._scope_at(module, number)
                    if not _is_inside(user, scope) and not self._means_another(user, number, scope):
                        yield user

    def _only_shows(self, module: Module, scope: Scope) -> bool:
        """Whether a file calls it to show it, in a project of which others do not take it."""
        return self._is_demonstration(module) and not self._is_offered(scope)

    def _is_demonstration(self, module: Module) -> bool:
        """Whether it is one by its kind, or by the name of a program that nothing imports, starts or names."""
        stem = module.path.rpartition("/")[2].removesuffix(".py")
        entry = self._project.entries.entry(module.top)
        return module.kind is FileKind.EXAMPLE or (
            _DEMONSTRATES.fullmatch(stem) is not None
            and (entry is None or entry.reach is Reach.PROJECT)
            and module.path not in self._project.loaded
            and stem not in self._project.configuration.mentioned
            and module not in self._imported
        )

    @cached_property
    def _imported(self) -> set[Module]:
        return imported_by(self._reading, self._project.symbols)

    def _is_offered(self, scope: Scope) -> bool:
        """Whether the file belongs to a distribution that is built: others may install it, and take what its doors hand out."""
        folder = scope.module.folder
        if folder not in self._offered:
            above = [folder, *(folder[:at] for at, letter in enumerate(folder) if letter == "/"), ""]
            self._offered[folder] = any(self._builds(part) for part in dict.fromkeys(above))
        return self._offered[folder]

    def _builds(self, folder: str) -> bool:
        """Whether a recipe there says how a distribution is made of the folder."""
        inside = f"{folder}/" if folder else ""
        read = self._project.inventory.read_text
        declared = read(f"{inside}pyproject.toml")
        return bool(_BUILDS.search(declared) and not _BUILDS_NOTHING.search(declared)) or "setup(" in read(
            f"{inside}setup.py"
        )

    def _texts(self, module: Module) -> str:
        if module not in self._read:
            self._read[module] = self._project.inventory.read_text(module.path)
        return self._read[module]

    def _means_another(self, user: Scope, line: int, scope: Scope) -> bool:
        """Whether a call there goes to something else of the same name, as far as types tell."""
        there = [
            edge
            for edge in self._project.graph.edges(user)
            if edge.line == line and edge.target is not None and edge.target.name == scope.name
        ]
        return bool(there) and all(
            edge.certainty >= PROBABLE
            and edge.target is not scope
            and not self._may_stand_in(edge.target, scope)
            for edge in there
        )

    def _may_stand_in(self, target: Scope | None, scope: Scope) -> bool:
        """Whether the method of a subclass may run in the place of what was named."""
        if target is None or target.owner is None or scope.owner is None:
            return False
        return target.owner in self._project.inference.classes.line(scope.owner)[0]


def _is_use(line: str, said: re.Pattern[str], imported: str) -> bool:
    """No definition, no comment, and no import, also where that goes over several lines."""
    code = line.partition("#")[0]
    if not said.search(code) or _DEFINES.match(code) or _IMPORTS.match(code):
        return False
    return not imported or code.strip(" \t\r,)") != imported


def _is_inside(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False


def _last(decorator: Expression, scope: Scope) -> str:
    """The last name of a decorator, also of one that is called; a mark of pytest stands for `patch`, another of tests."""
    if type(decorator) is int and scope.parent is not None:
        decorator = facts.spell(decorator, scope.parent.body.calls)
    if not isinstance(decorator, str):
        return ""
    return "patch" if decorator.startswith("pytest.mark.") else facts.last_name(decorator.partition("(")[0])
