"""What a project does not have is no good sign: its matrix says so, and only where it is certain."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from greenroom import api
from greenroom.report import render

PLAIN = """
    from fastapi import FastAPI

    app = FastAPI()


    @app.get("/health")
    async def health():
        return {}
"""
SOCKET = """

    @app.websocket("/ws")
    async def talk(ws):
        await ws.accept()
        await ws.close()
"""
AIOHTTP = """
    from aiohttp import web


    async def talk(request):
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        return answer


    app = web.Application()
    app.router.add_get("/talk", talk)
"""
CLIENT = "export const talk = (address) => new WebSocket(address)\n"
BROKEN = "def talk(:\n    pass\n"


@pytest.mark.parametrize(
    ("name", "text", "exposed"),
    [
        ("more.py", "", False),
        ("main.py", PLAIN + SOCKET, True),
        ("more.py", AIOHTTP, True),
        ("more.py", "import socketio\n\nserver = socketio.AsyncServer()\n", True),
        ("web/talk.ts", CLIENT, True),
        ("web/talk.ts", "export const add = (a: number) => a + 1\n", False),
        ("more.py", BROKEN, True),
    ],
    ids=["none", "route", "aiohttp", "library", "front", "front-without", "unparsed"],
)
def test_sockets_are_not_exposed_where_there_are_none(
    tmp_path: Path, name: str, text: str, *, exposed: bool
) -> None:
    for path, content in {"main.py": PLAIN, "web/index.ts": "", name: text}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(dedent(content))

    page = render(api.audit(tmp_path), api.modes(), "html")

    row = re.search(r"<tr>(?:(?!</tr>).)*?sockets(?:(?!</tr>).)*?</tr>", page, re.DOTALL)
    assert row is not None
    assert ("not exposed" in row[0]) is not exposed
