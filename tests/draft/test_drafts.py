"""A drafted test passes on the code as it is, and is red while the failure is there; what it lacks makes it red, too."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom import api
from greenroom.campaign.missed import Wanted
from greenroom.campaign.question import Question
from greenroom.campaign.request import Request
from greenroom.model.draft import Draft
from greenroom.model.mutant import Verdict
from greenroom.project.files.errors import ProjectError
from tests.campaign.conftest import NEEDLESS, write
from tests.draft.projects import PROJECTS

Project = Callable[[str], Path]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    known: dict[str, Path] = {}

    def written(name: str) -> Path:
        if name not in known:
            known[name] = tmp_path_factory.mktemp(name)
            write(known[name], PROJECTS[name])
        return known[name]

    return written


def line_of(root: Path, path: str, marked: str) -> int:
    (found,) = [
        number
        for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), start=1)
        if marked in line
    ]
    return found


def drafted(root: Path, operator: str, path: str, marked: str) -> Draft:
    return api.new_test(root, Wanted(incident=operator, path=path, line=line_of(root, path, marked)))


@pytest.mark.parametrize(
    ("name", "operator", "path", "marked"),
    [
        ("fastapi", "K1", "app/main.py", "RATES_URL"),
        ("fastapi", "W7", "app/main.py", "Field(ge=1)"),
        ("fastapi", "W3", "app/main.py", "if authorization"),
        ("fastapi", "E7", "app/main.py", "status_code=401"),
        ("fastapi", "T1", "app/main.py", "timeout=1"),
        ("fastapi", "E8", "app/main.py", "except httpx.HTTPError"),
        ("fastapi", "P7", "app/main.py", "connection.commit()"),
        ("fastapi", "W6", "app/main.py", "Cache-Control"),
        ("fastapi", "S1", "app/main.py", "[DONE]"),
        ("flask", "E10", "web.py", "raise_for_status"),
        ("flask", "W7", "web.py", "if sku not in STOCK"),
        ("django", "T1", "shop/views.py", "timeout=1"),
        ("django", "E1", "shop/views.py", "except requests.RequestException"),
        ("django", "W4", "shop/views.py", '"mine"'),
        ("aiohttp", "W1", "web_app.py", "add_get"),
    ],
)
def test_it_notices(project: Project, name: str, operator: str, path: str, marked: str) -> None:
    root = project(name)
    draft = drafted(root, operator, path, marked)
    (root / draft.file).write_text(draft.text, encoding="utf-8")

    request = Request(
        arguments=tuple(word for plugin in NEEDLESS for word in ("-p", f"no:{plugin}")), workers=1
    )
    question = Question(test=f"{draft.file}::{draft.test}", incidents=(draft.incident,))
    found = api.measure_effectiveness(root, request, question)

    (root / draft.file).unlink()
    assert (draft.missing, found.never_ran) == ((), ""), draft.text
    line = line_of(root, path, marked)
    (trial,) = [trial for trial in found.trials if trial.mutant.place.line == line]
    assert trial.verdict is Verdict.CAUGHT, draft.text
    assert all(control.held for control in found.controls)


def test_it_uses_the_fixture_and_the_request_of_the_suite(project: Project) -> None:
    draft = drafted(project("fastapi"), "P7", "app/main.py", "connection.commit()")

    assert draft.file == "tests/test_drop_commit_create.py"
    assert draft.text.endswith("""\
def test_what_was_written_is_there(shop):
    before = shop.get("/orders").text
    answer = shop.post("/orders", json={"sku": "a", "amount": 2}, headers={"Authorization": "Bearer secret"})

    assert answer.status_code < 400
    assert shop.get("/orders").text != before
""")


def test_what_cannot_be_read_is_said_and_fails(project: Project) -> None:
    root = project("fastapi")
    draft = drafted(root, "K6", "app/main.py", 'return {"orders"')
    (root / draft.file).write_text(draft.text, encoding="utf-8")

    question = Question(test=f"{draft.file}::{draft.test}", incidents=("K6",))
    found = api.measure_effectiveness(root, Request(workers=1), question)

    (root / draft.file).unlink()
    assert draft.missing == ("a test that puts something in, and asserts that the same comes out",)
    assert found.never_ran == (
        "it is red already, without any defect "
        "(Failed: TODO: a test that puts something in, and asserts that the same comes out)"
    )


def test_without_a_place_the_gravest_is_taken(project: Project) -> None:
    draft = api.new_test(project("flask"), Wanted(incident="drop-validation"))

    assert draft.incident == "W7"
    assert 'client.get("/stock/no-such-one")' in draft.text
    assert draft.text.startswith('"""Notices W7 drop-validation at web.py:')


def test_a_key_of_an_escape_is_understood(project: Project) -> None:
    root = project("flask")
    question = Question(test="tests/test_web.py", incidents=("W7",))
    (trial,) = api.measure_effectiveness(root, Request(workers=1), question).trials

    by_key = api.new_test(root, Wanted(incident=trial.mutant.key))

    assert by_key == drafted(root, "W7", "web.py", "if sku not in STOCK")


def test_a_place_where_it_cannot_happen_is_refused(project: Project) -> None:
    with pytest.raises(
        ProjectError, match=r"T1 cannot happen at web\.py:1; `greenroom prove` tells where it can"
    ):
        api.new_test(project("flask"), Wanted(incident="T1", path="web.py", line=1))


def test_what_nobody_knows_is_refused(project: Project) -> None:
    with pytest.raises(ProjectError, match="nobody knows 'T99'"):
        api.new_test(project("flask"), Wanted(incident="T99"))


@pytest.mark.parametrize("code", [mode.code for mode in api.modes()])
def test_of_every_failure_mode_there_is_a_test_that_runs_or_fails(project: Project, code: str) -> None:
    draft = api.new_test(project("flask"), Wanted(incident=code))

    called = [node.func for node in ast.walk(ast.parse(draft.text)) if isinstance(node, ast.Call)]
    says_todo = any(isinstance(function, ast.Name) and function.id == "todo" for function in called)
    assert draft.test.startswith("test_")
    assert says_todo == bool(draft.missing)
    if code not in {"DEP001", "DEP009", "ERR001", "INT001", "INT004", "SEC006"}:
        assert draft.missing


def test_what_can_happen_nowhere_here_is_said_without_a_place(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": "def price(text):\n    return int(text)\n"})

    draft = api.new_test(tmp_path, Wanted(incident="T1"))

    assert "a client of the application" in draft.missing
    assert "make the other side fail as `silent_server` says" in draft.missing
