"""The entry point of the worker process: `python -m helpdesk.worker`."""

import asyncio
import csv
import logging
import os
import signal
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

from sqlalchemy import select

from helpdesk import cache
from helpdesk.database import Sessions, build_engine, build_sessions
from helpdesk.services.jobs import Jobs
from helpdesk.settings import Settings, get_settings
from helpdesk.tables import Ticket

logger = logging.getLogger(__name__)

Row = tuple[int, str, str]


async def ticket_rows(sessions: Sessions) -> list[Row]:
    """All tickets, as far as an export shows them."""
    async with sessions() as session:
        rows = await session.execute(select(Ticket.id, Ticket.subject, Ticket.status))
        return [(number, subject, status) for number, subject, status in rows]


def write_csv(path: Path, rows: list[Row]) -> None:
    """A file with one line per ticket."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def write_xlsx(path: Path, rows: list[Row]) -> None:
    """A workbook with one row per ticket."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


async def export(job: dict[str, str], sessions: Sessions) -> str:
    """Make one export; returns where it is."""
    folder = Path(os.environ["HELPDESK_EXPORT_FOLDER"])
    path = folder / f"{job['number']}.{job['format']}"
    write = write_xlsx if job["format"] == "xlsx" else write_csv
    await asyncio.to_thread(write, path, await ticket_rows(sessions))
    return str(path)


async def work(jobs: Jobs, sessions: Sessions, stopping: asyncio.Event) -> None:
    """Do job after job until somebody says stop; a Redis that is down ends the process."""
    while not stopping.is_set():
        job = await jobs.next()
        if job is not None:
            await jobs.finish(job["number"], await export(job, sessions))
            logger.info("job %s is done", job["number"])


async def main(settings: Settings) -> None:
    """Open what the work needs, and work."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with AsyncExitStack() as stack:
        redis = cache.connect(settings.jobs_url)
        stack.push_async_callback(redis.aclose)
        engine = build_engine(settings.database_url)
        stack.push_async_callback(engine.dispose)
        await work(Jobs(redis), build_sessions(engine), stopping)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(get_settings()))
