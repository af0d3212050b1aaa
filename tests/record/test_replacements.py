import pytest

from tests.record.suites import Recorded, Suite

APP = """\
    import functools


    class Client:
        retries = 3

        def __init__(self, url="x"):
            self.url = url

        def get(self, key):
            return key

        @classmethod
        def build(cls, url):
            return cls(url)

        @staticmethod
        def parse(text):
            return text

        async def fetch(self, path):
            return path


    class Child(Client):
        pass


    class Dynamic:
        def __getattr__(self, name):
            return name


    def send(to, subject, *, urgent=False):
        return to


    async def load(key):
        return key


    def passed_on(function):
        @functools.wraps(function)
        def inner(*arguments, **named):
            return function(*arguments, **named)

        return inner


    @passed_on
    def wrapped(to):
        return to


    CLIENT = Client()
    DYNAMIC = Dynamic()
    LATER = None
    """
REPLACED = {
    "app.py": APP,
    "tests/conftest.py": "import sys\nsys.path.insert(0, '.')\n",
    "tests/test_forms.py": """\
        import unittest
        from unittest import mock
        from unittest.mock import patch

        import pytest

        import app


        @patch("app.send")
        def test_decorated(send):
            app.send("a", "b")


        def test_with():
            with patch.object(app.Client, "get") as get:
                app.CLIENT.get("k")


        def test_started():
            patcher = patch("app.load")
            patcher.start()
            patcher.stop()


        def test_multiple():
            with patch.multiple(app, send=mock.DEFAULT, load=mock.DEFAULT):
                pass


        @pytest.fixture
        def client():
            with patch("app.CLIENT") as client:
                yield client


        def test_fixture(client):
            pass


        def test_monkeypatch(monkeypatch):
            monkeypatch.setattr(app, "send", lambda to: None)
            monkeypatch.setattr("app.Client.get", len)


        def test_context(monkeypatch):
            with monkeypatch.context() as patched:
                patched.setattr(app, "LATER", 3)


        def test_mocker(mocker):
            mocker.patch("app.send")


        @patch("app.send")
        class TestCase(unittest.TestCase):
            def test_method(self, send):
                pass


        class TestStarted(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.patcher = patch("app.load")
                cls.patcher.start()

            @classmethod
            def tearDownClass(cls):
                cls.patcher.stop()

            def test_one(self):
                pass

            def test_two(self):
                pass


        def test_nothing():
            assert app.CLIENT
        """,
    "tests/test_shapes.py": """\
        from unittest.mock import AsyncMock, MagicMock, create_autospec, patch

        import app


        def test_too_many():
            with patch("app.send"):
                app.send("a", "b", "c")


        def test_unknown_name():
            with patch("app.send"):
                app.send("a", "b", urgnt=True)


        def test_attribute():
            with patch("app.CLIENT") as client:
                client.delete("k")
                client.get("k", 3)


        def test_instance():
            with patch("app.Client") as Client:
                client = app.Client()
                client.delete("k")
                client.get("k", 3)
                client.url


        def test_method():
            with patch.object(app.Client, "get"), patch.object(app.Client, "build"), patch.object(app.Client, "parse"):
                app.CLIENT.get("k", 3)
                app.Client.build()
                app.Client.parse(1, 2)


        def test_not_awaitable():
            with patch("app.load", MagicMock(return_value=3)):
                app.load("k")


        def test_created():
            with patch("app.nothing", create=True):
                app.nothing()


        def test_monkeypatched(monkeypatch):
            double = MagicMock()
            monkeypatch.setattr(app, "send", double)
            app.send()


        def test_monkeypatched_instance(monkeypatch):
            monkeypatch.setattr(app.CLIENT, "get", MagicMock())
            app.CLIENT.get("key", "another")
        """,
    "tests/test_right.py": """\
        from unittest.mock import AsyncMock, MagicMock, patch

        import app


        def test_led_to_what_was_returned():
            with patch("app.send") as send:
                app.send("a", "b")
                send().close.assert_not_called()


        def test_on_an_instance(monkeypatch):
            monkeypatch.setattr(app.CLIENT, "get", MagicMock())
            app.CLIENT.get("key")


        def test_on_a_child(monkeypatch):
            monkeypatch.setattr(app.Child, "get", MagicMock())
            app.Child().get("key")


        def test_calls():
            with patch("app.send"), patch("app.load"):
                app.send("a", "b", urgent=True)
                app.send("a", subject="b").anything
                app.load("k").close()


        def test_methods():
            with patch.object(app.Client, "get"), patch.object(app.Client, "build"), patch.object(app.Client, "parse"):
                app.CLIENT.get("k")
                app.Client.get(app.CLIENT, "k")
                app.Client.build("u")
                app.Client.parse(1)


        def test_instance():
            with patch("app.Client") as Client:
                client = app.Client("u")
                client.url, client.retries
                client.get("k")
                Client.build("u").get("k")


        def test_made_up():
            with patch("app.DYNAMIC") as dynamic:
                dynamic.anything(1, 2)


        def test_placeholder():
            with patch("app.LATER") as later:
                later.anything(1, 2)


        def test_wrapped():
            with patch("app.wrapped"):
                app.wrapped(1, 2, 3)


        def test_specified():
            with patch("app.send", autospec=True):
                app.send("a", "b")


        def test_coroutine_as_answer():
            async def answer():
                pass

            with patch("app.load", MagicMock(side_effect=lambda key: answer())):
                app.load("k").close()
        """,
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return Suite(root=tmp_path_factory.mktemp("replaced")).write(REPLACED).record()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_decorated", [("app.send", "test_decorated", "unittest.mock", "MagicMock")]),
        ("test_with", [("app.Client.get", "test_with", "unittest.mock", "MagicMock")]),
        ("test_started", [("app.load", "test_started", "unittest.mock", "AsyncMock")]),
        ("test_multiple", [
            ("app.load", "test_multiple", "unittest.mock", "AsyncMock"),
            ("app.send", "test_multiple", "unittest.mock", "MagicMock"),
        ]),
        ("test_fixture", [("app.CLIENT", "client", "unittest.mock", "MagicMock")]),
        ("test_monkeypatch", [
            ("app.Client.get", "test_monkeypatch", "monkeypatch", "builtin_function_or_method"),
            ("app.send", "test_monkeypatch", "monkeypatch", "function"),
        ]),
        ("test_context", [("app.LATER", "test_context", "monkeypatch", "int")]),
        ("test_mocker", [("app.send", "test_mocker", "pytest-mock", "MagicMock")]),
        ("TestCase::test_method", [("app.send", "test_method", "unittest.mock", "MagicMock")]),
        ("TestStarted::test_one", [("app.load", "setUpClass", "unittest.mock", "AsyncMock")]),
        ("TestStarted::test_two", [("app.load", "setUpClass", "unittest.mock", "AsyncMock")]),
        ("test_nothing", []),
    ],
)  # fmt: skip
def test_every_form_of_replacing(ran: Recorded, name: str, expected: list[tuple[str, ...]]) -> None:
    found = ran.test(f"test_forms.py::{name}").replacements

    assert sorted((each.target, each.by, each.tool, each.double) for each in found) == expected


