"""Keys that each process draws for itself: what it signed or encrypted means nothing to the next one, nor to the one beside it."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.refusals import Refusals
from greenroom.catalogue.config.secret_names import Kind, kind_of
from greenroom.catalogue.config.secrets_read import SecretsRead
from greenroom.catalogue.config.servers import KEYS_OF_SESSIONS, Servers
from greenroom.catalogue.config.signing_constants import CALLS_WITH_KEYS, key_of
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of
from greenroom.project.testing.origins import local_bindings

_DRAW: Final = frozenset(
    {"token_hex", "token_urlsafe", "token_bytes", "urandom", "uuid1", "uuid4", "generate_key", "random_base32",
     "get_random_secret_key", "get_random_bytes", "randbytes"}
)  # fmt: skip
_DRAWING: Final = words(*_DRAW)
_LIBRARIES: Final = frozenset(
    {"secrets", "os", "uuid", "cryptography", "pyotp", "django", "Crypto", "Cryptodome", "random"}
)
_SET_ON: Final = re.compile(r"(?:^|\.)(?:app|application|flask_app)(?:\.config)?$")
_TAKE_A_KEY: Final = frozenset({"add_middleware", "Middleware", "SessionMiddleware", "from_mapping"})
_KEEPS: Final = re.compile(r"write|dump|save|store|put|persist|insert|set_key|set_password", re.IGNORECASE)
_PLURAL: Final = re.compile(r"(KEY|SECRET)S$", re.IGNORECASE)
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class _Drawn(NamedTuple):
    scope: Scope
    line: int
    end_line: int
    name: str
    """Of the setting, or of the constant."""
    by: str
    """What signs with it, where that was seen; empty where its name alone says what it is for."""


def drawn_keys(project: Project) -> Iterator[Sighting]:
    """One for each setting or constant of production that is drawn when the program starts."""
    judge = _Judge(project)
    told: set[tuple[str, int]] = set()
    for found in (*_constants(project), *_settings(project)):
        place = found.scope.path, found.line
        confidence = judge.confidence(found) if place not in told else None
        if confidence is not None:
            told.add(place)
            yield _sighting(found, confidence)


def _settings(project: Project) -> Iterator[_Drawn]:
    for scope in mentioning(project.production(), _DRAWING):
        yield from _of_scope(scope)
        if scope.kind == "lambda" and scope.parent is not None and scope.parent.kind == "class":
            yield from _of_scope(scope.parent)


def _of_scope(scope: Scope) -> Iterator[_Drawn]:
    """What a scope gives a setting that signs: `SECRET_KEY = …`, `app.secret_key = …`, `app.config["SECRET_KEY"] = …`."""
    if scope.kind == "lambda":
        return
    for part in scope.body.statements:
        if part.kind in ("assign", "annotate") and draws(scope, part.value):
            for target in part.target if part.kind == "assign" else (part.target,):
                name = _setting(scope, target)
                if (
                    name
                    and kind_of(_PLURAL.sub(r"\1", name)) is Kind.SIGNING
                    and not _is_kept(scope.body, part)
                ):
                    yield _Drawn(scope, part.line, part.end_line, name, "")
    for call in scope.body.calls:
        by = facts.last_name(call.callee)
        for keyword, given in call.keywords if by in _TAKE_A_KEY else ():
            if keyword in ("secret_key", "SECRET_KEY") and draws(scope, given):
                yield _Drawn(scope, call.line, call.end_line, keyword, by)


def _constants(project: Project) -> Iterator[_Drawn]:
    """What a module draws at its top under any name, and something signs or encrypts with."""
    for scope in mentioning(project.production(), CALLS_WITH_KEYS):
        for edge in project.graph.edges(scope):
            key = key_of(edge)
            if scope.kind in ("module", "class") and isinstance(key, int) and draws(scope, key):
                call = scope.body.calls[edge.call]
                yield _Drawn(scope, call.line, call.end_line, facts.spell(key, scope.body.calls), edge.symbol)
            module, name = _holder(project, scope, key) if isinstance(key, str) else (None, "")
            if module is not None and module.places(_DRAWING):
                for part in module.top.body.statements:
                    if part.kind == "assign" and name in part.target and draws(module.top, part.value):
                        yield _Drawn(module.top, part.line, part.end_line, name, edge.symbol)


def _holder(project: Project, scope: Scope, key: str) -> tuple[Module | None, str]:
    """The module that holds a key at its top: `KEY` of this file or of another, `settings.KEY`."""
    head, _, rest = key.partition(".")
    if scope.is_function and (
        head in local_bindings(scope) or any(part.name == head for part in scope.parameters)
    ):
        return None, ""
    for found in project.symbols.define(scope.module, head):
        if found.kind == "variable" and not rest:
            return found.module, found.symbol
        if found.kind == "module" and rest:
            return found.module, rest
    return None, ""


def draws(scope: Scope, value: Expression) -> bool:
    """Whether a value is drawn where nothing else gives one: directly, as a default, or by what makes the default."""
    if value is None:
        return False
    body = scope.body
    for part in deep(body, value):
        if isinstance(part, int) and _is_drawing(scope.module, body.calls[part].callee):
            return True
        if isinstance(part, tuple) and part[0] == facts.LAMBDA:
            made = scope.module.scopes[part[1]].body
            if any(_is_drawing(scope.module, call.callee) for call in made.calls):
                return True
    return any(
        name == "default_factory" and _is_drawing(scope.module, given)
        for part in deep(body, value)
        if isinstance(part, int)
        for name, given in body.calls[part].keywords
    )


def _is_drawing(module: Module, callee: Expression) -> bool:
    """`secrets.token_hex`, `uuid4`, `Fernet.generate_key`: the name, of a library that the module imports."""
    if facts.last_name(callee) not in _DRAW or not isinstance(callee, str):
        return False
    first = callee.partition(".")[0]
    return any(
        part.alias == first and not part.level and part.module.partition(".")[0] in _LIBRARIES
        for part in module.imports
    )


def _setting(scope: Scope, target: Expression) -> str:
    """The name of a setting: of a module or class by itself, of an application everywhere."""
    if isinstance(target, tuple) and target[0] == facts.ITEM and isinstance(target[1], str):
        key = facts.constant(target[2])
        return key if isinstance(key, str) and _SET_ON.search(target[1]) else ""
    if not isinstance(target, str):
        return ""
    base, _, last = target.rpartition(".")
    if base:
        return last.upper() if last == "secret_key" and _SET_ON.search(base) else ""
    return target if scope.kind in ("module", "class") else ""


def _is_kept(body: Body, part: Statement) -> bool:
    """Whether the scope writes down what was drawn, for the next start to read."""
    targets = part.target if part.kind == "assign" else (part.target,)
    return any(
        _KEEPS.search(facts.last_name(call.callee))
        and any(target in deep(body, given) for target in targets for given in (*call.arguments, call.callee))
        for call in body.calls
    )


class _Judge:
    """How sure it is that a deployment goes by what was drawn."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._refusals = project.once(Refusals)
        self._by_hand = project.once(ByHand)
        self._servers = Servers(project)
        self._used = SecretsRead(project)

    def confidence(self, found: _Drawn) -> Confidence | None:
        """None where it is for developers, or a deployment gives another."""
        module = found.scope.module
        if _is_passing(found) or self._by_hand.is_run_by_hand(module):
            return None
        names = self._variables(found)
        if any(self._is_given(name) for name in names) or self._refusals.is_set_by_deployment(names):
            return None
        configuration = self._project.configuration
        asked = any(name in configuration.mentioned or name in configuration.described for name in names)
        return (
            Confidence.POSSIBLE
            if asked or self._is_idle(found) or _is_given_again(found)
            else Confidence.PROBABLE
        )

    def _variables(self, found: _Drawn) -> set[str]:
        """Variables that give the setting another value: those of its statement, and of others that bind the same name."""
        lines = [
            (part.line, part.end_line)
            for part in found.scope.body.statements
            if part.kind in ("assign", "annotate") and (part.line == found.line or _binds(part, found.name))
        ]
        return {
            name
            for read in self._project.configuration.reads
            if read.scope.module is found.scope.module
            and any(first <= read.line <= last for first, last in lines)
            for name in read.names
        }

    def _is_given(self, name: str) -> bool:
        return any(
            part.name == name
            and ((part.value and "$" not in part.value) or part.source in ("kubernetes", "terraform"))
            for part in self._project.configuration.declarations
            if part.stage != "test"
        )

    def _is_idle(self, found: _Drawn) -> bool:
        """Whether nothing is seen that goes by it."""
        module = found.scope.module
        if found.by:
            return False
        return not self._used.is_named(found.name, module.path) or (
            found.name in KEYS_OF_SESSIONS
            and not (self._servers.may_use(module) and self._servers.sign(module))
        )


