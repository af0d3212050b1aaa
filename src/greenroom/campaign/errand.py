"""What a worker of a cluster is asked to do: say what differs from the machine that leads the campaign, and judge."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from greenroom.campaign.fingerprint import Fingerprint, take_fingerprint
from greenroom.campaign.request import Request

ROOT = "GREENROOM_ROOT"
"""Of a worker's environment: where its copy of the project lies, if not where it lies for who leads the campaign."""
_LOOK = 0.5
"""Seconds between two looks at whether anybody still waits."""
_PATIENCE = 30.0
"""Seconds that a shard gets to leave in order."""
_LAST_WORDS = 1000


def examine(root: str, python: str, told: Mapping[str, Any]) -> list[str]:
    """Why verdicts of this machine would not be those of the other; empty: they would."""
    here = os.environ.get(ROOT, root)
    if not Path(here).is_dir():
        return [f"it has no {here}: put a copy of the project there, or name the folder with {ROOT}"]
    request = Request(python=python if Path(python).exists() else "")
    try:
        own = take_fingerprint(Path(here), request.interpreter())
    except Exception as error:  # noqa: BLE001  - whatever it is, it is why this worker is of no use
        return [str(error)]
    return Fingerprint(**told).differences(own)


def run_shard(text: str) -> list[Any]:
    """Judge a shard in a process of its own, which ends when this task is cancelled, or this worker is gone.

    Returns:
        Numbers of mutants in the shard, and judgements, as far as it came.

    Raises:
        RuntimeError: it came to no end; the message is what the process said last.
    """
    shard = json.loads(text)
    shard["root"] = os.environ.get(ROOT, shard["root"])
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "greenroom.campaign.shard"],
            stdin=subprocess.PIPE, stdout=told, stderr=words, start_new_session=True,
        )  # fmt: skip
        try:
            _wait(process, json.dumps(shard).encode() + b"\n")
        finally:
            _end(process)
        if process.returncode > 0:
            words.seek(0)
            raise RuntimeError(words.read()[-_LAST_WORDS:].decode("utf-8", "replace").strip())
        told.seek(0)
        return [json.loads(line) for line in told]


def _wait(process: "subprocess.Popen[bytes]", order: bytes) -> None:
    """Until it has ended by itself, or nobody wants to know any more."""
    worker = import_module("distributed").get_worker()
    key = worker.get_current_task()
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.write(order)
            process.stdin.flush()
    while (task := worker.state.tasks.get(key)) is not None and task.state == "executing":
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK)
            return


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Its input ends, and so does it."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