def test_the_place_is_the_line_that_replaced(ran: Recorded) -> None:
    (fixture,) = ran.test("test_fixture").replacements

    assert fixture.place is not None
    line = REPLACED[fixture.place.path].splitlines()[fixture.place.line - 1]
    assert line.strip() == 'with patch("app.CLIENT") as client:'


@pytest.mark.parametrize(
    ("name", "missing", "unlike"),
    [
        ("test_too_many", [], ["too many positional arguments"]),
        ("test_unknown_name", [], ["got an unexpected keyword argument 'urgnt'"]),
        ("test_attribute", ["delete"], []),
        ("test_instance", ["().delete"], ["get: too many positional arguments"]),
        ("test_method", [], [
            "too many positional arguments", "missing a required argument: 'url'", "too many positional arguments",
        ]),
        ("test_not_awaitable", [], ["the real one is awaited, the double returns at once"]),
        ("test_created", ["nothing"], []),
        ("test_monkeypatched_instance", [], ["too many positional arguments"]),
        ("test_monkeypatched", [], ["missing a required argument: 'to'"]),
    ],
)  # fmt: skip
def test_doubles_of_the_wrong_shape(ran: Recorded, name: str, missing: list[str], unlike: list[str]) -> None:
    found = ran.test(f"test_shapes.py::{name}").replacements

    assert [each for replacement in found for each in replacement.missing] == missing
    assert sorted(each for replacement in found for each in replacement.unlike) == sorted(unlike)


