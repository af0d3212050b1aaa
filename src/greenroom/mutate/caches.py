"""What a file keeps for later: caches by library or name, and containers that outlive a call."""

import ast
import re

from greenroom.mutate.expressions import last_name
from greenroom.mutate.source import Source

_NAMED = re.compile(
    r"cache(?!_?(?:control|header|dir|path|file|key|name|folder|size|ttl))|memo(?:ized?)?$|(?:^|_)lru(?:_|$)",
    re.IGNORECASE,
)
_LIBRARIES = frozenset({"cachetools", "aiocache", "flask_caching", "diskcache", "cashews", "pymemcache", "fastapi_cache", "redis",
                        "valkey", "dogpile", "async_lru"})  # fmt: skip
_STORES = re.compile(r"redis|valkey|memcached?|(?:^|_)rdb$", re.IGNORECASE)
_EMPTY = frozenset(
    {"dict", "set", "defaultdict", "OrderedDict", "WeakValueDictionary", "WeakKeyDictionary", "WeakSet"}
)


def is_cache(source: Source, owner: ast.expr) -> bool:
    """Whether something is kept there that could be asked for again."""
    if _NAMED.search(last_name(owner)) or _STORES.search(last_name(owner)):
        return True
    name = source.names.of(owner)
    return name.split(".", 1)[0] in _LIBRARIES or name.startswith(("django.core.cache", "django_redis"))


def is_store(source: Source, owner: ast.expr) -> bool:
    """Whether it is a Redis or its like, or a pipeline to one."""
    name = last_name(owner)
    return (
        bool(_STORES.search(name))
        or name in ("pipe", "pipeline")
        or source.names.of(owner).startswith(("redis.", "valkey."))
    )


def is_kept(source: Source, owner: ast.expr) -> bool:
    """A dict or a set of the module or of an object, empty at first: it outlives the call that fills it."""
    match owner:
        case ast.Name():
            if source.function(owner) is not None and owner.id in _local(source, owner):
                return False
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            pass
        case _:
            return False
    made = source.names.origin(owner)
    match made:
        case ast.Dict(keys=[]):
            return True
        case ast.Call() | ast.Subscript() | ast.Name() | ast.Attribute():
            return last_name(made) in _EMPTY
    return False


def _local(source: Source, owner: ast.Name) -> set[str]:
    """The names that the function around binds, and not for the whole module."""
    function = source.function(owner)
    if function is None:
        return set()
    declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    arguments = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return (stored | arguments) - declared
