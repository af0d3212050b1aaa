"""Which method a message names, where a handler asks for it."""

import pytest

from greenroom import api
from tests.conftest import WriteProject

APP = """
from flask import Flask, redirect, request, render_template

app = Flask(__name__)


@app.route("/accounts/<name>", methods=["GET", "POST", "DELETE"])
def account(name):
{body}
"""
LEFT = """
    if request.method == "GET":
        if not name:
            return redirect("/")
        elif name == "new":
            return render_template("new.html")
        else:
            return render_template("account.html")
    return str(int(request.values["number"]))
"""
ASKED = """
    if request.method in ("POST", "PUT") and name:
        return str(int(request.values["number"]))
    return redirect("/")
"""
OTHER = """
    if request.method != "GET":
        if not request.method == "POST":
            return str(int(request.values["number"]))
    return redirect("/")
"""
BODY = """
    return str(int(request.form["number"]))
"""
ANY = """
    if request.method == "GET" and not name:
        return redirect("/")
    return str(int(request.values["number"]))
"""


@pytest.mark.parametrize(
    ("body", "method"),
    [
        (LEFT, "POST"),
        (ASKED, "POST"),
        (OTHER, "DELETE"),
        (BODY, "POST"),
        (ANY, "GET"),
    ],
)
def test_a_method_that_comes_there_is_named(body: str, method: str, write_project: WriteProject) -> None:
    root = write_project({"app.py": APP.format(body=body)})
    [finding] = [part for part in api.audit(root).findings if part.code == "SEC006"]
    assert f"makes `{method} /accounts/<name>` fail" in finding.message
