"""Where the things come from that tests handle."""

from pathlib import Path

from greenroom.project.testing.origins import Origins
from tests.project.calls.projects import read, scope

CHAIN = "import httpx\n\n\ndef run():\n    name0 = httpx.Client()\n" + "".join(
    f"    name{number} = name{number - 1}\n" for number in range(1, 9)
)


def test_a_name_that_was_met_too_far_down_is_found_when_it_is_asked_for(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": CHAIN})
    run = scope(project, "run")
    origins = Origins(project.modules, project.symbols)

    assert origins.of(run, "name8") == ""
    assert [origins.of(run, f"name{number}") for number in range(6)] == ["httpx.Client()"] * 6
