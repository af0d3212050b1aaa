"""What was seeded into an application truly fails for whoever calls it over HTTP, or reads what it wrote."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.catalogue.seeded import Names, both

SHOP = """
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

app = FastAPI()


def require_admin(request: Request) -> str:
    if request.headers.get("x-user") != "admin":
        raise HTTPException(status_code=403)
    return "admin"


@app.get("/orders/last")
async def last() -> str:
    return "last"


@app.get("/orders/{number}")
async def order(number: int) -> dict[str, object]:
    if number < 1:
        raise HTTPException(status_code=404)
    return {"number": number, "paid": True}


@app.get("/all")
async def orders(limit: int = Query(1, le=10), page: int = 1, page_size: int = 2) -> list[int]:
    first = (page - 1) * page_size
    return list(range(20))[first:first + limit]


@app.delete("/orders")
async def delete(_admin: str = Depends(require_admin)) -> None:
    return None


@app.get("/secret")
async def secret() -> JSONResponse:
    return JSONResponse("secret", headers={"Cache-Control": "no-store"})


@app.get("/words")
async def words() -> StreamingResponse:
    async def written():
        for word in ("one", "two"):
            yield f"data: {word}\\n\\n"
        yield "data: [DONE]\\n\\n"
    return StreamingResponse(written())
"""
CASES: dict[str, tuple[str, str, str, Callable[[Any], object], object, object]] = {
    "a route is not there": ("W1", "`secret`", "GET /secret", lambda each: each.status_code, 200, 404),
    "another route answers": ("W2", "", "GET /orders/last", lambda each: each.status_code, 200, 422),
    "strangers delete": ("W3", "`delete`", "DELETE /orders", lambda each: each.status_code, 403, 200),
    "a check never strikes": ("W3", "turned away", "DELETE /orders", lambda each: each.status_code, 403, 200),
    "a field is called otherwise": (
        "W4", '"number"', "GET /orders/7", lambda each: sorted(each.json()), ["number", "paid"], ["number_", "paid"],
    ),
    "a field is null": ("W5", '"paid"', "GET /orders/7", lambda each: each.json()["paid"], True, None),
    "a header is missing": ("W6", "", "GET /secret", lambda each: each.headers.get("cache-control"), "no-store", None),
    "what is not there is served": ("W7", "should be", "GET /orders/0", lambda each: each.status_code, 404, 200),
    "there is no limit": ("W7", "`le=10`", "GET /all?limit=11", lambda each: each.status_code, 422, 200),
    "the first page is skipped": ("W8", "", "GET /all", lambda each: each.json(), [0], [2]),
    "the end is not told": ("S1", "", "GET /words", lambda each: "[DONE]" in each.text, True, False),
}  # fmt: skip


@pytest.mark.parametrize("title", CASES)
def test_whoever_calls_the_application_sees_the_failure(title: str) -> None:
    key, note, request, look, expected, failed = CASES[title]
    method, path = request.split(" ")

    def observe(names: Names) -> object:
        return look(TestClient(names["app"]).request(method, path))

    assert both(key, SHOP, observe, note) == (expected, failed)


FLASK = """
from flask import Blueprint, Flask

pages = Blueprint("pages", __name__)


@pages.route("/about")
def about() -> str:
    return "about"


app = Flask("shop")
app.register_blueprint(pages)
"""


@pytest.mark.parametrize("note", ["`about`", "register_blueprint"])
def test_a_page_of_flask_is_not_there(note: str) -> None:
    def asked(names: Names) -> object:
        return names["app"].test_client().get("/about").status_code

    assert both("W1", FLASK, asked, note) == (200, 404)


ORDERS = """
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///FILE")


def set_up() -> None:
    with engine.begin() as connection:
        connection.execute(text("create table orders (number integer)"))


def save(number: int) -> None:
    with Session(engine) as session:
        session.execute(text("insert into orders values (:number)"), {"number": number})
        session.commit()


def count() -> int:
    with engine.connect() as connection:
        return connection.execute(text("select count(*) from orders")).scalar_one()
"""


def test_what_was_saved_is_gone(tmp_path: Path) -> None:
    files = iter(("before.db", "after.db"))

    def saved(names: Names) -> object:
        names["engine"] = names["create_engine"](f"sqlite:///{tmp_path / next(files)}")
        names["set_up"]()
        names["save"](7)
        found = names["count"]()
        names["engine"].dispose()
        return found

    assert both("P7", ORDERS, saved, "`session`") == (1, 0)
