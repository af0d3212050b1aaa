"""Is there an end to the values that a key can have?"""

import re
from collections.abc import Iterator
from enum import IntEnum

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

# Each request, connection or piece of work brings its own; so does whoever writes a text.
_FRESH = re.compile(
    r"(?:^|_)(?:request_?id|session_?id|sid|task_?id|job_?id|message_?id|msg_?id|run_?id|trace_?id|event_?id|"
    r"conversation_?id|thread_?id|chat_?id|connection_?id|order_?id|upload_?id|token|nonce|jti|"
    r"websocket|timestamp|ip|remote_addr|text|prompt|query|question|digest|fingerprint)$"
)
# There are as many as there are users, rows or files. A path, a key, a session may be one of a few.
_MANY = re.compile(
    r"(?:^|_)(?:id|client_?id|uid|uuid|user|username|user_name|phone|email|filename|file_name|url)$"
)
_FEW = re.compile(
    r"(?:^|_)(?:cls|type|kind|klass|class|model|model_name|provider|lang|language|locale|env|method|status|level|field|"
    r"setting|option|plugin|tool|engine|backend|schema|func|function|fn|handler|callback|table|column|format|ext|"
    r"extension|mode|role|region|currency|dialect|module|index|i|loop|event_loop|template|template(?:_\w+)?_name|config|base_url|proxy_url|cert|api_base|endpoint|"
    r"(?:device|gpu|worker|process|loop|model|shard|node|partition|plugin|tool|provider)_?id)$"
)
_OF_PROCESS = re.compile(r"(?:^|_)(?:bind|app|application|pool|metadata|registry|session_?factory)$")
"""What lives as long as the process: to be told apart by `id` alone."""
_FRESH_CALLS = frozenset({"uuid1", "uuid4", "uuid7", "token_hex", "token_urlsafe", "token_bytes", "hexdigest", "digest",
                          "time", "monotonic", "perf_counter", "now", "utcnow", "id", "time_ns", "ulid"})  # fmt: skip
_DIGESTS = frozenset({"hexdigest", "digest"})
_SID = re.compile(r"(?:^|_)sid$", re.IGNORECASE)
_OF_SESSIONS = re.compile(r"socket|\bsio\b|session_?id|new_session|twilio", re.IGNORECASE)
_CHAT = re.compile(r"(?:^|_)chat_?id$", re.IGNORECASE)
_OF_MESSENGERS = re.compile(
    r"\b(?:vk_?api|vk_?bottle|vkontakte|telegram\w*|tele_?bot|aiogram|pyrogram|telethon|whatsapp)\b|api\.vk\.com",
    re.IGNORECASE,
)
_OF_THE_PROGRAM = re.compile(
    r"(?:^|[_.])(?:tables?|models?|class|columns?|schemas?|fields?|config|settings?)(?:[_.]|$)"
)
_FEW_CALLS = frozenset({"type", "get_ident", "getpid", "len", "current_process"})
_SAME = frozenset({"str", "int", "repr", "hash", "tuple", "frozenset", "lower", "upper", "strip", "encode", "decode",
                   "format", "md5", "sha1", "sha256", "UUID"})  # fmt: skip
_DEEPEST = 6


class Domain(IntEnum):
    """How many different values there may be."""

    ONE = 0
    FEW = 1
    UNKNOWN = 2
    MANY = 3
    """One for each user or row: an end, far away."""
    ENDLESS = 4
    """New ones with each request."""


