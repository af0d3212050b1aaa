"""Fetching a model onto the model server."""

import json

import httpx

from helpdesk.errors import AssistantUnavailable


async def pull_model(url: str, name: str) -> None:
    """Have the model server download a model; returns when it is ready to use."""
    status = "not started"
    async with (
        httpx.AsyncClient(base_url=url, timeout=None) as http,
        http.stream("POST", "/api/pull", json={"model": name}) as response,
    ):
        async for line in response.aiter_lines():
            status = json.loads(line)["status"]
    if status != "success":
        raise AssistantUnavailable(f"the model {name} is not there: {status}")
