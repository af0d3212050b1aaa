"""Compare the routes that the audit reads with the framework's own route table, on applications of other people.

    python bench/routes.py --interpreter VENV/bin/python --application MODULE:NAME [--environment KEY=VALUE]… FOLDER

The application is imported in its own environment, in a process of its own, and tells its table; the audit reads the same
folder and runs nothing. Paths are compared with their parameters' names left out, methods without HEAD and OPTIONS.
What REST framework's routers serve twice, as `notes/` and as `notes.{format}`, counts as one route: the audit lists the first.
`MODULE:NAME()` calls a factory; `django:SETTINGS` asks Django's resolver. With `--write FILE` the figures are added to a file.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from greenroom.model.settings import Settings
from greenroom.project.project import read_project

_ASK = """
import importlib, json, os, sys
sys.path.insert(0, ".")
module, _, name = sys.argv[1].partition(":")
found = set()
if module == "django":
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    import django
    django.setup()
    from django.urls import URLPattern, URLResolver, get_resolver
    def walk(patterns, prefix):
        for part in patterns:
            text = prefix + str(part.pattern)
            if isinstance(part, URLResolver):
                yield from walk(part.url_patterns, text)
            else:
                yield "*", text, getattr(part.callback, "__module__", "")
    found |= {tuple(row) for row in walk(get_resolver().url_patterns, "/")}
else:
    app = importlib.import_module(module)
    for part in name.split("."):
        app = getattr(app, part.removesuffix("()"))
        app = app() if part.endswith("()") else app
    def walk(routes, prefix):
        for route in routes:
            kind, path = type(route).__name__, prefix + getattr(route, "path", "")
            home = getattr(getattr(route, "endpoint", None), "__module__", "") or ""
            if getattr(route, "methods", None):
                yield from ((method, path, home) for method in route.methods)
            elif "WebSocket" in kind:
                yield "WEBSOCKET", path, home
            elif getattr(route, "routes", None):
                yield from walk(route.routes, path)
    if hasattr(app, "url_map"):
        views = app.view_functions
        found |= {(method, rule.rule, getattr(views.get(rule.endpoint), "__module__", "") or "")
                  for rule in app.url_map.iter_rules() for method in rule.methods}
    elif hasattr(getattr(app, "router", None), "routes_all"):  # Sanic
        for route in app.router.routes_all.values():
            home = getattr(getattr(route.handler, "func", route.handler), "__module__", "") or ""
            found |= {(method, "/" + route.path, home) for method in route.methods}
    elif callable(getattr(getattr(app, "router", None), "routes", None)):  # aiohttp
        for route in app.router.routes():
            found.add((route.method, route.resource.canonical, getattr(route.handler, "__module__", "") or ""))
    else:
        found |= set(walk(app.routes, ""))
print("ROUTES " + json.dumps(sorted(found)))
"""
_IGNORED = frozenset({"HEAD", "OPTIONS"})


def main() -> int:
    """Print what is missed and what is said beside; 1 where less than 98 % of the paths are found."""
    arguments = _arguments()
    truth = _truth(arguments)
    read = read_project(arguments.folder, Settings())
    packages = {module.name.split(".", 1)[0] for module in read.production()}
    # What a library of somebody else serves by itself is none of the project's code.
    own = {(method, _plain(path)) for method, path, home in truth if home.split(".", 1)[0] in packages}
    ours = {(route.method, _plain(route.path)) for route in read.routes}
    by_path = {path for _, path in ours}
    any_method = {path for method, path in ours if method == "*"}
    told = {pair for pair in own if pair[0] not in _IGNORED}
    missed = {(method, path) for method, path in told
              if (method, path) not in ours and not (path in any_method or (method == "*" and path in by_path))}  # fmt: skip
    known = {path for _, path in own} | {_plain(path) for _, path, _ in truth}
    beside = {path for _, path in ours} - known
    for method, path in sorted(missed):
        print("missed", method, path)
    for path in sorted(beside):
        print("beside", path)
    share = 1 - len(missed) / len(told) if told else 0.0
    figures = {"application": f"{arguments.folder.name} {arguments.application}", "routes": len(told), "found": len(told) - len(missed),
               "beside": len(beside), "share": round(share, 4), "date": datetime.now(tz=UTC).date().isoformat()}  # fmt: skip
    print(json.dumps(figures))
    if arguments.write:
        with arguments.write.open("a", encoding="utf-8") as file:
            file.write(json.dumps(figures) + "\n")
    return int(share < 0.98)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the folder that is put on the import path, and is read")
    parser.add_argument(
        "--interpreter", required=True, help="a Python in which the application can be imported"
    )
    parser.add_argument(
        "--application", required=True, help="MODULE:NAME, MODULE:FACTORY() or django:SETTINGS"
    )
    parser.add_argument("--environment", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--write", type=Path, help="add the figures to this file")
    return parser.parse_args()


def _truth(arguments: argparse.Namespace) -> list[tuple[str, str, str]]:
    given = dict(part.split("=", 1) for part in arguments.environment)
    done = subprocess.run(  # noqa: S603  the interpreter that the user names, and our own script
        [arguments.interpreter, "-c", _ASK, arguments.application],
        cwd=arguments.folder, env=os.environ | given | {"PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("ROUTES "):
            return [(str(method), str(path), str(home)) for method, path, home in json.loads(line[7:])]
    sys.exit(f"{arguments.application} cannot be imported: {done.stderr.strip().splitlines()[-1:]}")


def _plain(path: str) -> str:
    """Without the names of parameters and the ending `.{format}`, and with one slash between parts."""
    text = re.sub(
        r"\\?\.\(\?P<format>(?:[^()]|\([^()]*\))*\)/?\??\$?$|<drf_format_suffix\w*:format>$", "", path
    )
    text = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "{}", text)
    text = re.sub(r"<[^>]*>|\{[^}]*\}", "{}", text)
    text = re.sub(r"\\Z|\\A|[\^$?]", "", text).replace("\\", "")
    return "/" + re.sub(r"/+", "/", text).strip("/")


if __name__ == "__main__":
    raise SystemExit(main())