def _is_passing(found: _Drawn) -> bool:
    scope = found.scope
    blocks = {part.block for part in scope.body.statements if part.line == found.line}
    return any(
        stage_of(text) in ("development", "test") for text in (scope.path, _WORD.sub("_", scope.qualname))
    ) or any(is_for_developers(scope.body, block) for block in blocks)


def _is_given_again(found: _Drawn) -> bool:
    """Whether another class or function of the file gives the setting a value that is not drawn: that of production."""
    return any(
        other is not found.scope
        and part.kind in ("assign", "annotate")
        and _binds(part, found.name)
        and not draws(other, part.value)
        for other in found.scope.module.scopes
        if other.kind == "class"
        for part in other.body.statements
    )


def _binds(part: Statement, name: str) -> bool:
    return name in part.target if part.kind == "assign" else bool(part.target == name)


def _sighting(found: _Drawn, confidence: Confidence) -> Sighting:
    said = f", and handed to `{found.by}`" if found.by else ""
    return Sighting(
        place=Place(path=found.scope.path, line=found.line, symbol=found.scope.qualname),
        end_line=found.end_line,
        message=f"`{found.name}` is drawn anew by each process that starts{said}: what one signs or encrypts, no other can read",
        severity=Severity.HIGH,
        confidence=confidence,
        consequence="each restart logs everybody out, and several workers refuse one another's sessions and tokens",
        remedy="take the key from the environment, and do not start without it",
        subject=found.name,
        cause=f"{found.scope.path}:{found.name}",
        reach=Reach.PROJECT,
    )
