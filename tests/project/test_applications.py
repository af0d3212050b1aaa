"""Which applications there are, and which of them something in the repository starts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project

WriteProject = Callable[[dict[str, str]], Path]

SHOP = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def orders(): ...


@app.post("/orders")
def order(): ...
"""
ONE = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health(): ...
"""


def read(write_project: WriteProject, files: dict[str, str]) -> Project:
    return read_project(write_project(files), Settings())


def test_what_an_image_starts_is_live_and_what_nothing_starts_is_not(write_project: WriteProject) -> None:
    project = read(write_project, {
        "shop/main.py": SHOP, "shop/__init__.py": "", "legacy/old.py": ONE,
        "Dockerfile": 'FROM python:3.12\nCOPY legacy/old.py /old.py\nCMD ["uvicorn", "shop.main:app"]\n',
    })  # fmt: skip

    old, shop = project.applications

    assert (shop.name, shop.file, shop.routes, shop.is_live) == ("shop.main.app", "shop/main.py", 2, True)
    assert ("Dockerfile", 3) in {(place.path, place.line) for place in shop.started_by}
    assert (old.file, old.is_live, old.started_by) == ("legacy/old.py", False, ())
    assert project.idle_applications == {old.name}


LEFT_OVER = {
    "backend/server.py": ONE, "backend/server_full.py": SHOP,
    "backend/Dockerfile": 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "server:app"]\n',
}  # fmt: skip


def test_a_larger_one_beside_the_one_that_is_served_is_a_left_over(write_project: WriteProject) -> None:
    project = read(write_project, LEFT_OVER)

    live = {part.file: part.is_live for part in project.applications}

    assert live == {"backend/server.py": True, "backend/server_full.py": False}


@pytest.mark.parametrize(
    "further",
    [
        {"backend/more.py": "import server_full\n"},
        {"tools/more.py": "from backend import server_full\n"},
        {"deploy.yaml": "module: server_full\n"},
        {"README.md": "Start it with `python backend/server_full.py`.\n"},
    ],
    ids=["imported", "imported from its folder", "named where something is built", "named for people"],
)
def test_what_something_names_is_none(write_project: WriteProject, further: dict[str, str]) -> None:
    project = read(write_project, {**LEFT_OVER, **further})

    live = {part.file: part.is_live for part in project.applications}

    assert live["backend/server_full.py"] is not False


def test_a_larger_one_that_lies_elsewhere_may_be_started_by_others(write_project: WriteProject) -> None:
    project = read(write_project, {**LEFT_OVER, "other/server_more.py": SHOP})

    live = {part.file: part.is_live for part in project.applications}

    assert live["other/server_more.py"] is None


def test_two_services_of_one_name_are_two(write_project: WriteProject) -> None:
    project = read(write_project, {
        "services/a/main.py": SHOP, "services/b/main.py": ONE,
        "services/a/Dockerfile": "FROM python:3.12\nCMD uvicorn main:app\n",
        "services/b/run.sh": "#!/bin/sh\nuvicorn main:app --reload\n",
    })  # fmt: skip

    a, b = project.applications

    assert a.name != b.name
    assert (a.routes, b.routes) == (2, 1)
    assert (a.is_live, b.is_live) == (True, True)
    assert {place.path for place in b.started_by} == {"services/b/run.sh"}
    assert {route.application for route in project.routes} == {a.name, b.name}


def test_a_server_that_is_named_in_a_text_is_followed(write_project: WriteProject) -> None:
    project = read(write_project, {
        "shop/__init__.py": "", "shop/main.py": SHOP,
        "shop/__main__.py": 'import uvicorn\n\nuvicorn.run("shop.main:app")\n',
        "Procfile": "web: python -m shop\n",
    })  # fmt: skip

    (shop,) = project.applications

    assert shop.is_live is True


def test_where_nothing_tells_what_is_started_nothing_is_said(write_project: WriteProject) -> None:
    project = read(write_project, {"shop/main.py": SHOP, "other/main.py": ONE})

    assert [part.is_live for part in project.applications] == [None, None]
    assert not project.idle_applications


def test_what_a_script_starts_makes_nothing_idle(write_project: WriteProject) -> None:
    project = read(
        write_project,
        {"shop/main.py": SHOP, "legacy/spec.py": ONE, "Makefile": "spec:\n\tpython legacy/spec.py\n"},
    )

    live = {part.file: part.is_live for part in project.applications}

    assert live == {"shop/main.py": None, "legacy/spec.py": True}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "web: cd shop_api && uvicorn main:app --port $PORT\n"),
        ("railway.json", '{\n  "deploy": {\n    "startCommand": "cd shop_api && uvicorn main:app"\n  }\n}\n'),
        ("render.yaml", "services:\n  - type: web\n    startCommand: uvicorn --app-dir=shop_api main:app\n"),
        ("nixpacks.toml", '[start]\ncmd = "gunicorn --chdir shop_api main:app"\n'),
        ("fly.toml", '[processes]\nweb = "cd shop_api && uvicorn main:app"\n'),
    ],
)
def test_the_folder_in_which_a_host_starts_it_tells_copies_apart(
    write_project: WriteProject, path: str, text: str
) -> None:
    project = read(write_project, {"main.py": ONE, "shop_api/main.py": SHOP, path: text})

    live = {part.file: part.is_live for part in project.applications}

    assert live == {"main.py": False, "shop_api/main.py": True}


@pytest.mark.parametrize(
    ("command", "started"),
    [
        ("gunicorn shop.wsgi", "shop/wsgi.py"),
        ("gunicorn --workers 3 shop.wsgi --log-file -", "shop/wsgi.py"),
        ("python -m gunicorn -b 0.0.0.0:8000 shop.wsgi:application", "shop/wsgi.py"),
        ("uwsgi --http :8000 --module shop.wsgi", "shop/wsgi.py"),
        ("gunicorn -c shop.wsgi missing.wsgi", None),
        ("shop.wsgi", None),
    ],
)
def test_a_server_may_be_given_the_module_alone(
    write_project: WriteProject, command: str, started: str | None
) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/wsgi.py": "application = object()\n",
        "Procfile": f"web: {command}\n",
    }
    (process,) = read(write_project, files).processes

    assert (process.module and process.module.path) == started


def test_a_server_that_names_itself_means_the_one_beside_it(write_project: WriteProject) -> None:
    started = f'{SHOP}\n\nif __name__ == "__main__":\n    import uvicorn\n\n    uvicorn.run("main:app")\n'
    project = read(
        write_project,
        {"main.py": ONE, "shop_api/main.py": started, "Procfile": "web: cd shop_api && python main.py\n"},
    )

    live = {part.file: part.is_live for part in project.applications}

    assert live == {"main.py": False, "shop_api/main.py": True}


def test_a_label_of_a_host_s_file_is_no_command(write_project: WriteProject) -> None:
    project = read(
        write_project,
        {"main.py": ONE, "shop/main.py": SHOP, "fly.toml": 'app = "main"\n', "app.yaml": "app: main\n"},
    )

    assert [part.is_live for part in project.applications] == [None, None]
