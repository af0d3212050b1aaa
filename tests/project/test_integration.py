"""Where production meets what can fail on its own, and which tests meet it there for real."""

from collections.abc import Mapping

import pytest

from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

STORE = """\
import redis


class Store:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=1)

    def load(self, key: str) -> bytes | None:
        return self._redis.get(key)

    def save(self, key: str, value: str) -> None:
        self._redis.set(key, value)
"""
SERVICE = """\
from shop.mail import send
from shop.store import Store


def order(store: Store, number: str) -> str:
    store.save(number, "ordered")
    send(number)
    return number
"""
MAIL = """\
import smtplib


def send(number: str) -> None:
    with smtplib.SMTP("mail", timeout=3) as server:
        server.sendmail("shop@example.com", ["me@example.com"], number)
"""
SHOP = {
    "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["redis", "requests", "sqlalchemy"]\n',
    "src/shop/__init__.py": "",
    "src/shop/store.py": STORE,
    "src/shop/service.py": SERVICE,
    "src/shop/mail.py": MAIL,
}


def points(root: WriteProject, files: Mapping[str, str]) -> dict[str, IntegrationPoint]:
    project = read_project(root({**SHOP, **files}), Settings())
    return {point.name: point for point in project.integration_points}


def names(tests: tuple[str, ...]) -> list[str]:
    return [test.rpartition("::")[2] for test in tests]


def test_a_dependency_is_named_with_its_places(write_project: WriteProject) -> None:
    found = points(write_project, {})

    assert sorted(found) == ["redis", "smtplib"]
    assert found["redis"].kind == "cache"
    assert [(place.path, place.line, place.symbol) for place in found["redis"].sites] == [
        ("src/shop/store.py", 9, "Store.load"),
        ("src/shop/store.py", 12, "Store.save"),
    ]


def test_crossed_for_real_doubled_and_made_to_fail(write_project: WriteProject) -> None:
    tests = """\
import subprocess
from unittest.mock import patch

import pytest
import redis

from shop.store import Store


@pytest.fixture
def server():
    process = subprocess.Popen(["redis-server", "--port", "7001"])
    yield "redis://localhost:7001"
    process.terminate()


def test_real(server):
    store = Store(server)
    store.save("a", "1")
    assert store.load("a") == b"1"


def test_doubled():
    with patch("redis.Redis.get", return_value=b"1"):
        assert Store("redis://nowhere").load("a") == b"1"


def test_doubled_and_failing():
    with patch("redis.Redis.get", side_effect=redis.ConnectionError), pytest.raises(redis.ConnectionError):
        Store("redis://nowhere").load("a")


def test_real_and_failing(server):
    store = Store(server)
    subprocess.run(["redis-cli", "-p", "7001", "shutdown"])
    with pytest.raises(redis.ConnectionError):
        store.load("a")


def test_elsewhere():
    assert Store
"""
    redis = points(write_project, {"tests/test_store.py": tests})["redis"]

    assert names(redis.tests_real) == ["test_real", "test_real_and_failing"]
    assert names(redis.tests_doubled) == ["test_doubled", "test_doubled_and_failing"]
    assert names(redis.failures_provoked) == ["test_doubled_and_failing", "test_real_and_failing"]


def test_what_is_replaced_elsewhere_leaves_it_real(write_project: WriteProject) -> None:
    tests = """\
from unittest.mock import patch

from shop.service import order
from shop.store import Store


@patch("shop.service.send")
def test_without_mail(send):
    assert order(Store("redis://localhost"), "7") == "7"


@patch("shop.service.send", side_effect=TimeoutError)
def test_with_failing_mail(send):
    order(Store("redis://localhost"), "7")


@patch("shop.store.Store.save")
def test_without_store(save):
    order(Store("redis://localhost"), "7")
"""
    found = points(write_project, {"tests/test_service.py": tests})

    assert names(found["redis"].tests_real) == ["test_without_mail", "test_with_failing_mail"]
    assert names(found["redis"].tests_doubled) == ["test_without_store"]
    assert names(found["redis"].failures_provoked) == []
    assert names(found["smtplib"].tests_real) == ["test_without_store"]
    assert names(found["smtplib"].failures_provoked) == ["test_with_failing_mail"]


