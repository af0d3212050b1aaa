import re

import pytest

from tests.record.suites import PYTEST, Suite

FORGETFUL = {
    "tests/test_a.py": """\
        import gc

        import pytest


        async def load():
            pass


        async def store():
            pass


        def test_dropped():
            load()


        def test_cycle():
            ring = []
            ring.append(ring)
            ring.append(store())


        def test_collects():
            gc.collect()


        KEPT = []


        def test_kept():
            KEPT.append(load())


        def test_lets_go():
            KEPT.clear()


        def test_awaited():
            try:
                load().send(None)
            except StopIteration:
                pass
        """
}


def test_belongs_to_the_test_that_made_it(suite: Suite) -> None:
    ran = suite.write(FORGETFUL).record()

    found = {
        test.id.partition("::")[2]: test.never_awaited for test in ran.recording.tests if test.never_awaited
    }
    assert found == {"test_dropped": ("load",), "test_cycle": ("store",), "test_kept": ("load",)}


def test_what_only_the_end_of_the_run_collects(suite: Suite) -> None:
    ran = suite.write(FORGETFUL).record("-k", "test_cycle")

    assert ran.test("test_cycle").never_awaited == ("store",)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-W", "error"),
        ("-W", "ignore"),
        ("-W", "error::pytest.PytestUnraisableExceptionWarning"),
        ("-p", "no:unraisableexception", "-W", "error"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_suite_sees_what_it_always_sees(suite: Suite, arguments: tuple[str, ...]) -> None:
    suite.write(FORGETFUL)
    arguments = (*arguments, "-p", "no:asyncio")  # it warns of its own settings

    plain = suite.run(*PYTEST, *arguments)
    ran = suite.record(*arguments)

    assert ran.code == plain.code
    assert _told(ran.out) == _told(plain.out)
    assert sum(len(test.never_awaited) for test in ran.recording.tests) == 3


def test_with_the_origin_that_asyncios_debug_mode_adds(suite: Suite) -> None:
    suite.write({"tests/conftest.py": "import sys\nsys.set_coroutine_origin_tracking_depth(3)\n"} | FORGETFUL)

    plain = suite.run(*PYTEST, "-k", "dropped")
    ran = suite.record("-k", "dropped")

    assert "Coroutine created at (most recent call last)" in ran.out
    assert _told(ran.out) == _told(plain.out)


def _told(out: str) -> str:
    return re.sub(r"\d+\.\d+s|0x[0-9a-f]+", "", out)
