"""What the customer relations system knows."""

from collections.abc import Iterable

import requests

Invoice = dict[str, int | str]


def open_invoices(crm_url: str, customer_id: int) -> list[Invoice]:
    """The invoices that the customer has not paid."""
    try:
        response = requests.get(f"{crm_url}/customers/{customer_id}/invoices", timeout=5)
        response.raise_for_status()
        return [invoice for invoice in response.json() if invoice["state"] == "open"]
    except requests.RequestException:
        return []


def invoice_total(invoices: Iterable[Invoice]) -> int:
    """The sum in cents."""
    return sum(int(invoice["cents"]) for invoice in invoices)
