"""Settings: from which source they come, and what can be wrong with them."""

import ast
import re
from pathlib import Path

import pytest

from greenroom.model.finding import Severity
from greenroom.model.settings import Settings
from greenroom.project.declared.configuration import NO_SETTINGS, load_settings
from greenroom.project.files.errors import ConfigurationError
from tests.conftest import WriteProject

SECTION = "[tool.greenroom]\n"


def problems(root: Path, flags: dict[str, object] | None = None, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(root, flags or {}, variables)
    return list(raised.value.problems)


def test_nothing_said_is_the_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}, {"PATH": "/bin"}) == Settings()


def test_a_folder_of_that_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()

    assert load_settings(tmp_path, {}, {}) == Settings()


def test_everything_can_be_set(write_project: WriteProject) -> None:
    root = write_project(
        {
            "pyproject.toml": SECTION + 'select = ["EVL", "DEP001"]\nignore = ["EVL002"]\n'
            'exclude = ["legacy/**"]\nsource-roots = ["backend/"]\ntests = ["checks/**"]\npossible = true\n'
            'fail-on = ["high", "TST", "score < 5.5"]\nbaseline = "known.json"\nminimum-severity = "medium"\n'
            '[tool.greenroom.per-file-ignores]\n"scripts/*" = ["EVL"]\n',
            "backend/main.py": "",
        }
    )

    assert load_settings(root, {}, {}) == Settings(
        select=("EVL", "DEP001"),
        ignore=("EVL002",),
        per_file_ignores={"scripts/*": ("EVL",)},
        exclude=("legacy/**",),
        source_roots=("backend",),
        tests=("checks/**",),
        possible=True,
        fail_on=("high", "TST", "score<5.5"),
        baseline="known.json",
        minimum_severity=Severity.MEDIUM,
    )


def test_flags_win_over_the_environment_and_that_over_files(write_project: WriteProject) -> None:
    root = write_project({"greenroom.toml": 'select = ["EVL"]\nignore = ["DEP"]\nfail-on = ["low"]\n'})

    found = load_settings(
        root,
        {"select": ("TST",), "ignore": (), "fail_on": None, "possible": None},
        {"GREENROOM_SELECT": "STR,WSK", "GREENROOM_IGNORE": "POL", "GREENROOM_POSSIBLE": "yes"},
    )

    assert found == Settings(select=("TST",), ignore=("POL",), fail_on=("low",), possible=True)


def test_lists_as_one_text_with_commas(tmp_path: Path) -> None:
    found = load_settings(
        tmp_path,
        {"select": ("EVL, DEP001", "STR"), "per_file_ignores": ("a/{b,c}/*:EVL,tests/*:DEP001",)},
        {},
    )

    assert found.select == ("EVL", "DEP001", "STR")
    assert found.per_file_ignores == {"a/{b,c}/*": ("EVL",), "tests/*": ("DEP001",)}


def test_all_selects_everything(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"select": ("ALL",)}, {}).select == ()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("selct = []", "selct: no such setting; did you mean `select`?"),
        ("fail_on = []", "fail_on: no such setting; did you mean `fail-on`?"),
        ('select = "EVL"', ""),
        ("select = [1]", 'select: must be a list of strings, such as ["a", "b"]'),
        ('select = ["evl001"]', "select: `evl001` is no code; did you mean `EVL001`?"),
        ('select = ["EVX"]', "select: `EVX` is of no family; did you mean `EVL`?"),
        ('select = ["x"]', "select: `x` is neither a code nor a prefix of one, such as `EVL` or `EVL001`"),
        ('fail-on = ["score<11"]', "fail-on: `score<11` must read `score<N` with N from 0 to 10"),
        ('exclude = ["../x"]', "exclude: `../x` must be relative to the project's root and stay inside it"),
        ('exclude = ["/x"]', "exclude: `/x` must be relative to the project's root and stay inside it"),
        ('possible = "perhaps"', "possible: must be true or false"),
        ('minimum-severity = "hi"', "minimum-severity: `hi` is no severity; did you mean `high`?"),
        ("baseline = 3", "baseline: must be the path of a file, relative to the project's root"),
        (
            "per-file-ignores = 3",
            'per-file-ignores: must be a table of globs, such as {"legacy/*" = ["EVL"]}',
        ),
        (
            'per-file-ignores = {"a" = ["evl"]}',
            "per-file-ignores: for `a`: `evl` is no code; did you mean `EVL`?",
        ),
    ],
)
def test_what_is_wrong_with_a_value(line: str, problem: str, write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": f"{SECTION}{line}\n"})

    if not problem:
        assert load_settings(root, {}, {}).select == ("EVL",)
        return
    assert problems(root) == [f"pyproject.toml: [tool.greenroom] {problem}"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path, {"source_roots": ("nowhere",)}) == [
        f"--source-roots: `nowhere` is no folder of {tmp_path}"
    ]


def test_every_problem_of_every_source_is_told_at_once(write_project: WriteProject) -> None:
    root = write_project({"greenroom.toml": 'selct = 1\nfail-on = ["hihg", "lwo"]\n'})

    assert problems(root, {"ignore": ("ZZZ999",)}, GREENROOM_SELEKT="EVL") == [
        "greenroom.toml: selct: no such setting; did you mean `select`?",
        (
            "greenroom.toml: fail-on: `hihg` is no severity (high, medium, low), no code and no `score<N`; "
            "did you mean `high`?; `lwo` is no severity (high, medium, low), no code and no `score<N`; "
            "did you mean `low`?"
        ),
        "GREENROOM_SELEKT: no such setting; did you mean `GREENROOM_SELECT`?",
        (
            "--ignore: `ZZZ999` is of no family; known: EVL, DEP, STR, WSK, POL, DAT, RES, INT, CFG, STA, ERR, "
            "SEC, LLM, STT, LOD, TST"
        ),
    ]


def test_settings_stand_in_one_place(write_project: WriteProject) -> None:
    root = write_project(
        {"greenroom.toml": "possible = true\n", "pyproject.toml": f"{SECTION}possible = true\n"}
    )

    assert problems(root) == [
        "greenroom.toml: settings stand here and in [tool.greenroom] of pyproject.toml; keep them in one of the two"
    ]


def test_a_section_that_is_no_table(write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": "[tool]\ngreenroom = 3\n"})

    assert problems(root) == ["pyproject.toml: tool.greenroom must be a table: [tool.greenroom]"]


def test_a_template_without_our_section_is_none_of_our_business(write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": "[project]\nname = {{ cookiecutter.name }}\n"})

    assert load_settings(root, {}, {}) == Settings()


def test_variables_by_which_our_processes_talk_are_no_settings() -> None:
    sources = (Path(__file__).parents[3] / "src" / "greenroom").rglob("*.py")
    texts = {
        node.value
        for file in sources
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {text for text in texts if re.fullmatch("GREENROOM_[A-Z]+", text)}

    assert named == NO_SETTINGS
    load_settings(Path(__file__).parent, {}, dict.fromkeys(named, "x"))
