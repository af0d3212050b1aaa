"""An import that ends the start is told with the way that leads to it."""

from pathlib import Path

from greenroom.catalogue.startup.import_does_not_resolve import MODE
from greenroom.detect.run import detect
from greenroom.model.finding import Finding
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

FILES = {
    "desk/__init__.py": "",
    "desk/main.py": "from desk.routes import tickets\n\napp = tickets\n",
    "desk/routes/__init__.py": "",
    "desk/routes/tickets.py": "import json\n\nfrom desk.store import load\n\nprint(json, load)\n",
    "desk/store.py": "from desk.cache import Cache\n\n\ndef load():\n    return Cache\n",
    "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "desk.main:app"]\n',
}


def finding(root: Path) -> Finding:
    (found,) = detect(read_project(root, Settings()), [MODE])
    return found


def test_the_way_from_the_command_to_the_import(write_project: WriteProject) -> None:
    found = finding(write_project(FILES))

    assert [(place.path, place.line) for place in found.chain] == [
        ("Dockerfile", 2),
        ("desk/main.py", 1),
        ("desk/routes/tickets.py", 3),
        ("desk/store.py", 1),
    ]
    assert "before its first request" in found.consequence


def test_an_import_of_a_function_does_not_end_the_start(write_project: WriteProject) -> None:
    late = {"desk/store.py": "def load():\n    from desk.cache import Cache\n\n    return Cache\n"}

    found = finding(write_project(FILES | late))

    assert "before its first request" not in found.consequence
    assert ("Dockerfile", 2) not in [(place.path, place.line) for place in found.chain]
