"""TST011: a test that takes long in each of its runs."""

from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="TST011",
    name="slow",
    family=Family.TESTS,
    summary="a test takes a second or longer even in its fastest run",
    consequence="the suite is run late and seldom, and what it would have said comes after the merge",
    remedy="wait for a condition in place of a time, and share what is expensive to set up",
    source="Google, Software Engineering at Google, chapter 11, Test Sizes",
    recorded=True,
)
