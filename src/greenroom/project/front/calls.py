"""The requests of the front end, each from where its address is written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from greenroom.project.front import facts
from greenroom.project.front.address import parameters_in, parse, unknown_parameters
from greenroom.project.front.clients import QUERIES, VERBS, Asked, Clients
from greenroom.project.front.evaluation import Evaluation
from greenroom.project.front.facts import Call, Import
from greenroom.project.front.front_call import FrontCall
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.thing import HOLE, Context, Thing, Things

_NAMES = frozenset(
    {*VERBS, *QUERIES, *(verb.upper() for verb in VERBS), *(verb.capitalize() for verb in VERBS), "fetch", "$fetch", "ofetch", "useFetch", "useLazyFetch", "axios", "ajax", "request",
     "raw", "open", "sendBeacon", "fetchEventSource", "WebSocket", "EventSource", "ReconnectingWebSocket", "useWebSocket",
     "useEventSource", "EventSourcePolyfill", "useSWR", "useSWRImmutable", "useSWRMutation", "useSWRInfinite", "useSWRV", "ky", "got",
     "useAxios", "useMutation", "useSuspenseQuery", "useInfiniteQuery", "queryOptions", "useQuery"}
)  # fmt: skip
_DEEPEST = 5
_MOST_SITES = 600
_MOST_OF_ONE = 1_500
"""What one line of code may ask for through all of its callers."""

_Function = tuple[str, int]


class _Site(NamedTuple):
    """A call of a function of the project."""

    file: FrontFile
    call: Call


class _Step(NamedTuple):
    """A function of the project, and the call that runs it."""

    function: _Function
    site: _Site


class CallReader:
    """Finds requests, and follows their addresses to those who hand them over."""

    def __init__(self, files: Mapping[str, FrontFile], evaluation: Evaluation) -> None:
        self._files = files
        self._evaluation = evaluation
        self._clients = Clients(files, evaluation)
        self._by_word: dict[str, list[FrontFile]] = defaultdict(list)
        self._callers: dict[_Function, list[_Site]] = {}
        self._plain: dict[tuple[str, str], bool] = {}

    def read(self, kinds: Iterable[FrontKind], role: str) -> list[FrontCall]:
        """The requests in files of these kinds."""
        wanted = set(kinds)
        files = [file for file in self._files.values() if file.kind in wanted]
        for file in files:
            for word in file.words:
                self._by_word[word].append(file)
        found: list[FrontCall] = []
        for file in files:
            used = self._used_of(file, files)
            for sink in self._sinks(file):
                if used is None or sink.file.name_at(sink.call.function).rpartition(".")[2] in used:
                    found.extend(self._calls_of(sink, role))
        known = {(call.path, call.line) for call in found if call.known}
        found = [call for call in found if call.known or (call.path, call.line) not in known]
        return sorted(
            set(found), key=lambda call: (call.path, call.line, call.column, call.method, call.addresses)
        )

    @staticmethod
    def _used_of(file: FrontFile, files: list[FrontFile]) -> set[str] | None:
        """What is called of a generated client; None for what people wrote."""
        if file.kind is not FrontKind.GENERATED:
            return None
        return {word for other in files if other.kind is not FrontKind.GENERATED for word in other.words}

    def _sinks(self, file: FrontFile) -> Iterator[_Site]:
        for call in file.calls:
            name = facts.last_name(call.callee)
            if (
                name in _NAMES
                or _is_configured(call)
                or (call.callee == name and self._is_client(file, call))
            ):
                yield _Site(file, call)

    def _is_client(self, file: FrontFile, call: Call) -> bool:
        """Whether a plain name is an instance of a client: `const http = axios.create(); http("/users")`."""
        name = str(call.callee)
        key = (file.path, name)
        if key not in self._plain:
            bound = (
                name in self._evaluation.lookup.names(file).imports
                or (0, name) in self._evaluation.lookup.names(file).bindings
            )
            things = self._evaluation.evaluate(Context(file), name) if bound else ()
            self._plain[key] = any(thing.kind in ("made", "library") for thing in things)
        return self._plain[key]

    # one request through all who hand over its address

    def _calls_of(self, sink: _Site, role: str) -> Iterator[FrontCall]:
        left = _MOST_OF_ONE
        waiting: list[tuple[_Step, ...]] = [()]
        while waiting and left > 0:
            chain = waiting.pop()
            left -= 1
            context = self._context(sink, chain)
            asked = self._clients.asked(context, sink.call) if context is not None else None
            if asked is None:
                continue
            further = self._further(asked, chain)
            waiting.extend(further)
            if further:
                continue
            call = self._written(sink, chain, asked, role)
            if call is not None:
                yield call

    def _further(self, asked: Asked, chain: tuple[_Step, ...]) -> list[tuple[_Step, ...]]:
        """The chains with those who call the function that does not know the address."""
        if len(chain) >= _DEEPEST:
            return []
        known = {step.function for step in chain}
        for function in _missing(asked):
            sites = self._callers_of(function) if function not in known else []
            if sites:
                return [(*chain, _Step(function, site)) for site in sites]
        return []

    def _context(self, sink: _Site, chain: tuple[_Step, ...]) -> Context | None:
        """The run of the code around the sink when it is reached by this chain, which is told innermost first."""
        frame: dict[tuple[str, int, str], Things] = {}
        for step in reversed(chain):
            context = Context(step.site.file, step.site.call.function, tuple(frame.items()))
            function = self._function(context, step)
            if function is None:
                return None
            frame = dict(self._evaluation.enter(function, context, step.site.call).frame)
        return Context(sink.file, sink.call.function, tuple(frame.items()))

    def _function(self, context: Context, step: _Step) -> Thing | None:
        for thing in self._evaluation.evaluate(context, step.site.call.callee):
            if _key(thing) == step.function:
                return thing
        return None

    def _callers_of(self, function: _Function) -> list[_Site]:
        if function not in self._callers:
            file = self._files[function[0]]
            names = self._names_of(file, function[1])
            found = [
                _Site(candidate, call)
                for candidate in {place.path: place for name in names for place in self._by_word.get(name, ())}.values()
                for call in candidate.calls
                if facts.last_name(call.callee) in names
                and any(_key(thing) == function
                        for thing in self._evaluation.evaluate(Context(candidate, call.function), call.callee))
            ]  # fmt: skip
            self._callers[function] = found[:_MOST_SITES]
        return self._callers[function]

    def _names_of(self, file: FrontFile, index: int) -> set[str]:
        """What a function is called by those who call it."""
        name = file.functions[index].name.rpartition(".")[2]
        names = {name} if name else self._names_given(file, index)
        exported = {part.name for part in file.exports if part.local in (name, (facts.FUNCTION, index))}
        names |= exported - {"default"}
        for other, part in self._renamed:
            if (part.name in exported or part.local != part.name) and (
                part.name in names or part.name == "default"
            ):
                target = self._evaluation.lookup.imported(other, part.source)
                if target is not None and (target is file or part.name != "default"):
                    names.add(part.local)
        return names

    def _names_given(self, file: FrontFile, index: int) -> set[str]:
        """Of a function without a name: `const call = useCallback((path) => …)`, and what `const call = useApi()` makes of it."""
        itself = (facts.FUNCTION, index)
        given = [itself, *(number for number, call in enumerate(file.calls) if itself in call.arguments)]
        names = {binding.name for binding in file.bindings if binding.value in given}
        around = file.functions[index].parent
        if around > 0 and any(value in given for value in file.functions[around].returns):
            for maker in self._names_of(file, around):
                for user in self._by_word.get(maker, ()):
                    names |= {
                        binding.name
                        for binding in user.bindings
                        if isinstance(binding.value, int)
                        and facts.last_name(user.calls[binding.value].callee) == maker
                    }
        return names

    @cached_property
    def _renamed(self) -> list[tuple[FrontFile, Import]]:
        """The imports that may call something otherwise than its own file does."""
        return [
            (file, part)
            for file in self._files.values()
            for part in file.imports
            if part.local and (part.local != part.name or part.name == "default")
        ]

    def _written(self, sink: _Site, chain: tuple[_Step, ...], asked: Asked, role: str) -> FrontCall | None:
        addresses = tuple(
            dict.fromkeys(found for text in asked.addresses if (found := parse(text)) is not None)
        )
        if not addresses:
            return None
        site = chain[-1].site if chain else sink
        methods = [method for method in asked.methods if HOLE not in method]
        body = asked.body[0] if len(asked.body) == 1 else None
        fields = self._evaluation.fields(*body.ref) if body is not None and body.kind == "map" else None
        return FrontCall(
            role=role, kind=asked.kind, method=methods[0] if len(set(methods)) == 1 else "", addresses=addresses,
            path=site.file.path, line=site.call.line, column=site.call.column, symbol=site.file.name_at(site.call.function),
            sent=None if fields is None else tuple(fields), sent_type=self._type_of(body),
            expected=site.call.types, known=asked.known, is_bare=asked.is_bare,
        )  # fmt: skip

    def _type_of(self, body: Thing | None) -> tuple[str, str]:
        """The type that a parameter is declared with."""
        if body is None or body.kind != "parameter":
            return "", ""
        path, index, dotted = body.ref
        declared = self._files[path].functions[index].parameters
        return path, next((part.annotation for part in declared if part.name == dotted), "")


def _missing(asked: Asked) -> Iterator[_Function]:
    """The functions whose callers say more."""
    for text in asked.addresses:
        yield from unknown_parameters(text)
    for method in asked.methods:
        yield from parameters_in(method)


def _key(thing: Thing) -> _Function | None:
    return (thing.ref[0].file.path, thing.ref[1]) if thing.kind == "function" else None


def _is_configured(call: Call) -> bool:
    """A call that is given an object with an address in it."""
    return any(
        isinstance(part, tuple) and part[0] == facts.MAPPING and "url" in part[1]
        for part in call.arguments[:2]
    )