def test_doubles_of_the_right_shape_are_left_alone(ran: Recorded) -> None:
    right = [test for test in ran.recording.tests if "test_right" in test.id]

    assert ran.code == 0, ran.out
    assert len(right) == 11
    assert [each for test in right for each in test.replacements if each.missing or each.unlike] == []


def test_libraries_of_doubles_are_known_by_name(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/test_a.py": """
            import boto3
            import httpx
            import pytest
            import requests


            def test_responses():
                import responses

                with responses.RequestsMock() as answers:
                    answers.get("http://x/y", json={})
                    assert requests.get("http://x/y").ok


            def test_respx(respx_mock):
                respx_mock.get("http://x/y").mock(return_value=httpx.Response(200))
                assert httpx.get("http://x/y").status_code == 200


            def test_vcrpy(tmp_path):
                import vcr

                with vcr.use_cassette(str(tmp_path / "x.yaml")):
                    pass


            def test_moto(monkeypatch):
                from moto import mock_aws

                monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
                monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
                with mock_aws():
                    assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"] == []


            def test_fakeredis():
                import fakeredis

                redis = fakeredis.FakeRedis()
                redis.set("a", 1)
                assert redis.get("a")


            @pytest.fixture
            def database():
                import mongomock

                return mongomock.MongoClient().db


            def test_mongomock(database):
                assert database.things.count_documents({}) == 0
            """
        }
    ).record()

    assert ran.code == 0, ran.out
    found = {
        test.id.partition("::")[2]: [(each.target, each.by, each.tool) for each in test.replacements]
        for test in ran.recording.tests
    }
    assert found == {
        "test_responses": [("requests", "test_responses", "responses")],
        "test_respx": [("httpx", "respx_mock", "respx")],
        "test_vcrpy": [("http", "test_vcrpy", "vcrpy")],
        "test_moto": [("botocore", "test_moto", "moto")],
        "test_fakeredis": [("redis.Redis", "test_fakeredis", "fakeredis")],
        "test_mongomock": [("pymongo.MongoClient", "database", "mongomock")],
    }


def test_the_subject_is_told_from_the_boundary(suite: Suite) -> None:
    ran = suite.write(
        {
            "app.py": """\
            import functools
            import json
            import time
            import redis
            import requests

            STORE = redis.Redis()
            LIMIT = 3


            class Mailer:
                def send(self):
                    pass

                @staticmethod
                def parse():
                    pass


            @functools.lru_cache
            def kept():
                pass
            """,
            "tests/__init__.py": "",
            "tests/steps.py": "def log_in():\n    pass\n",
            "tests/test_a.py": """\
            import pytest
            import fakeredis
            import app

            @pytest.mark.parametrize("name", [
                "app.Mailer", "app.Mailer.send", "app.Mailer.parse", "app.kept", "app.LIMIT", "app.NEW", "app.STORE",
                "app.requests", "app.requests.get", "app.time.sleep", "app.json", "tests.steps.log_in",
            ])
            def test_one(monkeypatch, name):
                monkeypatch.setattr(name, object(), raising=False)

            def test_library():
                fakeredis.FakeRedis()
            """,
            "pytest.ini": "[pytest]\npythonpath = .\n",
        }
    ).record()

    assert ran.code == 0, ran.out
    found = {test.id.rpartition("::")[2]: test.replacements[0].role for test in ran.recording.tests}
    subjects = dict.fromkeys(("app.Mailer", "app.Mailer.send", "app.Mailer.parse", "app.kept"), "subject")
    boundaries = ("app.STORE", "app.requests", "app.requests.get", "app.time.sleep", "app.json")
    assert found == {
        f"test_one[{name}]": role
        for name, role in (
            subjects
            | {"app.LIMIT": "setting", "app.NEW": "setting", "tests.steps.log_in": "suite"}
            | dict.fromkeys(boundaries, "boundary")
        ).items()
    } | {"test_library": "boundary"}
