"""What the pack tells of a file without its bodies: what is called, mentioned, and put under a name."""

import pytest

from greenroom.project.code.facts import CONSTANT, Placed
from greenroom.project.code.module import BodyShelf, Module
from greenroom.project.code.reading import compact
from greenroom.project.files.kind import FileKind


def load(source: str) -> Module:
    module = Module("example.py", FileKind.PRODUCTION, BodyShelf())
    module.load(compact(source.encode(), "example.py"))
    return module


@pytest.mark.parametrize(
    ("source", "placed"),
    [
        ("app.state.redis = connect()", [Placed(0, "state", "", "redis", 0)]),
        ("request.app.state.redis: Redis = client", [Placed(0, "state", "", "redis", "client")]),
        ("app.state.redis: Redis", []),
        ("app.state.redis.timeout = 1", []),
        ("state.redis = client", []),
        ("held['mail'] = Mail()", [Placed(0, "item", "held", "mail", 0)]),
        ("self.held['mail'] = other = mail", [Placed(0, "item", "self.held", "mail", "mail")]),
        ("held[key] = mail", []),
        ("held[1] = mail", []),
        ("make()['mail'] = mail", []),
        ("registry.register('mail', Mail)", [Placed(0, "registered", "registry", "mail", "Mail")]),
        ("registry.register(name, Mail)", []),
        ("registry.register('mail')", []),
        ("registry.find('mail', Mail)", []),
        ("register('mail', Mail)", []),
        ("x = {CONSTANT: 1}", []),
    ],
)
def test_what_is_put_under_a_literal_name(source: str, placed: list[Placed]) -> None:
    assert list(load(source).placed) == placed


def test_places_come_in_the_order_of_the_scopes() -> None:
    module = load("def f():\n    held['a'] = 1\n\nheld['b'] = 2\n")

    assert [(part.scope, part.name, part.value) for part in module.placed] == [
        (0, "b", (CONSTANT, 2)),
        (1, "a", (CONSTANT, 1)),
    ]


def test_the_names_that_a_scope_calls_need_no_body() -> None:
    module = load("app.get('/')\nmake().run()\nrun()\n[][0]()\ndef f():\n    self.client.get()\n")

    assert [scope.facts.called for scope in module.scopes] == [("get", "make", "run"), ("get",)]


def test_what_a_body_mentions_is_told_by_scope() -> None:
    module = load("größe = 1\ndef f():\n    global größe\n    größe = 2\n")

    assert [module.mentions(n, b"global") for n in (0, 1)] == [False, True]
    assert [module.mentions(n, "größe".encode()) for n in (0, 1)] == [True, True]
    assert not module.mentions(0, b"absent")
