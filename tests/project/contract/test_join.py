"""Requests of the front end joined with routes of the back end: whose server, which prefix, which method."""

from pathlib import Path

import pytest

from greenroom.project.contract.pattern import fit, is_same, of_request, of_route
from tests.project.front.test_front_files import read

NAMES = ("orders", "products", "customers", "invoices")
BACK = "from fastapi import FastAPI\n\napp = FastAPI()\n" + "".join(
    f'\n\n@app.get("/api/v1/{name}")\ndef list_{name}():\n    return []\n\n\n@app.get("/api/v1/{name}/{{number}}")\n'
    f"def read_{name}(number: int):\n    return number\n"
    for name in NAMES
)


def answers(folder: Path, front: str, back: str = BACK) -> dict[str, str]:
    """What becomes of each request, by line of the front end's only file."""
    project = read(folder, {"shop/main.py": back, "web/src/a.ts": front})
    return {
        f"{answer.call.line} {'/'.join(answer.arriving)}": answer.status
        for answer in project.contract.answers
    }


@pytest.mark.parametrize(
    "base",
    [
        "/api/v1",
        "/backend/api/v1",
        "${import.meta.env.VITE_URL}",
        "${import.meta.env.VITE_URL}/v1",
        "http://api:8000/api/v1",
    ],
)
def test_the_prefix_is_told_from_all_requests_together(tmp_path: Path, base: str) -> None:
    front = "".join(f"fetch(`{base}/{name}`);\n" for name in (*NAMES, "orders/7", "orders/7/lines"))
    assert answers(tmp_path, front) == {
        "1 api/v1/orders": "served", "2 api/v1/products": "served", "3 api/v1/customers": "served",
        "4 api/v1/invoices": "served", "5 api/v1/orders/7": "served", "6 api/v1/orders/7/lines": "missing",
    }  # fmt: skip


def test_another_server_is_not_ours(tmp_path: Path) -> None:
    front = 'fetch("https://rates.example/api/v1/rates");\nfetch("https://rates.example/api/v1/days");\n'
    assert set(answers(tmp_path, front).values()) == {"elsewhere"}


def test_the_method_and_the_kind_count(tmp_path: Path) -> None:
    front = "".join(f'fetch("/api/v1/{name}");\n' for name in NAMES)
    front += 'fetch("/api/v1/orders", { method: "DELETE" });\nnew WebSocket("/api/v1/orders");\n'
    found = answers(tmp_path, front)
    assert found["5 api/v1/orders"] == "method"
    assert found["6 api/v1/orders"] == "missing"


def test_a_library_below_a_prefix_may_serve_it(tmp_path: Path) -> None:
    back = BACK.replace(
        "app = FastAPI()",
        "import kit\n\napp = FastAPI()\napp.include_router(kit.make(), prefix='/api/v1/kit')",
    )
    front = "".join(f'fetch("/api/v1/{name}");\n' for name in (*NAMES, "kit/things"))
    assert answers(tmp_path, front, back)["5 api/v1/kit/things"] == "elsewhere"


@pytest.mark.parametrize(
    ("request_path", "route", "fits"),
    [
        ("/a/b", "/a/b", True), ("/a/b/", "/a/b", True), ("/a/{id}", "/a/<int:pk>", True), ("/a/x", "/a/{n:int}", False),
        ("/a/7", "/a/{n:int}", True), ("/a/{id}", "/a/all", True), ("/a/b/c", "/a/{rest:path}", True),
        ("/a/b", "/{rest:path}", False), ("/a", "/a/b", False), ("/a/{path}", "/a/b/c", True), ("/a/b{query}", "/a/b", True),
        ("/a/:orderId/b", "/a/{n:int}/b", True), ("/a/:7", "/a/{n:int}", False),
    ],
)  # fmt: skip
def test_paths_that_fit(request_path: str, route: str, fits: bool) -> None:  # noqa: FBT001
    assert any(fit(way, of_route(route)) > 0 for way in of_request(request_path)) is fits


def test_the_same_path_is_written_the_same() -> None:
    assert is_same(of_request("/a/{id}")[0], of_route("/a/{order}"))
    assert not is_same(of_request("/a/{id}")[0], of_route("/a/all"))
