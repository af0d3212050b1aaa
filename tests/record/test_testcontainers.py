"""Services that the real testcontainers starts, by a daemon that stands in for Docker's; and what is said without any."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from tests.record.servers import docker_daemon
from tests.record.suites import Suite

FILES = {
    "app.py": """\
    import redis

    def put(address, port):
        return redis.Redis(host=address, port=port, db=2).set("a", 1)
    """,
    "conftest.py": """\
    import pytest
    from docker.errors import DockerException
    from testcontainers.redis import RedisContainer

    @pytest.fixture(scope="session")
    def service():
        try:
            container = RedisContainer("redis:7")
            container.start()
        except DockerException as error:
            pytest.skip(f"no container: {type(error).__name__}")
        yield container.get_container_host_ip(), int(container.get_exposed_port(6379))
        container.stop()
    """,
    "test_a.py": """\
    import app

    def test_first(service):
        assert app.put(*service)

    def test_second(service):
        assert app.put(*service)
    """,
}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[str]:
    with docker_daemon(tmp_path) as address:
        yield address


def test_what_runs_in_a_container_is_crossed_for_real(suite: Suite, daemon: str) -> None:
    ran = suite.write(FILES).record(DOCKER_HOST=daemon, TESTCONTAINERS_RYUK_DISABLED="true")
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()

    first, second = ran.test("test_first"), ran.test("test_second")
    (crossing,) = [each for each in second.crossings if each.library == "redis"]
    assert (crossing.kind, crossing.real, crossing.double) == ("cache", True, "")
    assert crossing.place is not None
    assert crossing.place.path == "app.py"
    assert crossing.peer.endswith("/2")
    assert crossing in first.crossings
    assert {(each.real, each.double) for each in (*first.crossings, *second.crossings)} == {(True, "")}
    assert "docker" in {each.library for each in first.crossings}
    assert first.replacements == second.replacements == ()


def test_without_docker_it_is_the_surroundings_that_are_missing(suite: Suite, tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path / 'nobody.sock'}"
    ran = suite.write(FILES).record(DOCKER_HOST=nobody, TESTCONTAINERS_RYUK_DISABLED="true")
    assert ran.code == 0, ran.out

    for test in ran.recording.tests:
        assert test.outcome is Outcome.SKIPPED
        assert test.skip is not None
        assert test.skip.infrastructure
        assert test.skip.reason == "no container: DockerException"
