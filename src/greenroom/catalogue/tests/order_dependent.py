"""TST012: a test whose outcome is decided by the tests before it."""

from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="TST012",
    name="order-dependent",
    family=Family.TESTS,
    summary="a test ends otherwise alone than after another test",
    consequence="it turns red or green when somebody adds, moves or selects other tests, and says nothing of the code",
    remedy="set up what the test needs in the test itself, and take back what the other one leaves behind",
    source="Shi, Lam, Oei, Xie, Marinov, iFixFlakies, ESEC/FSE 2019",
    recorded=True,
)
