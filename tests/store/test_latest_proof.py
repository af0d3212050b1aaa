"""What is left of the latest campaign in a file: it is read whole, or there is none."""

import json
from pathlib import Path

import pytest

from greenroom.store.latest_proof import latest_noticed

RATE = {"escaped": 1, "decided": 4}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"version": 1}',
        b'{"version": 2}',
        b"[" * 100_000,
        json.dumps({"version": 1, "families": 3, "escapes": [], "rate": RATE}).encode(),
        json.dumps({"version": 1, "families": [{"family": "no such"}], "escapes": [], "rate": RATE}).encode(),
    ],
    ids=["empty", "no text", "a list", "nothing", "without content", "newer", "nested", "a number", "a word"],
)
def test_a_file_that_cannot_be_read_is_none(content: bytes, tmp_path: Path) -> None:
    """An audit goes on without it."""
    (tmp_path / ".greenroom").mkdir()
    (tmp_path / ".greenroom" / "noticed.json").write_bytes(content)

    assert latest_noticed(tmp_path) is None
