import asyncio
import gc
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from greenroom.model.evidence import Stall
from greenroom.record.loop import watch
from greenroom.record.loop.roots import Roots
from greenroom.record.loop.seen import Seen
from greenroom.record.loop.turn import Hold
from tests.record.loop.blocked import LONG, WAYS, guilty, handler, lines, parses, sleeps, waits_for_an_event
from tests.record.loop.conftest import Run

HERE = Path(__file__).parent
LIMIT = timedelta(milliseconds=80)


ATTEMPTS = 5
"""Where the machine itself stands still, one stall may be seen as two, or nobody gets his turn to see it."""


@pytest.mark.parametrize("name", WAYS)
def test_names_the_line_the_kind_and_the_call(run: Run, name: str) -> None:
    block, kind, call = WAYS[name]

    stall = seen_alone(run, block, kind, call)

    assert stall.place is not None
    assert (stall.place.path, stall.place.symbol) == ("blocked.py", name)
    assert stall.place.line in lines(name)
    assert (stall.kind, stall.call) == (kind, call)
    assert [place.symbol for place in stall.chain] == ["handler", name]


def seen_alone(run: Run, block: Callable[[], object], kind: str, call: str) -> Stall:
    """The one stall of a run; the last one where no run has one of that kind."""
    stalls: list[Stall] = []
    for _ in range(ATTEMPTS):
        with watch(LIMIT, [HERE]) as seen:
            run(handler(block))
        assert seen.notes == ()
        stalls = guilty(seen.stalls)
        if [(stall.kind, stall.call) for stall in stalls] == [(kind, call)]:
            break
    (stall,) = stalls
    return stall


def test_tells_how_long_a_call_took(run: Run) -> None:
    assert seen_alone(run, sleeps, "io", "time.sleep").seconds >= LONG


def test_what_waits_as_it_should_is_no_stall(run: Run) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.sleep(LONG), asyncio.to_thread(time.sleep, LONG))

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    assert [stall for stall in seen.stalls if stall.place] == []
    assert seen.calls == ()


def test_many_short_callbacks_are_nobodys_fault(run: Run) -> None:
    async def works_a_little() -> None:
        for _ in range(2):
            await asyncio.sleep(0)
            sum(range(10_000))

    async def main() -> None:
        await asyncio.gather(*(works_a_little() for _ in range(4_000)))

    for _ in range(ATTEMPTS):
        with watch(LIMIT, [HERE]) as seen:
            run(main())
        blamed = [stall for stall in seen.stalls if stall.place and "works_a_little" in stall.place.symbol]
        if not blamed:
            break

    assert "load" in {stall.kind for stall in seen.stalls}
    assert not blamed


def test_another_thread_that_keeps_the_interpreter_is_told_apart(run: Run) -> None:
    async def main() -> None:
        await asyncio.to_thread(parses)
        await asyncio.sleep(0.05)

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    assert seen.stalls
    blamed = [stall for stall in seen.stalls if stall.place is not None]
    assert {(stall.kind, stall.place.symbol) for stall in blamed if stall.place} <= {("gil", "parses")}


def test_a_long_collection_is_not_the_fault_of_the_line_where_it_strikes(run: Run) -> None:
    keep = [[index] for index in range(3_000_000)]

    def allocates() -> None:
        gc.collect()

    def innocent() -> None:
        allocate = gc.get_threshold()
        gc.set_threshold(1, 1, 1)
        try:
            _ = [[] for _ in range(10)]
        finally:
            gc.set_threshold(*allocate)

    with watch(LIMIT, [HERE]) as seen:
        run(handler(allocates))
        called = [stall.place.symbol for stall in seen.stalls if stall.place and stall.call == "gc.collect"]
        seen.take()
        run(handler(innocent))

    assert keep
    assert called
    assert all(name.endswith("allocates") for name in called)
    assert [stall for stall in seen.stalls if stall.call == "gc.collect" and stall.place] == []


def test_is_used_inside_a_running_loop(run: Run) -> None:
    async def main() -> list[Stall]:
        with watch(LIMIT, [HERE]) as seen:
            await handler(sleeps)
            parses()
        return guilty(seen.stalls)

    assert any([stall.call for stall in run(main())] == ["time.sleep", "json.loads"] for _ in range(ATTEMPTS))


