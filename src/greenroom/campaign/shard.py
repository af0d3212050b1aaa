"""Some mutants of a campaign that is led elsewhere, judged by the engine of this machine.

`python -m greenroom.campaign.shard` reads one from standard input, and writes each judgement when it is reached; it
ends with its input, so that nothing goes on when nobody waits any more.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from greenroom.campaign.inside.own_network import can_have_own_network
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.messages import Change
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.plan import Plan
from greenroom.campaign.request import Request
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.seat import take_first_seat, take_seat
from greenroom.campaign.stage import Stage
from greenroom.campaign.subject import Subject
from greenroom.campaign.time_limit import TimeLimit
from greenroom.model.mutant import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What travels: plain data, as JSON has it."""

    root: str
    python: str
    """The interpreter in which the tests run; where there is none of that name, the one that is active."""
    arguments: tuple[str, ...]
    observation: dict[str, Any]
    subjects: tuple[dict[str, Any], ...]
    seconds: float
    """That it may take; 0: no such limit."""


def pack_observation(observation: Observation) -> dict[str, Any]:
    """What a judge needs to know: not which lines run."""
    tests = [
        {
            "id": test.id,
            "outcome": test.outcome,
            "seconds": test.seconds,
            "work": test.work,
            "alone": test.alone,
        }
        for test in observation.tests
    ]
    return {
        "tests": tests, "late": observation.late, "libraries": observation.libraries, "unsafe": observation.unsafe,
        "colliding": observation.colliding, "own_network": observation.own_network, "collecting": observation.collecting,
    }  # fmt: skip


def pack_subject(subject: Subject) -> dict[str, Any]:
    """What is needed to judge it."""
    return {
        "change": asdict(subject.change),
        "tests": subject.tests,
        "cold": subject.cold,
        "aside": subject.aside,
    }


def pack_judgement(judgement: Judgement) -> dict[str, Any]:
    """As JSON has it."""
    return asdict(judgement)


def unpack_judgement(told: dict[str, Any]) -> Judgement:
    """What `pack_judgement` made."""
    return Judgement(**{**told, "verdict": Verdict(told["verdict"])})


def judge_shard(shard: Shard) -> Iterator[tuple[int, Judgement]]:
    """The numbers of its mutants, and their judgements."""
    tests = [ObservedTest(**test) for test in shard.observation["tests"]]
    observation = Observation(**{**shard.observation, "tests": tests})
    limit = TimeLimit.of(shard.seconds) if shard.seconds else None
    python = shard.python if Path(shard.python).exists() else ""
    request = Request(python=python, arguments=shard.arguments, workers=1)
    if observation.own_network and not can_have_own_network():
        observation.own_network, observation.colliding = False, [test.id for test in tests]
    judge = Judge(observation)
    with ExitStack() as stack:
        seat = take_first_seat() if observation.colliding else take_seat()
        stage = stack.enter_context(Stage(Path(shard.root), Plan(mutants=()), request, _silent, seats=[seat]))
        crew = stack.enter_context(stage.crew(observation))
        steps = (
            Case(
                number,
                judge.judge(Change(**told["change"]), told["tests"], cold=told["cold"], aside=told["aside"]),
            )
            for number, told in enumerate(shard.subjects)
        )
        yield from Schedule(steps, limit).judge_all(crew)


def _silent(_what: str, _done: int, _total: int) -> None:
    """The campaign itself tells how far it is."""


def main() -> None:
    """Do what standard input says."""
    shard = Shard(**json.loads(sys.stdin.buffer.readline()))
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_input, daemon=True).start()
    for number, judgement in judge_shard(shard):
        os.write(1, json.dumps([number, pack_judgement(judgement)]).encode() + b"\n")


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _end_with_input() -> None:
    while os.read(0, 1 << 16):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
