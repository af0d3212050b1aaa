"""A campaign with a budget: it ends when the time is up, and says what it left out."""

import json
import time
from pathlib import Path

import pytest

from greenroom.campaign.checking import Checks
from greenroom.campaign.controls import EVERY, Probe
from greenroom.campaign.crew import Task, in_turn
from greenroom.campaign.errors import NothingToProveError
from greenroom.campaign.first_pass import may_be_alone
from greenroom.campaign.messages import Ending, Job
from greenroom.campaign.plan import Choice, make_plan
from greenroom.campaign.request import Request
from greenroom.campaign.stage import Stage
from greenroom.campaign.subject import Reach
from greenroom.campaign.time_limit import OutOfTimeError
from greenroom.model.settings import Settings
from tests.campaign.conftest import NEEDLESS, ProveProject, write
from tests.campaign.marked import MARKED

MANY = EVERY + 5
FILES = {
    "shop.py": "".join(
        f"def price{number}():\n    total = {number}\n    return total  # mutant: return 0 + total\n\n\n"
        for number in range(MANY)
    ),
    "test_shop.py": """
        import shop


        def test_prices():
            for name in dir(shop):
                if name.startswith("price"):
                    assert getattr(shop, name)() == int(name.removeprefix("price"))
        """,
}


def request() -> Request:
    return Request(arguments=tuple(word for name in NEEDLESS for word in ("-p", f"no:{name}")), workers=1)


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""


def test_who_is_under_way_when_the_time_is_up_is_given_up_and_others_can_follow(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    plan = make_plan(tmp_path, Settings(), [MARKED], Choice())
    job = Job(number=1, tests=("test_shop.py::test_prices",), limits=(60.0,), patience=60.0)
    with Stage(tmp_path, plan, request(), silent) as stage:
        observation = stage.observe(tmp_path / "kept")
        with stage.crew(observation) as crew:
            crew.until = time.monotonic()
            with pytest.raises(OutOfTimeError):
                list(crew.work(in_turn([Task(job=job)])))
            crew.until = None
            (done,) = crew.work(in_turn([Task(job=job)]))

    assert done.answer.ending is Ending.PASSED


def test_controls_stand_in_front_of_the_failures_beside_which_they_are_tried(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    plan = make_plan(tmp_path, Settings(), [MARKED], Choice())
    with Stage(tmp_path, plan, request(), silent) as stage:
        observation = stage.observe(tmp_path / "kept")
    reach = Reach(observation)
    subjects = [reach.of(mutant, plan.texts[mutant.place.path]) for mutant in plan.mutants]
    order = list(Checks(plan.texts, observation).among(subjects, set(subjects)))

    assert len(subjects) == MANY
    assert [at for at, each in enumerate(order) if isinstance(each, Probe)] == [0, 1, EVERY + 2, EVERY + 3]


def test_a_budget_that_is_over_before_the_tests_are_known_is_told(prove_project: ProveProject) -> None:
    with pytest.raises(
        NothingToProveError, match="the budget was over before it was known what the tests run"
    ):
        prove_project(FILES, budget=0.01)


def test_what_is_known_of_the_tests_is_kept_for_a_budget(prove_project: ProveProject, tmp_path: Path) -> None:
    prove_project(FILES, root=tmp_path)
    for verdicts in tmp_path.glob(".greenroom/prove/*/verdicts.jsonl"):
        verdicts.unlink()
    proof = prove_project(FILES, root=tmp_path, budget=0.01).proof

    assert (proof.left_out, proof.trials) == (MANY, ())
    assert "nothing was tried" in proof.doubt
    assert any("the time did not suffice" in notice for notice in proof.notices)


def test_who_has_time_looks_again_at_what_was_seen_in_a_hurry(
    prove_project: ProveProject, tmp_path: Path
) -> None:
    prove_project(FILES, root=tmp_path)
    (kept,) = tmp_path.glob(".greenroom/prove/*/observation-*.json")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "hurried": True}))
    in_a_hurry = prove_project(FILES, root=tmp_path, budget=3600.0).proof
    assert json.loads(kept.read_text())["hurried"]
    proof = prove_project(FILES, root=tmp_path).proof

    assert not json.loads(kept.read_text())["hurried"]
    assert [trial.verdict for trial in proof.trials] == [trial.verdict for trial in in_a_hurry.trials]


@pytest.mark.parametrize(("left", "each"), [(None, True), (600.0, True), (60.0, False)])
def test_only_modules_are_run_alone_where_each_test_would_take_most_of_the_time(
    left: float | None, *, each: bool
) -> None:
    assert may_be_alone(40.0, 10.0, 400, workers=2, left=left) is each
