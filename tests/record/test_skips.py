import pytest

from greenroom.model.evidence import Outcome
from tests.record.suites import Recorded, Suite

SKIPS = {
    "tests/test_a.py": """\
        import os
        import socket
        import sys
        import unittest

        import pytest

        HAS_KEY = bool(os.environ.get("STRIPE_KEY"))


        def test_handling():
            try:
                socket.create_connection(("127.0.0.1", 1))
            except OSError:
                pytest.skip("later")


        def test_handling_what_a_library_makes_of_it():
            try:
                try:
                    try:
                        open("/nowhere/docker.sock")
                    except FileNotFoundError as error:
                        raise ConnectionError("aborted") from error
                except ConnectionError as error:
                    raise RuntimeError("which version?") from error
            except RuntimeError:
                pytest.skip("later")


        @pytest.fixture
        def database():
            try:
                raise ConnectionRefusedError("5432")
            except ConnectionRefusedError as error:
                pytest.skip(f"{error}")


        def test_in_a_fixture(database):
            pass


        def test_missing_module():
            pytest.importorskip("nothing_of_this_name")


        def test_missing_variable():
            try:
                os.environ["NO_SUCH_VARIABLE"]
            except KeyError:
                pytest.skip("no")


        @pytest.mark.skipif(not HAS_KEY, reason="by hand only")
        def test_condition():
            pass


        @pytest.mark.skipif("not os.environ.get('STRIPE_KEY')", reason="by hand only")
        def test_condition_as_text():
            pass


        def test_asked_first():
            address = os.environ.get("NO_SUCH_VARIABLE")
            if not address:
                pytest.skip("by hand only")


        def test_asked_for_something_else():
            if sys.version_info >= (3, 0):
                pytest.skip("old interpreters")


        @pytest.mark.skipif(sys.version_info >= (3, 0), reason="old interpreters")
        def test_of_no_concern():
            pass


        @pytest.mark.skip(reason="not written yet")
        def test_unwritten():
            pass


        def test_handling_its_own():
            try:
                int("x")
            except ValueError:
                pytest.skip("cannot happen")


        @pytest.mark.xfail(reason="flaky")
        def test_expected():
            socket.create_connection(("127.0.0.1", 1))


        @pytest.mark.xfail(reason="wrong sum")
        def test_expected_of_code():
            assert 1 + 1 == 3


        def test_secret():
            pytest.skip("cannot reach postgres://app:hunter2@db/app")


        class TestCase(unittest.TestCase):
            def test_method(self):
                try:
                    socket.create_connection(("127.0.0.1", 1))
                except OSError as error:
                    raise unittest.SkipTest("no") from error
        """,
    "tests/test_asking_module.py": """\
        import os

        import pytest

        if "NO_SUCH_VARIABLE" not in os.environ:
            pytest.skip("there is no warehouse", allow_module_level=True)
        """,
    "tests/test_module.py": """\
        import pytest

        try:
            import nothing_of_this_name
        except ImportError:
            pytest.skip("cannot be", allow_module_level=True)
        """,
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return Suite(root=tmp_path_factory.mktemp("skips")).write(SKIPS).record()


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("test_handling", "ConnectionRefusedError"),
        ("test_handling_what_a_library_makes_of_it", "FileNotFoundError"),
        ("test_in_a_fixture", "ConnectionRefusedError"),
        ("test_missing_module", ""),
        ("test_missing_variable", "KeyError"),
        ("test_condition", ""),
        ("test_condition_as_text", ""),
        ("test_expected", "ConnectionRefusedError"),
        ("test_secret", ""),
        ("TestCase::test_method", "ConnectionRefusedError"),
        ("test_module.py", "ImportError"),
        ("test_asking_module.py", ""),
        ("test_asked_first", ""),
    ],
)
def test_what_the_surroundings_caused(ran: Recorded, name: str, failure: str) -> None:
    skip = ran.test(name).skip

    assert skip is not None
    assert skip.infrastructure == (name != "test_secret")
    assert skip.failure == failure


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("test_of_no_concern", ""),
        ("test_asked_for_something_else", ""),
        ("test_unwritten", ""),
        ("test_handling_its_own", "ValueError"),
        ("test_expected_of_code", "AssertionError"),
    ],
)
def test_what_the_suite_decided_itself(ran: Recorded, name: str, failure: str) -> None:
    skip = ran.test(name).skip

    assert skip is not None
    assert (skip.infrastructure, skip.failure) == (False, failure)


def test_reasons_are_told_without_secrets_and_with_their_place(ran: Recorded) -> None:
    skip = ran.test("test_secret").skip
    fixture = ran.test("test_in_a_fixture").skip
    assert skip is not None
    assert fixture is not None
    assert fixture.place is not None

    assert skip.reason == "cannot reach postgres://app:*******@db/app"
    assert (fixture.reason, fixture.place.symbol) == ("5432", "database")
    assert SKIPS["tests/test_a.py"].splitlines()[fixture.place.line - 1].strip() == 'pytest.skip(f"{error}")'


def test_all_of_them_are_counted_in_the_summary(ran: Recorded) -> None:
    skipped = [test for test in ran.recording.tests if test.outcome is Outcome.SKIPPED]
    blamed = [test for test in skipped if test.skip and test.skip.infrastructure]

    assert f"{len(blamed)} skipped for want of something outside the code" in ran.err
