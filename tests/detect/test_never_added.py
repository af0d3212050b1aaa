"""A middleware that no code adds: no request goes through it."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

MIDDLEWARE = """
import requests
from starlette.middleware.base import BaseHTTPMiddleware


class Limits(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        requests.get("https://limits.example", timeout=3)
        return await call_next(request)
"""
SERVED = """
from fastapi import FastAPI
from starlette.middleware import Middleware

from shop.limits import Limits

app = FastAPI({given})
{added}


@app.get("/orders")
def orders():
    return []
"""


def confidence_in(root: Path, added: str = "", given: str = "") -> Confidence:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(SERVED.format(added=added, given=given))
    (root / "shop" / "limits.py").write_text(MIDDLEWARE)
    (found,) = [part for part in api.audit(root).findings if part.code == "EVL001"]
    return found.confidence


def test_it_is_laid_aside(tmp_path: Path) -> None:
    assert confidence_in(tmp_path, added="# app.add_middleware(Limits)") is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("added", "given"),
    [("app.add_middleware(Limits)", ""), ("", "middleware=[Middleware(Limits)]")],
    ids=["a call adds it", "the application is given it"],
)
def test_it_is_added(tmp_path: Path, added: str, given: str) -> None:
    assert confidence_in(tmp_path, added, given) is Confidence.DEFINITE
