"""Money over HTTP."""

from fastapi import APIRouter

from helpdesk.dependencies import AgentDep, ResourcesDep
from helpdesk.schemas import Refund

router = APIRouter(prefix="/api/billing", tags=["billing"])


@router.get("/rates/{currency}")
async def exchange_rate(currency: str, resources: ResourcesDep) -> dict[str, float]:
    """Units of the currency for one euro."""
    return {"rate": await resources.billing.rate(currency)}


@router.post("/refunds", status_code=201)
async def refund(wish: Refund, resources: ResourcesDep, agent: AgentDep) -> dict[str, str]:
    """Give money back."""
    return {"booking": await resources.billing.refund(wish.customer_id, wish.cents)}
