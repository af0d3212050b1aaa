"""How often a test has to fail before its failure is a verdict."""

import pytest

from greenroom.campaign.judgement import Judge, Judgement, Steps
from greenroom.campaign.messages import Answer, Change, Ending
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Edit, Mutant, Verdict
from greenroom.model.operator import Symptom
from greenroom.model.place import Place

TEST = "test_it.py::test_it"
CHANGE = Change(path="it.py", text="changed")


def _red(line: int, ran: int = 1, seconds: float = 0.1) -> Answer:
    return Answer(
        number=0, ending=Ending.FAILED, test=TEST, error="AssertionError: 1", where=f"test_it.py:{line}", ran=ran,
        seconds=seconds,
    )  # fmt: skip


GREEN = Answer(number=0, ending=Ending.PASSED, ran=1)
SAME, OTHER = Answer(number=0, ending=Ending.SAME), Answer(number=0, ending=Ending.OTHER)


def _judged(steps: Steps, *answers: Answer) -> tuple[Judgement, int]:
    """What is said after these answers, and how many were needed."""
    next(steps)
    for count, answer in enumerate(answers, start=1):
        try:
            steps.send(answer)
        except StopIteration as end:
            return end.value, count
    pytest.fail("it asks for more")


def _judge() -> Judge:
    before = ObservedTest(id="test_it.py::test_before", outcome="passed")
    return Judge(Observation(tests=[before, ObservedTest(id=TEST, outcome="passed")]))


def test_who_is_known_for_failing_again_need_not_do_so_for_each_change() -> None:
    judge = _judge()
    first, asked = _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3), GREEN, _red(3))
    assert (first.verdict, asked) == (Verdict.CAUGHT, 3), "with the change, without it, and with it again"
    second, asked = _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3))
    assert (second.verdict, asked) == (Verdict.CAUGHT, 1)


def test_who_is_not_known_for_failing_again_has_to_do_so() -> None:
    other, asked = _judged(_judge().judge(CHANGE, [TEST], cold=False), _red(8), GREEN, GREEN)
    assert (other.verdict, asked) == (Verdict.UNCONFIRMED, 3), "it does not come again"


def test_a_failure_that_took_long_may_be_one_of_time_and_has_to_come_again() -> None:
    judge = _judge()
    _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3), GREEN, _red(3))
    slow, asked = _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3, seconds=1.2), GREEN)
    assert (slow.verdict, asked) == (Verdict.UNCONFIRMED, 2), "it does not come again"


def test_who_was_not_alone_has_to_fail_alone() -> None:
    judge = _judge()
    _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3), GREEN, _red(3))
    tests = ["test_it.py::test_before", TEST]
    said, asked = _judged(judge.judge(CHANGE, tests, cold=False), _red(3, ran=2), _red(3))
    assert (said.verdict, asked) == (Verdict.CAUGHT, 2)


BOTH = ("test_it.py::test_before", TEST)


def test_of_what_the_import_runs_those_who_run_its_file_are_asked_first() -> None:
    steps = _judge().judge(CHANGE, BOTH, cold=True, near=[TEST])
    assert next(steps).job.tests == (TEST,)
    assert steps.send(_red(3)).job.change is None, "does it pass without?"
    assert steps.send(GREEN).job.tests == (TEST,)
    with pytest.raises(StopIteration) as end:
        steps.send(_red(3))
    assert end.value.value.verdict is Verdict.CAUGHT


def test_what_they_let_through_all_are_asked_twice() -> None:
    steps = _judge().judge(CHANGE, BOTH, cold=True, near=[TEST])
    assert next(steps).job.tests == (TEST,)
    assert steps.send(GREEN).job.imprint, "does the import leave the same?"
    assert steps.send(OTHER).job.tests == BOTH
    assert steps.send(GREEN).job.tests == BOTH
    with pytest.raises(StopIteration) as end:
        steps.send(GREEN)
    assert end.value.value.verdict is Verdict.ESCAPED


def test_where_the_import_leaves_the_same_only_who_runs_the_lines_is_asked_twice() -> None:
    steps = _judge().judge(CHANGE, BOTH, cold=True, scouts=[TEST])
    first = next(steps)
    assert (first.cold, first.job.tests) == (False, (TEST,))
    second = steps.send(GREEN)
    assert (second.cold, second.job.imprint) == (True, True)
    third = steps.send(SAME)
    assert (third.cold, third.job.tests) == (False, (TEST,))
    with pytest.raises(StopIteration) as end:
        steps.send(GREEN)
    assert end.value.value.verdict is Verdict.ESCAPED


def test_who_once_failed_and_not_again_is_believed_no_more_at_once() -> None:
    judge = _judge()
    _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3), GREEN, _red(3))
    _judged(judge.judge(CHANGE, [TEST], cold=False), _red(8, seconds=1.2), GREEN)
    said, asked = _judged(judge.judge(CHANGE, [TEST], cold=False), _red(3), _red(3))
    assert (said.verdict, asked) == (Verdict.CAUGHT, 2)


def _subject(line: int, tests: tuple[str, ...] = BOTH) -> Subject:
    mutant = Mutant(
        key=str(line), operator="Z1", name="marked", code="TST999", symptom=Symptom.RESULT, weight=1,
        place=Place(path="it.py", line=line, symbol="it"), end_line=line, lines=(line,),
        edits=(Edit(start=0, end=1, text=""),),
    )  # fmt: skip
    return Subject(mutant=mutant, before="it", tests=tests, cold=False)


def test_the_order_of_the_tests_is_the_same_whatever_they_have_noticed_before() -> None:
    judge = _judge()
    first, _ = _judged(judge.judge_subject(_subject(10)), _red(3, ran=2), GREEN, _red(3))
    assert first.verdict is Verdict.CAUGHT
    assert next(judge.judge_subject(_subject(12))).job.tests == BOTH
