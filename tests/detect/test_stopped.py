"""What stands behind a line that always fails is only possible: nobody comes there before it is mended."""

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
    found = requests.get("https://rates.example", timeout=3).json()
{behind}
    return found
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
    assert confidence(tmp_path, behind=BROKEN) is not Confidence.POSSIBLE
