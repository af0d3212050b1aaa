"""What the pages' blocks cannot show: what a message names, how a finding is ranked, what is only possible."""

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from greenroom.catalogue.event_loop import blocking_call, dangling_task
from greenroom.detect.run import detect
from greenroom.model.finding import Confidence, Finding, Severity
from greenroom.model.mode import FailureMode
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

Audit = Callable[[FailureMode, Mapping[str, str]], list[Finding]]


@pytest.fixture
def audit(write_project: WriteProject) -> Audit:
    def run(mode: FailureMode, files: Mapping[str, str]) -> list[Finding]:
        root = write_project({name: dedent(text) for name, text in files.items()})
        return list(detect(read_project(root, Settings()), [mode]))

    return run


def test_a_task_made_in_a_lambda_is_named_by_its_own_work(audit: Audit) -> None:
    text = """
        import asyncio

        class Channel:
            async def stop(self):
                self.stopped.set()
                self.loop.call_soon_threadsafe(lambda: asyncio.create_task(self.session.close()))
    """

    (finding,) = audit(dangling_task.MODE, {"channel.py": text})

    assert "the task of `self.session.close(…)`" in finding.message
    assert finding.place.symbol == "Channel.stop"


def test_a_handler_that_awaits_nothing_may_be_plain(audit: Audit) -> None:
    text = """
        import asyncio
        import time

        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/plain")
        async def plain():
            time.sleep(1)

        @app.get("/waiting")
        async def waiting():
            time.sleep(1)
            await asyncio.sleep(0)

        @app.websocket("/socket")
        async def socket(socket):
            time.sleep(1)
    """

    found = {finding.place.symbol: finding.remedy for finding in audit(blocking_call.MODE, {"main.py": text})}

    assert found["plain"].startswith("declare it `def` in place of `async def`: it awaits nothing")
    assert found["waiting"] == found["socket"] == blocking_call.MODE.remedy


def test_a_start_that_stands_still_is_told_as_that(audit: Audit) -> None:
    text = """
        import time
        from contextlib import asynccontextmanager
        from pathlib import Path

        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            time.sleep(5)
            Path("words.txt").read_text()
            yield

        app = FastAPI(lifespan=lifespan)
    """

    sleeping, reading = audit(blocking_call.MODE, {"main.py": text})

    assert (sleeping.confidence, sleeping.severity) == (Confidence.POSSIBLE, Severity.MEDIUM)
    assert "request" not in sleeping.consequence
    assert reading.confidence is Confidence.POSSIBLE


def test_a_handler_that_an_import_registers_is_not_said_to_run_there(audit: Audit) -> None:
    text = """
        import requests

        def register(routes):
            async def rates():
                return requests.get("https://rates.example", timeout=5).text

            routes["rates"] = rates

        register({})
    """

    (finding,) = audit(blocking_call.MODE, {"handlers.py": text})

    assert "import" not in finding.message
    assert finding.severity is Severity.MEDIUM
    assert finding.chain == ()


def test_encoding_an_image_in_memory_computes(audit: Audit) -> None:
    text = """
        from io import BytesIO

        from fastapi import FastAPI
        from PIL import Image

        app = FastAPI()

        @app.get("/dot")
        async def dot():
            written = BytesIO()
            Image.new("RGB", (2000, 2000)).save(written, format="PNG")
            return len(written.getvalue())
    """

    (finding,) = audit(blocking_call.MODE, {"main.py": text})

    assert "`PIL.Image.Image.save` computes for long" in finding.message


@pytest.mark.parametrize("waits", ["await asyncio.sleep(1)", "await note.kept()"])
def test_a_dropped_task_is_probable_at_most(audit: Audit, waits: str) -> None:
    text = f"""
        import asyncio

        from fastapi import FastAPI

        app = FastAPI()

        async def work(note):
            {waits}

        @app.get("/notes")
        async def notes():
            asyncio.create_task(work("read"))
            return {{}}
    """

    (finding,) = audit(dangling_task.MODE, {"main.py": text})

    assert finding.confidence is Confidence.PROBABLE


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"https://data.example/prices.csv"', "waits for the network"),
        ("f\"{TABLES['prices']}?page={page}\"", "waits for the network"),
        ('"/data/prices.csv"', "waits for the disk"),
        ('FOLDER / "prices.csv"', "waits for the disk"),
        ('str(FOLDER / page / "prices.csv")', "waits for the disk"),
        ("page", "reads a file or an address"),
        ('f"{page}/prices.csv"', "reads a file or an address"),
        ("settings.prices", "reads a file or an address"),
    ],
)
def test_what_a_table_is_read_from(source: str, said: str, audit: Audit) -> None:
    text = f"""
        from pathlib import Path

        import pandas as pd
        from fastapi import FastAPI

        from shop import settings

        app = FastAPI()
        FOLDER = Path("/data")
        TABLES = {{"prices": "https://data.example/" + "prices"}}

        @app.get("/prices")
        async def prices(page: str):
            return len(pd.read_csv({source}))
    """

    (finding,) = audit(blocking_call.MODE, {"main.py": text})

    assert f"`pandas.read_csv` {said} on the event loop" in finding.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    if request.method == 'GET':\n        return 'form'\n    return check()", "(`POST /login`)"),
        (
            "    if request.method == 'POST':\n        return await enter()\n    return 'form'",
            "from `POST /login`,",
        ),
        ("    if request.method == 'GET':\n        return check()\n    return 'done'", "(`GET /login`)"),
        ("    return check()", "(`GET /login`)"),
    ],
)
def test_a_method_that_comes_there_is_named(body: str, said: str, audit: Audit) -> None:
    text = f"""
import bcrypt
from quart import Quart, request

app = Quart(__name__)


def check():
    return str(bcrypt.checkpw(b"a", b"b"))


async def enter():
    return check()


@app.route("/login", methods=["GET", "POST"])
async def login():
{body}
"""

    (finding,) = audit(blocking_call.MODE, {"main.py": text})

    assert said in finding.message
