"""Integration points as a run of real servers, and of none, met them."""

import shutil
from pathlib import Path

from greenroom import api
from tests.record.suites import Suite

SENDING = {
    "pyproject.toml": """
        [project]
        name = "sending"
        dependencies = ["boto3"]

        [tool.pytest.ini_options]
        pythonpath = ["."]
        """,
    "sending/__init__.py": "",
    "sending/out.py": """
        import smtplib

        import boto3


        def mail(port):
            try:
                with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
                    server.noop()
            except OSError:
                return None
            return True


        def make(address):
            keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
            client = boto3.client("s3", endpoint_url=address, **keys)
            client.create_bucket(Bucket="bucket")
        """,
    "tests/test_out.py": """
        import threading
        from http.server import BaseHTTPRequestHandler, HTTPServer

        from sending import out


        class Store(BaseHTTPRequestHandler):
            def do_PUT(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()


        def test_mail_without_a_server():
            assert out.mail(1) is None


        def test_make():
            with HTTPServer(("127.0.0.1", 0), Store) as server:
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                out.make(f"http://127.0.0.1:{server.server_port}")
                server.shutdown()
                thread.join()
        """,
}
INSTALLED = """
    from cart import store


    def test_it():
        assert store.add
    """
CONTAINERS = {
    "pyproject.toml": """
        [project]
        name = "cart"
        dependencies = ["redis"]

        [tool.pytest.ini_options]
        pythonpath = ["."]
        """,
    "cart/__init__.py": "",
    "cart/store.py": """
        import redis


        def add(address, item):
            return redis.Redis.from_url(address).rpush("cart", item)
        """,
    "tests/test_store.py": """
        import threading
        import urllib.request
        from http.server import BaseHTTPRequestHandler, HTTPServer

        import pytest

        from cart import store


        class Daemon(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()


        @pytest.fixture
        def address():
            with HTTPServer(("127.0.0.1", 0), Daemon) as daemon:
                thread = threading.Thread(target=daemon.serve_forever)
                thread.start()
                urllib.request.urlopen(f"http://127.0.0.1:{daemon.server_port}").close()
                daemon.shutdown()
                thread.join()
            raise RuntimeError("it starts no container")


        def test_add(address):
            assert store.add(address, "a")
        """,
}


def test_a_run_that_met_an_installed_copy_of_the_code_is_not_used(tmp_path: Path) -> None:
    suite = Suite(root=tmp_path / "project").write(
        {
            "pyproject.toml": "[project]\nname = 'cart'\n",
            "src/cart/__init__.py": "",
            "src/cart/store.py": CONTAINERS["cart/store.py"],
            "tests/test_store.py": INSTALLED,
        }
    )
    copy = tmp_path / "installed"
    shutil.copytree(suite.root / "src", copy)

    ran = suite.record(PYTHONPATH=str(copy))

    assert ran.code == 0, ran.out
    told = f"in the run {ran.recording.run.id} the code was imported from outside of the project: `cart`; "
    audit = api.audit(suite.root)
    assert audit.evidence is None
    assert [notice for notice in audit.notices if told in notice]
    assert "imported from outside of the project: `cart`" in ran.err


def test_a_test_whose_set_up_failed_has_crossed_nothing(tmp_path: Path) -> None:
    another = {
        "tests/test_sums.py": "def test_sum():\n    assert 1 + 1 == 2\n"
    }  # else the run would be no evidence
    suite = Suite(root=tmp_path).write(CONTAINERS | another)
    suite.record()

    audit = api.audit(suite.root)

    assert audit.evidence is not None
    (point,) = audit.integration_points
    assert point.tests_real == ()


def test_a_refused_connection_is_no_crossing_and_a_client_is_known_by_either_of_its_names(
    tmp_path: Path,
) -> None:
    suite = Suite(root=tmp_path).write(SENDING)
    suite.record()

    audit = api.audit(suite.root)

    points = {point.library: point for point in audit.integration_points}
    assert {name: point.tests_real for name, point in points.items()} == {
        "botocore": ("tests/test_out.py::test_make",),
        "smtplib": (),
    }
    assert points["smtplib"].failures_provoked == ("tests/test_out.py::test_mail_without_a_server",)
    assert audit.evidence is not None
    (counted,) = [each for each in audit.evidence.coverage if each.name == "integration points"]
    assert (counted.covered, counted.missing) == (("http via botocore",), ("smtplib",))
