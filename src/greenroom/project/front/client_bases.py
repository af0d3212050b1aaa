"""Where a program sets the base of a client after it is made: `axios.defaults.baseURL = …`, in an interceptor."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from greenroom.project.front import facts
from greenroom.project.front.evaluation import Evaluation
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.thing import Context, Thing

_DEFAULT: Final = ".defaults.baseURL"
_INTERCEPTS: Final = ".interceptors.request.use"
_Client = tuple[str, str, int]
"""Of a library's own client, the program and the library's name; of one that is made, file and call."""


class ClientBases:
    """Of all product code."""

    def __init__(self, files: Mapping[str, FrontFile], evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._defaults: dict[_Client, list[str]] = defaultdict(list)
        self._perhaps: dict[_Client, list[str]] = defaultdict(list)
        for file in files.values():
            if file.kind is FrontKind.PRODUCTION:
                self._read(file)

    def given(self, path: str, client: Thing, own: list[str]) -> list[str]:
        """The bases of a client, of which its maker said `own`, for a call in a file."""
        key = _key(path, client)
        if key is None:
            return own
        bases = own + self._defaults.get(key, [])
        if key in self._perhaps:
            bases = (bases or [""]) + self._perhaps[key]
        return list(dict.fromkeys(bases))

    def _read(self, file: FrontFile) -> None:
        for binding in file.bindings:
            if binding.name.endswith(_DEFAULT):
                context = Context(file, binding.function)
                texts = self._evaluation.texts(context, binding.value)
                for client in self._clients(context, binding.name.removesuffix(_DEFAULT)):
                    self._defaults[client] += texts
        for call in file.calls:
            if isinstance(call.callee, str) and call.callee.endswith(_INTERCEPTS) and call.arguments:
                context = Context(file, call.function)
                texts = list(self._intercepted(context, call.arguments[0]))
                for client in self._clients(context, call.callee.removesuffix(_INTERCEPTS)) if texts else ():
                    self._perhaps[client] += texts

    def _clients(self, context: Context, name: str) -> Iterator[_Client]:
        for thing in self._evaluation.evaluate(context, name):
            if (key := _key(context.file.path, thing)) is not None:
                yield key

    def _intercepted(self, context: Context, interceptor: facts.Expression) -> Iterator[str]:
        """What `(config) => { config.baseURL = … }` puts there."""
        for thing in self._evaluation.evaluate(context, interceptor):
            if thing.kind != "function":
                continue
            file, index = thing.ref[0].file, thing.ref[1]
            parameter = next((part.name for part in file.functions[index].parameters), "")
            for binding in file.bindings:
                if binding.function == index and parameter and binding.name == f"{parameter}.baseURL":
                    yield from self._evaluation.texts(Context(file, index), binding.value)


def _key(path: str, client: Thing) -> _Client | None:
    if client.kind == "library":
        folder, source, _ = f"/{path}".partition("/src/")
        return folder if source else folder.rpartition("/")[0], client.ref, -1
    if client.kind == "made":
        return client.ref[0].file.path, "", client.ref[1]
    return None
