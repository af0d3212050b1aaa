"""Which calls of the front end are requests, and what of them is method, address and body."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from greenroom.project.front import facts
from greenroom.project.front.client_bases import ClientBases
from greenroom.project.front.evaluation import Evaluation
from greenroom.project.front.facts import Call, Expression
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.thing import HOLE, Context, Thing, Things, hole

VERBS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "del": "DELETE",
         "head": "HEAD", "options": "OPTIONS", "getJSON": "GET", "postForm": "POST", "putForm": "PUT",
         "patchForm": "PATCH", "$get": "GET", "$post": "POST", "$put": "PUT", "$patch": "PATCH",
         "$delete": "DELETE"}  # fmt: skip
_FETCHES = frozenset(
    {"fetch", "$fetch", "ofetch", "ofetch.$fetch", "ofetch.ofetch", "useFetch", "useLazyFetch", "node-fetch", "cross-fetch",
     "isomorphic-fetch", "cross-fetch.fetch", "@microsoft/fetch-event-source.fetchEventSource", "undici.fetch",
     "expo/fetch.fetch", "axios.request", "ky", "got", "axios-hooks", "@vueuse/core.useFetch",
     "@vueuse/integrations/useAxios.useAxios"}
)  # fmt: skip
_CLIENTS = frozenset({"axios", "ky", "superagent", "$", "jQuery", "jquery", "axios.Axios", "$axios", "$http", "this.$axios",
                      "this.$http", "this.$api", "got", "axios.default"})  # fmt: skip
_MAKERS = frozenset({"axios.create", "ky.create", "ky.extend", "$fetch.create", "ofetch.$fetch.create", "ofetch.create",
                     "openapi-fetch", "axios.default.create", "got.extend", "createFetch",
                     "ofetch.ofetch.create", "@vueuse/core.createFetch", "alova.createAlova"})  # fmt: skip
_SOCKETS = frozenset({"WebSocket", "reconnecting-websocket", "partysocket.WebSocket", "react-use-websocket", "ws",
                      "react-use-websocket.useWebSocket", "@vueuse/core.useWebSocket", "ReconnectingWebSocket"})  # fmt: skip
_STREAMS = frozenset({"EventSource", "@vueuse/core.useEventSource", "event-source-polyfill.EventSourcePolyfill",
                      "reconnecting-eventsource", "eventsource", "eventsource.EventSource"})  # fmt: skip
_KEYED = frozenset(
    {"swr", "swr/immutable", "swr/mutation", "swr.useSWR", "swr.default", "swr/infinite", "swrv"}
)
QUERIES = frozenset({"query", "mutation", "infiniteQuery"})
_HOOKS = frozenset({"useQuery", "useMutation", "useSuspenseQuery", "useInfiniteQuery", "queryOptions"})
"""Of a client of `openapi-react-query`, which are given method and address."""
_CHAINED = frozenset({"useFetch", "@vueuse/core.useFetch", "createFetch", "@vueuse/core.createFetch"})
"""`useFetch("/users").post(…)`: the method may stand behind the call."""
_FETCHER = "fetcher"
_BASES = ("baseURL", "prefixUrl", "baseUrl", "prefix")

_SERVER_NAME = re.compile(
    f"{HOLE}(?:[^{HOLE}]*\\.)?(?:import\\.meta\\.env|process\\.env)\\.[^{HOLE}]*{HOLE}(?:/|$)"
)
"""A variable of the environment at the beginning."""
_AFTERWARDS = ("then", "catch", "finally", "pipe", "subscribe")
_RELATIVE = re.compile(r"[\w-]+/")


class Asked(NamedTuple):
    """A request in one run of the code around it."""

    kind: str
    """http · socket · stream"""
    methods: tuple[str, ...]
    """In upper case; with holes where they are not known; empty where nothing says it."""
    addresses: tuple[str, ...]
    """With holes for what is not known."""
    body: Things
    """What is sent, before it is made a text."""
    known: bool = True
    """False where it is taken for a client by its name alone."""
    is_bare: bool = False
    """Nothing but an address is given: `client.put("/users/1")` sends no body."""


class Clients:
    """Recognises requests."""

    def __init__(self, files: Mapping[str, FrontFile], evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._bases = ClientBases(files, evaluation)

    def asked(self, context: Context, call: Call) -> Asked | None:
        """What a call asks for; None where it is no request."""
        if is_registration(call):
            return None
        callees = self._evaluation.evaluate(context, call.callee)
        for callee in callees:
            found = self._by_callee(context, call, callee)
            if found is not None:
                return found
        if any(callee.kind in ("function", "class") for callee in callees) and not _has_literal_address(call):
            return None  # followed into that function
        return self._by_shape(context, call)

    def _by_callee(self, context: Context, call: Call, callee: Thing) -> Asked | None:
        if callee.kind == "library":
            return self._of_library(context, call, callee.ref)
        if callee.kind == "parameter" and call.callee == "fetch":  # `load({ fetch })` of SvelteKit
            return self._plain(context, call, None)
        if callee.kind == "made" and callee.ref[2] in _MAKERS:
            return self._chained(context, call, callee.ref[2], self._plain(context, call, callee))
        if callee.kind == "member" and callee.ref[0].kind == "made":
            owner, name = callee.ref
            if owner.ref[2] in _MAKERS:
                return self._of_instance(context, call, owner, name)
            if owner.ref[2] == "XMLHttpRequest" and name == "open":
                return self._opened(context, call)
            if owner.ref[2] == "openapi-react-query" and name in _HOOKS:
                return self._hooked(context, call, owner)
        return None

    def _of_library(self, context: Context, call: Call, symbol: str) -> Asked | None:
        base, _, name = symbol.rpartition(".")
        if symbol in _SOCKETS or symbol in _STREAMS:
            kind = "socket" if symbol in _SOCKETS else "stream"
            return Asked(kind, ("GET",), self._texts(context, call, 0), ())
        if symbol in _FETCHES or symbol == "axios":
            client = Thing("library", symbol.removesuffix(".request"))
            return self._chained(context, call, symbol, self._plain(context, call, client))
        if symbol in _KEYED:
            return self._keyed(context, call)
        if symbol == "navigator.sendBeacon":
            return Asked("http", ("POST",), self._texts(context, call, 0), ())
        client = Thing("library", base.removesuffix(".default"))
        if base in _CLIENTS and name in ("ajax", "request"):
            return self._plain(context, call, client)
        if base in _CLIENTS and name in VERBS:
            return self._verb(context, call, VERBS[name], client)
        return None

    def _chained(self, context: Context, call: Call, symbol: str, asked: Asked | None) -> Asked | None:
        if asked is None or symbol not in _CHAINED:
            return asked
        behind = {
            VERBS[other.callee[2]]
            for other in context.file.calls
            if isinstance(other.callee, tuple)
            and other.callee[0] == facts.ATTRIBUTE
            and other.callee[2] in VERBS
            and isinstance(other.callee[1], int)
            and context.file.calls[other.callee[1]] == call
        }
        return asked._replace(methods=tuple(sorted(behind))) if behind else asked

    def _hooked(self, context: Context, call: Call, owner: Thing) -> Asked | None:
        """`$api.useQuery("get", "/users")`, on a client of openapi-fetch."""
        made_in, index, _ = owner.ref
        fetching = self._evaluation.evaluate(made_in, (*made_in.file.calls[index].arguments, None)[0])
        client = next((thing for thing in fetching if thing.kind == "made"), None)
        methods = tuple([text.upper() for text in self._texts(context, call, 0)])
        return Asked("http", methods, self._based(context, self._texts(context, call, 1), (), client), ())

    def _of_instance(self, context: Context, call: Call, owner: Thing, name: str) -> Asked | None:
        if name in VERBS or name.lower() in VERBS:
            return self._verb(context, call, VERBS[name if name in VERBS else name.lower()], owner)
        return self._plain(context, call, owner) if name in ("request", "raw") else None

    def _by_shape(self, context: Context, call: Call) -> Asked | None:
        """`request({ url: "/users", method: "post" })`, `this.http.get("/users")` of an unknown client."""
        for argument in call.arguments[:2]:
            if isinstance(argument, tuple) and argument[0] == facts.MAPPING and "url" in argument[1]:
                verb = VERBS.get(facts.last_name(call.callee))
                if "method" in argument[1] or verb:
                    asked = self._configured(context, argument, None, verb or "")
                    return (
                        asked._replace(known=False) if any("/" in text for text in asked.addresses) else None
                    )
        name = facts.last_name(call.callee)
        if name in QUERIES:
            return self._endpoint(context, call)
        if name in VERBS and call.arguments and _sounds_like_client(call.callee):
            asked = self._verb(context, call, VERBS[name], None)
            if (
                str(call.callee).lower().endswith(f"axios.{name}")
            ):  # which puts its base and a slash before it
                asked = asked._replace(addresses=tuple(map(_rooted, asked.addresses)))
            if any(text.startswith("/") for text in asked.addresses):
                return asked._replace(known=False)
        return None

    def _endpoint(self, context: Context, call: Call) -> Asked | None:
        """`build.query({ query: (id) => `users/${id}` })` of RTK Query; the base is set once for all of them."""
        options = self._evaluation.evaluate(context, call.arguments[0] if call.arguments else None)
        addresses: list[str] = []
        methods: tuple[str, ...] = ("GET",)
        body: Things = ()
        for thing in self._evaluation.attribute(options, "query"):
            if thing.kind != "function":
                continue
            run = thing.ref[0]._replace(function=thing.ref[1])
            for given in self._evaluation.returned(run):
                if given.kind == "map":
                    addresses += self._evaluation.texts_of(self._evaluation.attribute((given,), "url"))
                    methods = self._methods((given,)) or ("",)
                    body = self._sent((given,))
                elif given.kind == "text":
                    addresses.append(given.ref)
        bases = self._query_bases(context)
        based = tuple([_under(base, address) for address in addresses for base in bases])
        return Asked("http", tuple([method for method in methods if method]), based, body) if based else None

    def _query_bases(self, context: Context) -> list[str]:
        """Of `createApi({ baseQuery: fetchBaseQuery({ baseUrl }) })` in this file; else one unknown for each that is made."""
        top = context._replace(function=0)
        makers = [call for call in context.file.calls if facts.last_name(call.callee) == "createApi"]
        found: list[str] = []
        for call in makers:
            options = self._evaluation.evaluate(top, call.arguments[0] if call.arguments else None)
            for thing in self._evaluation.attribute(options, "baseQuery"):
                if thing.kind == "made" and thing.ref[2].endswith("fetchBaseQuery"):
                    found += self._owner_base(thing)
        return found or [hole(f"baseQuery {context.file.path}" if makers else "baseQuery")]

    # the parts of a request

    def _texts(self, context: Context, call: Call, position: int) -> tuple[str, ...]:
        given = call.arguments[position] if position < len(call.arguments) else None
        return tuple(self._evaluation.texts(context, given)) if given is not None else ()

    def _verb(self, context: Context, call: Call, method: str, owner: Thing | None) -> Asked:
        first = call.arguments[0] if call.arguments else None
        config = call.arguments[1 if method in ("GET", "DELETE", "HEAD", "OPTIONS") else 2 :][:1]
        if isinstance(first, tuple) and first[0] == facts.MAPPING and "url" in first[1]:
            return self._configured(context, first, owner, method)
        body = self._evaluation.evaluate(context, call.arguments[1]) if len(call.arguments) > 1 and config != call.arguments[1:2] else ()  # fmt: skip
        options = self._evaluation.evaluate(context, config[0]) if config else ()
        if not body:
            body = self._sent(options)
        addresses = self._texts(context, call, 0)
        is_bare = len(call.arguments) == 1 and not _is_added_to(context, call)
        based = self._based(context, addresses, options, owner)
        return Asked("http", (method,), based, body, is_bare=is_bare)

    def _plain(self, context: Context, call: Call, owner: Thing | None) -> Asked | None:
        """`fetch(url, options)`, `axios(config)`, `axios(url, config)`."""
        if not call.arguments:
            return None
        first = self._evaluation.evaluate(context, call.arguments[0])
        if any(thing.kind == "map" for thing in first):
            return self._configured(context, call.arguments[0], owner, "")
        for thing in first:
            if thing.kind == "made" and thing.ref[2] == "Request":  # fetch(new Request(url, options))
                made_in, index, _ = thing.ref
                return self._plain(made_in, made_in.file.calls[index], owner)
        computed = [thing for thing in first if thing.kind == "function"]  # useFetch(() => `/users/${id}`)
        runs = [thing.ref[0]._replace(function=thing.ref[1]) for thing in computed]
        told = [text for run in runs for text in self._evaluation.texts_of(self._evaluation.returned(run))]
        addresses = tuple(told) or self._texts(context, call, 0)
        if len(call.arguments) == 1:
            return Asked("http", ("GET",), self._based(context, addresses, (), owner), ())
        options = self._evaluation.evaluate(context, call.arguments[1])
        return Asked(
            "http",
            self._methods(options),
            self._based(context, addresses, options, owner),
            self._sent(options),
        )

    def _configured(self, context: Context, argument: Expression, owner: Thing | None, method: str) -> Asked:
        options = self._evaluation.evaluate(context, argument)
        urls = self._evaluation.attribute(options, "url") or self._evaluation.attribute(options, "path")
        addresses = tuple([text for thing in urls for text in self._evaluation.texts_of((thing,))])
        spoken = "type" if not self._evaluation.attribute(options, "method") else "method"  # as jQuery has it
        methods = (method,) if method else self._methods(options, spoken)
        return Asked("http", methods, self._based(context, addresses, options, owner), self._sent(options))

    def _methods(self, options: Things, name: str = "method") -> tuple[str, ...]:
        written = self._evaluation.attribute(options, name)
        found = self._evaluation.texts_of(written)
        if found:
            return tuple([text.upper() if "\0" not in text else text for text in found])
        if all(thing.kind == "map" and self._is_whole(thing) for thing in options):
            return ("GET",)
        return ()

    def _is_whole(self, options: Thing) -> bool:
        """Whether all of an object is written, so that what is not there is not set."""
        return self._evaluation.fields(*options.ref) is not None

    def _sent(self, options: Things) -> Things:
        for name in ("body", "data", "json", "requestBody"):
            found = self._evaluation.attribute(options, name)
            if found:
                return tuple(self._unwrapped(found))
        return ()

    def _unwrapped(self, things: Things) -> Iterator[Thing]:
        """`JSON.stringify(value)`."""
        for thing in things:
            if thing.kind == "made" and thing.ref[2] == "JSON.stringify":
                context, index, _ = thing.ref
                yield from self._evaluation.evaluate(context, context.file.calls[index].arguments[0])
            else:
                yield thing

    def _based(
        self, context: Context, addresses: tuple[str, ...], options: Things, owner: Thing | None
    ) -> tuple[str, ...]:
        """With the client's or the call's own base."""
        bases = self._base_of(options)
        if not bases and owner is not None:
            bases = self._bases.given(context.file.path, owner, self._owner_base(owner))
        if not bases:
            return addresses
        return tuple([_under(base, address) for address in addresses for base in bases])

    def _owner_base(self, owner: Thing | None) -> list[str]:
        if owner is None or owner.kind == "library":
            return []
        context, index, _ = owner.ref
        call = context.file.calls[index]
        options = tuple(
            [thing for part in call.arguments for thing in self._evaluation.evaluate(context, part)]
        )
        return self._base_of(options)

    def _base_of(self, options: Things) -> list[str]:
        for name in _BASES:
            written = self._evaluation.attribute(options, name)
            found = self._evaluation.texts_of(
                tuple([thing for thing in written if thing.kind != "parameter"])
            )
            if found:
                return found
        return []

    def _keyed(self, context: Context, call: Call) -> Asked | None:
        """`useSWR("/users", fetcher)`, `useSWR(id ? ["/users", id] : null, fetcher)`."""
        found = []
        for fetcher in self._evaluation.evaluate(
            context, call.arguments[1] if len(call.arguments) > 1 else None
        ):
            if fetcher.kind == "function" and not fetcher.ref[0].file.functions[fetcher.ref[1]].parameters:
                return None  # the key is a name and no address
        for thing in self._evaluation.evaluate(context, call.arguments[0] if call.arguments else None):
            if thing.kind == "list" and thing.ref[1][1]:
                found.extend(self._evaluation.texts(thing.ref[0], thing.ref[1][1][0]))
            elif thing.kind == "function":
                found.extend(
                    self._evaluation.texts_of(
                        self._evaluation.returned(thing.ref[0]._replace(function=thing.ref[1]))
                    )
                )
            elif thing.kind == "text":
                found.append(thing.ref)
        # What the fetcher puts in front of its key is told by all keys together.
        addresses = tuple([_under(hole(_FETCHER), text) for text in found if "/" in text])
        return Asked("http", (), addresses, ()) if addresses else None

    def _opened(self, context: Context, call: Call) -> Asked:
        methods = tuple([text.upper() for text in self._texts(context, call, 0)])
        return Asked("http", methods, self._texts(context, call, 1), ())


def _under(base: str, address: str) -> str:
    """As axios and its like put base and address together."""
    if "://" in address.partition("?")[0] or address.startswith("//") or not base:
        return address
    if _SERVER_NAME.match(address):  # it begins with a server of its own
        return address
    return base.rstrip("/") + "/" + address.lstrip("/") if address else base


def _rooted(address: str) -> str:
    """`v1/users` as `/v1/users`."""
    return f"/{address}" if _RELATIVE.match(address) else address


def is_registration(call: Call) -> bool:
    """`app.get("/users", (request, response) => …)`: a route of a server in JavaScript, or of a mock."""
    last = call.arguments[-1] if len(call.arguments) > 1 else None
    return isinstance(last, tuple) and last[0] == facts.FUNCTION and facts.last_name(call.callee) in VERBS


def _has_literal_address(call: Call) -> bool:
    """`request({ url: "/users" })`: what a generator writes."""
    for argument in call.arguments[:2]:
        if isinstance(argument, tuple) and argument[0] == facts.MAPPING and "url" in argument[1]:
            value = facts.constant(argument[2][argument[1].index("url")])
            return isinstance(value, str) and value.startswith("/")
    return False


def _sounds_like_client(callee: Expression) -> bool:
    base = callee.rpartition(".")[0].lower() if isinstance(callee, str) else ""
    return any(
        word in base
        for word in ("api", "http", "axios", "client", "request", "fetch", "backend", "server", "rest")
    )


def _is_added_to(context: Context, call: Call) -> bool:
    """`superagent.put(url).send(user)`, and arguments that are spread."""
    number = context.file.calls.index(call)
    return any(isinstance(part, tuple) and part[0] == facts.SPREAD for part in call.arguments) or any(
        isinstance(part.callee, tuple)
        and part.callee[:2] == (facts.ATTRIBUTE, number)
        and part.callee[2] not in _AFTERWARDS
        for part in context.file.calls
    )
