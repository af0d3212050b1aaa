"""The SQL database: SQLite for one developer, PostgreSQL for everybody."""

from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from helpdesk.tables import Base

Sessions = async_sessionmaker[AsyncSession]


def build_engine(url: str) -> AsyncEngine:
    """An engine with a small pool and with limits on every wait; connects on first use."""
    if url.startswith("sqlite"):
        return create_async_engine(url, pool_timeout=5, connect_args={"timeout": 2})
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"timeout": 5, "command_timeout": 10},
    )


def build_sessions(engine: AsyncEngine) -> Sessions:
    """A factory of sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def create_tables(engine: AsyncEngine) -> None:
    """Create what is missing."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
