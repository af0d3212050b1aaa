"""What proxies take off a path, or put in its place, as their files say it."""

from pathlib import Path

import pytest

from greenroom.project.front.proxied import Proxied
from greenroom.project.front.proxies import read_proxies
from tests.project.front.test_front_files import read

REPLACED = (
    ("nginx.conf", "location /api/ {\n  proxy_pass http://api:8000/;\n}\n", ""),
    ("nginx.conf", "location /api/ {\n  proxy_pass http://api:8000/v1/;\n}\n", "/v1"),
    ("nginx.conf", "location ~ ^/api/(.*)$ {\n  proxy_pass http://api:8000/v1/$1;\n}\n", "/v1"),
    ("nginx.conf", "location /api/ {\n  rewrite ^/api/(.*)$ /v1/$1 break;\n  proxy_pass http://api:8000;\n}\n", "/v1"),
    ("nginx.conf", "location /api/ {\n  rewrite /api/(.*) /$1 break;\n  proxy_pass http://api:8000;\n}\n", ""),
    ("site.conf", "ProxyPass /api/ http://localhost:8000/v1/\n", "/v1"),
    ("Caddyfile", ":80 {\n  handle_path /api/* {\n    reverse_proxy api:8000\n  }\n}\n", ""),
    ("Caddyfile", ":80 {\n  route {\n    uri strip_prefix /api\n    reverse_proxy api:8000\n  }\n}\n", ""),
    (
        "web/vite.config.ts",
        ("export default { server: { proxy: { '/api': { target: 'http://localhost:8000', "
        "rewrite: (path) => path.replace(/^\\/api/, '') }, '/ws': { target: 'ws://localhost:8000/live', ws: true } } } };\n"),
        "",
    ),
    (
        "web/vite.config.ts",
        ("export default { server: { proxy: { '/api': { target: `${env.URL}/v1`, "
        "rewrite: (p) => p.replace(new RegExp('^/api'), '') } } } };\n"),
        "/v1",
    ),
    (
        "web/vue.config.js",
        ("module.exports = { devServer: { proxy: { '/api': {\n  target: 'http://flask:5000/v1/', // the back end\n"
        "  pathRewrite: { '^/api': '' },\n} } } };\n"),
        "/v1",
    ),
    (
        "web/src/setupProxy.js",
        "module.exports = (app) => app.use(proxy('/api', { target: API, pathRewrite: { '^/api/': '/v1/' } }));\n",
        "/v1",
    ),
    (
        "web/next.config.mjs",
        ("export default { async rewrites() { return [{ source: '/api/:path*', "
        "destination: `${process.env.API ?? 'http://localhost:8000'}/v1/:path*` }]; } };\n"),
        "/v1",
    ),
    (
        "web/nuxt.config.ts",
        "export default defineNuxtConfig({ routeRules: { '/api/**': { proxy: 'http://api:8000/**' } } });\n",
        "",
    ),
    (
        "vercel.json",
        '{"rewrites": [{"source": "/api/(.*)", "destination": "https://desk.example.org/v1/$1"}]}',
        "/v1",
    ),
    ("public/_redirects", "# to the server\n/api/*  https://api.example.org/v1/:splat  200!\n/*  /index.html  200\n", "/v1"),
    ("_redirects", "/api/* https://api.example.org/:splat 200\n", ""),
    (
        "netlify.toml",
        ("[build]\npublish = 'dist'\n\n[[redirects]]\nfrom = '/api/*'\nto = 'https://api.example.org/v1/:splat'\nstatus = 200\n"
        "force = true\n\n[[redirects]]\nfrom = '/*'\nto = '/index.html'\nstatus = 200\n"),
        "/v1",
    ),
    (
        "render.yaml",
        ("services:\n  - type: web\n    name: pages\n    runtime: static\n    routes:\n"
        "      - type: redirect\n        source: /old/*\n        destination: https://old.example.org/new/*\n"
        "      - type: rewrite\n        source: /api/*\n        destination: https://api.example.org/v1/*\n"
        "      - source: /*\n        destination: /index.html\n        type: rewrite\n"),
        "/v1",
    ),
    (
        "compose.yaml",
        "services:\n  api:\n    build: .\n    labels:\n      - traefik.http.middlewares.cut.stripprefix.prefixes=/api\n",
        "",
    ),
    (
        "deploy/traefik.yaml",
        "http:\n  middlewares:\n    cut:\n      stripPrefix:\n        prefixes:\n          - /api\n",
        "",
    ),
    (
        "chart/templates/ingress.yaml",
        ("metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/rewrite-target: /v1/$2\nspec:\n  rules:\n"
        "    - http:\n        paths:\n          - path: /api(/|$)(.*)\n"),
        "/v1",
    ),
)  # fmt: skip
KEPT = (
    ("_redirects", "/api/*  https://api.example.org/api/:splat  200\n"),
    ("_redirects", "/api/*  https://api.example.org/:splat  301\n/api/* https://api.example.org/:splat\n"),
    ("_redirects", "# /api/*  https://api.example.org/:splat  200\n"),
    ("netlify.toml", "[[redirects]]\nfrom = '/api/*'\nto = 'https://api.example.org/:splat'\n"),
    ("netlify.toml", "[[redirects]]\nfrom = '/api/*'\nto = 'https://api.example.org/:splat\nstatus = 200\n"),
    ("firebase.json", '{"hosting": {"rewrites": [{"source": "/api/**", "run": {"serviceId": "api"}}]}}'),
    ("firebase.json", '{"hosting": ["pages"], "emulators": []'),
    ("nginx.conf", "location /api/ {\n  proxy_pass http://api:8000;\n}\n"),
    ("nginx.conf", "location /api/ {\n  proxy_pass http://api:8000/api/;\n}\n"),
    ("nginx.conf", "location /api/ {\n  proxy_pass http://api:8000$request_uri;\n}\n"),
    ("web/vite.config.ts", "// rewrite: (path) => path.replace(/^\\/api/, '')\nexport default {};\n"),
    ("web/next.config.mjs", "export default [{ source: '/api/:path*', destination: 'http://api:8000/api/:path*' }];\n"),
    ("web/src/names.ts", "export const short = (path: string) => path.replace(/^\\/api/, '');\n"),
    ("chart/templates/ingress.yaml", "# rewrite-target: /$2\npaths:\n  - path: /api(/|$)(.*)\n"),
)  # fmt: skip


