"""Small real projects, one for each framework: what their tests request, and what escapes these tests."""

FASTAPI = {
    "app/__init__.py": "",
    "app/main.py": """
import json
import os
import sqlite3

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

app = FastAPI()
RATES = os.environ.get("RATES_URL", "http://rates.example")


class Order(BaseModel):
    sku: str
    amount: int = Field(ge=1)


def known_user(authorization: str = Header(default="")):
    if authorization != "Bearer secret":
        raise HTTPException(status_code=401)
    return "ann"


def database():
    return sqlite3.connect(os.environ["SHOP_DB"])


@app.get("/rates")
def rates():
    try:
        answer = httpx.get(f"{RATES}/latest", timeout=1)
    except httpx.HTTPError:
        raise HTTPException(status_code=503, detail="no rates")
    return {"rates": answer.text}


@app.post("/orders", status_code=201)
def create(order: Order, user: str = Depends(known_user)):
    connection = database()
    connection.execute("insert into orders (sku, amount) values (?, ?)", (order.sku, order.amount))
    connection.commit()
    return {"sku": order.sku, "owner": user}


@app.get("/orders")
def orders(response: Response):
    response.headers["Cache-Control"] = "no-store"
    return {"orders": database().execute("select sku, amount from orders").fetchall()}


@app.get("/events")
def events():
    def lines():
        yield "data: " + json.dumps({"number": 1}) + "\\n\\n"
        yield "data: [DONE]\\n\\n"

    return StreamingResponse(lines(), media_type="text/event-stream")
""",
    "tests/conftest.py": """
import sqlite3

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def shop(tmp_path, monkeypatch):
    file = tmp_path / "shop.db"
    monkeypatch.setenv("SHOP_DB", str(file))
    with sqlite3.connect(file) as connection:
        connection.execute("create table orders (sku text, amount integer)")
    return TestClient(app)
""",
    "tests/test_app.py": """
def test_order(shop):
    answer = shop.post("/orders", json={"sku": "a", "amount": 2}, headers={"Authorization": "Bearer secret"})
    assert answer.status_code == 201


def test_the_rest(shop):
    assert shop.get("/orders").status_code == 200
    assert shop.get("/events").status_code == 200
""",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}

FLASK = {
    "web.py": """
import requests
from flask import Flask, abort, jsonify

app = Flask(__name__)
STOCK = {"a": 3}


@app.get("/weather")
def weather():
    answer = requests.get("http://weather.example/now", timeout=1)
    answer.raise_for_status()
    return jsonify(weather=answer.text)


@app.get("/stock/<sku>")
def stock(sku):
    if sku not in STOCK:
        abort(404)
    return jsonify(sku=sku, left=STOCK[sku])
""",
    "tests/test_web.py": """
from web import app


def test_stock():
    http = app.test_client()
    assert http.get("/stock/a").status_code == 200
""",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}

DJANGO = {
    "manage.py": """
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
""",
    "shop/__init__.py": "",
    "shop/settings.py": """
SECRET_KEY = "x"
ROOT_URLCONF = "shop.urls"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
""",
    "shop/urls.py": """
from django.urls import path

from shop import views

urlpatterns = [path("prices", views.prices), path("mine", views.mine)]
""",
    "shop/views.py": """
import requests
from django.http import JsonResponse


def prices(request):
    try:
        answer = requests.get("http://prices.example/", timeout=1)
    except requests.RequestException:
        return JsonResponse({"error": "no prices"}, status=503)
    return JsonResponse({"prices": answer.text})


def mine(request):
    if request.headers.get("Authorization") != "Bearer k":
        return JsonResponse({}, status=401)
    return JsonResponse({"mine": []})
""",
    "tests/test_views.py": """
def test_mine(client):
    assert client.get("/mine", headers={"Authorization": "Bearer k"}).status_code == 200
""",
    "pyproject.toml": (
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["django", "pytest-django"]\n\n'
        '[tool.pytest.ini_options]\npythonpath = ["."]\nDJANGO_SETTINGS_MODULE = "shop.settings"\n'
    ),
}

AIOHTTP = {
    "web_app.py": """
from aiohttp import web


async def stock(request):
    return web.json_response({"left": 3})


app = web.Application()
app.router.add_get("/stock", stock)
""",
    "tests/test_stock.py": """
import web_app


def test_there_is_an_application():
    assert web_app.app is not None
""",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}

PROJECTS = {"fastapi": FASTAPI, "flask": FLASK, "django": DJANGO, "aiohttp": AIOHTTP}
