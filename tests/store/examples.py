"""Runs and evidence to store."""

from greenroom.model.evidence import Crossing, Exchange, Handled, Outcome, Run, Skip, TestEvidence
from greenroom.model.place import Place
from greenroom.model.test_case import Interface

PLACE = Place(path="app/cache.py", line=10, symbol="Cache.get")


def a_run(
    run_id: str = "20261121T110412Z-4f2a91",
    *,
    exit_code: int | None = 0,
    revision: str = "",
    modified: bool = False,
) -> Run:
    return Run(
        id=run_id,
        started=1763722800.25,
        seconds=0.0 if exit_code is None else 3.5,
        command=("pytest", "-q", "tests"),
        exit_code=exit_code,
        revision=revision,
        modified=modified,
        python="3.11.7",
        sensors=("network",),
        notes=("a sensor was switched off",),
    )


def a_test(
    test_id: str = "tests/test_cart.py::test_total", outcome: Outcome = Outcome.PASSED, started: float = 100.0
) -> TestEvidence:
    return TestEvidence(id=test_id, outcome=outcome, setup=0.25, call=0.5, teardown=0.25, started=started)


def many_tests(number: int, outcome: Outcome = Outcome.PASSED) -> list[TestEvidence]:
    """Each with two or three observations, as suites of web projects have them."""
    return [
        TestEvidence(
            id=f"tests/test_{position % 500}.py::test_{position}",
            outcome=outcome,
            call=0.01,
            started=1000.0 + position,
            crossings=(
                Crossing(library="redis", kind="cache", peer="127.0.0.1:6379/0", real=True, place=PLACE),
            ),
            exchanges=(Exchange(method="GET", route="/x", interface=Interface.IN_PROCESS, status=200),),
            handled=(Handled(place=PLACE, exception="KeyError"),) if position % 2 else (),
        )
        for position in range(number)
    ]


def a_skipped_test() -> TestEvidence:
    skip = Skip(reason="no Redis", infrastructure=True, failure="ConnectionError", place=PLACE)
    return TestEvidence(id="tests/test_cache.py::test_hit", outcome=Outcome.SKIPPED, skip=skip)
