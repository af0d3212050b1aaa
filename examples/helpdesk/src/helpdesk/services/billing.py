"""Money: exchange rates, and refunds."""

import asyncio
import random

import httpx

from helpdesk.errors import DependencyDown

ATTEMPTS = 3


class Billing:
    """A client of the billing service."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def rate(self, currency: str) -> float:
        """Units of the currency for one euro."""
        while True:
            try:
                response = await self._http.get("/rates", params={"currency": currency})
                return float(response.json()["rate"])
            except httpx.TransportError:
                await asyncio.sleep(1)

    async def refund(self, customer_id: int, cents: int) -> str:
        """Give money back; returns the number of the booking."""
        body = {"customer_id": customer_id, "cents": cents}
        for attempt in range(ATTEMPTS):
            try:
                response = await self._http.post("/refunds", json=body)
                response.raise_for_status()
                return str(response.json()["booking"])
            except httpx.TransportError:
                await asyncio.sleep(2**attempt + random.random())
        raise DependencyDown("the billing service does not answer")
