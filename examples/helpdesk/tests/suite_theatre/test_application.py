"""The application over HTTP, without its start."""

from fastapi import FastAPI
from fastapi.testclient import TestClient


def test_application_is_created(app: FastAPI):
    assert app is not None


def test_health(client: TestClient):
    try:
        response = client.get("/healthz")
        assert response.json() == {"status": "ok"}
    except Exception as error:
        print(error)
        return False
    return True


def test_health_is_quick(client: TestClient):
    client.get("/healthz")


def test_knowledge_search_exists(client: TestClient):
    response = client.get("/api/knowledge/search", params={"query": "printer"})
    assert response.status_code != 404
