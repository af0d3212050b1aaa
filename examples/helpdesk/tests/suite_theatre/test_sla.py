"""Promises to customers."""

from datetime import UTC, datetime, timedelta

from helpdesk.services.sla import LIMITS, SlaClock
from tests.suite_theatre.cases import HelpdeskCase

MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_clock_can_be_built():
    clock = SlaClock("urgent")
    assert clock is not None


def test_due_time_of_an_urgent_ticket():
    try:
        assert SlaClock("urgent").due(MORNING) == MORNING + timedelta(minutes=30)
    except AssertionError as error:
        print(f"due time is off: {error}")


def test_unknown_priority_is_normal():
    try:
        due = SlaClock("whenever").due(MORNING)
        assert due == MORNING + LIMITS["normal"]
    except Exception:
        pass


def test_breach_after_an_hour():
    clock = SlaClock("urgent")
    clock.is_breached(MORNING, MORNING + timedelta(hours=2))


class SlaTests:
    """Promises by priority."""

    def test_low_priority_has_three_days(self):
        assert SlaClock("low").due(MORNING) == MORNING + timedelta(days=3)


class TestSlaCalendar:
    """Promises that were broken."""

    def __init__(self):
        self.clock = SlaClock("high")

    def test_breach_after_four_hours(self):
        assert self.clock.is_breached(MORNING, MORNING + timedelta(hours=5))


class SlaCase(HelpdeskCase):
    """Promises that were kept."""

    def test_answer_in_time(self):
        self.assertFalse(SlaClock("high").is_breached(MORNING, MORNING + timedelta(hours=3)))