def domain(project: Project, scope: Scope, key: Expression, depth: int = 0) -> Domain:
    """The domain of an expression that stands in the body of a scope."""
    if depth > _DEEPEST or key is None:
        return Domain.UNKNOWN
    if isinstance(key, str):
        return _named(project, scope, key, depth)
    if isinstance(key, int):
        return _called(project, scope, key, depth)
    tag = key[0]
    if tag == facts.CONSTANT:
        return Domain.ONE
    if tag in (facts.AWAIT, facts.STAR):
        return domain(project, scope, key[1], depth + 1)
    if tag == facts.ATTRIBUTE:
        return _said(project, scope, key[2])
    if tag == facts.ITEM:
        return _of_item(project, scope, key)
    if tag in (facts.SEQUENCE, facts.TEXT, facts.OPERATION, facts.EITHER):
        parts = key[1] if tag == facts.TEXT else key[2]
        return max((domain(project, scope, part, depth + 1) for part in parts), default=Domain.ONE)
    if tag == facts.MAPPING:
        return max((domain(project, scope, part, depth + 1) for part in key[1]), default=Domain.ONE)
    return Domain.UNKNOWN


def _of_item(project: Project, scope: Scope, item: Expression) -> Domain:
    """`job["id"]` as `job_id`."""
    word = facts.constant(item[2])
    if not isinstance(word, str):
        return Domain.UNKNOWN
    named = f"{item[1]}_{word}" if isinstance(item[1], str) and "." not in item[1] else word
    return _said(project, scope, named)


def _named(project: Project, scope: Scope, name: str, depth: int) -> Domain:
    """A name tells by where it comes from, then by its annotation, then by its word."""
    current: Scope | None = scope
    while current is not None and current.kind != "module":
        bound = project.inference.bindings(current).get(name, ())
        if len(bound) == 1 and bound[0].how == "value" and not isinstance(bound[0].source, str):
            found = domain(project, current, bound[0].source, depth + 1)
            return found if found is not Domain.UNKNOWN else _said(project, current, name)
        if len(bound) == 1 and bound[0].how == "element" and _is_literal(bound[0].source):
            return Domain.FEW
        if bound and bound[0].how == "parameter":
            return _declared(project, current, bound[0].source, depth)
        if bound:
            break
        current = current.parent
    if current is not None and current.kind == "module" and "." not in name:
        return Domain.FEW  # a constant of the module
    if _is_enum(project, scope, name):
        return Domain.FEW
    return _said(project, scope, "_".join(name.rsplit(".", 2)[-2:]))


def _said(project: Project, scope: Scope, name: str) -> Domain:
    """`sid` is a session where the file speaks of one, else the short form of some row's id; chats of a messenger come again."""
    if _SID.search(name) and not _OF_SESSIONS.search(project.inventory.read_text(scope.path)):
        return Domain.MANY
    if _CHAT.search(name) and _OF_MESSENGERS.search(project.inventory.read_text(scope.path)):
        return Domain.MANY
    return _worded(name)


def _declared(project: Project, scope: Scope, parameter: facts.Parameter, depth: int) -> Domain:
    given = _given(project, scope, parameter, depth)
    if given is not None:
        return given
    annotation = parameter.annotation
    words = {part.rsplit(".", 1)[-1] for part in facts.walk(annotation) if isinstance(part, str)}
    if words & {"bool", "type", "Type", "Callable", "Literal", "Enum", "StrEnum"}:
        return Domain.FEW
    if any(_is_enum(project, scope, word) for word in words):
        return Domain.FEW
    if words & {"WebSocket", "Request", "UUID"}:
        return Domain.ENDLESS
    return _said(project, scope, parameter.name)


def _given(project: Project, scope: Scope, parameter: facts.Parameter, depth: int) -> Domain | None:
    """What the callers pass, where that is all they do; None where nobody can tell."""
    names = [part.name for part in scope.parameters]
    at = names.index(parameter.name) - (1 if scope.owner is not None else 0)
    found = []
    for edge in project.graph.callers(scope):
        if edge.caller.module.kind is not FileKind.PRODUCTION:
            continue
        if edge.call < 0 or edge.how not in ("call", "construct"):
            return None
        call = edge.caller.body.calls[edge.call]
        value = call.keyword(parameter.name)
        if value is None and 0 <= at < len(call.arguments):
            value = call.arguments[at]
        if value is None and parameter.default is not None:
            value = (facts.CONSTANT, None)
        found.append(domain(project, edge.caller, value, depth + 1))
    widest = max(found, default=Domain.UNKNOWN)
    return None if widest is Domain.UNKNOWN or Domain.UNKNOWN in found else widest


