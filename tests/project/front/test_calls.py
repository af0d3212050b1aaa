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
    "axios with a configuration": (
        'import axios from "axios"; axios({ url: "/a", method: "patch", baseURL: "/api/" });',
        ["PATCH /api/a"],
    ),
    "ky": (
        'import ky from "ky"; const api = ky.create({ prefixUrl: "/api" }); api.post("a", { json: {} });',
        ["POST /api/a"],
    ),
    "$fetch": ('const a = await $fetch("/a", { method: "POST" });', ["POST /a"]),
    "useFetch": ('const { data } = useFetch(() => "/a");', []),
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
