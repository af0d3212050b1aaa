"""Does the project itself refuse a value: a check at the start, a deployment that requires another?"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from greenroom.catalogue.config.secret_names import kind_of
from greenroom.catalogue.config.servers import Servers
from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.settings.interpolation import references

_TAKEN_IN_BICEP: Final = re.compile(r"\bname:\s*'(\w+)'\s*,?\s*value:\s*(?=[\w!(])")
"""`name: 'KEY'` and `value: …` below it, without a quotation mark: a parameter, or what a vault holds."""
_SETTINGS_TO_FILL_IN: Final = re.compile(r"\.py\.(?:ctmpl|j2|tmpl|tpl|template)$")
_FILLED_IN: Final = re.compile(r"^(\w+)\s*=[^\n]*\{\{", re.MULTILINE)
_RENDER: Final = re.compile(r"(?:^|/)render\.ya?ml$")
_MADE_BY_RENDER: Final = re.compile(
    r"\bkey:\s*[\"']?(\w+)[\"']?\s*(?:#.*)?\n\s*(?:generateValue:\s*true|sync:\s*false)\b"
)
"""A value of its own for each deployment, or one that whoever makes it is asked for."""
_APP_JSON: Final = re.compile(r"(?:^|/)app\.json$")
_MADE_BY_HEROKU: Final = re.compile(r'"(\w+)"\s*:\s*\{[^{}]*"generator"\s*:\s*"secret"')
_SCRIPT: Final = re.compile(r"\.(?:sh|bash|ps1|mk|ya?ml)$|(?:^|/)(?:Makefile|justfile)$")
_SET_BY_COMMAND: Final = re.compile(
    r"^(?!\s*#)[^\n]*\b(?:heroku\s+config:(?:set|add)|fly(?:ctl)?\s+secrets\s+set|railway\s+variables\s+(?:--)?set)\s+([^\n]+)",
    re.MULTILINE,
)
_SECRET_OF_CI: Final = re.compile(r"\b(\w+)=[\"']?\$\{\{\s*secrets\.")
"""`JWT_KEY=${{ secrets.JWT_KEY }}`, as workflows hand it to what they deploy; what a step has for itself stands behind a colon."""
_NAME_GIVEN: Final = re.compile(r"(?:^|[\s\"'])(\w+)=")
_LONG_ENOUGH: Final = 4
_EXITS: Final = frozenset({"exit", "quit", "sys.exit", "os._exit"})


class Refusals:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._required = {
            part.name
            for compose in project.configuration.compose.values()
            for service in compose.services.values()
            for line in service.environment.values()
            for part in references(line.value)
            if part.required
        }
        self._reads = {name.upper() for read in project.configuration.reads for name in read.names}
        self._compared: dict[str, bool] = {}

    def refuse(self, value: str, names: Iterable[str]) -> bool:
        """Whether a start with this value, or a deployment without another one, is refused."""
        names = list(names)
        return (
            bool(self._required.intersection(names))
            or self.is_compared(value)
            or any(map(self._is_asserted, names))
        )

    def _is_asserted(self, name: str) -> bool:
        """Whether production code goes through a list of names that has it, and ends where one is not as it should be."""
        return any(
            block.kind == "for"
            and any(facts.constant(part) == name for part in facts.walk(block.detail[1]))
            and any(
                part.kind in ("assert", "raise") and block in scope.body.enclosing(part.block)
                for part in scope.body.statements
            )
            for scope in mentioning(self._project.production(), words(name))
            for block in scope.body.blocks
        )

    def is_compared(self, value: str) -> bool:
        """Whether production code compares something with the value, or lists it among those that it does not take."""
        known = self._compared.get(value)
        if known is None:
            needle = words(value) if len(value) >= _LONG_ENOUGH else ()
            known = self._compared[value] = bool(needle) and any(
                _compares(scope, value) or self._is_raised_at(scope, value)
                for scope in mentioning(self._project.production(), needle)
            )
        return known

    def _is_raised_at(self, scope: Scope, value: str) -> bool:
        """Whether the module gives the value a name, and raises where a setting still has it."""
        if scope.kind != "module":
            return False
        named = {
            target
            for part in scope.body.statements
            if part.kind in ("assign", "annotate") and facts.constant(part.value) == value
            for target in (part.target if part.kind == "assign" else (part.target,))
            if isinstance(target, str)
        }
        return bool(named) and (
            self._ends_at(scope, named)
            or any(self._refuses(other, named) for other in scope.module.scopes if other.is_function)
        )

    def _ends_at(self, top: Scope, named: set[str]) -> bool:
        """Whether the module ends where a setting is one of the names: by itself, and not in a function that it has."""
        body = top.body
        refusing = [block for block in body.blocks if block.kind == "if" and self._asks(block.detail, named)]
        ends = [part.block for part in body.statements if part.kind in ("assert", "raise")]
        ends += [call.block for call in body.calls if facts.spell(call.callee, body.calls) in _EXITS]
        return any(block in body.enclosing(end) for end in ends for block in refusing) or any(
            part.kind == "assert" and self._asks(part.value, named) for part in body.statements
        )

    def _refuses(self, scope: Scope, named: set[str]) -> bool:
        if not any(part.kind in ("raise", "assert") for part in scope.body.statements):
            return False
        return any(self._asks(block.detail, named) for block in scope.body.blocks if block.kind == "if")

    def _asks(self, condition: facts.Expression, named: set[str]) -> bool:
        """Whether a setting is compared with one of the names."""
        for test in facts.walk(condition):
            operands = [part for part in _operands(test) if isinstance(part, str)]
            others = (part.rpartition(".")[2].upper() for part in operands if part not in named)
            if named.intersection(operands) and any(
                other in self._reads or kind_of(other) is not None for other in others
            ):
                return True
        return False

    def is_set_by_deployment(self, names: Iterable[str]) -> bool:
        """Whether a recipe that makes the project's machines takes the variable from elsewhere: Terraform, Bicep, Kubernetes, Render."""
        wanted = set(names)
        inventory = self._project.inventory
        if wanted & self._project.configuration.from_secrets:
            return True
        return (
            any(
                part.name in wanted and part.value is None
                for environment in self._project.configuration.terraform
                for part in environment.given
            )
            or any(
                wanted.intersection(_TAKEN_IN_BICEP.findall(inventory.read_text(path)))
                for path in inventory.other
                if path.endswith(".bicep")
            )
            or not wanted.isdisjoint(self._set_by_platforms)
        )

    @cached_property
    def _set_by_platforms(self) -> frozenset[str]:
        """What recipes of Render and Heroku, commands of scripts, or workflows with secrets of theirs give the machines."""
        inventory = self._project.inventory
        found: set[str] = set()
        for path in (*inventory.other, *inventory.documents):
            if _RENDER.search(path):
                found.update(_MADE_BY_RENDER.findall(inventory.read_text(path)))
            elif _APP_JSON.search(path):
                found.update(_MADE_BY_HEROKU.findall(inventory.read_text(path)))
            elif _SCRIPT.search(path):
                text = inventory.read_text(path)
                commands = _SET_BY_COMMAND.findall(text)
                found.update(name for given in commands for name in _NAME_GIVEN.findall(given))
                found.update(_SECRET_OF_CI.findall(text))
        return frozenset(found)

    def is_filled_in(self, name: str) -> bool:
        """Whether a deployment writes settings from a template, which takes this one from where its secrets are kept."""
        inventory = self._project.inventory
        return any(
            name in _FILLED_IN.findall(inventory.read_text(path))
            for path in inventory.documents
            if _SETTINGS_TO_FILL_IN.search(path)
        )

    def is_set_elsewhere(self, name: str, module: Module) -> bool:
        """Whether other settings of the same part of the project take the value from the environment, or from a file."""
        part_of = self._project.once(Servers).part
        home = part_of(module)
        return any(
            name.upper() in map(str.upper, read.names) and part_of(read.scope.module) == home
            for read in self._project.configuration.reads
        ) or any(
            part.kind == "assign" and name in part.target and facts.constant(part.value) is None
            for beside in self._project.modules.values()
            if beside.mentions(0, name.encode()) and part_of(beside) == home
            for part in beside.top.body.statements
        )


def _compares(scope: Scope, value: str) -> bool:
    literal = (facts.CONSTANT, value)
    for block in scope.body.blocks:
        if block.kind in ("if", "while") and any(
            literal in _operands(part) for part in facts.walk(block.detail)
        ):
            return True
    for statement in scope.body.statements:
        for part in facts.walk(statement.value):
            if literal in _operands(part):
                return True
            if isinstance(part, tuple) and part[0] == facts.SEQUENCE and literal in part[2]:
                return True
    return any(
        literal in call.arguments and "insecure" in facts.last_name(call.callee).lower()
        for call in scope.body.calls
    )


def _operands(part: object) -> tuple[object, ...]:
    """What is compared, also with each of several: `key in ("changeme", "secret")`."""
    if not (isinstance(part, tuple) and part and part[0] == facts.COMPARE):
        return ()
    inner = (
        each for side in part[2] if isinstance(side, tuple) and side[0] == facts.SEQUENCE for each in side[2]
    )
    return (*part[2], *inner)
