"""What the page's blocks cannot show: sites, severity, confidence, and limits that stand far away."""

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from greenroom.catalogue.dependency.missing_timeout import MODE
from greenroom.detect.run import detect
from greenroom.model.finding import Confidence, Finding, Reach, Severity
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

Audit = Callable[[Mapping[str, str]], list[Finding]]
STORE = """
import redis

client = redis.Redis(host="redis")

def load(key):
    return client.get(key)

def save(key, value):
    client.set(key, value)
"""
OLD_REDIS = {"requirements.txt": "redis==5.2.1\n"}
SERVED = {"Procfile": "web: uvicorn main:app\n"}
"""By a server that lets a request wait for ever."""


@pytest.fixture
def audit(write_project: WriteProject) -> Audit:
    def run(files: Mapping[str, str]) -> list[Finding]:
        return list(detect(read_project(write_project(files), Settings()), [MODE]))

    return run


def test_one_client_is_one_finding_with_its_calls_as_sites(audit: Audit) -> None:
    (finding,) = audit({"store.py": STORE, **OLD_REDIS})

    assert finding.place.line == 4
    assert [(site.line, site.symbol) for site in finding.sites] == [(7, "load"), (10, "save")]
    assert "2 calls" in finding.message


@pytest.mark.parametrize(
    ("server", "confidence", "consequence"),
    [
        ("uvicorn main:app", Confidence.DEFINITE, "until somebody restarts them"),
        ("gunicorn main:app", Confidence.PROBABLE, "until the server ends the request, if it ever does"),
        ("python -m shop", Confidence.PROBABLE, "until the server ends the request, if it ever does"),
    ],
)
def test_the_strongest_entry_to_a_call_is_the_reach_of_the_client(
    audit: Audit, server: str, confidence: Confidence, consequence: str
) -> None:
    route = "from fastapi import FastAPI\nimport store\napp = FastAPI()\n@app.get('/')\ndef index():\n    return store.load('a')\n"
    files = {"store.py": STORE, "main.py": route, "Dockerfile": f"FROM python:3.12\nCMD {server}\n"}

    (finding,) = audit({**files, **OLD_REDIS})

    assert finding.reach is Reach.ROUTE
    assert finding.severity is Severity.HIGH
    assert finding.confidence is confidence
    assert (finding.consequence or MODE.consequence).endswith(consequence)
    assert [site.symbol for site in finding.sites] == ["load"]  # nobody is known to come to `save`


@pytest.mark.parametrize(
    ("imported", "confidence"),
    [("", Confidence.POSSIBLE), ("from session import load as read\n", Confidence.PROBABLE)],
)
def test_a_client_in_a_file_that_nothing_loads_beside_an_application_that_is_started(
    audit: Audit, imported: str, confidence: Confidence
) -> None:
    route = f"from fastapi import FastAPI\n{imported}app = FastAPI()\n@app.get('/')\ndef load():\n    return {{}}\n"

    (finding,) = audit({"session.py": STORE, "main.py": route, **SERVED, **OLD_REDIS})

    assert finding.confidence is confidence


CONNECTOR = """
import requests

class Connector:
    def load(self):
        return requests.get("https://documents.example").json()

if __name__ == "__main__":
    print(Connector().load())
"""


def test_a_demonstration_in_a_file_that_others_import_is_no_command(audit: Audit) -> None:
    (finding,) = audit(
        {
            "connectors/__init__.py": "",
            "connectors/wiki.py": CONNECTOR,
            "factory.py": "from connectors.wiki import Connector\nKNOWN = {'wiki': Connector}\n",
        }
    )

    assert finding.reach is Reach.UNREACHED
    assert finding.severity is Severity.MEDIUM
    assert finding.confidence is Confidence.PROBABLE


