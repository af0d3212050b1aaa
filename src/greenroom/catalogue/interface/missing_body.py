"""A request without a body to a handler that requires one."""

from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.contract.join import Answer
from greenroom.project.contract.model_fields import ModelFields

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def missing_bodies(models: ModelFields, answer: Answer, handler: Scope) -> Iterator[Sighting]:
    """`client.put("/users/1")`, where the handler takes a model that has no default."""
    call, route = answer.call, answer.routes[0]
    if not call.is_bare or call.method not in _WITH_BODY or call.method != route.method:
        return
    for parameter in handler.parameters:
        model = models.plain(handler, parameter) if isinstance(parameter.annotation, str) else None
        if model is not None and parameter.default is None:
            yield Sighting(
                place=Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column),
                message=f"`{call.method} {route.path}` is asked for without a body, which its handler requires: "
                f"`{parameter.name}`, of `{model.name}`",
                severity=Severity.HIGH,
                confidence=Confidence.PROBABLE,
                consequence="the server answers 422, and nothing is done",
                sites=(Place(path=handler.path, line=handler.line, symbol=handler.qualname),),
                subject=f"`{call.method} {route.path}`",
                cause=f"{call.path}:{call.symbol}:{route.path}",
                reach=Reach.ROUTE,
            )
