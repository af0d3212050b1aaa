"""Against the developer's own services, where there are any."""

import os

import httpx
import pytest
import redis


def test_redis_keeps_a_value(redis_client: redis.Redis):
    redis_client.set("helpdesk:test", "kept", ex=5)
    assert redis_client.get("helpdesk:test") == b"kept"


@pytest.mark.skipif("HELPDESK_STAGING_URL" not in os.environ, reason="no staging here")
def test_staging_is_ready():
    response = httpx.get(os.environ["HELPDESK_STAGING_URL"] + "/readyz", timeout=5)
    assert response.json() == {"database": "up", "redis": "up"}


def test_model_server_answers():
    address = os.environ.get("HELPDESK_STAGING_MODEL_URL", "http://localhost:8089")
    try:
        response = httpx.get(f"{address}/healthz", timeout=2)
    except httpx.ConnectError:
        pytest.skip("the model server is not running")
    assert response.status_code == 200
