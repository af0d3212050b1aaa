"""What functions without types are given by those who call them."""

from pathlib import Path

from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.project import Project
from tests.project.calls.projects import read, scope

DATABASE = """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine("postgresql://db/shop")
"""


def asked(project: Project, name: str) -> dict[str, int]:
    """What a function asks of libraries, and how sure that is."""
    function = scope(project, name)
    return {edge.symbol: edge.certainty for edge in project.graph.effects(function)}


def test_a_session_is_known_in_the_function_that_is_given_it(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/database.py": DATABASE,
            "shop/save.py": """
                def save(order, db=None):
                    db.add(order)
                    db.commit()
            """,
            "shop/orders.py": """
                from shop.database import Session, engine
                from shop.save import save

                def place(order):
                    with Session(engine) as session:
                        save(order, db=session)
            """,
        },
    )

    assert asked(project, "save")["sqlalchemy.orm.Session.commit"] == CERTAIN


def test_what_is_handed_on_and_on_stays_known_and_so_does_what_is_made_of_it(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/orders.py": """
                import sqlite3

                def main():
                    first(sqlite3.connect("shop.db"))

                def first(conn):
                    second(1, conn)

                def second(number, conn):
                    third(conn.cursor())

                def third(cursor):
                    cursor.execute("SELECT 1")
            """
        },
    )

    assert "sqlite3.Cursor.execute" in asked(project, "third")


def test_a_constructor_keeps_what_it_is_given(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/database.py": DATABASE,
            "shop/orders.py": """
                from shop.database import Session, engine

                class Orders:
                    def __init__(self, session):
                        self.session = session

                    def count(self):
                        return self.session.execute("SELECT count(*) FROM orders")

                def main():
                    return Orders(Session(engine)).count()
            """,
        },
    )

    assert asked(project, "Orders.count")["sqlalchemy.orm.Session.execute"] == CERTAIN


def test_where_callers_differ_or_are_not_known_nothing_is_certain(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/orders.py": """
                import httpx
                import redis
                import requests

                def main(unknown):
                    ask(requests.Session())
                    ask(httpx.Client())
                    count(redis.Redis())
                    count(unknown)

                def ask(client):
                    client.get("http://stock")

                def count(client):
                    client.hgetall("stock")
            """
        },
    )

    assert asked(project, "ask") == {
        "requests.Session.get": PROBABLE,
        "httpx.Client.get": PROBABLE,
    }
    assert asked(project, "count") == {"redis.Redis.hgetall": PROBABLE}


def test_what_tests_hand_in_says_nothing_of_the_product(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/orders.py": """
                def count(client):
                    return client.hgetall("stock")
            """,
            "tests/test_orders.py": """
                import redis
                from shop.orders import count

                def test_count():
                    assert count(redis.Redis())
            """,
        },
    )

    assert asked(project, "count") == {}


def test_a_function_that_is_called_by_itself_comes_to_an_end(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/orders.py": """
                import redis

                def main():
                    count(redis.Redis(), 3)

                def count(client, left):
                    if left:
                        count(client, left - 1)
                    return client.hgetall("stock")
            """
        },
    )

    assert "redis.Redis.hgetall" in asked(project, "count")
