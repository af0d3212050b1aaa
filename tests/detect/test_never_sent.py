"""A job of a queue that nobody sends runs nowhere, as far as the repository shows: another program may send it."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

TASKS = """
import requests
from celery import Celery

queue = Celery("shop")


@queue.task{given}
def fetch_rates() -> str:
    return requests.get("https://rates.example").text
"""
SERVED = """
from fastapi import FastAPI

from shop import tasks

app = FastAPI()


@app.get("/rates")
def rates():
    {body}
"""


def confidence_in(root: Path, body: str = "return {}", given: str = "", **others: str) -> Confidence:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(SERVED.format(body=body))
    (root / "shop" / "tasks.py").write_text(TASKS.format(given=given))
    for name, text in others.items():
        (root / "shop" / f"{name}.py").write_text(text)
    (found,) = [part for part in api.audit(root).findings if part.code == "DEP001"]
    return found.confidence


def test_nobody_sends_it(tmp_path: Path) -> None:
    assert confidence_in(tmp_path) is Confidence.PROBABLE


@pytest.mark.parametrize(
    ("body", "given", "others"),
    [
        ("return tasks.fetch_rates.delay().id", "", {}),
        ("return tasks.queue.send_task('shop.tasks.fetch_rates').id", "", {}),
        ("return {}", "(name='rates.fetch')", {}),
        ("return {}", "", {"plan": "beat_schedule = {'rates': {'task': 'shop.tasks.fetch_rates', 'schedule': 60}}\n"}),
        ("return {}", "", {"settings": "INSTALLED_APPS = ['django_celery_beat']\n"}),
    ],
    ids=["a request does", "by its name", "it has another name", "a schedule does", "a schedule that people make"],
)  # fmt: skip
def test_somebody_may_send_it(tmp_path: Path, body: str, given: str, others: dict[str, str]) -> None:
    assert confidence_in(tmp_path, body, given, **others) is Confidence.DEFINITE
