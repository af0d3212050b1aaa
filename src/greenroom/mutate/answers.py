"""What handlers answer: the dictionaries that become JSON."""

import ast
from collections.abc import Iterator

from greenroom.mutate import blocks
from greenroom.mutate.endpoints import handlers, route_decorators
from greenroom.mutate.expressions import keyword, last_name
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_JSON = frozenset({"JSONResponse", "ORJSONResponse", "UJSONResponse", "jsonify", "JsonResponse", "json_response", "make_response",
                   "dumps", "CustomJSONResponse", "OrjsonResponse"})  # fmt: skip
_BODIES = ("content", "data", "text", "body")
_FREE = frozenset({"dict", "Dict", "Any", "Response", "JSONResponse", "Mapping", "object", "StreamingResponse",
                   "ResponseReturnValue", "FlaskResponse", "HttpResponse", "JsonResponse", "TypedDict"})  # fmt: skip


def answered_dictionaries(source: Source) -> Iterator[ast.Dict]:
    """The literals that reach a client as they are: returned by a handler, and no model filters them."""
    for function in handlers(source):
        filtered = _is_filtered(function)
        for node in blocks.own(function.body):
            if isinstance(node, ast.Return) and node.value is not None:
                if filtered and not isinstance(node.value, ast.Call):
                    continue
                yield from _dictionaries(source, function, node.value)


def _is_filtered(function: Function) -> bool:
    """Whether FastAPI puts what is returned through a model, which drops what it does not know."""
    for decorator in route_decorators(function):
        model = keyword(decorator, "response_model")
        if model is not None and not (isinstance(model.value, ast.Constant) and model.value.value is None):
            return True
    returns = function.returns
    if returns is None or isinstance(returns, ast.Constant):
        return isinstance(returns, ast.Constant) and isinstance(returns.value, str)
    words = {last_name(node) for node in ast.walk(returns) if isinstance(node, ast.Name | ast.Attribute)}
    return not words & _FREE


def _dictionaries(source: Source, function: Function, value: ast.expr) -> Iterator[ast.Dict]:
    match value:
        case ast.Dict():
            yield value
            for each in value.values:
                yield from _dictionaries(source, function, each)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for each in parts:
                yield from _dictionaries(source, function, each)
        case ast.ListComp(elt=part):
            yield from _dictionaries(source, function, part)
        case ast.Call() if _is_json(source, value):
            named = [each.value for each in value.keywords if each.arg in _BODIES]
            for each in (*value.args[:1], *named):
                yield from _dictionaries(source, function, each)
        case ast.Name(id=name):
            yield from _assigned(source, function, name)


def _assigned(source: Source, function: Function, name: str) -> Iterator[ast.Dict]:
    """What a variable holds that is set once, and from whose keys the function itself reads nothing."""
    values = [
        node.value
        for node in blocks.own(function.body)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(isinstance(target, ast.Name) and target.id == name for target in _targets(node))
    ]
    if len(values) == 1 and isinstance(values[0], ast.Dict) and not _is_read(function, name):
        yield from _dictionaries(source, function, values[0])


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _is_read(function: Function, name: str) -> bool:
    """Whether the function reads from the dictionary by its keys: a renamed key would break the function itself."""
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in blocks.own(function.body)
    )


def _is_json(source: Source, call: ast.Call) -> bool:
    name = last_name(call.func)
    if name == "Response":
        return source.names.of(call.func).startswith("rest_framework")
    return name in _JSON
