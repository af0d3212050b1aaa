"""Is a file something that people run by hand, or a probe that somebody else ends in time?"""

import re

from greenroom.detect.search import mentioning, mentions, whole, words
from greenroom.detect.unloaded import Unloaded
from greenroom.model.finding import Reach
from greenroom.project.calls.imported import imported_by
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_DOCUMENTS = re.compile(
    r"\.(?:md|rst|txt|lock)$|(?:^|/)(?:gnu)?makefile|(?:^|/)\.?justfile|taskfile|(?:^|/)\.(?:github|circleci)/"
    r"|gitlab-ci|(?:^|/)(?:readme|contributing)[^/]*$",
    re.IGNORECASE,
)
_HERE_DOCUMENT = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?.*?^\s*\1\b", re.DOTALL | re.MULTILINE)
# A remark, a text, a file that is copied, a probe: Docker and Kubernetes end theirs after some seconds.
_STARTS_NOTHING = re.compile(r"\s*(?:#|COPY\b|ADD\b|HEALTHCHECK\b|RUN\b|-?\s*test:|chmod\b|echo\b|printf\b)")
_OF_TOOLS = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini|mypy\.ini|ruff\.toml|MANIFEST\.in|\.\w[\w.-]*)$"
)
_COMMANDS = re.compile(r"\b(?:python[\d.]*|run|exec|uvicorn|gunicorn|hypercorn|flask|celery)\b")
_LOOPS = whole("while")
_MAIN = words("__main__")
_PROMPTS = words("input")
_PARSES = words("parse_args", "sys.argv")
_WEAK = (Reach.SCRIPT, Reach.PROJECT, Reach.UNREACHED)


