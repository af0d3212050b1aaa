"""Nobody calls a function whose name nobody says; one word elsewhere, and somebody may call it."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.detect.uncalled import Uncalled
from greenroom.model.finding import Confidence
from greenroom.model.settings import Settings
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import read_project

PRICES = """
import asyncio


async def ask(kind: str) -> None:
    await asyncio.sleep(5)


class Feed:
    def fetch_rates(self, kind: str) -> None:
        asyncio.create_task(ask(kind))
"""
SERVED = """
from fastapi import FastAPI

from shop.prices import Feed

app = FastAPI()
feed = Feed()


@app.get("/health")
def health():
    return {}
"""


def is_uncalled(root: Path, prices: str = PRICES, **others: str) -> bool:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(SERVED)
    (root / "shop" / "prices.py").write_text(prices)
    for name, text in others.items():
        (root / "shop" / f"{name}.py").write_text(text)
    project = read_project(root, Settings())
    (makes,) = [
        scope
        for scope in project.modules["shop/prices.py"].scopes
        if any(call.callee == "asyncio.create_task" for call in scope.body.calls)
    ]
    return Uncalled(project, scope_at).holds(makes)


def scope_at(module: Module, line: int) -> Scope:
    around = [scope for scope in module.scopes if scope.line <= line <= scope.end_line]
    return max(around, key=lambda scope: (scope.line, scope.index), default=module.top)


def test_nobody_says_its_name(tmp_path: Path) -> None:
    assert is_uncalled(tmp_path)


def test_nobody_makes_one_of_its_class(tmp_path: Path) -> None:
    made = PRICES.replace("Feed", "Source").replace("fetch_rates", "on_rates")

    assert is_uncalled(tmp_path, f"{made}\n\nclass Feed:\n    pass\n")


def test_the_project_serves_nobody(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "prices.py").write_text(PRICES)

    (found,) = [part for part in api.audit(tmp_path).findings if part.code == "EVL004"]

    assert found.confidence is Confidence.PROBABLE


@pytest.mark.parametrize(
    "text",
    [
        "from shop.prices import Feed\n\nFEEDS = [Feed]\n\n\ndef ask(name):\n    return [feed.fetch_rates(name) for feed in FEEDS]\n\n\nASK = ask\n",
        'NAMES = {"rates": "fetch_rates"}\n',
        'class Tariff:\n    def ask(self, kind):\n        return getattr(self, f"fetch_{kind}")\n',
    ],
    ids=["called", "named in a text", "a part of its name asked for"],
)
def test_somebody_may_call_it(tmp_path: Path, text: str) -> None:
    assert not is_uncalled(tmp_path, tariff=text)


@pytest.mark.parametrize(
    "text",
    [
        "# fetch_rates was here\n",
        "from shop.prices import Feed\n\n\nclass Old:\n    def fetch_rates(self, kind):\n        return {}\n",
        "def list_rates(feed):\n    return feed.fetch_rates('all')\n",
    ],
    ids=["a comment", "another of the same name", "one that nobody calls"],
)
def test_nobody_who_is_called_calls_it(tmp_path: Path, text: str) -> None:
    assert is_uncalled(tmp_path, tariff=text)


SHOWN = "from shop.prices import Feed\n\nFeed().fetch_rates('all')\n"


OTHER = """
class Rates:
    def fetch_rates(self, kind: str) -> None:
        print(kind)


class Others:
    def fetch_rates(self, kind: str) -> None:
        print(kind)


def chosen(kind: str):
    return Rates() if kind else Others()


print(chosen("a").fetch_rates("b"))
"""


@pytest.mark.parametrize(("made", "expected"), [("Rates()", True), ("Feed()", False)])
def test_what_of_that_name_is_called_is_one_of_several_others(
    tmp_path: Path, made: str, *, expected: bool
) -> None:
    text = OTHER.replace("return Rates()", f"return {made}")
    assert is_uncalled(tmp_path, other=f"from shop.prices import Feed\n{text}") is expected


def test_only_a_demonstration_that_nobody_imports_calls_it(tmp_path: Path) -> None:
    assert is_uncalled(tmp_path, demo=SHOWN)


@pytest.mark.parametrize(
    "others",
    [{"demo": SHOWN, "tariff": "from shop import demo\n"}, {"tariff": SHOWN}],
    ids=["it is imported", "another program"],
)
def test_what_else_calls_it_may_be_run(tmp_path: Path, others: dict[str, str]) -> None:
    assert not is_uncalled(tmp_path, **others)


def test_a_demonstration_that_an_image_starts_is_none(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nCOPY . .\nCMD python -m shop.demo\n")

    assert not is_uncalled(tmp_path, demo=SHOWN)


def test_what_a_distribution_offers_is_shown_to_those_who_install_it(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("from setuptools import setup\n\nsetup(name='shop')\n")

    assert not is_uncalled(tmp_path, demo=SHOWN)


HANDED_ON = """
import asyncio

__all__ = ["Feed", "watch_rates"]


async def ask(kind: str) -> None:
    await asyncio.sleep(5)


def watch_rates(kind: str) -> None:
    asyncio.create_task(ask(kind))


class Feed:
    pass
"""
DOOR = 'from shop.prices import watch_rates\n\n__all__ = [\n    "watch_rates",\n]\n'


def test_the_door_of_a_package_hands_it_out_and_nobody_takes_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")

    assert is_uncalled(tmp_path, HANDED_ON, __init__=DOOR)


@pytest.mark.parametrize(
    ("recipe", "text"),
    [
        ("pyproject.toml", "[build-system]\nrequires = ['hatchling']\n"),
        ("setup.py", "from setuptools import setup\n\nsetup(name='shop')\n"),
    ],
)
def test_others_may_install_the_package_and_take_it(tmp_path: Path, recipe: str, text: str) -> None:
    (tmp_path / recipe).write_text(text)

    assert not is_uncalled(tmp_path, HANDED_ON, __init__=DOOR)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    def fetch_rates", "    @scheduled\n    def fetch_rates"),
        ("class Feed:", "class Feed(Source):"),
        ("fetch_rates", "on_rates"),
    ],
    ids=["a decorator may register it", "a library's class may call it", "called by its name"],
)
def test_others_may_call_it(tmp_path: Path, before: str, after: str) -> None:
    prices = "from feeds import Source, scheduled\n" + PRICES.replace(before, after)

    assert not is_uncalled(tmp_path, prices)
