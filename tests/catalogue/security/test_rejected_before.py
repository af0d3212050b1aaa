"""How sure it is that an ill-formed text gets as far as what converts it."""

import pytest

from greenroom import api
from greenroom.model.finding import Confidence
from tests.conftest import WriteProject

APP = """
from flask import Flask, abort, request

app = Flask(__name__)


def admit(what):
    if what.headers["X-Shop"] != "ours":
        abort(403)


def note(what):
    print(what.headers["X-Shop"])


@app.get("/orders")
def orders():
    {first}
    return {{"page": int(request.args["page"])}}
"""


@pytest.mark.parametrize(
    ("first", "known"),
    [
        ("admit(request)", Confidence.PROBABLE),
        ("if note(request): return {}", Confidence.PROBABLE),
        ("note(request)", Confidence.DEFINITE),
        ("later = lambda: admit(request)", Confidence.DEFINITE),
        ("if request.remote_addr != '127.0.0.1': return {}, 404", Confidence.POSSIBLE),
        ("if request.remote_addr not in ('127.0.0.1', '::1'): abort(404)", Confidence.POSSIBLE),
        ("if request.remote_addr == '127.0.0.1': note(request)", Confidence.DEFINITE),
        ("if request.host != 'shop.example': return {}, 404", Confidence.DEFINITE),
    ],
)
def test_a_function_that_is_given_the_request_first(
    write_project: WriteProject, first: str, known: Confidence
) -> None:
    root = write_project({"shop/app.py": APP.format(first=first)})

    [finding] = [part for part in api.audit(root).findings if part.code == "SEC006"]

    assert finding.confidence is known


@pytest.mark.parametrize(
    ("path", "around", "known"),
    [
        ("/orders", "if request.method == 'GET':", Confidence.DEFINITE),
        ("/orders", "if 'page' in request.args:", Confidence.DEFINITE),
        ("/orders", "if paged:", Confidence.PROBABLE),
        ("/webhooks/orders", "if request.method == 'GET':", Confidence.PROBABLE),
    ],
)
def test_a_condition_around_it(
    write_project: WriteProject, path: str, around: str, known: Confidence
) -> None:
    text = (
        "from flask import Flask, request\n\nfrom shop.settings import paged\n\napp = Flask(__name__)\n\n\n"
        f"@app.get('{path}')\ndef orders():\n    {around}\n        return {{'page': int(request.args['page'])}}\n    return {{}}\n"
    )
    root = write_project(
        {"shop/app.py": text, "shop/settings.py": "import os\n\npaged = bool(os.getenv('PAGED'))\n"}
    )

    [finding] = [part for part in api.audit(root).findings if part.code == "SEC006"]

    assert finding.confidence is known


@pytest.mark.parametrize(
    ("first", "known"),
    [
        ("if stage == 'PROD': return {}, 404", Confidence.PROBABLE),
        ("if not app.config['ORDERS']: return {}, 404", Confidence.PROBABLE),
        ("if request.args['kind'] == 'PROD': return {}, 404", Confidence.DEFINITE),
        ("if stage == 'PROD': print(stage)", Confidence.DEFINITE),
        ("stage = request.args['stage']\n    if stage == 'PROD': return {}, 404", Confidence.DEFINITE),
    ],
)
def test_a_stage_that_is_turned_away_before_it(
    write_project: WriteProject, first: str, known: Confidence
) -> None:
    text = (
        "from flask import Flask, request\n\nfrom shop.stages import stage\n\napp = Flask(__name__)\n\n\n"
        f"@app.get('/orders')\ndef orders():\n    {first}\n    return {{'page': int(request.args['page'])}}\n"
    )
    root = write_project(
        {"shop/app.py": text, "shop/stages.py": "import os\n\nstage = os.getenv('STAGE', 'DEV')\n"}
    )

    [finding] = [part for part in api.audit(root).findings if part.code == "SEC006"]

    assert finding.confidence is known
