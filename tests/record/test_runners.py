"""The recorder under every runner and plugin that web projects use: real ones, in processes of their own."""

import re
import sys

import pytest

from greenroom.model.evidence import Outcome
from tests.record.suites import PYTEST, Recorded, Suite

ASYNC_BODY = """\
    import asyncio

    import pytest


    async def forgotten():
        pass


    {mark}
    async def test_async():
        await asyncio.sleep(0)
        assert 1
        for item in []:
            assert item


    {mark}
    async def test_forgets():
        forgotten()
    """
MARKED = {
    "strict": ("@pytest.mark.asyncio", ("--asyncio-mode=strict",)),
    "auto": ("", ("--asyncio-mode=auto",)),
    "anyio": ("@pytest.mark.anyio", ("-p", "no:asyncio")),
}


@pytest.mark.parametrize("name", MARKED)
def test_asynchronous_plugins(suite: Suite, name: str) -> None:
    mark, arguments = MARKED[name]
    suite.write(
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n",
            "tests/test_a.py": ASYNC_BODY.format(mark=mark),
        }
    )

    ran = _as_without(suite, *arguments)

    assert ran.test("test_async").assertions == 1
    assert [place.line for place in ran.test("test_async").assertions_unreached] == [15]
    assert ran.test("test_forgets").never_awaited == ("forgotten",)


UNITTEST = """\
    import unittest
    from unittest import mock

    import app


    class Plain(unittest.TestCase):
        def test_passed(self):
            self.assertEqual(1, 1)
            if not app.NAME:
                self.assertTrue(0)

        def test_failed(self):
            self.assertEqual(1, 2)

        def test_error(self):
            raise LookupError("x")

        @unittest.skip("redis is not running")
        def test_skipped(self):
            pass

        @unittest.expectedFailure
        def test_expected(self):
            self.assertEqual(1, 2)

        @unittest.expectedFailure
        def test_unexpected(self):
            pass

        def test_replaced(self):
            with mock.patch("app.send"):
                app.send(1, 2)


    class Around(unittest.TestCase):
        def setUp(self):
            raise LookupError("x")

        def test_around(self):
            pass


    class Asynchronous(unittest.IsolatedAsyncioTestCase):
        async def test_async(self):
            self.assertEqual(1, 1)
            assert app.NAME
    """
APP = 'NAME = "app"\n\n\ndef send(to):\n    return to\n'


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_unittest_by_either_runner(suite: Suite, runner: str) -> None:
    suite.write({"app.py": APP, "tests/__init__.py": "", "tests/test_u.py": UNITTEST})
    own = (sys.executable, "-m", "unittest", "-v")
    command = (*PYTEST, "-o", "pythonpath=.") if runner == "pytest" else own

    ran = _as_without(suite, command=command)

    found = {
        test.id.partition("test_u.py::")[2]: (test.outcome, test.assertions) for test in ran.recording.tests
    }
    assert found == {
        "Plain::test_passed": (Outcome.PASSED, 1),
        "Plain::test_failed": (Outcome.FAILED, 1),
        "Plain::test_error": (Outcome.FAILED, 0),
        "Plain::test_skipped": (Outcome.SKIPPED, 0),
        "Plain::test_expected": (Outcome.XFAILED, 1),
        "Plain::test_unexpected": (Outcome.FAILED if runner == "pytest" else Outcome.XPASSED, 0),
        "Plain::test_replaced": (Outcome.PASSED, 0),
        # pytest runs `setUp` and the method as one phase
        "Around::test_around": (Outcome.FAILED if runner == "pytest" else Outcome.ERROR, 0),
        "Asynchronous::test_async": (Outcome.PASSED, 2),
    }
    assert [place.line for place in ran.test("test_passed").assertions_unreached] == [11]
    assert ran.test("test_failed").failure == "AssertionError"
    skip = ran.test("test_skipped").skip
    assert skip is not None
    assert (skip.reason, skip.infrastructure) == ("redis is not running", True)
    (replacement,) = ran.test("test_replaced").replacements
    assert (replacement.target, replacement.unlike) == ("app.send", ("too many positional arguments",))


CLOSED = """\
    import unittest


    class Closed(unittest.TextTestResult):
        def __setattr__(self, name, value):
            if name == "addFailure":  # which the recorder listens to
                raise AttributeError("closed")
            super().__setattr__(name, value)


    class Plain(unittest.TestCase):
        def test_passed(self):
            self.assertEqual(1, 1)


    if __name__ == "__main__":
        unittest.main(testRunner=unittest.TextTestRunner(resultclass=Closed))
    """


def test_a_result_that_lets_nobody_listen_fails_no_test_and_is_told(suite: Suite) -> None:
    suite.write({"run_tests.py": CLOSED})

    ran = _as_without(suite, command=(sys.executable, "run_tests.py"))

    assert "Ran 1 test" in ran.err
    assert ran.code == 0
    (note,) = ran.recording.run.notes
    assert note.startswith("the recorder failed in begin: AttributeError: closed")


