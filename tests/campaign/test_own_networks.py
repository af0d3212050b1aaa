"""Tests that listen at the same port disturb one another; in networks of their own they do not."""

import socket
import subprocess
import sys

import pytest

from greenroom.campaign.inside.own_network import can_have_own_network
from tests.campaign.conftest import Proved, ProveProject

SERVICE = """
    import socket


    def serve(port):
        server = socket.create_server(("127.0.0.1", port))  # mutant: server = socket.create_server(("127.0.0.1", 0))
        return server


    def answer(server):
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            accepted.sendall(b"yes")  # mutant: accepted.sendall(b"no")
            accepted.close()
            return client.recv(9)
    """
TEST = """
    import service


    def test_{name}():
        with service.serve({port}) as server:
            assert server.getsockname()[1] == {port}
            assert service.answer(server) == b"yes"
    """


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    port = free_port()
    tests = {f"test_{name}.py": TEST.format(name=name, port=port) for name in "ab"}
    return prove_project({"service.py": SERVICE, **tests}, workers=2)


def test_verdicts_are_true_and_nobody_waits_for_the_other(proved: Proved) -> None:
    assert set(proved.verdicts().values()) == {"caught"}
    assert proved.proof.doubt == ""
    at_a_time = () if can_have_own_network() else ("test_a.py::test_a", "test_b.py::test_b")
    assert proved.proof.suite.colliding == at_a_time


BY_CHANCE = """
    import pathlib

    import service

    RUNS = pathlib.Path("runs")


    def test_by_chance():
        runs = RUNS.read_text() if RUNS.exists() else ""
        RUNS.write_text(runs + "x")
        with service.serve({port} + max(0, len(runs) - 1)) as server:
            assert service.answer(server) == b"yes"
    """


def test_who_is_given_a_port_a_second_time_by_chance_disturbs_nobody(prove_project: ProveProject) -> None:
    files = {"service.py": SERVICE, "test_service.py": BY_CHANCE.format(port=free_port())}

    assert prove_project(files, workers=1).proof.suite.colliding == ()


WHO = """
import os, pathlib, socket, sys
from greenroom.campaign.inside.own_network import enter_own_network
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
before = os.getuid(), os.getgid()
try:
    enter_own_network()
except OSError:
    print("not allowed")
    raise SystemExit
assert (os.getuid(), os.getgid()) == before
capable = [line for line in open("/proc/self/status") if line.startswith("CapEff")]
print(int(capable[0].split()[1], 16))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    socket.create_connection(server.getsockname()).close()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=9)
except ConnectionRefusedError:
    print("alone")
"""


def test_who_is_not_root_gets_no_power_by_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        command = [sys.executable, "-c", WHO, str(free_port()), str(ours.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) in ((0, "0\nalone\n"), (0, "not allowed\n")), done.stderr
