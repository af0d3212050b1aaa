"""A PostgreSQL server of our own, for as long as the tests that need it run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

PASSWORD = "s3cr3t/w@rd"  # noqa: S105  - of a server that lives as long as the tests
"""With characters that an address has to encode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server; it may be stopped and started again."""

    folder: Path
    port: int
    names: Iterator[int] = field(default_factory=count)

    def new_database(self) -> str:
        """The address of a fresh database."""
        name = f"greenroom_{next(self.names)}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, database: str, *, user: str = "team", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def sql(self, database: str, statement: str) -> str:
        """What psql prints."""
        command = [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return run(command, PGDATABASE=database, **self._connection()).strip()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(self._control("start", "-w", "-l", str(self.folder / "log"), "-o", options))

    def stop(self) -> None:
        run(self._control("stop", "-w", "-m", "immediate"))

    def _control(self, *arguments: str) -> list[str]:
        return [program("pg_ctl"), "-s", "-D", str(self.folder / "data"), *arguments]

    def _connection(self) -> dict[str, str]:
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "team",
            "PGPASSWORD": PASSWORD,
        }


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A new cluster in a temporary folder, gone afterwards."""
    # Not below pytest's own folder, which other users may not enter; and short, as sockets have short names.
    folder = Path(tempfile.mkdtemp(prefix="greenroom-pg-"))
    try:
        own = owner()
        if own is not None:
            os.chown(folder, own, -1)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ["-U", "team", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"]
        run([program("initdb"), "-D", str(folder / "data"), "--no-sync", *options])
        server = PostgresServer(folder=folder, port=free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def program(name: str) -> str:
    """One of PostgreSQL's programs: on the path, or where Debian keeps it; of several the newest."""
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda file: int(file.parts[4]))
    found = str(known[-1]) if known else shutil.which(name)
    assert found, f"PostgreSQL's {name} is missing: run `make services`"
    return found


def run(command: list[str], **variables: str) -> str:
    """Run it as somebody whom PostgreSQL accepts."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=owner(),
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def owner() -> int | None:
    """Whose the server is; None: ours. It refuses to be root's."""
    if os.getuid() != 0:
        return None
    users = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
    return users.get("postgres", users["nobody"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
