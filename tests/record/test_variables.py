from tests.record.suites import Suite

APP = """\
import os

import app_settings

AT_IMPORT = os.environ.get("READ_AT_IMPORT")


def one():
    return os.environ["ONE"]


def two():
    return os.getenv("TWO"), "THREE" in os.environ, os.environ.get("FOUR", "x")


def missing():
    try:
        return os.environ["MISSING"]
    except KeyError as error:
        return error.args


def everything():
    return dict(os.environ), {**os.environ}, os.environ.copy(), list(os.environ.items()), repr(os.environ)


def emptied():
    kept = os.environ.copy()
    try:
        os.environ.clear()
        return len(os.environ), os.environ.pop("TAKEN", "x")
    finally:
        os.environ.update(kept)


def take(**words):
    return words


def spread():
    return take(**os.environ)


def loop():
    return [os.environ[name] for name in ("ONE", "FIVE") if name in os.environ]


def library():
    import urllib.request

    return urllib.request.getproxies()


def settings():
    return app_settings.Settings()
"""

SETTINGS = """\
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.config import Config


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    name: str = "x"
    port: int = 1


def configured():
    return Config()("DEBUG", default="")
"""

TESTS = """\
import os
import app
import app_settings


def test_one():
    assert app.one() == os.environ["ONE"]
    os.environ["OF_THE_TEST"]


def test_two(): app.two()


def test_missing(): assert app.missing() == ("MISSING",)


def test_everything(): assert len(app.everything()) == 5


def test_emptied(): assert app.emptied() == (0, "x")


def test_spread(): assert app.spread()


def test_loop(): assert app.loop() == ["1"]


def test_library(): app.library()


def test_settings(): assert app.settings().name == "me"


def test_starlette(): app_settings.configured()


def test_kind():
    assert type(os.environ).__getitem__.__qualname__ == "_Environ.__getitem__"
    assert not hasattr(os.environ, "__wrapped__")
"""


def test_names_that_production_code_reads(suite: Suite) -> None:
    ran = suite.write({"app.py": APP, "app_settings.py": SETTINGS, "tests/test_app.py": TESTS}).record(
        PYTHONPATH=str(suite.root), ONE="1", OF_THE_TEST="2", SHOP_NAME="me", HIDDEN="never-written"
    )

    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    assert {test.id.partition("::")[2]: test.variables for test in ran.recording.tests} == {
        "test_one": ("ONE",),
        "test_two": ("TWO", "THREE", "FOUR"),
        "test_missing": ("MISSING",),
        "test_everything": (),
        "test_emptied": ("TAKEN",),
        "test_spread": (),
        "test_loop": ("ONE", "FIVE"),
        "test_library": (),
        "test_settings": ("SHOP_NAME", "SHOP_PORT"),
        "test_starlette": ("DEBUG",),
        "test_kind": (),
    }
    journals = (suite.root / ".greenroom").rglob("*.jsonl")
    assert not any("never-written" in each.read_text(encoding="utf-8") for each in journals)


def test_what_a_program_reads_that_the_test_starts(suite: Suite) -> None:
    ran = suite.write(
        {
            "app.py": APP,
            "app_settings.py": SETTINGS,
            "tests/test_app.py": """\
            import subprocess
            import sys

            def test_program():
                subprocess.run([sys.executable, "-c", "import app; app.one()"], check=True)
            """,
        }
    ).record(PYTHONPATH=str(suite.root), ONE="1")

    assert ran.test("test_program").variables == ("READ_AT_IMPORT", "ONE")
