"""Syntax that is newer than the parser: what an older one can be given instead, and what is lost where it cannot."""

from pathlib import Path

from tests.project.web.reading import read, table

TYPED = """
    from fastapi import FastAPI

    app = FastAPI()
    type Number = int
    type Pair[T] = tuple[T, T]


    class Box[T]:
        pass


    def first[T](items: list[T]) -> T:
        return items[0]


    @app.get(
        "/boxes",
        tags=["boxes"],
    )
    async def list_boxes[T: int](number: Number) -> Box[T]:
        return Box()
    """


def test_type_statements_and_parameters(tmp_path: Path) -> None:
    module = read(tmp_path, {"shop/main.py": TYPED}).modules["shop/main.py"]
    assert module.error is None
    assert [scope.qualname for scope in module.scopes[1:]] == ["Box", "first", "list_boxes"]
    assert module.scopes[3].line == 21


def test_a_decorator_of_several_lines_stays_with_its_function_in_a_file_that_does_not_parse(
    tmp_path: Path,
) -> None:
    broken = TYPED + "\n    def nothing(:\n        pass\n"
    assert table(tmp_path, {"shop/main.py": broken}) == [("GET", "/boxes", "list_boxes")]


def test_a_file_in_which_no_statement_begins(tmp_path: Path) -> None:
    module = read(tmp_path, {"shop/main.py": ")\n"}).modules["shop/main.py"]

    assert module.error is not None
    assert [scope.qualname for scope in module.scopes[1:]] == []
