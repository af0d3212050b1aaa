import json
from pathlib import Path

import pytest

from greenroom.store.baseline import Baseline, BaselineError, read_baseline, revise, write_baseline
from tests.detect.findings import finding

KNOWN, TWIN, OTHER = finding(line=10), finding(line=20), finding(code="DEP001")


def test_there_is_none(tmp_path: Path) -> None:
    assert read_baseline(tmp_path / "baseline.json") is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline = Baseline(entries={KNOWN.key: 2, OTHER.key: 1})

    write_baseline(file, baseline)

    assert read_baseline(file) == baseline


def test_the_order_of_findings_does_not_show(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"

    write_baseline(one, Baseline(entries={"a": 1, "b": 2}))
    write_baseline(two, Baseline(entries={"b": 2, "a": 1}))

    assert one.read_bytes() == two.read_bytes()
    assert one.read_text() == '{\n  "version": 1,\n  "findings": {\n    "a": 1,\n    "b": 2\n  }\n}\n'


def test_moving_code_changes_nothing() -> None:
    first = revise(None, [KNOWN], accept_new=False)

    assert revise(first.baseline, [TWIN], accept_new=False).baseline == first.baseline


def test_the_first_takes_everything() -> None:
    revision = revise(None, [KNOWN, TWIN, OTHER], accept_new=False)

    assert revision.baseline.entries == {KNOWN.key: 2, OTHER.key: 1}
    assert (revision.added, revision.removed, revision.refused) == (3, 0, ())


def test_it_shrinks() -> None:
    revision = revise(Baseline(entries={KNOWN.key: 2, OTHER.key: 1}), [KNOWN], accept_new=False)

    assert revision.baseline.entries == {KNOWN.key: 1}
    assert (revision.added, revision.removed, revision.refused) == (0, 2, ())


def test_it_does_not_grow() -> None:
    revision = revise(Baseline(entries={KNOWN.key: 1}), [KNOWN, TWIN, OTHER], accept_new=False)

    assert revision.baseline.entries == {KNOWN.key: 1}
    assert revision.refused == (TWIN, OTHER)


def test_an_empty_baseline_is_a_baseline() -> None:
    assert revise(Baseline(), [KNOWN], accept_new=False).refused == (KNOWN,)


def test_it_grows_when_told_to() -> None:
    revision = revise(Baseline(entries={KNOWN.key: 1, "gone": 1}), [KNOWN, OTHER], accept_new=True)

    assert revision.baseline.entries == {KNOWN.key: 1, OTHER.key: 1}
    assert (revision.added, revision.removed, revision.refused) == (1, 1, ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"version": 1}',
        b'{"version": 1, "findings": []}',
        b'{"version": 2, "findings": {}}',
        b'{"version": 1, "findings": {"a": 0}}',
        b'{"version": 1, "findings": {"a": true}}',
        b'{"version": 1, "findings": {"a": "1"}}',
    ],
)
def test_a_damaged_file_is_named_with_the_way_out(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_bytes(content)

    with pytest.raises(BaselineError) as caught:
        read_baseline(file)

    assert str(file) in str(caught.value)
    assert "greenroom baseline" in str(caught.value)


def test_there_is_none_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "ci").write_text("a file where a folder was meant", encoding="utf-8")

    assert read_baseline(tmp_path / "ci" / "baseline.json") is None


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(BaselineError):
        read_baseline(tmp_path)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BaselineError):
        write_baseline(tmp_path / "nowhere" / "baseline.json", Baseline())

    file = tmp_path / "baseline.json"
    file.mkdir()
    with pytest.raises(BaselineError):
        write_baseline(file, Baseline())
    assert list(tmp_path.iterdir()) == [file]


def test_the_team_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"

    write_baseline(file, Baseline())

    assert file.stat().st_mode & 0o777 == 0o644


def test_keys_of_any_language_stay_readable(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, Baseline(entries={"TST001 tests/test_größe.py": 1}))

    assert "größe" in file.read_text(encoding="utf-8")
    assert json.loads(file.read_bytes())["version"] == 1
