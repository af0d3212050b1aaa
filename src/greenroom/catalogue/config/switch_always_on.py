"""CFG008: a switch that is on whatever is written into it, since any text is true."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from greenroom.catalogue.config.lines import place_of
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.declaration import Declaration, stage_of
from greenroom.project.settings.variable_read import VariableRead

_NO: Final = frozenset({"false", "0", "no", "off", "n", "f"})
_READERS: Final = frozenset({"get", "getenv"})
_GRAVE: Final = re.compile(r"DEBUG|DISABLE|SKIP|BYPASS|INSECURE|ALLOW|TESTING", re.IGNORECASE)
_THERE: Final = re.compile(
    r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?|URL|URI|DSN|HOST|ENDPOINT|ID|PATH|FILE|DIR|NAME|EMAIL|ADDRESS|BUCKET)$",
    re.IGNORECASE,
)
"""Of these `bool` asks whether they are there."""
_OF_LIBRARIES: Final = re.compile(
    r".*DEBUG$|(?:USE|SESSION|CSRF|SECURE|CORS|EMAIL|CELERY|AWS|REST|SOCIAL|AUTH|ACCOUNT|COMPRESS|SQLALCHEMY|CACHE|LOG|SENTRY|MAIL|SECURITY|JWT|WTF|"
    r"MAX|APPEND|PREPEND|STATIC|MEDIA|STORAGE|DJANGO|WAGTAIL|OIDC|SAML|LDAP|SILKY|RQ|RATELIMIT|PROMETHEUS|SWAGGER|SPECTACULAR|SHELL|TEMPLATES?|TESTING|"
    r"PROPAGATE|EXPLAIN|JSON|TRAP|SERVER|PREFERRED|APPLICATION|SCHEDULER|BABEL|BCRYPT|UPLOADED|EVENTS?)(?:_|$)"
)
"""Settings that Django, Flask and their libraries read by name."""
_OF_EXTENSIONS: Final = {
    "SQLALCHEMY_": frozenset(
        {"flask-sqlalchemy", "flask-sqlalchemy-lite", "flask-appbuilder", "flask-alchemydumps"}
    ),
    "WTF_": frozenset(
        {"flask-wtf", "flask-appbuilder", "flask-security", "flask-security-too", "flask-admin"}
    ),
}
"""By the beginning of a name: the only libraries that read such a setting."""
_TELLS: Final = re.compile(
    r"(?:^|\.)_?log(?:ger|ging)?\.(?:debug|info|warning|warn|error)$|^(?:print|log)$", re.IGNORECASE
)
_DEBUG: Final = re.compile(r"(?:^|_)DEBUG$")


class _Switch(NamedTuple):
    """How the code makes a truth of the text."""

    through_bool: bool
    """By `bool(…)`; else the text is kept as it is, beside a default that is True or False."""


def detect_switches_always_on(project: Project) -> Iterator[Sighting]:
    """Every variable that is read as a switch, and that no text turns off."""
    declared = project.configuration.by_name()
    by_hand = project.once(ByHand)
    for read in project.configuration.reads:
        if read.how != "environ" or stage_of(read.scope.path) in ("development", "test"):
            continue
        if _THERE.search(read.name):
            continue
        switch = _switch(project, read)
        if switch is not None and not by_hand.is_run_by_hand(read.scope.module):
            found = _sighting(project, read, switch, _said_no(declared.get(read.name, [])))
            asked = _is_asked(project, read) and not _is_only_told(read)
            yield found if asked else replace(found, confidence=Confidence.POSSIBLE)


def _switch(project: Project, read: VariableRead) -> _Switch | None:
    body = read.scope.body
    for index, call in enumerate(body.calls):
        if call.line != read.line or facts.last_name(call.callee) not in _READERS or not call.arguments:
            continue
        if facts.constant(call.arguments[0]) not in read.names:
            continue
        if any(other.callee == "bool" and other.arguments[:1] == (index,) for other in body.calls):
            return _Switch(through_bool=True)
        for part in body.statements:
            if part.kind == "assign" and part.value == index and isinstance(read.default, bool):
                names = [target for target in part.target if isinstance(target, str)]
                if names and not any(_is_compared(project, name) for name in names):
                    return _Switch(through_bool=False)
    return None


def _is_compared(project: Project, target: str) -> bool:
    """Whether production code looks at the text itself: compares it, tidies it, hands it to what reads it."""
    name = target.rpartition(".")[2]
    return any(_looks_at(scope, name) for scope in mentioning(project.production(), words(name)))


def _looks_at(scope: Scope, name: str) -> bool:
    for call in scope.body.calls:
        callee = call.callee if isinstance(call.callee, str) else ""
        given = (*call.arguments, *(value for _, value in call.keywords))
        parts = (part for each in given for part in facts.walk(each))
        if any(_ends(part, name) for part in parts) or f"{name}." in f"{callee}.".replace(".get.", "."):
            return True
    expressions = [part.value for part in scope.body.statements]
    expressions += [block.detail for block in scope.body.blocks]
    return any(
        isinstance(part, tuple)
        and part
        and part[0] == facts.COMPARE
        and any(_ends(each, name) for each in part[2])
        for expression in expressions
        for part in facts.walk(expression)
    )


def _is_only_told(read: VariableRead) -> bool:
    """Whether its line hands it to a log or prints it, and does nothing else by it."""
    parts = [part for part in read.scope.body.statements if part.line <= read.line <= part.end_line]
    return any(
        _TELLS.search(facts.spell(call.callee, read.scope.body.calls))
        for call in read.scope.body.calls
        if call.line <= read.line
        if any(part.kind == "expression" and part.line == call.line for part in parts)
    )


def _ends(part: Expression, name: str) -> bool:
    return isinstance(part, str) and part.rpartition(".")[2] == name


def _is_asked(project: Project, read: VariableRead) -> bool:
    """Whether something goes by the constant that holds it: other lines of the project, or a library by its usual name."""
    statements = (
        part for part in read.scope.body.statements if part.line == read.line and part.kind == "assign"
    )
    names = {target for part in statements for target in part.target if isinstance(target, str)}
    if (
        read.scope.kind != "module"
        or not names
        or any(
            _OF_LIBRARIES.match(name) and _is_library_there(project, read.scope.path, name) for name in names
        )
    ):
        return True
    spelled = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    text = project.inventory.read_text(read.scope.path).splitlines()
    own = any(spelled.search(line) for number, line in enumerate(text, start=1) if number != read.line)
    others = (module for module in project.modules.values() if module is not read.scope.module)
    return own or any(name.encode() in module.packed_bodies for module in others for name in names)


def _is_library_there(project: Project, path: str, setting: str) -> bool:
    """Whether an extension that reads it is asked for, or imported; true where nobody can tell."""
    readers = next((found for start, found in _OF_EXTENSIONS.items() if setting.startswith(start)), None)
    manifest = project.manifest.near(path)
    if readers is None or not manifest.has_any or readers & manifest.declared:
        return True
    heads = {name.replace("-", "_") for name in readers}
    return any(
        part.module.partition(".")[0] in heads
        for module in project.modules.values()
        for part in module.imports
    )


def _said_no(declarations: list[Declaration]) -> Declaration | None:
    """The first file of the project that means to turn it off."""
    return next((part for part in declarations if (part.value or "").strip("\"'").lower() in _NO), None)


def _sighting(project: Project, read: VariableRead, switch: _Switch, said_no: Declaration | None) -> Sighting:
    place = place_of(project, read)
    how = "`bool` of its text is true" if switch.through_bool else "it holds a text, which is true"
    word = (said_no.value or "").strip("\"'") if said_no is not None else "False"
    told = f", and {said_no.path} sets it so" if said_no is not None else ""
    grave = _GRAVE.search(read.name) is not None
    return Sighting(
        place=place,
        message=f"`{read.name}={word}` turns `{read.name}` on: {how}{told}",
        severity=Severity.HIGH if grave else Severity.MEDIUM,
        confidence=_confidence(read, switch, said_no),
        sites=(Place(path=said_no.path, line=said_no.line),) if said_no is not None else (),
        subject=read.name,
    )


def _confidence(read: VariableRead, switch: _Switch, said_no: Declaration | None) -> Confidence:
    """Whoever wants it off by leaving it out is served; files that say no, and defaults of yes, show another wish."""
    if "TEST" in read.name.upper() and not _DEBUG.search(read.name):
        return Confidence.POSSIBLE  # nothing in production goes by it
    if said_no is not None:
        return Confidence.DEFINITE
    has_default = read.default is not None and (switch.through_bool or read.default is True)
    matters = _DEBUG.search(read.name) or (read.default is not None and _GRAVE.search(read.name))
    return Confidence.PROBABLE if has_default or matters else Confidence.POSSIBLE


MODE = FailureMode(
    code="CFG008",
    name="switch-always-on",
    family=Family.CONFIG,
    summary="a switch read from the environment that is on for every text, `False` and `0` among them",
    consequence="whoever turns it off by `False` or `0` turns it on, and nothing says so",
    remedy='compare the text with the words for yes: `os.environ.get("X", "").lower() in {"1", "true", "yes"}`',
    source="Python documentation, Truth Value Testing: every text but the empty one is true",
    detector=detect_switches_always_on,
    needs_deployment=True,
)
