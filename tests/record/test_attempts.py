"""Attempts to connect, and files: what the interpreter itself tells of."""

import pytest

from greenroom.model.evidence import Crossing
from tests.record.suites import Suite

APP = """\
    import asyncio
    import json
    import os
    import multiprocessing
    import shutil
    import smtplib
    import socket
    from pathlib import Path


    def helped(port):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


    def plain(port):
        with socket.socket() as connection:
            connection.connect(("127.0.0.1", port))


    def asked(port):
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port))


    def waited(port):
        async def wait():
            with socket.socket() as connection:
                connection.setblocking(False)
                await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))

        asyncio.run(wait())


    async def stream(port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()


    def streamed(port):
        asyncio.run(stream(port))


    def on_uvloop(port):
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(stream(port))


    def mail(port):
        smtplib.SMTP("127.0.0.1", port, timeout=5).close()


    def looked_up():
        return socket.getaddrinfo("no.such.host.invalid", 443)


    def known():
        return socket.getaddrinfo("127.0.0.1", 443) + socket.getaddrinfo("localhost", 443)


    def named():
        socket.create_connection(("no.such.host.invalid", 80), timeout=5)


    def datagram():
        with socket.socket(type=socket.SOCK_DGRAM) as connection:
            connection.sendto(b"x", ("127.0.0.1", 9))


    def own_address():
        with socket.socket(type=socket.SOCK_DGRAM) as connection:
            connection.connect(("127.0.0.1", 9))
            return connection.getsockname()


    def read(path):
        return json.loads(Path(path).read_text())


    def clear(path):
        shutil.rmtree(path)


    def append(path):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, b"x")
        os.close(file)


    def spawn():
        return os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


    def pool():
        worker = multiprocessing.Process(target=len, args=("",))
        worker.start()
        worker.join()
"""
SUITE = """\
    import json
    import socket
    from unittest import mock
    import pytest
    import app

    HOWS = ["helped", "plain", "waited", "streamed", "on_uvloop"]


    @pytest.fixture
    def port():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            yield listener.getsockname()[1]


    @pytest.mark.parametrize("how", HOWS)
    def test_answered(how, port):
        getattr(app, how)(port)


    @pytest.mark.parametrize("how", [*HOWS, "mail"])
    def test_refused(how):
        with pytest.raises(ConnectionRefusedError):
            getattr(app, how)(1)


    def test_asked_in_vain():
        assert app.asked(1)


    def test_unknown_host():
        with pytest.raises(socket.gaierror):
            app.named()


    def test_looked_up():
        with pytest.raises(socket.gaierror):
            app.looked_up()


    def test_known():
        assert app.known()


    def test_folder(tmp_path):
        import shutil
        (tmp_path / "a" / "b").mkdir(parents=True)
        app.clear(tmp_path / "a")


    def test_datagram():
        app.datagram()


    def test_own_address():
        assert app.own_address()


    def test_file_that_is_there(tmp_path):
        (tmp_path / "a.json").write_text("{}")
        assert app.read(tmp_path / "a.json") == {}


    def test_file_of_the_project():
        assert app.read("data/a.json") == {}


    def test_file_that_is_missing():
        with pytest.raises(FileNotFoundError):
            app.read("data/b.json")


    def test_file_that_is_made(tmp_path):
        app.append(str(tmp_path / "log"))


    def test_file_that_is_a_double():
        with mock.patch("io.open", mock.mock_open(read_data="{}")):
            assert app.read("data/a.json") == {}


    def test_code_and_what_is_installed():
        import importlib.metadata
        import late
        assert late.VALUE and importlib.metadata.version("pytest")


    def test_spawned():
        assert app.spawn()


    def test_worker():
        app.pool()
"""
FILES = {
    "app.py": APP, "tests/test_a.py": SUITE, "late.py": "VALUE = 1\n", "data/a.json": "{}\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Crossing, ...]]:
    ran = Suite(root=tmp_path_factory.mktemp("suite")).write(FILES).record()
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    return {
        test.id.partition("::")[2]: tuple(
            each for each in test.crossings if each.place and each.place.path == "app.py"
        )
        for test in ran.recording.tests
    }


@pytest.mark.parametrize("how", ["helped", "plain", "waited", "streamed", "on_uvloop"])
def test_a_connection_is_told_from_one_that_was_refused(
    crossed: dict[str, tuple[Crossing, ...]], how: str
) -> None:
    found = {
        name: [(each.library, each.kind, each.real, each.failure) for each in crossed[f"{name}[{how}]"]]
        for name in ("test_answered", "test_refused")
    }

    assert found == {
        "test_answered": [("socket", "socket", True, "")],
        "test_refused": [("socket", "socket", True, "ConnectionRefusedError")],
    }


def test_so_is_that_of_a_library_without_eyes_of_ours(crossed: dict[str, tuple[Crossing, ...]]) -> None:
    told = {
        name: [(each.library, each.peer, each.failure) for each in crossed[name]]
        for name in (
            "test_refused[mail]",
            "test_asked_in_vain",
            "test_unknown_host",
            "test_looked_up",
            "test_known",
        )
    }

    assert told == {
        "test_refused[mail]": [("smtplib", "127.0.0.1:1", "ConnectionRefusedError")],
        "test_asked_in_vain": [("socket", "127.0.0.1:1", "ConnectionRefusedError")],
        "test_unknown_host": [("socket", "no.such.host.invalid:80", "socket.gaierror")],
        "test_looked_up": [("socket", "no.such.host.invalid:443", "socket.gaierror")],
        "test_known": [],
    }


def test_a_datagram_crosses_and_a_look_at_ones_own_address_does_not(
    crossed: dict[str, tuple[Crossing, ...]],
) -> None:
    assert [each.peer for each in crossed["test_datagram"]] == ["127.0.0.1:9"]
    assert crossed["test_own_address"] == ()


def test_files_are_crossed_by_who_opens_them(crossed: dict[str, tuple[Crossing, ...]]) -> None:
    told = {
        name: [(each.kind, each.peer.rpartition("/")[2], each.real, each.failure) for each in found]
        for name, found in crossed.items()
        if "file" in name or name in ("test_code_and_what_is_installed", "test_folder")
    }

    assert told == {
        "test_file_that_is_there": [("file", "a.json", True, "")],
        "test_file_of_the_project": [("file", "a.json", True, "")],
        "test_file_that_is_missing": [("file", "b.json", True, "FileNotFoundError")],
        "test_file_that_is_made": [("file", "log", True, "")],
        "test_file_that_is_a_double": [],
        "test_code_and_what_is_installed": [],
        "test_folder": [],
    }
    assert crossed["test_file_of_the_project"][0].peer == "data/a.json"


def test_processes_that_are_started_without_subprocess(crossed: dict[str, tuple[Crossing, ...]]) -> None:
    told = {
        name: [(each.kind, each.library) for each in crossed[name]]
        for name in ("test_spawned", "test_worker")
    }

    assert told == {"test_spawned": [("process", "os")], "test_worker": [("process", "multiprocessing")]}