def taken_off(path: str, text: str) -> list[Proxied]:
    is_front = path.startswith("web/")
    found = read_proxies([path] * (not is_front), [path] * is_front, lambda _: text)
    return [part for part in found if part.is_taken_off]


@pytest.mark.parametrize(("path", "text", "instead"), REPLACED)
def test_a_beginning_that_is_replaced(path: str, text: str, instead: str) -> None:
    assert [(part.path.rstrip("/"), part.instead) for part in taken_off(path, text)] == [("/api", instead)]


@pytest.mark.parametrize(("path", "text"), KEPT)
def test_a_path_that_stays_as_it_is(path: str, text: str) -> None:
    assert taken_off(path, text) == []


HANDED_ON = (
    ("_redirects", "/api/*  https://api.example.org/api/:splat  200\n"),
    ("netlify.toml", "[[redirects]]\nfrom = '/api/*'\nto = '/.netlify/functions/api/:splat'\nstatus = 200\n"),
    ("firebase.json", '{"hosting": {"rewrites": [{"source": "/api/**", "run": {"serviceId": "api"}}]}}'),
    ("firebase.json", '{"hosting": [{"site": "a", "rewrites": [{"source": "/api/**", "function": "api"}]}, {"site": "b"}]}'),
)  # fmt: skip


@pytest.mark.parametrize(("path", "text"), HANDED_ON)
def test_a_path_that_a_host_of_pages_hands_on_whole(path: str, text: str) -> None:
    assert read_proxies([path], [], lambda _: text) == (Proxied("/api", is_taken_off=False),)


def test_the_rules_of_a_host_are_read_from_a_file_without_a_suffix(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "desk/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
            '@app.post("/v1/count")\ndef count():\n    return 1\n',
            "web/public/_redirects": "/api/*  https://api.example.org/v1/:splat  200\n",
            "web/src/a.ts": 'fetch("/api/count", { method: "POST" });\n',
        },
    )
    assert [answer.status for answer in project.contract.answers] == ["served"]


def test_a_single_request_is_joined_through_a_rule_that_is_written(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "desk/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
            '@app.post("/v1/count")\ndef count():\n    return 1\n',
            "web/vite.config.ts": "export default { server: { proxy: { '/api': { target: 'http://localhost:8000', "
            "rewrite: (path) => path.replace(/^\\/api/, '/v1') } } } };\n",
            "web/src/a.ts": 'fetch("/api/count", { method: "POST" });\n',
        },
    )
    assert [answer.status for answer in project.contract.answers] == ["served"]