class ByHand:
    """Answers for one project; what was asked once is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Module, bool] = {}
        self._lines: list[str] | None = None
        self._starting: list[str] | None = None
        self._imported: set[Module] | None = None
        self._neighbours: dict[str, list[Module]] | None = None
        self._importers: dict[Module, list[Module]] | None = None

    def is_run_by_hand(self, module: Module) -> bool:
        """A script: nothing of the project imports it, serves it or starts it, and it comes to an end."""
        if module.kind is FileKind.SCRIPT:
            return True
        if module not in self._known:
            self._known[module] = (
                (module.places(_MAIN) > 0 or _parses_at_once(module) or self._is_part_of_one(module))
                and not self._is_reached_from_elsewhere(module)
                and not _goes_on_for_ever(module)
                and not self.is_imported(module)
                and not self.is_started(module)
            ) or self._is_of_a_person(module)
        return self._known[module]

    def _is_reached_from_elsewhere(self, module: Module) -> bool:
        """Whether an entry leads here that is none of its own; a thread that the file starts is."""
        entries = self._project.entries
        for scope in module.scopes:
            reach, entry = entries.reach(scope), entries.entry(scope)
            own = reach is Reach.TASK and entry is not None and entry.scope.module is module
            if reach not in _WEAK and not own:
                return True
        return False

    def _is_of_a_person(self, module: Module) -> bool:
        """A script that asks somebody at the keyboard, whatever starts it, or what only such scripts import."""
        if self._importers is None:
            self._importers = {}
            for importer in self._project.production():
                for each in imported_by([importer], self._project.symbols):
                    self._importers.setdefault(each, []).append(importer)
        importers = self._importers.get(module, [])
        if self._is_reached_from_elsewhere(module):
            return False
        if not importers:
            return _prompts(module)
        return not module.places(_MAIN) and all(
            _prompts(each) and each not in self._importers for each in importers
        )

    def _is_part_of_one(self, module: Module) -> bool:
        """Whether scripts that are run by hand import their neighbour, by a name that holds in their folder only."""
        if self._neighbours is None:
            self._neighbours = {}
            for script in self._project.production():
                for part in script.imports if script.places(_MAIN) else ():
                    unknown = part.level == 0 and self._project.symbols.module(part.module, script) is None
                    if unknown and part.module:
                        path = f"{script.folder}/{part.module.replace('.', '/')}.py"
                        self._neighbours.setdefault(path, []).append(script)
        scripts = self._neighbours.get(module.path, [])
        return bool(scripts) and all(
            script is not module and self.is_run_by_hand(script) for script in scripts
        )

    def is_loaded_by_nobody(self, module: Module) -> bool:
        """Nothing imports or starts the file: what it does when it is loaded, somebody does by hand."""
        return not self.is_imported(module) and not self.is_started(module)

    def is_left_out(self, module: Module) -> bool:
        """The same of what is no program by its name or a recipe, in a project of which it is known what starts."""
        starts = any(application.is_live for application in self._project.applications)
        by_hand = self._project.once(Unloaded)
        return starts and self.is_loaded_by_nobody(module) and by_hand.is_run_by_hand(module)

    def is_probe(self, module: Module) -> bool:
        """The command of a health check, and of nothing else."""
        name = module.path.rpartition("/")[2]
        return any("HEALTHCHECK" in line and name in line for line in self._deployment()) and not (
            self.is_started(module)
        )

    def is_started(self, module: Module) -> bool:
        """Whether something that builds, configures or starts the application names the file."""
        name = module.path.rpartition("/")[2]
        dotted = module.name.removesuffix(".__main__")
        lines = [line for line in self._starts() if name in line or dotted in line]
        if not lines:
            return False
        said = re.escape(dotted)
        alone = "" if "." in dotted else r"[A-Za-z_]"  # a word like any other, but in `worker:app`
        pattern = re.compile(
            rf"(?<![\w-]){re.escape(name)}\b|(?:-m|-A|--app|FLASK_APP)[\s\"',=]+{said}(?::|[\s\"']|$)|[\"'\s]{said}:{alone}"
            + ("" if alone else rf"|[\"'\s]{said}(?:[\s\"']|$)")
        )
        return any(map(pattern.search, lines))

    def _starts(self) -> list[str]:
        """The lines of these that may start something."""
        if self._starting is None:
            self._starting = [line for line in self._deployment() if not _STARTS_NOTHING.match(line)]
        return self._starting

    def may_be_started(self, module: Module) -> bool:
        """The same, and where the project has no file that starts anything of its own, which cannot be known."""
        configuration = self._project.configuration
        builds = any(
            service.build
            for compose in configuration.compose.values()
            for service in compose.services.values()
        )
        return self.is_started(module) or not (configuration.images or builds)

    def _deployment(self) -> list[str]:
        """The lines of what builds, configures and starts the application."""
        if self._lines is None:
            inventory = self._project.inventory
            self._lines = [
                line
                for path in inventory.other
                if not _DOCUMENTS.search(path)
                for line in _HERE_DOCUMENT.sub(
                    "", inventory.read_text(path).replace("\\\n", " ")
                ).splitlines()
                if not _is_of_a_linter(path, line)
            ]
        return self._lines

    def is_imported(self, module: Module) -> bool:
        """Whether production code imports it."""
        return module in self._imports()

    def _imports(self) -> set[Module]:
        if self._imported is None:
            self._imported = imported_by(self._project.production(), self._project.symbols)
        return self._imported


def _is_of_a_linter(path: str, line: str) -> bool:
    """`time_check.py: T001` in setup.cfg: a file that a tool is told of, and no command."""
    return ".py" in line and _OF_TOOLS.search(path) is not None and not _COMMANDS.search(line)


def _prompts(module: Module) -> bool:
    """`answer = input("Which one? ")`, in what runs when the file is started."""
    return any(
        call.callee == "input" for scope in mentioning([module], _PROMPTS) for call in scope.body.calls
    )


def _parses_at_once(module: Module) -> bool:
    """`arguments = parser.parse_args()`, `name = sys.argv[1]` beneath no question: who imports it would have his own arguments read."""
    return any(
        scope.kind == "module"
        and (
            any(facts.last_name(call.callee) == "parse_args" for call in scope.body.calls)
            or any(_is_argument(part.value) for part in scope.body.statements if part.kind == "assign")
        )
        for scope in mentioning([module], _PARSES)
    )


def _is_argument(value: Expression) -> bool:
    """Not one that is compared, as settings do that look for the command of a test run."""
    return type(value) is tuple and value[0] == facts.ITEM and value[1] == "sys.argv"


def _goes_on_for_ever(module: Module) -> bool:
    """`while True:` that nothing but a failure or an interrupt leaves: a worker."""
    return any(
        block.kind == "while"
        and isinstance(block.detail, tuple)
        and block.detail[0] == facts.CONSTANT
        and not _is_left(scope.body, number)
        for scope in module.scopes
        if mentions(scope, _LOOPS)
        for number, block in enumerate(scope.body.blocks)
    )


def _is_left(body: facts.Body, loop: int) -> bool:
    flow = Flow(body)
    for part in body.statements:
        if part.kind not in ("break", "return") or not flow.inside(part.block, loop):
            continue
        own = part.kind == "return" or next(flow.loops(part.block))[0] == loop
        if own and not any(block.kind == "except" for block in body.enclosing(part.block)):
            return True
    return False
