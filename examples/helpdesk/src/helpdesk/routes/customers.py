"""What agents want to know about a customer."""

from typing import Any

import requests
from fastapi import APIRouter

from helpdesk.dependencies import AgentDep, ResourcesDep
from helpdesk.services.customers import invoice_total, open_invoices

router = APIRouter(prefix="/api/customers", tags=["customers"])


@router.get("/{customer_id}")
async def customer_card(
    customer_id: int, resources: ResourcesDep, agent: AgentDep
) -> dict[str, Any]:
    """Name, contract and contact."""
    response = requests.get(f"{resources.settings.crm_url}/customers/{customer_id}")
    response.raise_for_status()
    return response.json()


@router.get("/{customer_id}/balance")
def customer_balance(customer_id: int, resources: ResourcesDep, agent: AgentDep) -> dict[str, int]:
    """What the customer owes, in cents."""
    invoices = open_invoices(resources.settings.crm_url, customer_id)
    return {"invoices": len(invoices), "cents": invoice_total(invoices)}
