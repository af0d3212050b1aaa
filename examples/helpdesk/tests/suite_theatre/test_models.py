"""The limiter and the balance, small enough to be tested."""


class RateLimiter:
    """Counts."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0

    def allow(self, client: str) -> bool:
        self.count += 1
        return self.count <= self.limit


class Balance:
    """Adds."""

    def __init__(self) -> None:
        self.cents = 0

    def add(self, cents: int) -> int:
        self.cents += cents
        return self.cents


def test_limiter_blocks_the_third_request():
    limiter = RateLimiter(2)
    assert [limiter.allow("one") for _ in range(3)] == [True, True, False]


def test_balance_is_a_sum():
    balance = Balance()
    balance.add(500)
    assert balance.add(250) == 750
