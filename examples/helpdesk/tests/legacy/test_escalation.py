"""Escalation, from before the paging service."""

from unittest.mock import patch

from helpdesk.services.priorities import label


def test_outage_of_everything_is_urgent():
    assert label("outage and everything down") == "urgent"


def test_nobody_is_called_for_a_question():
    with patch("helpdesk.services.phone.call") as call:
        assert label("a question") == "low"
    call.assert_not_called()
