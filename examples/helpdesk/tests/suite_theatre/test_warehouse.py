"""Against the warehouse."""

import os

import pytest

from helpdesk.services.reports import closed_per_day

if "HELPDESK_WAREHOUSE_URL" not in os.environ:
    pytest.skip("there is no warehouse", allow_module_level=True)


@pytest.mark.asyncio
async def test_thirty_days_are_reported():
    assert len(await closed_per_day(os.environ["HELPDESK_WAREHOUSE_URL"])) == 30