def test_a_double_that_is_handed_over_may_stand_for_anything(write_project: WriteProject) -> None:
    tests = """\
from unittest.mock import MagicMock

from shop.service import order


def test_order():
    assert order(MagicMock(), "7") == "7"
"""
    found = points(write_project, {"tests/test_service.py": tests})

    assert all(not point.tests_real for point in found.values())
    assert names(found["redis"].tests_doubled) == ["test_order"]


@pytest.mark.parametrize(
    ("fake", "redis", "mail"),
    [
        ("fakeredis.FakeRedis()", [], ["test_order"]),
        ("object()", ["test_order"], ["test_order"]),
    ],
)
def test_a_fake_library_stands_for_its_own_kind(
    write_project: WriteProject, fake: str, redis: list[str], mail: list[str]
) -> None:
    tests = f"""\
import fakeredis

from shop.service import order
from shop.store import Store


def test_order():
    store = Store("redis://localhost")
    store._redis = {fake}
    order(store, "7")
"""
    found = points(write_project, {"tests/test_service.py": tests})

    assert names(found["redis"].tests_real) == redis
    assert names(found["smtplib"].tests_real) == mail


RATES = """\
import requests


def rate(currency: str) -> float:
    answer = requests.get("https://rates.example.com/latest", params={"of": currency}, timeout=3)
    answer.raise_for_status()
    return answer.json()["rate"]
"""


@pytest.mark.parametrize(
    ("line", "provoked"),
    [
        ('responses.add("GET", "https://rates.example.com/latest", json={"rate": 2.0})', []),
        ('responses.add("GET", "https://rates.example.com/latest", status=503)', ["test_rate"]),
        ('responses.add("GET", "https://rates.example.com/latest", status=404)', []),
        (
            'responses.add("GET", "https://rates.example.com/latest", body=requests.ConnectTimeout())',
            ["test_rate"],
        ),
    ],
)
def test_a_server_that_is_doubled_answers_well_or_badly(
    write_project: WriteProject, line: str, provoked: list[str]
) -> None:
    tests = f"""\
import requests
import responses

from shop.rates import rate


@responses.activate
def test_rate():
    {line}
    rate("EUR")
"""
    found = points(write_project, {"src/shop/rates.py": RATES, "tests/test_rates.py": tests})

    point = found["rates.example.com via requests"]
    assert names(point.tests_doubled) == ["test_rate"]
    assert names(point.tests_real) == []
    assert names(point.failures_provoked) == provoked


TABLES = """\
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg2://db/shop")


def count(engine=engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("select count(*) from items")).scalar()
"""


@pytest.mark.parametrize(
    ("url", "real", "doubled"),
    [
        ("postgresql+psycopg2://localhost/test", ["test_count"], []),
        ("sqlite://", [], ["test_count"]),
    ],
)
def test_sqlite_is_no_postgresql(
    write_project: WriteProject, url: str, real: list[str], doubled: list[str]
) -> None:
    tests = f"""\
import pytest
from sqlalchemy import create_engine

from shop.tables import count


@pytest.fixture
def engine():
    return create_engine("{url}")


def test_count(engine):
    assert count(engine) == 0
"""
    found = points(write_project, {"src/shop/tables.py": TABLES, "tests/test_tables.py": tests})

    point = found["postgresql via sqlalchemy"]
    assert (names(point.tests_real), names(point.tests_doubled)) == (real, doubled)


def test_an_overridden_dependency_does_not_run(write_project: WriteProject) -> None:
    application = """\
from fastapi import Depends, FastAPI

from shop.store import Store

app = FastAPI()


def get_store() -> Store:
    store = Store("redis://redis")
    store.save("used", "1")
    return store


def handler(store: Store = Depends(get_store)) -> str:
    return "ok"
"""
    tests = """\
from shop.application import app, get_store, handler


def test_overridden():
    app.dependency_overrides[get_store] = lambda: None
    assert handler() == "ok"


def test_as_it_is():
    assert handler() == "ok"
"""
    found = points(write_project, {"src/shop/application.py": application, "tests/test_it.py": tests})

    assert names(found["redis"].tests_real) == ["test_as_it_is"]
    assert names(found["redis"].tests_doubled) == ["test_overridden"]
