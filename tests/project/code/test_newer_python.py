"""What only a newer Python reads is read all the same: the rewritten text means what was written."""

import ast
from pathlib import Path

import pytest

from greenroom import api
from greenroom.project.code.newer_python import as_older

GIVEN = {"d": {"k": "v", "n": 7, "": "none"}, "w": {"x": 4}, "names": ["a", "b"]}
TEXTS = {
    """f"a {d["k"]} b\"""": "a v b",
    """f'{d['k']}'""": "v",
    """f"it's {d["k"]}\"""": "it's v",
    """f"{d["k"]}" f"{d["n"]}\"""": "v7",
    """f"{", ".join(f"<{names[0]}{d["n"]}{x}>" for x in names)}\"""": "<a7a>, <a7b>",
    """f"{d["n"]!r:>{w["x"]}}|\"""": "   7|",
    """f"{{d}} {d["n"]:03}\"""": "{d} 007",
    """f"{d["k"] != "v"} {{{d["n"]}}}\"""": "False {7}",
    """f"{d[""]}\\"\"""": 'none"',
    """f"\\N{EM DASH} {d["k"]}\"""": "— v",
    """rf'\\d{d['k']}'""": "\\dv",
    """t"{d["k"]}\"""": "v",
    '''f"{
        d["k"]  # a remark with "quotes"
    }"''': "v",
    '''f"""{d["k"]}""" + "{" + f"{d["n"]}"''': "v{7",
    '''"""it's {""" + f"{d["k"]}"''': "it's {v",
    "f'a {d[\"k\"]}'": "a v",
}


@pytest.mark.parametrize("text", TEXTS)
def test_formatted_texts_within_each_other(text: str) -> None:
    assert eval(as_older(text), dict(GIVEN)) == TEXTS[text]  # noqa: S307  - written above


def test_a_backslash_in_a_field() -> None:
    text = 'f"{"\\n".join(names)}"'

    assert eval(as_older(text), dict(GIVEN)) == "a  b"  # noqa: S307  - written above


@pytest.mark.parametrize(
    "text",
    [
        "type Pair[T: (int, str) = int] = tuple[T, T]",
        "def first[T: (int, str), *Ts, **P](of: T) -> T: ...",
        "class Shelf[T: dict[str, int]](list): ...",
        "try: ...\nexcept ValueError, KeyError: ...",
    ],
)
def test_statements_of_newer_versions(text: str) -> None:
    assert ast.parse(as_older(text)).body


@pytest.mark.parametrize("text", ['f"{d["k"]}', 'f"{d["k"', '"', "f'{'", 'f"' + '{f"' * 5000])
def test_what_does_not_end_is_left_as_it_is(text: str) -> None:
    assert as_older(text) == text


def test_such_a_file_is_read_whole_and_at_its_lines(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import time\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/")\nasync def index(order: dict) -> str:\n'
        '    """It\'s slow."""\n    name = f"{order["name"]}: {", ".join(order["parts"])}"\n    time.sleep(3)\n    return name\n'
    )

    audit = api.audit(tmp_path)

    assert [(part.code, part.place.line) for part in audit.findings if part.shown] == [("EVL001", 12)]
