"""Stores that are meant to last: their images, and the folders in which these keep what they are given."""

import re
from collections.abc import Iterable
from typing import Final

from greenroom.project.settings.addresses import store_of_image

FOLDERS: Final = {
    "postgres": ("/var/lib/postgresql", "/bitnami/postgresql"),
    "mysql": ("/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb"),
    "mongodb": ("/data/db", "/bitnami/mongodb"),
    "redis": ("/data", "/bitnami/redis", "/var/lib/redis"),
    "minio": ("/data", "/bitnami/minio", "/export"),
}
"""Where public images of these stores keep what they are given."""
_KEEPS: Final = re.compile(r"--appendonly[ =]\"?yes|--save (?!\"\")")
"""How a Redis is told that its data matters; without it, it may be a cache."""
_ELSEWHERE: Final = re.compile(
    r"--dbpath|--datadir|--dir[ =]|fsync=off|PGDATA=(?!/var/lib/postgresql)", re.IGNORECASE
)
_PASSING: Final = re.compile(
    r"test|tmp|temp|ephemeral|mock|fake|stub|ci\b|demo|example|sandbox|dev", re.IGNORECASE
)
_SERVER: Final = re.compile(
    r"-|postgres|mysqld|mariadbd|mongod|redis-server|valkey-server|minio|server|docker-entrypoint"
)
"""How the command of a store begins; others are clients that use its image."""


def is_passing(name: str) -> bool:
    """Whether it is called like something for tests, or to try out."""
    return _PASSING.search(name) is not None


def lasting_store(image: str, command: str, told: str, named: str) -> str:
    """The store that a container is, where what it holds is meant to stay; empty for any other.

    Args:
        image: its image.
        command: the first word of its own command; empty where it has none.
        told: its command and its variables, in one line.
        named: what it and its databases are called.
    """
    name = image.rpartition("/")[2].partition(":")[0].lower()
    kind = store_of_image(re.split(r"[-_.]", name)[0])  # of `supertokens-postgresql` nothing
    if kind != store_of_image(image):
        return ""  # a page for administrators, such as `mongo-express`
    if kind not in FOLDERS or (command and not _SERVER.match(command)):
        return ""
    if kind == "redis" and not _KEEPS.search(told):
        return ""
    return "" if _ELSEWHERE.search(told) or is_passing(named) else kind


def holds(places: Iterable[str], kind: str) -> bool:
    """Whether one of the places is the folder of a store, or one around or in it."""
    return any(
        place.startswith(FOLDERS[kind]) or any(folder.startswith(f"{place}/") for folder in FOLDERS[kind])
        for place in places
    )
