import re

from greenroom.model.asserting_libraries import ASSERTING_LIBRARIES, PLAIN_CHECKS
from tests.record.suites import PYTEST, Suite


def test_statements_contexts_and_asserting_calls_count(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/test_a.py": """
            import unittest
            from unittest import mock

            import pytest


            def test_statement():
                assert 1
                for _ in range(3):
                    assert 2 > 1


            def test_contexts():
                with pytest.raises(ValueError):
                    int("x")
                pytest.raises(ValueError, int, "x")
                with pytest.warns(UserWarning):
                    import warnings
                    warnings.warn("w")


            @pytest.mark.parametrize("expectation", [pytest.raises(ValueError)])
            def test_context_from_elsewhere(expectation):
                with expectation:
                    int("x")


            def test_mock():
                double = mock.Mock()
                double(1)
                double.assert_called_once_with(1)
                assert double.called


            class TestCase(unittest.TestCase):
                def test_method(self):
                    self.assertEqual(1, 1)
                    with self.assertRaises(ValueError):
                        int("x")

                def test_reached_by_a_failure(self):
                    self.assertEqual(1, 2)


            def test_nothing():
                print("looks busy")
            """
        }
    ).record()

    counts = {test.id.partition("::")[2]: test.assertions for test in ran.recording.tests}
    assert counts == {
        "test_statement": 4,
        "test_contexts": 3,
        "test_context_from_elsewhere[expectation0]": 1,
        "test_mock": 2,
        "TestCase::test_method": 2,
        "TestCase::test_reached_by_a_failure": 1,
        "test_nothing": 0,
    }


def test_helpers_beside_the_tests_count_inside_and_not_twice(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/checks.py": """
            def assert_even(number):
                assert number % 2 == 0
                assert number


            def assert_raising(number):
                if not number:
                    raise AssertionError(number)


            def assert_nothing_at_all(number):
                print(number)
            """,
            "tests/test_a.py": """
            from checks import assert_even, assert_raising


            def test_inside():
                assert_even(2)


            def test_by_name():
                assert_raising(2)
            """,
        }
    ).record()

    assert ran.test("test_inside").assertions == 2
    assert ran.test("test_by_name").assertions == 1


def test_checks_of_libraries_under_names_of_their_own_are_counted(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/test_a.py": """
            import jsonschema as schemas
            from jsonschema import validate as is_like


            def test_by_their_names():
                is_like(1, {"type": "integer"})
                schemas.validate("a", {"type": "string"})


            def test_own():
                def validate(value, schema):
                    return value

                validate(1, {"type": "integer"})
            """
        }
    ).record()

    assert ran.test("test_by_their_names").assertions == 2
    assert ran.test("test_own").assertions == 0


def test_what_is_counted_of_libraries_is_a_check_for_the_audit_too() -> None:
    counted = [f"{library}.{name}" for library, names in PLAIN_CHECKS.items() for name in names]

    assert [name for name in counted if not name.startswith(ASSERTING_LIBRARIES)] == []
    assert counted


def test_what_never_ran_in_a_passing_test_is_told_with_its_line(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/test_a.py": """\
            import pytest


            def test_rotten():
                for item in []:
                    assert item
                if False:
                    assert 1 == 1, "dead"


            def test_callback():
                def called(answer):
                    assert answer == 3

                register = [called]
                assert register


            def test_guard():
                try:
                    int("x")
                    assert False
                except ValueError as error:
                    assert "x" in str(error)


            def test_failing():
                assert 1 == 2
                assert 3


            @pytest.mark.parametrize("n", [0, 1])
            def test_parameters(n):
                if n:
                    assert n
            """
        }
    ).record()

    unreached = {
        test.id.partition("::")[2]: [place.line for place in test.assertions_unreached]
        for test in ran.recording.tests
    }
    assert unreached == {
        "test_rotten": [6, 8],
        "test_callback": [13],
        "test_guard": [],
        "test_failing": [],
        "test_parameters[0]": [35],
        "test_parameters[1]": [],
    }
    (place,) = ran.test("test_callback").assertions_unreached
    assert (place.path, place.symbol) == ("tests/test_a.py", "test_callback.called")
    assert place.note == "in an inner function"
    assert [each.note for each in ran.test("test_rotten").assertions_unreached] == [
        "in a loop",
        "in a branch",
    ]


def test_pytests_own_cache_is_neither_used_nor_written(suite: Suite) -> None:
    suite.write({"tests/test_a.py": "def test_a():\n    assert 1\n"})
    writing = {"PYTHONDONTWRITEBYTECODE": ""}
    suite.record(**writing)
    assert list(suite.root.glob("**/__pycache__/*-pytest-*")) == []

    plain = suite.run(*PYTEST, **writing)
    (cached,) = suite.root.glob("tests/__pycache__/test_a*-pytest-*")
    before = cached.read_bytes()
    ran = suite.record(**writing)

    assert plain.code == ran.code == 0
    assert ran.test("test_a").assertions == 1
    assert cached.read_bytes() == before


def test_warnings_about_the_text_of_a_test_come_as_often_as_without(suite: Suite) -> None:
    suite.write({"tests/test_a.py": 'def test_a():\n    assert (1, "always")\n    assert "\\d"\n'})

    for keeps in ("1", ""):
        bytecode = {"PYTHONDONTWRITEBYTECODE": keeps}
        assert "assertion is always true" in suite.run(*PYTEST, **bytecode).out
        again = suite.run(*PYTEST, **bytecode)
        assert ("assertion is always true" in again.out) is (keeps == "1")
        for each in [suite.record(**bytecode) for _ in range(2)]:
            assert _without_times(each.out) == _without_times(again.out)
            assert each.test("test_a").assertions == 2


def test_warnings_about_the_text_of_a_test_are_errors_where_they_are_without(suite: Suite) -> None:
    suite.write({"tests/test_a.py": 'def test_a():\n    assert (1, "always")\n'})
    afresh = {"PYTHONDONTWRITEBYTECODE": "1"}

    strict = suite.record("-W", "error", **afresh)

    assert strict.code == suite.run(*PYTEST, "-W", "error", **afresh).code != 0


def test_plain_assertions_are_noted(suite: Suite) -> None:
    ran = suite.write({"tests/test_a.py": "def test_a():\n    assert 1\n"}).record("--assert=plain")

    assert ran.code == 0
    assert ran.test("test_a").assertions == 1


def _without_times(text: str) -> str:
    return re.sub(r"\d+\.\d+s", "", text)
