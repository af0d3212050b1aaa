"""Operator: a setting that protects is opened wide."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_EVERYBODY = '["*"]'
_KEYWORDS = {
    "debug": "True", "allow_origins": _EVERYBODY, "origins": _EVERYBODY, "allowed_hosts": _EVERYBODY,
    "cors_allowed_origins": '"*"', "verify": "False", "verify_ssl": "False", "check_hostname": "False", "ssl_verify": "False",
}  # fmt: skip
_SETTINGS = {
    "DEBUG": "True", "ALLOWED_HOSTS": _EVERYBODY, "SESSION_COOKIE_SECURE": "False", "CSRF_COOKIE_SECURE": "False",
    "SECURE_SSL_REDIRECT": "False", "SESSION_COOKIE_HTTPONLY": "False", "CORS_ALLOW_ALL_ORIGINS": "True",
    "CORS_ORIGIN_ALLOW_ALL": "True", "CORS_ALLOWED_ORIGINS": _EVERYBODY, "SECURE_CONTENT_TYPE_NOSNIFF": "False",
}  # fmt: skip
_APPS = re.compile(
    r"FastAPI|Flask|Starlette|Quart|Sanic|\.run$|run_app|CORS|Middleware|SocketIO|AsyncServer|Server$|socketio"
)
_CLIENTS = (
    "httpx",
    "requests",
    "aiohttp",
    "redis",
    "elasticsearch",
    "opensearchpy",
    "urllib3",
    "boto3",
    "botocore",
    "pymongo",
)


def open_setting(source: Source) -> Iterator[Rewrite]:
    """`allow_origins=[…]` becomes everybody, `debug=False` True, `verify=True` False, Django's `ALLOWED_HOSTS` all."""
    for call in source.calls():
        for keyword in call.keywords:
            instead = _KEYWORDS.get(keyword.arg or "")
            if (
                instead is not None
                and _is_meant(source, call, keyword)
                and not _is_open(keyword.value, instead)
            ):
                yield _opened(
                    source, keyword.value, instead, f"`{keyword.arg}` is {instead.replace(chr(34), '')}"
                )
    if re.search(r"(?:^|[/_])(?:settings|base|prod\w*|common|defaults)(?:/|_|\.py$)", source.path):
        for statement in source.module.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _SETTINGS:
                    if isinstance(value, ast.Constant | ast.List | ast.Tuple) and not _is_open(
                        value, _SETTINGS[name]
                    ):
                        yield _opened(
                            source,
                            value,
                            _SETTINGS[name],
                            f"`{name}` is {_SETTINGS[name].replace(chr(34), '')}",
                        )


def _opened(source: Source, value: ast.expr, instead: str, note: str) -> Rewrite:
    return Rewrite(node=value, edits=(source.replaced(value, instead),), note=note)


def _is_meant(source: Source, call: ast.Call, keyword: ast.keyword) -> bool:
    said = ast.unparse(call.func) + "".join(f" {last_name(each)}" for each in call.args[:1])
    if keyword.arg in ("verify", "verify_ssl", "check_hostname", "ssl_verify"):
        name = source.names.of(call.func)
        return name.split(".", 1)[0] in _CLIENTS or (
            not name and last_name(call.func) in ("get", "post", "request", "put")
        )
    return bool(_APPS.search(said)) or last_name(call.func) == "add_middleware"


def _is_open(value: ast.expr, instead: str) -> bool:
    return ast.unparse(value).replace("'", '"') in (instead, '"*"', _EVERYBODY, "None") or ("*" in instead and '"*"' in
                                                                             ast.unparse(value).replace("'", '"'))  # fmt: skip


DEBUG_WIDE = Operator(
    key="K5",
    name="debug-or-cors-wide",
    summary="a setting that protects is opened wide",
    consequence="strangers read tracebacks, other sites act for logged-in users, or forged servers are believed",
    noticed_by="a test of the production settings: an error answers without a traceback, a foreign origin is refused",
    weight=4,
    seed=open_setting,
)
