"""Runs pytest again and again in children of a process that has the libraries loaded; `bench/coupling.py` asks it line by line.

    python forked_pytest.py SECONDS MODULE...

Asked `{"arguments": [...], "paths": [...], "folder": "..."}`, it answers `{"code": 0, "said": "..."}`; the code is -1 where a run is
not over after so many seconds.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any

import pytest
from _pytest.config import default_plugins


def main() -> None:
    """Until nobody asks any more."""
    limit = float(sys.argv[1])
    for name in (*(f"_pytest.{each}" for each in default_plugins), *sys.argv[2:]):
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if child == 0:
                _become(asked, said.fileno())
                code = 70
                try:
                    code = int(pytest.main(asked["arguments"]))
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            code = _end(child, limit)
            said.seek(0)
            answer = {"code": code, "said": said.read().decode(errors="replace")}
        print(json.dumps(answer), flush=True)


def _become(asked: dict[str, Any], said: int) -> None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(asked["folder"])
    sys.path[:0] = [*asked["paths"], asked["folder"]]


def _end(child: int, limit: float) -> int:
    """The exit code of a child; what it started is ended with it."""
    until = time.monotonic() + limit
    status = None
    while status is None and time.monotonic() < until:
        pid, how = os.waitpid(child, os.WNOHANG)
        status = how if pid else None
        if status is None:
            time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
        return -1
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
