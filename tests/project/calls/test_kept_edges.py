"""What an earlier run resolved is believed only while it holds: a warm run tells what a cold one would."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project
from tests.project.calls.edits import Editor
from tests.project.calls.projects import edges, read

TANGLED = {
    "pkg/__init__.py": "from pkg.models import *\nfrom pkg.stores import build\n",
    "pkg/models.py": """
        class Base:
            def save(self):
                raise NotImplementedError

            @property
            def client(self):
                return make_client()

        class User(Base):
            def save(self):
                return self.client.get("/")

            def unique_name(self):
                return self.save()

        def make_client():
            import httpx
            return httpx.Client()
        """,
    "pkg/stores.py": """
        import redis
        from pkg import models

        services = {"mail": models.User()}

        def build(app):
            app.state.cache = redis.Redis()
            app.state.user = models.User()
            registry = Registry()
            registry.register("mail", models.User)
            return registry

        class Registry:
            def get(self, name):
                return services[name]

            def register(self, name, value):
                services[name] = value
        """,
    "pkg/routes.py": """
        from fastapi import Depends, FastAPI
        from pkg import User, build
        from pkg.loops import ping

        app = FastAPI()
        registry = build(app)

        def current(request):
            return request.app.state.user

        @app.get("/{name}")
        async def show(name, user: User = Depends(current)):
            user.save()
            app.state.cache.get(name)
            registry.get("mail").save()
            name.unique_name()
            return ping(user.client)
        """,
    "pkg/loops.py": """
        from pkg import routes

        def ping(value):
            return pong(value) or value

        def pong(value=None):
            routes.current(value)
            return ping(value)

        class Left(object):
            other = None

            def turn(self):
                self.other = Right().turn()
                return self.other

        class Right(Left):
            def turn(self):
                return Left().turn() or super().turn()
        """,
    "pkg/more.py": """
        from .models import Base
        from . import loops as turning

        class Guest(Base):
            def save(self):
                turning.ping(self)
                with self.client as opened:
                    opened.post("/")

        def work(base: Base):
            base.save()
            turning.Right().turn().save()
        """,
    "tests/test_routes.py": """
        from pkg.routes import app, show
        from pkg import models

        class FakeUser(models.User):
            def save(self):
                return None

        def test_show():
            show("x", FakeUser())
            models.make_client().get("/")
        """,
}


def seen(project: Project) -> list[object]:
    """Every edge from both of its ends, in order."""
    scopes = [scope for module in project.modules.values() for scope in module.scopes]
    return [
        (
            scope.path, scope.qualname,
            [(edge[1:5], edge.target and (edge.target.path, edge.target.index), edge[6:])
             for edge in project.graph.edges(scope)],
            [(edge.caller.path, edge.caller.index, edge.line, edge.how) for edge in project.graph.callers(scope)],
        )
        for scope in scopes
    ]  # fmt: skip


def told(root: Path) -> object:
    """Edges and the whole audit, without its duration."""
    audit = api.audit(root)
    return seen(read_project(root, Settings())), replace(audit, project=replace(audit.project, elapsed=0.0))


def told_anew(root: Path) -> object:
    """The same without what was kept, which is put back."""
    home, aside = root / ".greenroom", root.parent / "aside"
    home.rename(aside)
    found = told(root)
    shutil.rmtree(home)
    aside.rename(home)
    return found


@pytest.fixture
def tangled(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    read(root, TANGLED)
    return root


CLIENTS = """
    class First:
        def ping(self): pass

    class Second:
        def ping(self): pass
    """
REACHES_FAR = {
    "what a function behind a function returns": (
        {
            "clients.py": CLIENTS,
            "deep.py": "from clients import First, Second\n\ndef create(): return First()\n",
            "mid.py": "import deep\n\ndef make(): return deep.create()\n",
            "b.py": "import mid\n\ndef run(): mid.make().ping()\n",
            "c.py": "import mid\n\ndef run(): mid.make().ping()\n",
        },
        "deep.py", "First()", "Second()", "c.py::run",
    ),
    "where a package gets a name from": (
        {
            "pkg/__init__.py": "from pkg.one import make\n",
            "pkg/one.py": "def make(): pass\n",
            "pkg/two.py": "def make(): pass\n",
            "b.py": "from pkg import make\n\ndef first(): make()\n\ndef run(): make()\n",
            "c.py": "from pkg import make\n\ndef run(): make()\n",
        },
        "pkg/__init__.py", "pkg.one", "pkg.two", "c.py::run",
    ),
    "where a package gets what is asked of it": (
        {
            "pkg/__init__.py": "from pkg.one import make\n",
            "pkg/one.py": "def make(): pass\n",
            "pkg/two.py": "def make(): pass\n",
            "b.py": "import pkg\n\ndef run(): pkg.make()\n",
            "c.py": "import pkg\n\ndef run(): pkg.make()\n",
        },
        "pkg/__init__.py", "pkg.one", "pkg.two", "c.py::run",
    ),
    "a name that somebody else looked up before": (
        {
            "pkg/__init__.py": "from pkg.one import make\n",
            "pkg/one.py": "def make(): return 1\n",
            "pkg/two.py": "def make(): return 1\n",
            "b.py": "import c\n\ndef run(): c.give().ping()\n",
            "c.py": "from pkg import make\n\ndef give(): return make()\n",
        },
        "pkg/__init__.py", "pkg.one", "pkg.two", "c.py::give",
    ),
    "the base of a base": (
        {
            "clients.py": CLIENTS,
            "mid.py": "import clients\n\nclass Mid(clients.First): pass\n",
            "b.py": "import mid\n\nclass Last(mid.Mid): pass\n\ndef run(): Last().ping()\n",
            "c.py": "import b\n\ndef run(): b.Last().ping()\n",
        },
        "mid.py", "First", "Second", "c.py::run",
    ),
    "a method whose name another class has now": (
        {
            "one.py": "class One:\n    def sweep_all(self): pass\n",
            "two.py": "class Two:\n    def other(self): pass\n",
            "c.py": "def run(thing): thing.sweep_all()\n",
        },
        "two.py", "other", "sweep_all", "c.py::run",
    ),
    "who keeps what a protocol promises": (
        {
            "ports.py": "from typing import Protocol\n\nclass Port(Protocol):\n    def sweep(self, name): ...\n",
            "one.py": "class One:\n    def swept(self, name): print(name)\n",
            "b.py": "from ports import Port\n\ndef run(port: Port): port.sweep(1)\n",
            "c.py": "import ports\n\ndef run(port: ports.Port): port.sweep(1)\n",
        },
        "one.py", "swept", "sweep", "c.py::run",
    ),
    "the one class that has a method": (
        {
            "one.py": "class MockOne:\n    def sweep_all(self): pass\n",
            "c.py": "def run(thing): thing.sweep_all()\n",
        },
        "one.py", "MockOne", "One", "c.py::run",
    ),
    "whether the one method is async": (
        {
            "one.py": "class One:\n    def sweep_all(self): pass\n",
            "c.py": "async def run(thing): await thing.sweep_all()\n",
        },
        "one.py", "    def", "    async def", "c.py::run",
    ),
    "a name that is some function's now": (
        {
            "one.py": "def start(): pass\n",
            "two.py": "def other(): pass\n",
            "c.py": "from one import start as go\n\ndef run(pool): pool.submit(go)\n",
        },
        "two.py", "other", "go", "c.py::run",
    ),
    "what an application was given": (
        {
            "clients.py": CLIENTS,
            "main.py": "import clients\n\ndef begin(app): app.state.other = clients.First()\n",
            "c.py": "def run(request): request.app.state.held.ping()\n",
        },
        "main.py", "other", "held", "c.py::run",
    ),
    "what is registered under a name": (
        {
            "clients.py": CLIENTS,
            "registry.py": """
                import clients

                class Registry:
                    def get(self, name): pass
                    def register(self, name, value): pass

                names = Registry()
                names.register("held", clients.First())
                """,
            "two.py": 'from registry import names\n\nnames.register("other", 1)\n',
            "c.py": 'from registry import names\n\ndef run(): names.get("held").ping()\n',
        },
        "two.py", "other", "held", "c.py::run",
    ),
    "who keeps what a base promises": (
        {
            "base.py": "class Base:\n    def ping(self): raise NotImplementedError\n",
            "one.py": "import base\n\nclass One(base.Base):\n    def ping(self): print(1)\n",
            "two.py": "import base\n\nclass Two(object):\n    def ping(self): print(2)\n",
            "c.py": "import base\n\ndef run(thing: base.Base): thing.ping()\n",
        },
        "two.py", "object", "base.Base", "c.py::run",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REACHES_FAR)
def test_what_changes_far_away_is_noticed(tmp_path: Path, case: str) -> None:
    files, path, old, new, caller = REACHES_FAR[case]
    root = tmp_path / "project"
    before = places(read(root, files), caller)
    changed = root / path
    changed.write_text(changed.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    assert places(read_project(root, Settings()), caller) != before
    assert told(root) == told_anew(root)


def places(project: Project, caller: str) -> list[object]:
    return [
        (edge.target and (edge.target.path, edge.target.qualname), edge.symbol, edge.certainty)
        for edge in edges(project, caller)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_a_warm_run_tells_what_a_cold_one_does(tangled: Path, seed: int) -> None:
    editor = Editor(tangled, seed)
    done = []
    for _ in range(15):
        done.append(editor.edit())
        assert told(tangled) == told_anew(tangled), f"seed {seed}: {'; '.join(done)}"


@pytest.mark.parametrize("path", ["pkg/added.py", "tests/conftest.py"])
def test_a_file_more(tangled: Path, path: str) -> None:
    (tangled / path).write_text("from pkg.models import User\n\nUser().save()\n", encoding="utf-8")

    assert told(tangled) == told_anew(tangled)


def test_a_file_less(tangled: Path) -> None:
    (tangled / "pkg" / "models.py").unlink()

    assert told(tangled) == told_anew(tangled)
