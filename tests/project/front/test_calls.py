"""Requests of the front end: whichever client, and wherever the address is written."""

from pathlib import Path

import pytest

from tests.project.front.test_front_files import read


def asked(folder: Path, files: dict[str, str]) -> list[str]:
    """`METHOD base path` of every request; an uncertain path ends in ` ?`."""
    found = read(folder, files).front.calls
    return [
        f"{call.method or '?'} {address.base}{address.path}{'' if address.certain else ' ?'}"
        for call in found
        for address in call.addresses
    ]


PLAIN = {
    "fetch": ('fetch("/a/b");', ["GET /a/b"]),
    "fetch with a method": ('fetch(`/a/${id}?x=1`, { method: "delete" });', ["DELETE /a/{id}"]),
    "axios": ('import axios from "axios"; axios.put("/a", {});', ["PUT /a"]),
    "axios that something hands over": (
        'const { axios } = useBackend(); axios.get("v1/a"); axios.patch("/v1/b", {}); axios.get(name);',
        ["GET /v1/a", "PATCH /v1/b"],
    ),
    "axios with a configuration": (
        'import axios from "axios"; axios({ url: "/a", method: "patch", baseURL: "/api/" });',
        ["PATCH /api/a"],
    ),
    "ky": (
        'import ky from "ky"; const api = ky.create({ prefixUrl: "/api" }); api.post("a", { json: {} });',
        ["POST /api/a"],
    ),
    "$fetch": ('const a = await $fetch("/a", { method: "POST" });', ["POST /a"]),
    "useFetch": ('const { data } = useFetch(() => `/a/${id}`, { method: "POST" });', ["POST /a/{id}"]),
    "useFetch with the method behind it": (
        (
            'import { createFetch, useFetch } from "@vueuse/core";\nconst use = createFetch({ baseUrl: "/api" });\n'
            'use("/a").post({}).json();\nuseFetch("/b").json();'
        ),
        ["POST /api/a", "GET /b"],
    ),
    "useAxios": (
        'import { useAxios } from "@vueuse/integrations/useAxios"; useAxios("/a", { method: "PUT" });',
        ["PUT /a"],
    ),
    "a request that is built before": ('fetch(new Request("/a", { method: "PUT" }));', ["PUT /a"]),
    "what SvelteKit hands over": (
        "export async function load({ fetch, params }) { return fetch(`/a/${params.id}`); }",
        ["GET /a/{params.id}"],
    ),
    "the text of a URL": (
        'const url = new URL("/a", location.origin); url.searchParams.set("q", q); fetch(url.href);',
        ["GET /a"],
    ),
    "an enumeration": (
        'enum Path { Users = "/a", One = "/b" }\nfetch(Path.Users); fetch(Path["One"]);',
        ["GET /a", "GET /b"],
    ),
    "a client that a class is made with": (
        (
            "class Client {\n  constructor(private readonly base: string) {}\n  get(path: string) { return fetch(this.base + path); }\n}\n"
            'new Client("/api").get("/a");'
        ),
        ["GET /api/a"],
    ),
    "openapi-react-query": (
        (
            'import createFetchClient from "openapi-fetch"; import createClient from "openapi-react-query";\n'
            'const $api = createClient(createFetchClient({ baseUrl: "/api" }));\n$api.useMutation("post", "/a/{id}");'
        ),
        ["POST /api/a/{id}"],
    ),
    "alova": (
        'import { createAlova } from "alova"; const api = createAlova({ baseURL: "/api" }); api.Post("/a", {});',
        ["POST /api/a"],
    ),
    "got": ('import got from "got"; got("http://api:1/a").json();', ["GET http://api:1/a"]),
    "a maker that asks nothing": ('import wretch from "wretch"; const api = wretch("/api");', []),
    "swrv": ('import useSWRV from "swrv"; useSWRV("/a", load);', ["? fetcher/a"]),
    "a base that is set afterwards": (
        'import axios from "axios"; axios.defaults.baseURL = "/api"; axios.get("/a");',
        ["GET /api/a"],
    ),
    "a base that an instance is given afterwards": (
        'import axios from "axios"; const http = axios.create(); http.defaults.baseURL = "/api"; http.get("/a");',
        ["GET /api/a"],
    ),
    "a base that an interceptor may set": (
        (
            'import axios from "axios"; const http = axios.create();\n'
            'http.interceptors.request.use((config) => { if (old) config.baseURL = "/old"; return config; });\nhttp.get("/a");'
        ),
        ["GET /a", "GET /old/a"],
    ),
    "SWR": ('import useSWR from "swr"; useSWR(id ? ["/a", id] : null, (key) => load(key));', ["? fetcher/a"]),
    "jQuery": ('$.ajax({ url: "/a", type: "POST" }); $.getJSON("/b");', ["POST /a", "GET /b"]),
    "XMLHttpRequest": ('const request = new XMLHttpRequest(); request.open("PUT", "/a");', ["PUT /a"]),
    "beacon": ('navigator.sendBeacon("/a", data);', ["POST /a"]),
    "socket": ("new WebSocket(`${location.protocol}//${window.location.host}/a`);", ["GET /a"]),
    "event source": ('new EventSource(BASE + "/a");', ["GET BASE/a"]),
    "an unknown base": ("fetch(`${import.meta.env.VITE_URL}/a`);", ["GET import.meta.env.VITE_URL/a"]),
    "another server": ('fetch("https://api.example:8443/a");', ["GET https://api.example:8443/a"]),
    "URL": ('fetch(new URL("/a", "http://api:1/x"));', ["GET http://api:1/a"]),
    "concatenated": ('fetch("/a/" + encodeURIComponent("b") + "/c");', ["GET /a/b/c"]),
    "joined": ('fetch(["", "a", id].join("/"));', ["GET /a/{id}"]),
    "replaced": ('fetch("/a/{id}".replace("{id}", user.id));', ["GET /a/{user.id}"]),
    "RTK Query": (
        "build.mutation({ query: ({ id }) => ({ url: `a/${id}`, method: 'PUT', body }) });",
        ["PUT baseQuery/a/{id}"],
    ),
    "a server in JavaScript": ('app.get("/a", (request, response) => response.json({}));', []),
    "a map": ('const kept = new Map(); kept.get("/a"); kept.delete("/b");', []),
    "a comment": ('// fetch("/a")\n/* fetch("/b") */', []),
}


