"""Which ways to block an event loop are caught, by us and by peers, and at what cost: `make loop`.

Needs Redis and PostgreSQL as programs, and the extra `bench`: `pip install -e '.[dev,bench]' -c constraints.txt`.
Each watcher runs in a process of its own, all of them against the same servers, one case after another.
"""

import argparse
import http.server
import inspect
import json
import logging
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from blocking import computing, files, network, processes, threads
from blocking.case import CASES, HOW_LONG, Case, stop_feeders
from loop_overhead import measure
from loop_peers import WATCHERS, quietly

_PATIENCE = 30
_KINDS = (network, files, processes, threads, computing)
"""Imported, so that they are known."""
_WORDS = {"caught": "yes", "elsewhere": "other line", "missed": "-", "failed": "failed"}


def main(arguments: Sequence[str]) -> int:
    """Print both tables in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["cases", "overhead"], help="one of the two tables")
    parser.add_argument("--watcher", choices=list(WATCHERS), help=argparse.SUPPRESS)
    parser.add_argument("--watchers", default="", help="only watchers whose name has this in it")
    parser.add_argument("--select", default="", help="only cases whose name has this in it")
    options = parser.parse_args(arguments)
    if options.watcher:
        return _try_all(options.watcher, options.select)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
          f"load {os.getloadavg()[0]:.1f}, {datetime.now(UTC):%Y-%m-%d}\n")  # fmt: skip
    if options.only != "overhead":
        _print_cases(options.select, options.watchers)
    if options.only != "cases":
        _print_overhead()
    return 0


def _print_cases(select: str, watchers: str) -> None:
    found: dict[str, dict[str, str]] = {}
    with ExitStack() as stack:
        environment = {**os.environ, **stack.enter_context(services())}
        for watcher in (name for name in WATCHERS if watchers in name):
            command = [sys.executable, __file__, "--watcher", watcher, "--select", select]
            done = subprocess.run(  # noqa: S603  - this very file
                command, env=environment, stdout=subprocess.PIPE, check=True, timeout=_PATIENCE * 10
            )
            found[watcher] = json.loads(done.stdout)
    names = [name for name in CASES if select in name]
    print("| blocked by |", " | ".join(found), "|")
    print("|---|" + ":-:|" * len(found))
    for name in names:
        print(f"| {name} |", " | ".join(_WORDS[results[name]] for results in found.values()), "|")
    for what, words in (("noticed", {"caught", "elsewhere"}), ("caught, with the right line", {"caught"})):
        totals = [sum(results[name] in words for name in names) for results in found.values()]
        print(f"| **{what}, of {len(names)}** |", " | ".join(f"**{n}**" for n in totals), "|")
    print()


def _print_overhead() -> None:
    print(
        "| echo round trip | without, µs | with, ratio | middle half of the ratios spans | CPU time, ratio |"
    )
    print("|---|--:|--:|--:|--:|")
    for name, microseconds, ratio, spread, cpu in measure():
        print(f"| {name} | {microseconds:.1f} | {ratio:.3f} | {spread:.3f} | {cpu:.3f} |")


def _try_all(watcher: str, select: str) -> int:
    logging.raiseExceptions = False
    with quietly():
        results = {name: _try(WATCHERS[watcher], case) for name, case in CASES.items() if select in name}
    print(json.dumps(results))
    return 0


def _try(watcher: Callable[[Callable[[], object]], set[int] | None], case: Case) -> str:
    preparation = case()
    block = next(preparation)
    try:
        lines = watcher(block)
    except Exception as error:  # noqa: BLE001  - a peer may fail in any way, and the others go on
        print(f"{watcher.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
        return "failed"
    finally:
        for _ in preparation:
            pass
        stop_feeders()
    if lines is None:
        return "missed"
    return "caught" if lines & _guilty(case) else "elsewhere"


def _guilty(case: Case) -> set[int]:
    rows, first = inspect.getsourcelines(case)
    return {number for number, row in enumerate(rows, first) if row.rstrip().endswith("# here")}


class _Slow(http.server.BaseHTTPRequestHandler):
    """Takes its time."""

    def do_GET(self) -> None:
        time.sleep(HOW_LONG)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Start all servers; give back the variables that tell where they are."""
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="greenroom-loop-"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        redis = _free_port()
        _start(stack, ["redis-server", "--port", str(redis), "--save", "", "--dir", scratch], redis)
        yield {
            "LOOP_BENCH_URL": f"http://127.0.0.1:{server.server_port}/",
            "LOOP_BENCH_REDIS": str(redis),
            "LOOP_BENCH_POSTGRES": _postgres(stack, Path(scratch) / "postgres"),
            "LOOP_BENCH_SCRATCH": scratch,
        }


def _postgres(stack: ExitStack, folder: Path) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or str(found[-1])
    port = _free_port()
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder.mkdir()
    if user:
        folder.parent.chmod(0o755)
        shutil.chown(folder, "postgres")
    create = [*user, initdb, "-D", str(folder), "-U", "bench", "-A", "trust", "--no-sync"]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  - a server of ours
    program = str(Path(initdb).resolve().with_name("postgres"))
    _start(stack, [*user, program, "-D", str(folder), "-p", str(port), "-k", "", "-F"], port)
    return f"host=127.0.0.1 port={port} user=bench dbname=postgres"


def _start(stack: ExitStack, command: list[str], port: int) -> None:
    process = subprocess.Popen(  # noqa: S603  - servers of ours
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(0.5)
            return
    message = f"{command[0]} does not come up"
    raise RuntimeError(message)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
