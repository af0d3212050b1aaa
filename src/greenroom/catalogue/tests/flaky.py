"""TST010: a test that does not always end alike."""

from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="TST010",
    name="flaky",
    family=Family.TESTS,
    summary="on the same code a test sometimes passes and sometimes fails",
    consequence="people run red pipelines again until they are green, and a real failure goes through with the others",
    remedy="take away what decides by chance: set the seed, wait for a condition, give each test its own data",
    source="Luo, Hariri, Eloussi, Marinov, An Empirical Analysis of Flaky Tests, FSE 2014",
    recorded=True,
)
