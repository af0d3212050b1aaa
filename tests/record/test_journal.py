import json
from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome, Replacement
from greenroom.model.place import Place
from greenroom.record.journal import Journal
from greenroom.record.recording import read_recording


def test_what_was_written_is_read(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "main")
    replacement = Replacement(
        target="app.send", by="fx", tool="monkeypatch", double="function", place=Place(path="t.py", line=3)
    )

    journal.write("begin", {"id": "t.py::a", "repeat": 0, "started": 5.0})
    journal.write("test", {"id": "t.py::a", "outcome": Outcome.PASSED, "replacements": (replacement,)})

    (test,) = read_recording(tmp_path).tests
    assert (test.id, test.outcome, test.started) == ("t.py::a", Outcome.PASSED, 5.0)
    assert test.replacements == (replacement,)


def test_a_test_that_only_began_is_unfinished(tmp_path: Path) -> None:
    Journal(str(tmp_path), "main").write("begin", {"id": "t.py::a", "repeat": 0, "started": 5.0})

    (test,) = read_recording(tmp_path).tests
    assert test.outcome is Outcome.UNFINISHED


@pytest.mark.parametrize(
    "torn", ['{"test":{"id":"t.py::b","outco', '{"test"', "", "[]", "3", '{"a":1,"b":2}']
)
def test_a_torn_line_costs_itself_only(tmp_path: Path, torn: str) -> None:
    journal = Journal(str(tmp_path), "main")
    journal.write("test", {"id": "t.py::a", "outcome": "passed"})
    with Path(journal.file).open("a", encoding="utf-8") as stream:
        stream.write(torn)

    assert [test.id for test in read_recording(tmp_path).tests] == ["t.py::a"]


def test_what_turns_up_late_joins_its_test(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "main")
    journal.write("test", {"id": "t.py::a", "repeat": 0, "outcome": "passed", "never_awaited": ("f",)})
    journal.write("late", {"id": "t.py::a", "repeat": 0, "never_awaited": ("g",)})

    (test,) = read_recording(tmp_path).tests
    assert test.never_awaited == ("f", "g")


def test_the_same_test_in_two_processes_is_two_repeats_in_the_order_of_time(tmp_path: Path) -> None:
    for name, started in (("gw0", 9.0), ("gw1", 4.0)):
        content = {"id": "t.py::a", "outcome": "passed", "started": started, "worker": name}
        Journal(str(tmp_path), name).write("test", content)

    assert [(test.repeat, test.worker) for test in read_recording(tmp_path).tests] == [(0, "gw1"), (1, "gw0")]


def test_a_child_gives_its_evidence_to_the_test_that_started_it(tmp_path: Path) -> None:
    Journal(str(tmp_path), "main").write("test", {"id": "t.py::a", "outcome": "failed", "assertions": 1})
    Journal(str(tmp_path), "child").write("child", {"id": "t.py::a", "variables": ["HOME"], "assertions": 2})

    (test,) = read_recording(tmp_path).tests
    assert (test.outcome, test.variables, test.assertions) == (Outcome.FAILED, ("HOME",), 3)


def test_words_of_a_newer_version_are_passed_over(tmp_path: Path) -> None:
    Journal(str(tmp_path), "main").write("test", {"id": "t.py::a", "outcome": "passed", "colour": "green"})

    assert len(read_recording(tmp_path).tests) == 1


def test_what_cannot_be_written_now_is_written_with_the_next_line(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    journal = Journal(str(folder), "main")
    journal.write("note", "first")
    folder.mkdir()
    journal.write("note", "second")

    lines = Path(journal.file).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"note": "first"}, {"note": "second"}]


def test_a_line_that_is_held_comes_before_the_next_one(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "main")
    journal.hold("note", "first")
    held = Path(journal.file).exists()
    journal.write("note", "second")

    lines = Path(journal.file).read_text(encoding="utf-8").splitlines()
    assert not held
    assert [json.loads(line) for line in lines] == [{"note": "first"}, {"note": "second"}]


def test_what_a_process_holds_is_not_written_by_a_fork_of_it_too(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "main")
    journal.hold("note", "of the parent")
    journal.forked("main")
    journal.write("note", "of the child")

    assert Path(journal.file).read_text(encoding="utf-8") == '{"note":"of the child"}\n'


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "main")
    before = list(Path("/dev/fd").iterdir())
    journal.write("note", "x")

    assert len(list(Path("/dev/fd").iterdir())) == len(before)
