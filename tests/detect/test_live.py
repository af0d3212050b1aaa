"""What counts only where the deployment is known to come is possible elsewhere."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

LEAVES = """
import asyncio

from fastapi import FastAPI

app = FastAPI()


async def tell() -> None:
    await asyncio.sleep(5)


@app.get("/")
async def read() -> None:
    asyncio.create_task(tell())
"""
KEEPS = LEAVES.replace("asyncio.create_task(tell())", "await tell()")
COMPOSE = """
services:
  app:
    build: .
    environment:
      JWT_SECRET: ${{JWT_SECRET:-not-so-secret}}
    {more}
"""


def confidence(root: Path, code: str) -> Confidence:
    (found,) = [part for part in api.audit(root).findings if part.code == code]
    return found.confidence


def shop(root: Path, *, started: str) -> Path:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(LEAVES)
    (root / "shop" / "other.py").write_text(KEEPS)
    (root / "Dockerfile").write_text(f'FROM python:3.11\nCMD ["uvicorn", "shop.{started}:app"]\n')
    return root


def test_a_route_of_what_is_started(tmp_path: Path) -> None:
    assert confidence(shop(tmp_path, started="main"), "EVL004") is Confidence.PROBABLE


def test_a_route_of_what_nobody_starts_beside_what_is_started(tmp_path: Path) -> None:
    assert confidence(shop(tmp_path, started="other"), "EVL004") is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ("ports: ['8000:8000']", Confidence.POSSIBLE),
        ("restart: always", Confidence.PROBABLE),
        ("restart: always\n    volumes: ['.:/app']", Confidence.POSSIBLE),
    ],
)
def test_a_compose_file_counts_where_it_shows_that_it_is_deployed(
    tmp_path: Path, more: str, known: Confidence
) -> None:
    (tmp_path / "main.py").write_text('import os\n\nKEY = os.environ["JWT_SECRET"]\n')
    (tmp_path / "compose.yaml").write_text(COMPOSE.format(more=more))

    assert confidence(tmp_path, "CFG007") is known
