import re

from tests.record.suites import PYTEST, Suite

APP = '''\
"""An application."""

import asyncio


class Broken(Exception):
    pass


def number(text):
    try:
        return int(text)
    except ValueError:
        return 0
    except (TypeError, KeyError) as error:
        return str(error)


class Shop:
    def buy(self, thing):
        try:
            if thing == "broken":
                raise Broken(thing)
            return thing
        except Broken:

            # the comment stays where it is
            raise RuntimeError("sold out") from None
        finally:
            self.thing = thing

    async def wait(self):
        try:
            await asyncio.sleep(60)
        except:
            raise


def together():
    try:
        raise ExceptionGroup("several", [ValueError(), TypeError()])
    except* ValueError:
        pass
    except* TypeError:
        pass


try:
    import nothing_like_it
except ImportError:
    nothing_like_it = None
'''

TESTS = """\
import asyncio
import inspect
import traceback
import pytest
import app


def test_none():
    assert app.number("3") == 3


def test_twice():
    assert [app.number("x"), app.number("y"), app.number("1")] == [0, 0, 1]


def test_another():
    assert app.number(None)


def test_in_a_class():
    with pytest.raises(RuntimeError) as caught:
        app.Shop().buy("broken")
    lines = [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert lines[-1] == 28
    assert inspect.getsource(app.number).startswith("def number(text):")


def test_cancelled():
    async def go():
        await asyncio.wait_for(app.Shop().wait(), 0.01)

    with pytest.raises(TimeoutError):
        asyncio.run(go())


def test_groups():
    app.together()


def test_own():
    try:
        int("x")
    except ValueError:
        pass


def test_shown():
    app.Shop().buy("broken")
"""


def test_branches_that_ran_are_told_with_what_they_caught(suite: Suite) -> None:
    ran = suite.write({"app.py": APP, "tests/test_app.py": TESTS}).record(PYTHONPATH=str(suite.root))

    found = {
        test.id.partition("::")[2]: [
            (each.place.path, each.place.line, each.place.symbol, each.exception, each.times)
            for each in test.handled
        ]
        for test in ran.recording.tests
    }
    assert found == {
        "test_none": [],
        "test_twice": [("app.py", 13, "number", "ValueError", 2)],
        "test_another": [("app.py", 15, "number", "TypeError", 1)],
        "test_in_a_class": [("app.py", 25, "Shop.buy", "app.Broken", 1)],
        "test_cancelled": [("app.py", 35, "Shop.wait", "asyncio.exceptions.CancelledError", 1)],
        "test_groups": [
            ("app.py", 42, "together", "ExceptionGroup", 1),
            ("app.py", 44, "together", "ExceptionGroup", 1),
        ],
        "test_own": [],
        "test_shown": [("app.py", 25, "Shop.buy", "app.Broken", 1)],
    }


def test_what_is_printed_is_the_same_and_so_are_pythons_caches(suite: Suite) -> None:
    suite.write({"app.py": APP + '\nPATTERN = "\\d"\n', "tests/test_app.py": TESTS})
    paths = {"PYTHONPATH": str(suite.root), "PYTHONDONTWRITEBYTECODE": ""}
    plain = suite.run(*PYTEST, **paths)
    (cached,) = suite.root.glob("__pycache__/app*.pyc")
    before = cached.read_bytes()

    recorded = [suite.record(**paths) for _ in range(2)]

    assert cached.read_bytes() == before
    assert [_without_times(each.out) for each in recorded] == [
        _without_times(suite.run(*PYTEST, **paths).out)
    ] * 2
    assert plain.code == recorded[0].code == 1
    cached.unlink()
    fresh = suite.record(**paths)
    assert _without_times(fresh.out) == _without_times(plain.out)
    assert cached.read_bytes()[16:] == before[16:]


def test_code_is_pickled_without_us_and_coverage_counts_the_same_lines(suite: Suite) -> None:
    suite.write(
        {
            "app.py": APP,
            "tests/test_app.py": TESTS,
            "tests/test_code.py": """\
            import copy
            import marshal
            import pickle
            import app

            def test_constants():
                constants = [each for each in app.number.__code__.co_consts if type(each).__module__ != "builtins"]
                for each in constants:
                    assert type(pickle.loads(pickle.dumps(each))) is dict
                assert app.number.__code__ == copy.copy(app.number.__code__)
                assert hash(app.number.__code__)
            """,
        }
    )
    arguments = ("--cov=app", "--cov-branch", "--cov-report=term-missing", "tests")
    plain = suite.run(*PYTEST, *arguments, PYTHONPATH=str(suite.root))
    ran = suite.record(*arguments, PYTHONPATH=str(suite.root))

    assert ran.test("test_constants").failure == ""
    lines = [line for line in ran.out.splitlines() if line.startswith("app.py")]
    assert lines == [line for line in plain.out.splitlines() if line.startswith("app.py")] != []
    (note,) = ran.recording.run.notes
    assert "--cov-context=test" in note


def test_a_program_that_a_test_starts(suite: Suite) -> None:
    ran = suite.write(
        {
            "app.py": APP,
            "program.py": "import app\nprint(app.number('x'))\n",
            "tests/test_app.py": """\
            import subprocess
            import sys

            def test_program():
                done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True)
                assert (done.stdout, done.stderr, done.returncode) == ("0\\n", "", 0)
            """,
        }
    ).record(PYTHONPATH=str(suite.root))

    lines = {each.place.line: each.exception for each in ran.test("test_program").handled}
    assert lines == {13: "ValueError", 50: "ModuleNotFoundError"}


def test_a_program_whose_path_the_test_sets_anew_joins_and_one_without_environment_does_not(
    suite: Suite,
) -> None:
    ran = suite.write(
        {
            "app.py": APP,
            "program.py": "import app\nprint(app.number('x'))\n",
            "tests/test_app.py": """\
            import os
            import subprocess
            import sys

            COMMAND = [sys.executable, "program.py"]

            def test_own_path():
                given = {**os.environ, "PYTHONPATH": os.getcwd()}
                before = dict(given)
                assert subprocess.run(COMMAND, env=given, capture_output=True).stdout == b"0\\n"
                assert given == before

            def test_own_environment():
                assert subprocess.run(COMMAND, env={}, capture_output=True).stdout == b"0\\n"
            """,
        }
    ).record()

    assert ran.code == 0, ran.out
    assert 13 in {each.place.line for each in ran.test("test_own_path").handled}
    assert ran.test("test_own_environment").handled == ()


def _without_times(text: str) -> str:
    return re.sub(r"\d+\.\d+s|0x[0-9a-f]+", "", text)
