"""The version of a store's tables, and the way from an older one to today's."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, inspect, select, table

from greenroom.store.errors import StoreError
from greenroom.store.failures import damaged
from greenroom.store.location import StoreLocation
from greenroom.store.tables import VERSION_TABLE

HEAD: Final = "0003"
"""The newest file in `migrations/versions`; known here, as loading Alembic takes longer than all else."""


def read_version(connection: Connection, location: StoreLocation) -> str | None:
    """The version of the tables; None where there are none yet.

    Raises:
        StoreError: it is a newer one, or a file that belongs to another program.
    """
    inspector = inspect(connection)
    if not inspector.has_table(VERSION_TABLE):
        if location.file is not None and inspector.get_table_names():
            message = f"{location} is a database of another program. Set another `store`."
            raise StoreError(message)
        return None
    version = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    if version is not None and not (isinstance(version, str) and version.isdecimal()):
        raise damaged(location, f"its version is {version!r}")
    if version is not None and version > HEAD:
        message = (
            f"the store {location} was written by a newer Greenroom (schema {version}, this one knows {HEAD}). "
            "Nothing was changed. Install the newer one: pip install --upgrade greenroom"
        )
        raise StoreError(message)
    return version


def migrate(connection: Connection, to: str = HEAD) -> None:
    """Bring the tables to a version, within the transaction of this connection: all of it or nothing."""
    from alembic.command import upgrade  # noqa: PLC0415  - see HEAD
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    upgrade(config, to)
