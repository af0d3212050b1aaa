"""A handler that reads the Pydantic model of its body as if it were a dictionary."""

from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import ITEM, Expression, last_name
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope
from greenroom.project.contract.model_fields import ModelFields
from greenroom.project.project import Project
from greenroom.project.web.authentication import handler_of


def detect_indexed_bodies(project: Project) -> Iterator[Sighting]:
    """Every handler of FastAPI that asks for `body["name"]`, where a model without `__getitem__` is what it is given."""
    models = ModelFields(project.inference)
    seen: set[Scope] = set()
    for route in project.routes:
        handler = (
            handler_of(project.modules, route) if route.framework == "asgi" and route.application else None
        )
        if handler is None or handler.kind != "function" or handler in seen:
            continue
        seen.add(handler)
        for parameter in handler.parameters:
            model = models.plain(handler, parameter)
            found = _indexed(handler, parameter.name) if model is not None else None
            if model is not None and found is not None and not _can_be_indexed(project, model):
                yield _sighting(route, model, *found)


def _can_be_indexed(project: Project, model: Scope) -> bool:
    line = project.inference.classes.line(model)[0]
    return any(child.name in ("__getitem__", "__getattr__") for cls in line for child in cls.children)


def _indexed(handler: Scope, name: str) -> tuple[int, str] | None:
    """The line and the key of the first `name["key"]`; None where the name may hold something else by then."""
    body = handler.body
    for statement in body.statements:
        if statement.kind in ("assign", "annotate", "augment") and name in _targets(statement.target):
            return None
    if any(last_name(call.callee) == "isinstance" and name in call.arguments for call in body.calls):
        return None
    read: list[tuple[int, Expression]] = [(part.line, part.value) for part in body.statements]
    read += [(block.line, block.detail) for block in body.blocks if block.kind == "if"]
    read += [(call.line, part) for call in body.calls for part in call.arguments]
    for line, expression in sorted(read, key=lambda each: each[0]):
        for part in deep(body, expression):
            if isinstance(part, tuple) and part[0] == ITEM and part[1] == name:
                key = facts.constant(part[2])
                if isinstance(key, str):
                    return line, key
    return None


def _targets(target: Expression) -> list[Expression]:
    parts = target if isinstance(target, tuple) else (target,)
    return [inner for part in parts for inner in facts.walk(part)]


def _sighting(route: Route, model: Scope, line: int, key: str) -> Sighting:
    return Sighting(
        place=Place(path=route.file, line=line, symbol=route.symbol),
        message=f'`{route.method} {route.path}` reads `"{key}"` of its body as of a dictionary, but is given `{model.name}`, a '
        "Pydantic model that cannot be indexed: each such request ends in a TypeError",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        consequence="the route answers 500 to everybody",
        sites=(Place(path=model.path, line=model.line, symbol=model.qualname),),
        subject=f"{route.method} {route.path}",
        cause=f"{route.file}:{route.symbol}",
        reach=Reach.ROUTE,
    )
