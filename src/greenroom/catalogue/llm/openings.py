"""How conversations with a model are opened: what stands in their first messages."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.detect.search import mentioning, words
from greenroom.project.calls.bindings import Binding
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project

_INSTRUCTS: Final = frozenset({"system", "developer"})
_ASKS: Final = frozenset({"user", "human"})
_KEYWORDS: Final = (
    "system",
    "instructions",
    "system_prompt",
    "system_message",
    "system_instruction",
    "preamble",
    "prompt_template",
)
_NAME: Final = re.compile(
    r"(?:\b[Yy]ou are|\b[Yy]ou're|\b[Yy]our name is)\s+(?:called |named )?[\"'“`*]*([A-Z][a-z]+[A-Za-z0-9]*(?:[ -][A-Z][A-Za-z0-9]+)?)\b"
    r"(?=[\"'”`*]*(?:[,.:;!]| an? | the |\s*$|\s+-|\s*\())"
)
"""`You are Hedwig, the assistant of …`: somebody, not something."""
_ROLES: Final = frozenset(
    {"Expert", "Assistant", "Programmer", "Claude", "Chat", "Player", "Dr", "Mr", "Mrs", "Ms", "Now", "Not", "Only", "Here", "English", "Python",
     "Senior", "Developer", "Engineer", "Analyst", "Agent", "Judge", "Translator", "Teacher", "Editor", "Researcher", "Critic", "Chief",
     "Human", "User", "Alice", "Bob", "Qwen", "Deepseek", "Gemini", "Llama", "Mistral", "Code", "Shell", "Data", "Today"}
)  # fmt: skip
_DEEPEST: Final = 3
_WORDS: Final = words(
    "system", "developer", "messages", "SystemMessage", "HumanMessage", "instructions", "preamble"
)


class Opening(NamedTuple):
    """The first messages of a conversation, as they are written in one place."""

    scope: Scope
    line: int
    persona: str
    """Whom the model is told to be; empty where it is told no name."""
    is_instructed: bool
    """Whether there is any system prompt."""
    is_sent: bool
    """Whether it stands where a request is made of it, with nothing added."""
    is_returned: bool
    """Whether the function gives it to others, who ask."""


def find_openings(project: Project) -> Iterator[Opening]:
    """Those of production code."""
    for scope in mentioning(project.production(), _WORDS):
        seen: set[int] = set()
        for line, whole in _placed(scope.body):
            for part in facts.walk(whole):
                if (
                    type(part) is tuple
                    and part[0] == facts.SEQUENCE
                    and part[1] == "list"
                    and id(part) not in seen
                ):
                    seen.add(id(part))
                    opening = _opening(project, scope, part, line)
                    if opening is not None:
                        yield opening


def _placed(body: Body) -> Iterator[tuple[int, Expression]]:
    """The expressions of a body with their lines."""
    for call in body.calls:
        for part in (*call.arguments, *(value for _, value in call.keywords)):
            yield call.line, part
    for statement in body.statements:
        if statement.value is not None:
            yield statement.line, statement.value


def _opening(project: Project, scope: Scope, listed: Expression, line: int) -> Opening | None:
    messages = [_message(scope.body, part) for part in listed[2]]
    known = [part for part in messages if part is not None]
    if not known or not any(role in _INSTRUCTS | _ASKS for role, _ in known):
        return None
    told = [content for role, content in known if role in _INSTRUCTS]
    told += _beside(scope.body, listed)
    asked = [content for role, content in known if role in _ASKS]
    named = next((name for part in (*told, *asked) if (name := persona(project, scope, part))), "")
    is_whole = len(known) == len(messages) and all(role in _ASKS for role, _ in known)
    name = _bound_to(scope.body, listed)
    return Opening(
        scope, line, named, is_instructed=bool(told),
        is_sent=is_whole and _is_sent(scope.body, listed, name), is_returned=_is_returned(scope.body, listed, name),
    )  # fmt: skip


def _message(body: Body, part: Expression) -> tuple[str, Expression] | None:
    """The role and the content of a message, in the notations of OpenAI and LangChain."""
    if type(part) is tuple and part[0] == facts.MAPPING:
        pairs = dict(zip(map(facts.constant, part[1]), part[2], strict=True))
        role = facts.constant(pairs.get("role"))
        return (role, pairs.get("content")) if isinstance(role, str) else None
    if type(part) is tuple and part[0] == facts.SEQUENCE and len(part[2]) == 2:
        role = facts.constant(part[2][0])
        return (role, part[2][1]) if role in _INSTRUCTS | _ASKS else None
    if type(part) is int:
        call = body.calls[part]
        last = facts.last_name(call.callee)
        content = call.arguments[0] if call.arguments else call.keyword("content")
        if last in ("SystemMessage", "SystemMessagePromptTemplate", "HumanMessage"):
            return ("system" if last.startswith("System") else "user", content)
    return None


def _beside(body: Body, listed: Expression) -> list[Expression]:
    """What the same request says outside of its messages: `system=` of Anthropic, `{"system": …}` of Ollama."""
    name = _bound_to(body, listed)
    found: list[Expression] = []
    for call in body.calls:
        if any(value is listed or (name and value == name) for _, value in call.keywords):
            found += [value for key, value in call.keywords if key in _KEYWORDS or key is None]
    for whole in expressions(body):
        for part in facts.walk(whole):
            if (
                type(part) is tuple
                and part[0] == facts.MAPPING
                and any(value is listed or (name and value == name) for value in part[2])
            ):
                found += [
                    value
                    for key, value in zip(part[1], part[2], strict=True)
                    if facts.constant(key) in _KEYWORDS
                ]
    return found


def _bound_to(body: Body, listed: Expression) -> str:
    """The name that it gets, where nothing else has it."""
    for part in body.statements:
        if part.kind in ("assign", "annotate") and part.value is listed:
            target = part.target[0] if part.kind == "assign" else part.target
            return target if isinstance(target, str) else ""
    return ""


def _is_sent(body: Body, listed: Expression, name: str) -> bool:
    """Whether it is the `messages` of something, and nobody puts anything in front."""
    if name and (
        _is_changed(body, name)
        or sum(name in (part.target or ()) for part in body.statements if part.kind == "assign") > 1
    ):
        return False
    if any(
        key == "messages" and (value is listed or (name and value == name))
        for call in body.calls
        for key, value in call.keywords
    ):
        return True
    return any(
        facts.constant(key) == "messages" and (value is listed or (name and value == name))
        for whole in expressions(body)
        for part in facts.walk(whole)
        if type(part) is tuple and part[0] == facts.MAPPING
        for key, value in zip(part[1], part[2], strict=True)
    )


def _is_changed(body: Body, name: str) -> bool:
    return any(
        call.callee in (f"{name}.insert", f"{name}.append", f"{name}.extend") for call in body.calls
    ) or any(part.kind == "augment" and part.target == name for part in body.statements)


def _is_returned(body: Body, listed: Expression, name: str) -> bool:
    return any(part.kind == "return" and part.value is not None and (part.value is listed or (name and part.value == name))
               for part in body.statements)  # fmt: skip


def persona(project: Project, scope: Scope, content: Expression, depth: int = 0) -> str:
    """The name that a prompt gives the model: of its text, or of the constants that it is made of."""
    if content is None or depth > _DEEPEST:
        return ""
    for part in facts.walk(content):
        text = facts.constant(part)
        if isinstance(text, str):
            found = next((name for name in _NAME.findall(text) if name.split()[0] not in _ROLES), "")
        elif type(part) is int:
            call = scope.body.calls[part]
            inner = (
                call.callee if type(call.callee) is tuple else None,
                *call.arguments,
                *(value for _, value in call.keywords),
            )
            found = next((name for each in inner if (name := persona(project, scope, each, depth + 1))), "")
            if not found and isinstance(call.callee, str) and "." in call.callee:
                found = persona(project, scope, call.callee.rpartition(".")[0], depth + 1)
        elif type(part) is str:
            found = _of_name(project, scope, part, depth)
        else:
            found = ""
        if found:
            return found
    return ""


def _of_name(project: Project, scope: Scope, name: str, depth: int) -> str:
    """Of a local name, or of a constant of this or another module."""
    bound = project.inference.bindings(scope).get(name, []) if "." not in name else []
    for part in bound:
        if part.how == "value" and not isinstance(part.source, str):
            found = persona(project, scope, part.source, depth + 1)
            if found:
                return found
    if bound and scope is not scope.module.top and not any(part.how == "import" for part in bound):
        return ""
    return next((found for module, binding in _constants(project, scope.module, name)
                 if (found := persona(project, module.top, binding.source, depth + 1))), "")  # fmt: skip


def _constants(project: Project, module: Module, name: str) -> Iterator[tuple[Module, Binding]]:
    head, _, rest = name.partition(".")
    for definition in project.symbols.define(module, head):
        where = definition.module
        if where is None:
            continue
        if definition.kind == "module" and rest and "." not in rest:
            yield from _constants(project, where, rest)
        elif definition.kind == "variable" and not rest:
            bound = project.inference.bindings(where.top).get(definition.symbol, ())
            yield from ((where, part) for part in bound if part.how == "value")