@pytest.mark.parametrize("title", PLAIN)
def test_one_line_requests(tmp_path: Path, title: str) -> None:
    text, expected = PLAIN[title]
    assert asked(tmp_path, {"web/src/a.ts": text + "\n"}) == expected


def test_through_functions_classes_and_files(tmp_path: Path) -> None:
    files = {
        "web/tsconfig.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"], } } } // comment',
        "web/src/constants.ts": 'export const API = { root: "/api/v2", users: "/users" } as const;\n',
        "web/src/http.ts": (
            'import { API } from "@/constants";\n'
            "export default class Http {\n"
            "  constructor(root) { this.root = root; }\n"
            "  request(method, path, body = undefined) { return fetch(this.root + path, { method, body }); }\n"
            "  get = (path) => this.request('GET', path);\n"
            "}\n"
            "export const http = new Http(API.root);\n"
        ),
        "web/src/users.ts": (
            'import { API } from "./constants";\nimport { http as client } from "@/http";\n'
            "export const userApi = {\n"
            "  list: () => client.get(API.users),\n"
            "  read(id: number) { return client.get(`${API.users}/${id}`); },\n"
            "  save: (user: User) => client.request('PUT', API.users, user),\n"
            "};\n"
        ),
    }
    calls = read(tmp_path, files).front.calls
    assert [(call.method, call.addresses[0].path, call.path, call.line, call.symbol) for call in calls] == [
        ("GET", "/api/v2/users", "web/src/users.ts", 4, "list"),
        ("GET", "/api/v2/users/{id}", "web/src/users.ts", 5, "read"),
        ("PUT", "/api/v2/users", "web/src/users.ts", 6, "save"),
    ]


