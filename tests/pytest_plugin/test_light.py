from collections.abc import Callable
from importlib.metadata import entry_points


def test_loads_nothing_but_itself(loaded_by: Callable[[str], set[str]]) -> None:
    loaded = loaded_by("import greenroom.pytest_plugin")

    assert {name for name in loaded if name.startswith("greenroom")} == {
        "greenroom",
        "greenroom.pytest_plugin",
    }
    assert not loaded & {"ast", "click", "rich", "jinja2", "yaml", "pathspec", "pytest", "sqlite3"}


def test_is_what_pytest_finds() -> None:
    (entry,) = entry_points(group="pytest11", name="greenroom")

    assert entry.value == "greenroom.pytest_plugin"
