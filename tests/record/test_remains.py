"""What one ordinary run says of state that tests share: hints, without running anything again."""

from collections.abc import Iterable

import pytest

from greenroom.model.evidence import TestEvidence
from greenroom.record.encoding import decode
from greenroom.record.later_tests import with_later_tests
from tests.record.suites import Suite

APP = """\
    import functools
    import os

    ITEMS = []
    NAMES = {"a": 1}
    PRICES = {"tea": 2}
    _client = None

    class Client:
        pass

    def add(item):
        ITEMS.append(item)

    def rename(name, value):
        NAMES[name] = value

    def price(name):
        return PRICES[name]

    def client():
        global _client
        if _client is None:
            _client = Client()
        return _client

    @functools.cache
    def rate(currency):
        return len(currency)

    def mode():
        return os.environ.get("MODE")

    class Settings:
        debug = False
        seen = []

        @classmethod
        def turn_on(cls):
            cls.debug = True

        def note(self):
            self.seen.append(1)

    def write():
        with open("report.csv", "w") as file:
            file.write("1")

    def read():
        with open("report.csv") as file:
            return file.read()
    """


def left(test: TestEvidence) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in test.left]


def met_by(test: TestEvidence) -> list[str]:
    (each,) = test.left
    return [name.rpartition("::")[2] for name in each.met_by]


def test_what_a_test_leaves_changed_is_named_with_who_met_it(suite: Suite) -> None:
    ran = suite.write(
        {
            "app.py": APP,
            "test_a.py": """\
            import os
            import app

            def test_adds():
                app.add(1)

            def test_same_number():
                app.rename("a", 2)

            def test_only_reads():
                assert app.price("tea") == 2

            def test_makes_the_client():
                app.client()

            def test_asks_for_it():
                app.client()

            def test_fills():
                assert app.rate("eur") == 3

            def test_is_answered():
                assert app.rate("eur") == 3

            def test_asks_anew():
                assert app.rate("yen") == 3

            def test_sets_a_variable():
                os.environ["MODE"] = "loud"

            def test_reads_the_variable():
                assert app.mode() == "loud"

            def test_turns_on():
                app.Settings.turn_on()

            def test_notes():
                app.Settings().note()

            def test_sets_from_outside():
                app.Settings.debug = 3

            def test_writes():
                app.write()

            def test_reads():
                assert app.read() == "1"

            def test_moves(tmp_path):
                os.chdir(tmp_path)

            def test_adds_again():
                app.add(2)
            """,
        }
    ).record("--rootdir", str(suite.root))
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()

    assert {test.id.rpartition("::")[2]: left(test) for test in ran.recording.tests if test.left} == {
        "test_adds": [("container", "app.ITEMS")],
        "test_same_number": [("container", "app.NAMES")],
        "test_makes_the_client": [("attribute", "app._client")],
        "test_fills": [("cache", "app.rate")],
        "test_asks_anew": [("cache", "app.rate")],
        "test_sets_a_variable": [("variable", "MODE")],
        "test_turns_on": [("attribute", "app.Settings.debug")],
        "test_notes": [("container", "app.Settings.seen")],
        "test_sets_from_outside": [("attribute", "app.Settings.debug")],
        "test_writes": [("file", "report.csv")],
        "test_moves": [("folder", "the working directory")],
        "test_adds_again": [("container", "app.ITEMS")],
    }
    assert met_by(ran.test("test_adds")) == ["test_adds_again"]
    assert met_by(ran.test("test_fills")) == ["test_is_answered", "test_asks_anew"]
    assert met_by(ran.test("test_sets_a_variable")) == ["test_reads_the_variable"]
    assert met_by(ran.test("test_turns_on")) == ["test_sets_from_outside"]
    assert met_by(ran.test("test_writes")) == ["test_reads"]
    assert met_by(ran.test("test_same_number")) == []
    assert "file report.csv: left by test_a.py::test_writes, met by test_a.py::test_reads" in ran.err
    assert (
        "cache app.rate: left by test_a.py::test_fills, "
        "met by test_a.py::test_is_answered and 1 other test" in ran.err
    )
    assert "loud" not in ran.err


def test_what_is_put_back_is_not_left(suite: Suite) -> None:
    ran = suite.write(
        {
            "app.py": APP,
            "conftest.py": """\
            import os
            import pytest
            import app

            @pytest.fixture(scope="session")
            def filled():
                app.NAMES["b"] = 2
                os.environ["FOR_ALL"] = "1"
                with open("for_all.txt", "w") as file:
                    file.write("1")

            @pytest.fixture(autouse=True)
            def empty():
                yield
                app.ITEMS = []
                app.PRICES = dict(app.PRICES)
                if app._client is not None:
                    app._client = app.Client()
                app.rate.cache_clear()
            """,
            "test_a.py": """\
            import os
            from unittest import mock
            import app

            app.client()

            def test_reset_by_a_fixture():
                app.add(1)
                app.rate("eur")
                app.client()

            def test_patched(monkeypatch):
                monkeypatch.setitem(app.NAMES, "c", 1)
                monkeypatch.setenv("MODE", "loud")
                monkeypatch.setattr(app.Settings, "debug", True)
                with mock.patch.dict(os.environ, {"OTHER": "1"}):
                    assert app.mode() == "loud"

            def test_below_another_folder(tmp_path, monkeypatch):
                monkeypatch.chdir(tmp_path)
                app.write()

            def test_taken_away():
                app.write()
                os.remove("report.csv")

            def test_of_a_wider_fixture(filled):
                pass

            def test_loads():
                import later
            """,
            "later.py": "ITEMS = [1]\n\n\ndef add():\n    ITEMS.append(1)\n",
        }
    ).record()
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    assert {test.id: left(test) for test in ran.recording.tests if test.left} == {}
    assert "later tests can meet" not in ran.err


def evidence(
    name: str, worker: str, changed: Iterable[str] = (), read: Iterable[str] = ()
) -> dict[str, object]:
    return {
        "id": name, "worker": worker, "left": tuple({"kind": "variable", "name": each} for each in changed),
        "variables": tuple(read), "outcome": "passed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reader", "expected"),
    [("gw0", ("b",)), ("gw1", ())],
    ids=["in the same process", "in another process, which has its own"],
)
def test_only_the_same_process_meets_it(reader: str, expected: tuple[str, ...]) -> None:
    plain = [evidence("a", "gw0", changed=["MODE"]), evidence("b", reader, read=["MODE"])]

    first, _ = with_later_tests([decode(TestEvidence, each) for each in plain])

    assert first.left[0].met_by == expected


def test_from_then_on_it_is_who_changed_it_last() -> None:
    plain = [
        evidence("a", "", changed=["MODE"]),
        evidence("b", "", changed=["MODE"]),
        evidence("c", "", read=["MODE"]),
    ]

    first, second, _ = with_later_tests([decode(TestEvidence, each) for each in plain])

    assert first.left[0].met_by == ("b",)
    assert second.left[0].met_by == ("c",)
