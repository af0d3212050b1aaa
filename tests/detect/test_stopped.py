"""What stands behind an import or a call that always fails is only possible: nobody comes there before it is mended."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

MAIN = """
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
async def rates(name: str):
{before}
    return requests.get("https://rates.example", timeout=3).json()
{behind}
"""
BROKEN = "    from shop.history import Rates"


def confidence(root: Path, before: str = "", behind: str = "", top: str = "") -> Confidence:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(top + MAIN.format(before=before, behind=behind))
    return next(part.confidence for part in api.audit(root).findings if part.code == "EVL001")


def test_behind_an_import_of_what_is_not_there(tmp_path: Path) -> None:
    assert confidence(tmp_path, before=BROKEN) is Confidence.POSSIBLE


def test_in_a_file_that_cannot_be_imported(tmp_path: Path) -> None:
    assert confidence(tmp_path, top=BROKEN.strip()) is Confidence.POSSIBLE


@pytest.mark.parametrize(
    "before",
    [
        f"    if name:\n    {BROKEN}",
        f"    try:\n    {BROKEN}\n    except ImportError:\n        pass",
        "    from shop import main",
    ],
)
def test_somebody_comes_there_by_another_way(tmp_path: Path, before: str) -> None:
    assert confidence(tmp_path, before=before) is not Confidence.POSSIBLE


def test_before_it(tmp_path: Path) -> None:
    assert confidence(tmp_path, behind=f"\n\ndef others():\n{BROKEN}") is not Confidence.POSSIBLE


RATES = """


class Rates:
    def __init__(self, client, *, limit=3):
        self.client = client


def history(name, days):
    return []
"""


@pytest.mark.parametrize(
    "call",
    [
        "Rates()",
        "Rates(1, 2)",
        "Rates(1, size=2)",
        "history(name)",
        "history(name, 3, context=name)",
        "history(days=3, names=name)",
    ],
)
def test_behind_a_call_that_does_not_fit(tmp_path: Path, call: str) -> None:
    assert confidence(tmp_path, before=f"    known = {call}", behind=RATES) is Confidence.POSSIBLE


@pytest.mark.parametrize(
    "before",
    [
        "    known = Rates(1, limit=2)",
        "    known = history(name, days=3)",
        "    known = history(*name)",
        "    known = history(**{})",
        "    if name:\n        history()",
        "    try:\n        history()\n    except TypeError:\n        pass",
    ],
)
def test_behind_a_call_that_fits_or_that_not_everybody_makes(tmp_path: Path, before: str) -> None:
    assert confidence(tmp_path, before=before, behind=RATES) is not Confidence.POSSIBLE


WRAPPED = """
from functools import wraps


def check(minutes):
    def wrapper(func):
        @wraps(func)
        async def wrapped(request):
            {call}
        return wrapped
    return wrapper


def log(func):
    async def logged({takes}):
        print(request)
        return await func({gives})
    return logged


"""


def wrapped(
    root: Path, call: str, takes: str = "request, *args", gives: str = "request, *args", more: str = ""
) -> Confidence:
    top = WRAPPED.format(call=call, takes=takes, gives=gives)
    main = MAIN.format(before="", behind="").replace("async def", "@check(3)\n@log\nasync def")
    (root / "shop").mkdir()
    (root / "shop" / "main.py").write_text(top + main.replace("name: str", f"request{more}"))
    return next(part.confidence for part in api.audit(root).findings if part.code == "EVL001")


@pytest.mark.parametrize(
    ("call", "takes"),
    [
        ("return await func(request, 1)", "request, *args"),
        ("return await func(request, 1)", "*args"),
        ("return await func(request, *[], 1, 2)", "request, *args"),
        ("return await func(request, 1)", "request"),
    ],
)
def test_a_function_that_its_decorators_give_too_much(tmp_path: Path, call: str, takes: str) -> None:
    gives = "*args" if takes == "*args" else "request, *args"
    assert wrapped(tmp_path, call, takes, gives) is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("call", "takes", "gives", "more"),
    [
        ("return await func(request)", "request, *args", "request, *args", ""),
        ("return await func(request, 1)", "request, *args", "request", ""),
        ("return await func(request, 1)", "request, *args", "request, *args", ", user"),
        ("return await func(request, 1)", "request, *args", "request, *args", ", *rest"),
        ("return await func(request, user=1)", "request, **args", "request, **args", ", **rest"),
        (
            "return await (func(request, 1) if request else func(request))",
            "request, *args",
            "request, *args",
            "",
        ),
        ("return await adapt(func)(request, 1)", "request, *args", "request, *args", ""),
    ],
)
def test_a_function_that_its_decorators_give_what_it_takes(
    tmp_path: Path, call: str, takes: str, gives: str, more: str
) -> None:
    assert wrapped(tmp_path, call, takes, gives, more) is not Confidence.POSSIBLE