def _is_enum(project: Project, scope: Scope, name: str) -> bool:
    """A member of an enumeration, or its class."""
    for text in (name, name.rpartition(".")[0]):
        for value in project.inference.name(scope, text) if text else ():
            if value.kind in ("class", "instance"):
                libraries = project.inference.classes.line(value.ref)[1]
                if any(
                    base.rsplit(".", 1)[-1] in ("Enum", "StrEnum", "IntEnum", "Flag") for base in libraries
                ):
                    return True
    return False


def _is_literal(source: Expression) -> bool:
    return isinstance(source, tuple) and source[0] in (facts.SEQUENCE, facts.MAPPING)


def _called(project: Project, scope: Scope, index: int, depth: int) -> Domain:
    call = scope.body.calls[index]
    if isinstance(call.callee, tuple) and call.callee[0] == facts.ATTRIBUTE:
        last, base = call.callee[2], call.callee[1]
    elif isinstance(call.callee, str):
        base, _, last = call.callee.rpartition(".")
    else:
        return Domain.UNKNOWN
    if last in _DIGESTS:
        return _digested(project, scope, base, depth)
    if last == "id" and not base and all(_is_of_process(scope, part) for part in call.arguments):
        return Domain.FEW
    if last in _FRESH_CALLS:
        return Domain.ENDLESS
    if last in _FEW_CALLS:
        return Domain.FEW
    if last in _SAME:
        given = call.arguments or ((base,) if base else ())
        return max((domain(project, scope, part, depth + 1) for part in given), default=Domain.UNKNOWN)
    if last == "get" and call.arguments and isinstance(facts.constant(call.arguments[0]), str):
        return _worded(facts.constant(call.arguments[0]))
    return Domain.FEW if _worded(last.removeprefix("get_")) is Domain.FEW else Domain.UNKNOWN


def _is_of_process(scope: Scope, named: Expression) -> bool:
    """`id(loop)`, `id(asyncio.get_running_loop())`: what there are a few of for as long as the process lives."""
    if type(named) is int:
        named = facts.last_name(scope.body.calls[named].callee)
    if not isinstance(named, str):
        return False
    last = named.rpartition(".")[2]
    return _worded(last) is Domain.FEW or _OF_PROCESS.search(last) is not None


def _digested(project: Project, scope: Scope, hashed: Expression, depth: int) -> Domain:
    """`md5(f"{table}_{fields}").hexdigest()` has as many values as what goes in; who hashes hides much, as a rule."""
    if type(hashed) is not int:
        return Domain.ENDLESS
    given = scope.body.calls[hashed].arguments
    widest = max((domain(project, scope, part, depth + 1) for part in given), default=Domain.UNKNOWN)
    if widest is not Domain.UNKNOWN:
        return widest
    named = (name for part in given for name in _names_in(scope, part))
    return Domain.UNKNOWN if any(_OF_THE_PROGRAM.search(name) for name in named) else Domain.ENDLESS


def _names_in(scope: Scope, expression: Expression) -> Iterator[str]:
    """All names of an expression, those that its calls are given included."""
    for part in facts.walk(expression):
        if isinstance(part, str):
            yield part
        elif type(part) is int:
            call = scope.body.calls[part]
            for inner in (call.callee, *call.arguments):
                yield from _names_in(scope, inner)


def _worded(name: str) -> Domain:
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if _FRESH.search(word):
        return Domain.ENDLESS
    if _FEW.search(word):
        return Domain.FEW
    return Domain.MANY if _MANY.search(word) else Domain.UNKNOWN
