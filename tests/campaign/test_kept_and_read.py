"""What a campaign kept, and the sources it reads: whatever stands there, it goes on without."""

from pathlib import Path

import pytest

from greenroom.campaign.observation import Observation, load_observation
from greenroom.campaign.plan import read_source


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        '"text"',
        "3",
        "[]",
        "{}",
        '{"tests": 3}',
        '{"tests": [{}]}',
        '{"tests": [], "imported": 3}',
        "\ud800",
    ],
    ids=[
        "empty",
        "cut off",
        "a text",
        "a number",
        "a list",
        "nothing in it",
        "no tests",
        "no test",
        "no lines",
        "no UTF-8",
    ],
)
def test_an_observation_that_is_none_is_made_anew(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "observation.json"
    file.write_bytes(kept.encode("utf-8", "surrogatepass"))

    assert load_observation(file) is None


def test_an_observation_is_what_it_was(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "observation.json"
    assert load_observation(file) is None
    made = Observation(tests=[], imported={"shop.py": {1, 2}}, colliding=["a", "b"], seconds=3.5)
    made.save(file)

    assert load_observation(file) == made


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"PRICE = 1\r\nNAME = 2\r", "PRICE = 1\nNAME = 2\n"),
        ("# coding: latin-1\nNAME = 'Grün'\n".encode("latin-1"), "# coding: latin-1\nNAME = 'Grün'\n"),
        (b"\xef\xbb\xbfNAME = 1\n", "NAME = 1\n"),
        (b"# coding: hex\nNAME = 1\n", None),
        (b"# coding: nonsense\nNAME = 1\n", None),
        (b"NAME = '\xff'\n", None),
    ],
    ids=[
        "ends of lines",
        "an encoding",
        "a mark of order",
        "no encoding of texts",
        "no encoding",
        "no UTF-8",
    ],
)
def test_a_source_is_read_as_python_reads_it(tmp_path: Path, content: bytes, text: str | None) -> None:
    file = tmp_path / "shop.py"
    file.write_bytes(content)

    assert read_source(file) == text
    assert read_source(tmp_path / "gone.py") is None