def test_who_is_not_known_to_call_may_have_a_deadline(audit: Audit) -> None:
    (finding,) = audit({"store.py": STORE, **OLD_REDIS})

    assert finding.reach in (Reach.UNREACHED, Reach.PROJECT)
    assert finding.severity is Severity.MEDIUM
    assert finding.confidence is Confidence.PROBABLE


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("redis==5.2.1", [Confidence.PROBABLE]),
        ("redis<8", [Confidence.PROBABLE]),
        ("redis==8.0.0", []),
        ("redis>=5", []),
    ],
)
def test_the_version_decides_on_the_default(
    audit: Audit, requirement: str, expected: list[Confidence]
) -> None:
    found = audit({"store.py": STORE, "requirements.txt": f"{requirement}\n"})

    assert [finding.confidence for finding in found] == expected


def test_a_default_that_only_the_newest_version_has_is_less_sure(audit: Audit) -> None:
    code = (
        "import openai\nfrom fastapi import FastAPI\napp = FastAPI()\nclient = openai.OpenAI()\n"
        "@app.get('/')\ndef ask():\n    return client.models.list()\n"
    )

    (pinned,) = audit({"answer.py": code, "requirements.txt": "openai==1.54.0\n", **SERVED})
    (free,) = audit({"answer.py": code, "requirements.txt": "openai\n", **SERVED})

    assert (pinned.severity, pinned.confidence) == (Severity.LOW, Confidence.DEFINITE)
    assert "600 seconds" in pinned.message
    assert free.confidence is Confidence.PROBABLE


def test_a_client_whose_calls_all_have_a_limit_is_fine(audit: Audit) -> None:
    code = (
        "import httpx\n"
        "client = httpx.Client(timeout=None)\n"
        "def first():\n    return client.get('https://a.example', timeout=3)\n"
        "def second():\n    return client.get('https://b.example'{})\n"
    )

    assert audit({"rates.py": code.format(", timeout=4")}) == []
    (finding,) = audit({"rates.py": code.format("")})
    assert [site.line for site in finding.sites] == [6]


def test_a_deadline_counts_only_where_every_caller_has_one(audit: Audit) -> None:
    code = (
        "import asyncio\n"
        "import redis.asyncio as redis\n"
        "client = redis.Redis()\n"
        "async def load(key):\n    return await client.get(key)\n"
        "async def first():\n    async with asyncio.timeout(2):\n        return await load('a')\n"
        "async def second():\n    return await asyncio.wait_for(load('b'), {})\n"
    )

    assert audit({"store.py": code.format("2"), **OLD_REDIS}) == []
    assert len(audit({"store.py": code.format("None"), **OLD_REDIS})) == 1


def test_a_job_that_may_run_for_ever_is_no_deadline(audit: Audit) -> None:
    code = "import requests\nfrom rq.decorators import job\n@job('default'{})\ndef report():\n    requests.get('https://a.example')\n"
    files = {"requirements.txt": "rq==2.0.0\nrequests==2.32.0\n"}

    assert audit({"jobs.py": code.format(""), **files}) == []
    assert len(audit({"jobs.py": code.format(", timeout=-1"), **files})) == 1


def test_what_nobody_is_known_to_call_may_run_in_a_job_that_ends(audit: Audit) -> None:
    code = "import requests\nclass Plugin:\n    def check(self):\n        requests.get('https://a.example')\n"

    (alone,) = audit({"plugin.py": code})
    (queued,) = audit({"plugin.py": code, "requirements.txt": "rq==2.0.0\n"})

    assert alone.confidence is Confidence.PROBABLE
    assert queued.confidence is Confidence.POSSIBLE


def test_a_limit_for_all_sockets_holds_for_the_standard_library_only(audit: Audit) -> None:
    code = (
        "import socket\nimport urllib.request\nimport requests\n"
        "socket.setdefaulttimeout(5)\n"
        "def first():\n    return urllib.request.urlopen('https://a.example')\n"
        "def second():\n    return requests.get('https://a.example')\n"
    )

    assert [finding.place.symbol for finding in audit({"rates.py": code})] == ["second"]


