"""Where a client was made, among functions that hand it to one another."""

from pathlib import Path

from greenroom.catalogue.dependency.construction import Origins
from tests.project.web.reading import read

_FUNCTIONS = 12


def _each_calls_all_others() -> str:
    lines = ["import redis", "", ""]
    for number in range(_FUNCTIONS):
        lines += [f"def step_{number}(store):"]
        lines += [f"    store = step_{other}(store)" for other in range(_FUNCTIONS) if other != number]
        lines += ["    return store", "", ""]
    lines += ["def start():", "    return step_0(redis.Redis('cache'))", ""]
    return "\n".join(lines)


def test_functions_that_all_call_one_another_are_walked_once(tmp_path: Path) -> None:
    """There are more ways through twelve of them than a machine can walk in a year."""
    project = read(tmp_path, {"steps.py": _each_calls_all_others()})
    scopes = {scope.name: scope for scope in project.modules["steps.py"].scopes}
    origins = Origins(project.inference, project.graph)
    found = origins.of(scopes["step_7"], "store")
    made = [(scope.name, scope.body.calls[index].callee) for scope, index in found]
    assert made == [("start", "redis.Redis")]


def test_what_carries_a_call_is_where_it_was_made(tmp_path: Path) -> None:
    """`Client(transport=…)` is the transport's; a client that is made of itself was made nowhere."""
    project = read(
        tmp_path,
        {
            "app.py": """
                import httpx

                transport = httpx.HTTPTransport()

                def client():
                    return httpx.Client(transport=transport)

                def again(client):
                    client = again(client)
                    return client
                """
        },
    )
    scopes = {scope.name: scope for scope in project.modules["app.py"].scopes}
    origins = Origins(project.inference, project.graph)
    found = {(scope.name, scope.body.calls[index].callee) for scope, index in origins.of(scopes["client"], 0)}
    assert found == {("", "httpx.HTTPTransport")}
    assert origins.of(scopes["again"], "client") == frozenset()