def test_watches_loops_of_several_threads_also_those_that_run_already(run: Run) -> None:
    ready, go, stop = threading.Event(), threading.Event(), threading.Event()

    async def serve() -> None:
        ready.set()
        await asyncio.to_thread(go.wait)
        sleeps()
        stop.set()

    older = threading.Thread(target=run, args=(serve(),))
    older.start()
    ready.wait()
    with watch(LIMIT, [HERE]) as seen:
        younger = threading.Thread(target=run, args=(handler(waits_for_an_event),))
        younger.start()
        go.set()
        stop.wait()
        older.join()
        younger.join()

    assert {stall.place.symbol for stall in guilty(seen.stalls) if stall.place} == {
        "sleeps",
        "waits_for_an_event",
    }


def test_each_watch_has_its_own_limit_and_roots(run: Run, tmp_path: Path) -> None:
    with (
        watch(LIMIT, [HERE]) as near,
        watch(timedelta(seconds=5), [HERE]) as patient,
        watch(LIMIT, [tmp_path]) as far,
    ):
        run(handler(sleeps))

    assert [stall.call for stall in guilty(near.stalls)] == ["time.sleep"]
    assert patient.stalls == ()
    assert [call.call for call in patient.calls] == ["time.sleep"]
    assert {stall.place for stall in far.stalls} == {None}


def test_tells_as_soon_as_it_is_over(run: Run) -> None:
    told: list[Stall] = []

    async def main() -> int:
        sleeps()
        for _ in range(3_000):
            if guilty(told):
                break
            await asyncio.sleep(0.01)
        return len(guilty(told))

    with watch(LIMIT, [HERE], tell=told.append):
        assert run(main()) == 1


LOOPS = 12


def test_what_keeps_many_loops_at_the_same_moment_is_told_once() -> None:
    loops = [asyncio.new_event_loop() for _ in range(LOOPS)]
    told: list[Stall] = []
    with watch(LIMIT, [HERE], tell=told.append) as seen:
        threads = [threading.Thread(target=loop.run_forever, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(LONG)  # they all turn
            keeps_the_interpreter()
        for loop, thread in zip(loops, threads, strict=True):
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    kept = [stall for stall in seen.stalls if stall.kind in {"gil", "load"}]
    assert kept
    assert len({(stall.place, stall.call, stall.kind) for stall in seen.stalls}) == len(seen.stalls)
    longest = max(kept, key=lambda stall: stall.total)
    assert longest.seconds <= longest.total
    # Each of the two may be seen in parts where the machine is busy, but never by each loop for itself.
    assert sum(stall.times for stall in kept) < LOOPS
    assert len(told) < LOOPS


def keeps_the_interpreter() -> int:
    return sum(range(20_000_000))


def held(kind: str, loop: int, ended: float, seconds: float = 1.0) -> Hold:
    return Hold(seconds, kind, "", (), spelled=False, ended=ended, loop=loop)


@pytest.mark.parametrize("kind", ["gil", "load"])
def test_moments_are_counted_and_not_loops(kind: str) -> None:
    told: list[Stall] = []
    seen = Seen(Roots([HERE]), 0.5, told.append)
    for moment in range(5):
        for loop in range(100):
            seen.held(held(kind, loop, 10.0 * moment + loop / 1000))

    (stall,) = seen.stalls
    assert (stall.kind, stall.times, stall.seconds) == (kind, 5, 1.0)
    assert stall.total == pytest.approx(5 * 1.099)
    assert [each.times for each in told] == [1, 2, 4]


def test_one_loop_that_is_kept_again_and_again_is_counted_each_time() -> None:
    seen = Seen(Roots([HERE]), 0.5, None)
    for ended in (1.0, 1.9, 3.0):
        seen.held(held("gil", 1, ended))
    seen.held(held("gil", 1, 9.0, seconds=2.0))

    (stall,) = seen.stalls
    assert (stall.times, stall.seconds, stall.total) == (4, 2.0, 5.0)


def test_loops_that_wait_for_themselves_are_counted_each() -> None:
    seen = Seen(Roots([HERE]), 0.5, None)
    for loop in range(3):
        seen.held(held("io", loop, 1.0))

    (stall,) = seen.stalls
    assert (stall.times, stall.seconds, stall.total) == (3, 1.0, 3.0)


def test_a_limit_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="above zero"), watch(timedelta(0)):
        json.dumps("never")