def test_an_address_of_the_configuration_may_carry_the_limit(audit: Audit) -> None:
    code = "import os\nimport redis\nclient = redis.from_url(os.environ['REDIS_URL'])\ndef load():\n    return client.get('a')\n"
    compose = "services:\n  app:\n    environment:\n      REDIS_URL: redis://redis/0{}\n"

    (finding,) = audit({"store.py": code, "compose.yaml": compose.format(""), **OLD_REDIS})
    assert finding.confidence is Confidence.PROBABLE
    assert audit({"store.py": code, "compose.yaml": compose.format("?socket_timeout=2"), **OLD_REDIS}) == []


def test_connecting_alone_is_half_of_it(audit: Audit) -> None:
    code = STORE.replace('host="redis"', 'host="redis", socket_connect_timeout=2')

    (finding,) = audit({"store.py": code, **OLD_REDIS})

    assert "but that on connecting" in finding.message


def test_a_project_that_has_no_database_driver_talks_to_a_file(audit: Audit) -> None:
    code = "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ['URL'])\n"

    assert audit({"db.py": code, "requirements.txt": "sqlalchemy==2.0.36\n"}) == []
    assert len(audit({"db.py": code, "requirements.txt": "sqlalchemy==2.0.36\nasyncpg==0.30.0\n"})) == 1


def test_what_people_run_by_hand_is_possible_only(audit: Audit) -> None:
    code = "import requests\nif __name__ == '__main__':\n    requests.get('https://a.example')\n"

    (finding,) = audit({"scripts/fetch.py": code, "app/main.py": "x = 1\n"})

    assert finding.confidence is Confidence.POSSIBLE
    assert finding.severity is Severity.LOW


def test_the_remedy_names_the_argument(audit: Audit) -> None:
    (finding,) = audit({"store.py": STORE, **OLD_REDIS})

    assert "`socket_timeout=`" in finding.remedy


ASKED = """
import redis
from fastapi import FastAPI

app = FastAPI()


class Store:
    def __init__(self) -> None:
        self.client = redis.Redis(host="redis")

    def load(self, key, client=None):
        asked = {asked}
        return asked.get(key)


@app.get("/")
def index():
    return Store().load("a", redis.Redis(host="other", socket_timeout=3))
"""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("self.client", Confidence.DEFINITE), ("client or self.client", Confidence.PROBABLE)],
)
def test_a_client_is_definite_where_a_call_can_go_to_no_other(
    audit: Audit, asked: str, expected: Confidence
) -> None:
    (finding,) = audit({"main.py": ASKED.replace("{asked}", asked), **OLD_REDIS, **SERVED})

    assert (finding.place.line, finding.confidence) == (10, expected)


HELD = {
    "aiohttp": """
        import redis
        from aiohttp import web

        async def connect(app):
            app["cache"] = redis.asyncio.Redis(host="redis")

        async def stock(request):
            return web.json_response({"stock": await request.app["cache"].get("stock")})

        app = web.Application()
        app.on_startup.append(connect)
        app.router.add_get("/stock", stock)
        """,
    "fastapi": """
        import redis
        from contextlib import asynccontextmanager
        from fastapi import FastAPI, Request

        @asynccontextmanager
        async def lifespan(app):
            app.state.cache = redis.asyncio.Redis(host="redis")
            yield

        app = FastAPI(lifespan=lifespan)

        @app.get("/stock")
        async def stock(request: Request):
            return {"stock": await request.app.state.cache.get("stock")}
        """,
}


@pytest.mark.parametrize("framework", HELD)
def test_calls_through_what_the_application_holds_are_its_sites(audit: Audit, framework: str) -> None:
    (finding,) = audit({"main.py": dedent(HELD[framework]), **OLD_REDIS})

    assert "redis.asyncio.Redis" in finding.message
    assert [site.symbol for site in finding.sites] == ["stock"]
    assert finding.reach is Reach.ROUTE
