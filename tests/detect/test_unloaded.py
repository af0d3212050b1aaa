"""What stands in a file that nothing loads is only possible; what somebody may load is not."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

WAITS = """
import requests
from fastapi import APIRouter

router = APIRouter()


@router.get("/{name}")
async def {name}():
    return requests.get("https://rates.example", timeout=3).json()
"""
MAIN = """
from importlib import import_module

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {}


for name in ("shop.web.orders", "shop.web.customers"):
    app.include_router(import_module(name).router)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An application that is started, and that mounts two of its three routers by their names."""
    (tmp_path / "Dockerfile").write_text('FROM python:3.11\nCMD ["uvicorn", "shop.main:app"]\n')
    (tmp_path / "shop" / "web").mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "main.py").write_text(MAIN)
    (tmp_path / "shop" / "web" / "__init__.py").touch()
    for name in ("orders", "customers", "forgotten"):
        (tmp_path / "shop" / "web" / f"{name}.py").write_text(WAITS.replace("{name}", name))
    return tmp_path


def shown(root: Path) -> set[str]:
    found = api.audit(root).findings
    waiting = [part for part in found if part.code == "EVL001"]
    assert {Path(part.place.path).stem for part in waiting} == {"orders", "customers", "forgotten"}
    return {Path(part.place.path).stem for part in waiting if part.confidence is not Confidence.POSSIBLE}


def test_nobody_loads_it(shop: Path) -> None:
    assert shown(shop) == {"orders", "customers"}


def test_a_test_that_imports_it_starts_nothing(shop: Path) -> None:
    (shop / "tests").mkdir()
    (shop / "tests" / "test_forgotten.py").write_text(
        "from shop.web import forgotten\n\n\ndef test_it():\n    assert forgotten\n"
    )

    assert shown(shop) == {"orders", "customers"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/other.py", "from shop.web import forgotten\n"),
        ("shop/other.py", 'NAMES = ["forgotten"]\n'),
        ("compose.yaml", "services:\n  web:\n    command: python -m shop.web.forgotten\n"),
    ],
)
def test_somebody_may_load_it(shop: Path, path: str, text: str) -> None:
    (shop / path).write_text(text)

    assert "forgotten" in shown(shop)


def test_a_folder_that_something_goes_through(shop: Path) -> None:
    (shop / "shop" / "main.py").write_text(
        MAIN.replace('("shop.web.orders", "shop.web.customers")', "everything()")
    )

    assert "forgotten" in shown(shop)


def test_where_it_is_not_known_what_starts(shop: Path) -> None:
    (shop / "Dockerfile").unlink()

    assert "forgotten" in shown(shop)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "pyproject.toml",
            '[tool.ruff.lint.per-file-ignores]\n"shop/web/forgotten.py" = ["F821"]\n\n[tool.ruff]\nline-length = 99\n',
        ),
        (
            "pyproject.toml",
            '[[tool.mypy.overrides]]\nmodule = [\n  "shop.web.forgotten",\n]\nignore_errors = true\n',
        ),
        ("setup.cfg", "[coverage:run]\nomit =\n    shop/web/forgotten.py\n"),
        (".flake8", "[flake8]\nexclude = shop/web/forgotten.py\n"),
    ],
)
def test_linters_that_pass_over_it_load_nothing(shop: Path, file: str, text: str) -> None:
    (shop / file).write_text(text)

    assert shown(shop) == {"orders", "customers"}


def test_whoever_starts_it_beside_the_linters_loads_it(shop: Path) -> None:
    told = '[tool.ruff]\nexclude = ["shop/web/forgotten.py"]\n\n[tool.tasks]\nserve = "uvicorn shop.web.forgotten:router"\n'
    (shop / "pyproject.toml").write_text(told)

    assert shown(shop) == {"orders", "customers", "forgotten"}


PROGRAM = """
import requests

for number in range(60):
    requests.post("https://rates.example/orders", json={"number": number})
"""


@pytest.mark.parametrize(
    ("name", "recipe", "expected"),
    [
        ("generate_orders", "", Confidence.POSSIBLE),
        ("generate_orders", "generate_orders.py", Confidence.PROBABLE),
        ("worker", "", Confidence.PROBABLE),
    ],
    ids=["by hand", "by a recipe", "by its name"],
)
def test_a_program_that_nobody_starts_is_run_by_hand(
    shop: Path, name: str, recipe: str, expected: Confidence
) -> None:
    (shop / f"{name}.py").write_text(PROGRAM)
    (shop / "Makefile").write_text(f"orders:\n\tpython {recipe}\n")

    (found,) = [part for part in api.audit(shop).findings if part.code == "DEP001"]

    assert found.confidence is expected