WARNED = {
    "app.py": "import warnings\n\n\ndef send():\n    warnings.warn('no folder', stacklevel=1)\n",
    "late.py": "def send():\n    import app\n\n    app.send()\n",
    "tests/__init__.py": "",
    "tests/test_w.py": """\
        import unittest


        class Warned(unittest.TestCase):
            def test_a(self):
                import app

                self.assertIsNone(app.send())

            def test_b(self):
                import late

                self.assertIsNone(late.send())
        """,
}


def test_a_warning_that_python_shows_once_is_shown_once(suite: Suite) -> None:
    suite.write(WARNED)

    ran = _as_without(suite, command=(sys.executable, "-m", "unittest"))

    assert ran.err.count("UserWarning") == 1


DJANGO = {
    "manage.py": """\
        import os
        import sys

        if __name__ == "__main__":
            os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
        """,
    "site_settings.py": """\
        SECRET_KEY = "x"
        INSTALLED_APPS = ["shop"]
        ROOT_URLCONF = "shop.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        """,
    "shop/__init__.py": "",
    "shop/urls.py": """\
        from django.http import HttpResponse
        from django.urls import path

        urlpatterns = [path("", lambda request: HttpResponse("hello"))]
        """,
    "shop/tests.py": """\
        from django.test import SimpleTestCase, TestCase


        class Pages(TestCase):
            def test_page(self):
                self.assertContains(self.client.get("/"), "hello")

            def test_failing(self):
                assert self.client.get("/").status_code == 404


        class Simple(SimpleTestCase):
            def test_nothing(self):
                self.client.get("/")
        """,
}


@pytest.mark.parametrize("first", ["import unittest.case, pytest", "import pytest, unittest.case"])
def test_a_program_that_calls_pytest_is_recorded_once(suite: Suite, first: str) -> None:
    suite.write(
        {
            "runtests.py": f"{first}\nraise SystemExit(pytest.main(['-p', 'no:cacheprovider']))\n",
            "test_a.py": """\
                import sys
                import unittest


                class Test(unittest.TestCase):
                    def test_finders(self):
                        names = [type(finder).__name__ for finder in sys.meta_path]
                        self.assertEqual(names.count("_SupportFinder"), 1)
                """,
        }
    )

    ran = suite.record(command=(sys.executable, "runtests.py"))

    assert ran.code == 0, ran.out
    assert ran.test("test_finders").assertions == 1
    assert len(ran.recording.tests) == 1
    assert not ran.recording.run.notes


@pytest.mark.parametrize("arguments", [(), ("--parallel", "2")], ids=["alone", "parallel"])
def test_djangos_own_runner(suite: Suite, arguments: tuple[str, ...]) -> None:
    failing = "404" if not arguments else "200"  # in parallel, a failure needs one more package to be told
    suite.write({name: text.replace("404", failing) for name, text in DJANGO.items()})

    ran = _as_without(suite, command=(sys.executable, "manage.py", "test", *arguments))

    assert ran.code == (0 if arguments else 1)
    assert {test.id: (test.outcome, test.assertions) for test in ran.recording.tests} == {
        "shop/tests.py::Pages::test_page": (Outcome.PASSED, 1),
        "shop/tests.py::Pages::test_failing": (Outcome.PASSED if arguments else Outcome.FAILED, 1),
        "shop/tests.py::Simple::test_nothing": (Outcome.PASSED, 0),
    }
    assert [test.replacements for test in ran.recording.tests] == [()] * 3


def test_coverage_sees_the_same_lines_and_branches(suite: Suite) -> None:
    suite.write(
        {
            "app.py": "def pick(n):\n    if n:\n        return 1\n    return 2\n",
            "tests/test_a.py": """\
            from app import pick


            def test_a():
                for n in (0, 1):
                    assert (
                        pick(n)
                    )
                    if n:
                        assert n
            """,
            "pytest.ini": "[pytest]\npythonpath = .\n",
        }
    )

    ran = _as_without(suite, "--cov=.", "--cov-branch", "--cov-report=term-missing")

    assert "test_a.py" in ran.out
    assert ran.test("test_a").assertions == 3


def test_workers_of_xdist_write_their_own_journals(suite: Suite) -> None:
    suite.write(
        {
            "tests/test_a.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(20))\ndef test_a(n):\n    assert 1\n"
        }
    )

    ran = suite.record("-n", "2")

    assert ran.code == 0
    assert {test.worker for test in ran.recording.tests} == {"gw0", "gw1"}
    assert [test.assertions for test in ran.recording.tests] == [1] * 20


def _as_without(suite: Suite, *arguments: str, command: tuple[str, ...] = PYTEST) -> Recorded:
    """Recorded, and compared with the same command unrecorded."""
    plain = suite.run(*command, *arguments)
    ran = suite.record(*arguments, command=command)

    assert ran.code == plain.code
    assert _told(ran.out) == _told(plain.out)
    theirs = "\n".join(line for line in ran.err.splitlines() if not line.startswith("greenroom:"))
    assert _told(theirs) == _told(plain.err)
    return ran


def _told(text: str) -> list[str]:
    """Without times and addresses; in any order, as two processes have none."""
    return sorted(re.sub(r"\d+\.\d+s|0x[0-9a-f]+", "", text).splitlines())
