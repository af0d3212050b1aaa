"""What a setting decides is not certain to be done."""

import pytest

from greenroom import api
from greenroom.model.finding import Confidence
from tests.conftest import WriteProject

APP = """
import os

from fastapi import FastAPI

from shop.settings import STAGE, settings

app = FastAPI()


@app.post("/orders")
async def place(order: dict):
{body}
    return {{}}
"""


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ("    os.system('make label')", Confidence.DEFINITE),
        ("    if order:\n        os.system('make label')", Confidence.DEFINITE),
        ("    if settings.hook:\n        os.system(settings.hook)", Confidence.PROBABLE),
        ("    hook = settings.hook\n    if hook:\n        os.system(hook)", Confidence.PROBABLE),
        ("    if not settings.hook:\n        return {}\n    os.system(settings.hook)", Confidence.PROBABLE),
        ("    if not order:\n        return {}\n    os.system('make label')", Confidence.DEFINITE),
        ("    if STAGE == 'PROD':\n        return {}\n    os.system('make label')", Confidence.PROBABLE),
        (
            "    if settings.hook:\n        pass\n    else:\n        os.system('make label')",
            Confidence.PROBABLE,
        ),
        (
            "    if order:\n        if settings.hook:\n            return {}\n    os.system('make label')",
            Confidence.DEFINITE,
        ),
    ],
)
def test_a_blocking_call_that_a_setting_decides(
    write_project: WriteProject, body: str, known: Confidence
) -> None:
    settings = "import os\n\n\nclass Settings:\n    hook = os.getenv('HOOK')\n\n\nsettings = Settings()\nSTAGE = os.getenv('STAGE')\n"
    root = write_project({"shop/app.py": APP.format(body=body), "shop/settings.py": settings})

    [finding] = [part for part in api.audit(root).findings if part.code == "EVL001"]

    assert finding.confidence is known