def test_through_functions_that_a_field_of_a_class_gathers(tmp_path: Path) -> None:
    files = {
        "web/src/api.ts": "class Api {\n  private base = '/api';\n"
        "  private ask(path: string, init: RequestInit = {}) { return fetch(`${this.base}${path}`, { ...init }); }\n"
        "  users = {\n    list: () => this.ask('/users'),\n    add: (user) => this.ask('/users', { method: 'POST' }),\n  };\n}\n"
        "export const api = new Api();\n",
    }
    assert asked(tmp_path, files) == ["GET /api/users", "POST /api/users"]


def test_through_what_a_hook_gives_back(tmp_path: Path) -> None:
    files = {
        "web/src/hooks.ts": 'import { useCallback } from "react";\n'
        "export const useApi = () => {\n"
        "  return useCallback(async (path: string, method: string) => fetch(`/api/${path}`, { method }), []);\n};\n"
        "export function useOrders() {\n"
        "  const cancel = useCallback((path: string) => fetch(`/orders${path}`, { method: 'DELETE' }), []);\n"
        "  return { cancel };\n}\n",
        "web/src/Page.tsx": 'import { useApi, useOrders } from "./hooks";\n'
        "export const Page = () => {\n  const call = useApi();\n  const { cancel } = useOrders();\n"
        '  useEffect(() => { call(`rooms/${id}`, "PUT"); }, []);\n  cancel("/7/lines");\n};\n',
    }
    assert asked(tmp_path, files) == ["PUT /api/rooms/{id}", "DELETE /orders/7/lines"]


def test_through_what_is_imported_without_a_word(tmp_path: Path) -> None:
    files = {
        "web/nuxt.config.ts": "export default defineNuxtConfig({});\n",
        "web/composables/useBase.ts": "export const useBase: typeof useFetch = (path, options?) =>\n"
        '  useFetch(path, { baseURL: "/api", ...options });\n',
        "web/pages/orders.ts": 'export const orders = () => useBase("/orders", { method: "POST" });\n',
        "admin/src/a.ts": 'export const users = () => useBase("/users");\n',
    }
    assert asked(tmp_path, files) == ["POST /api/orders"]


def test_of_a_generated_client_what_is_called(tmp_path: Path) -> None:
    files = {
        "web/src/client/sdk.gen.ts": (
            "export class Items {\n"
            "  public static read(options) { return (options.client ?? client).get({ url: '/items/{id}', ...options }); }\n"
            "  public static remove(options) { return (options.client ?? client).delete({ url: '/items/{id}', ...options }); }\n"
            "}\n"
        ),
        "web/src/main.ts": 'import { Items } from "./client/sdk.gen";\nItems.read({ path: { id: 1 } });\n',
    }
    assert asked(tmp_path, files) == ["GET /items/{id}"]


def test_tests_and_mocks_are_no_product(tmp_path: Path) -> None:
    files = {
        "web/src/a.test.ts": 'fetch("/a");\n', "web/src/mocks/handlers.ts": 'fetch("/b");\n',
        "web/e2e/a.ts": 'fetch("/c");\n', "web/src/a.ts": 'fetch("/d");\n',
    }  # fmt: skip
    assert asked(tmp_path, files) == ["GET /d"]


def test_a_request_that_calls_itself_ends(tmp_path: Path) -> None:
    text = "const load = (path) => { fetch(path); load(path); return load(`${path}/x`); };\nload('/a');\n"
    assert "GET /a" in asked(tmp_path, {"web/src/a.ts": text})


def test_a_base_that_another_file_sets_holds_for_its_own_program_alone(tmp_path: Path) -> None:
    files = {
        "web/src/main.ts": 'import axios from "axios"; axios.defaults.baseURL = import.meta.env.VITE_API;\n',
        "web/src/a.ts": 'import axios from "axios"; axios.get("/a");\n',
        "admin/src/a.ts": 'import axios from "axios"; axios.get("/a");\n',
    }
    assert asked(tmp_path, files) == ["GET /a", "GET import.meta.env.VITE_API/a"]


def test_what_is_sent_by_the_last_of_many_requests(tmp_path: Path) -> None:
    text = "import axios from 'axios';\n" + "".join(
        f"axios.post('/orders/{number}', {{ name, size: {number} }});\n" for number in range(60)
    )

    calls = read(tmp_path, {"src/api.ts": text}).front.calls

    assert [call.sent for call in calls] == [("name", "size")] * 60
