"""A shop whose tests meet it in every way there is; recorded once, and audited by many tests."""

from pathlib import Path
from textwrap import dedent

FILES = {
    "pyproject.toml": """
        [project]
        name = "shop"
        dependencies = ["fastapi", "httpx", "uvicorn"]

        [tool.pytest.ini_options]
        testpaths = ["tests"]
        pythonpath = ["."]
        asyncio_mode = "strict"
        asyncio_default_fixture_loop_scope = "function"
        filterwarnings = ["ignore"]
    """,
    "shop/__init__.py": "",
    "shop/app.py": """
        from fastapi import FastAPI, HTTPException, WebSocket

        from shop.rates import rate

        app = FastAPI()


        @app.get("/orders/{number}")
        def order(number: int):
            if number > 9:
                raise HTTPException(404)
            return {"number": number}


        @app.post("/orders")
        def place():
            return {"number": 1}


        @app.delete("/orders/{number}")
        def cancel(number: int):
            return {}


        @app.websocket("/prices")
        async def prices(socket: WebSocket):
            await socket.accept()
            await socket.send_json({"price": 1})
            await socket.close()
    """,
    "shop/rates.py": """
        import httpx


        def rate(url):
            try:
                return httpx.get(url, timeout=5).json()["rate"]
            except httpx.ConnectError:
                return None
            except KeyError:
                return 0
    """,
    "shop/prices.py": """
        def price(amount):
            if amount > 10:
                return amount * 9
            return amount * 10
    """,
    "manage.py": """
        from shop.prices import price


        def reprice():
            return price(2)


        if __name__ == "__main__":
            print(reprice())
    """,
    "tests/test_manage.py": """
        from manage import reprice


        def test_reprice():
            assert reprice() == 20
    """,
    "tests/conftest.py": """
        import threading
        from http.server import BaseHTTPRequestHandler, HTTPServer

        import pytest


        class Bank(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"rate": 2}')

            def log_message(self, *about):
                pass


        @pytest.fixture
        def bank():
            server = HTTPServer(("127.0.0.1", 0), Bank)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()
            thread.join()
            server.server_close()
    """,
    "tests/test_routes.py": """
        import threading
        import time

        import httpx
        import uvicorn
        from fastapi.testclient import TestClient

        from shop.app import app


        def test_in_process():
            client = TestClient(app)
            assert client.get("/orders/1").json() == {"number": 1}
            assert client.get("/orders/10").status_code == 404


        def test_over_a_socket():
            server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
            thread = threading.Thread(target=server.run)
            thread.start()
            while not server.started:
                time.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            assert httpx.post(f"http://127.0.0.1:{port}/orders").status_code == 200
            server.should_exit = True
            thread.join()


        def test_a_client_that_asks_nothing():
            client = TestClient(app)
            assert client is not None
    """,
    "tests/test_rates.py": """
        import socket
        from unittest import mock

        import httpx
        import pytest

        from shop.rates import rate


        def test_the_bank_answers(bank):
            assert rate(bank) == 2


        def test_the_bank_is_away():
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
                assert rate(f"http://127.0.0.1:{port}/") is None


        def test_the_bank_is_a_double():
            with mock.patch("shop.rates.httpx.get") as get:
                get.return_value.json.return_value = {"rate": 3}
                assert rate("http://bank") == 3


        def test_with_the_real_bank():
            try:
                answer = httpx.get("http://127.0.0.1:1/rate")
            except httpx.ConnectError:
                pytest.skip("the bank is not running")
            assert answer.json() == {"rate": 2}
    """,
    "tests/test_prices.py": """
        import pytest

        from shop import prices


        @pytest.mark.parametrize("amount", [1, 20])
        def test_price(amount):
            assert prices.price(amount) > 0


        def test_price_once_more():
            assert prices.price(1) == 10


        def test_price_of_nothing():
            pass


        def test_price_by_a_way_nobody_can_read():
            verify(prices.price(20))


        def verify(answer):
            globals()["_expect"](answer)


        def _expect(answer):
            assert answer == 180
    """,
    "tests/late.py": """
        from shop import prices


        def test_late():
            assert prices.price(2) == 20
    """,
}


def write_shop(root: Path) -> None:
    """The files on disk."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
