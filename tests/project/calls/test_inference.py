"""What an expression stands for, by assignment, annotation, factory and injection."""

from pathlib import Path

import pytest

from tests.project.calls.projects import calls, read, scope

STORE = """
    from dataclasses import dataclass
    from typing import AsyncIterator, Iterator, NamedTuple, Optional, Self, Union
    import asyncio, copy, functools, typing

    class Store:
        def load(self): return open("data")
        def again(self) -> Self: return self
        def quoted(self) -> "Store": return self
        @classmethod
        def create(cls): return cls()
        @staticmethod
        def made() -> "Store": ...

    class Child(Store):
        pass

    @dataclass
    class Holder:
        store: Store
        many: list[Store]
        by_name: dict[str, Store]

    class Outer:
        def __init__(self): self.holder = Holder(Store(), [], {})
        def __call__(self) -> Store: ...

    Alias = Store
    Either = Store | None

    def make() -> Store: ...
    def inferred(): return Store()
    def chained(): return inferred()
    def optional() -> Optional[Store]: ...
    def yields() -> Iterator[Store]: ...
    async def amake() -> Store: ...
    async def ayields() -> AsyncIterator[Store]: ...
"""


@pytest.mark.parametrize(
    "body",
    [
        "Store().load()",
        "store = Store()\nstore.load()",
        "a = b = Store()\nb.load()",
        "a, b = 1, Store()\nb.load()",
        "(store := Store()).load()",
        "make().load()",
        "inferred().load()",
        "chained().load()",
        "optional().load()",
        "Alias().load()",
        "Store.create().load()",
        "Child.create().load()",
        "Store.made().load()",
        "Store().again().load()",
        "Store().quoted().load()",
        "Outer().holder.store.load()",
        "Outer()().load()",
        "Outer().holder.many[0].load()",
        "Outer().holder.by_name['x'].load()",
        "for store in Outer().holder.many:\n    store.load()",
        "for store in yields():\n    store.load()",
        "next(yields()).load()",
        "[Store(), Store()][0].load()",
        "{'a': Store()}['a'].load()",
        "typing.cast(Store, unknown).load()",
        "typing.cast('Store', unknown).load()",
        "copy.copy(Store()).load()",
        "getattr(Outer().holder, 'store').load()",
        "store: Store = unknown\nstore.load()",
        "store: 'Store | None' = None\nstore.load()",
        "store = None\nstore = Store()\nstore.load()",
        "store = None or Store()\nstore.load()",
        "load = Store().load\nload()",
        "(await amake()).load()",
        "(await asyncio.wait_for(amake(), 1)).load()",
        "async for store in ayields():\n    store.load()",
        "if (store := optional()) is not None:\n    store.load()",
        "def inner():\n    store.load()\nstore = Store()",
        "[store.load() for store in Outer().holder.many]",
        "for number, store in enumerate(Outer().holder.many):\n    store.load()",
        "for name, store in Outer().holder.by_name.items():\n    store.load()",
        "for store in Outer().holder.by_name.values():\n    store.load()",
        "for other, store in zip(unknown, Outer().holder.many):\n    store.load()",
        "print({key: value.load() for key, value in Outer().holder.by_name.items()})",
    ],
)
def test_the_method_is_found(body: str, tmp_path: Path) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    project = read(
        tmp_path, {"store.py": STORE, "main.py": f"from store import *\n\nasync def run():\n{lines}\n"}
    )

    found = calls(project)
    if "def inner" in body:
        found = calls(project, "run.inner")
    assert found & {"call Store.load certain", "call Store.load probable"}


@pytest.mark.parametrize(
    "annotation",
    [
        "Store", "'Store'", "Store | None", "Optional[Store]", "Union[Store, None]", "'Optional[Store]'", "Alias", "Either",
        "store.Store", "typing.Annotated[Store, 1]", "typing.ClassVar[Store]",
    ],
)  # fmt: skip
def test_annotations_of_parameters(annotation: str, tmp_path: Path) -> None:
    text = f"import store, typing\nfrom store import *\n\ndef run(given: {annotation}):\n    given.load()\n"
    project = read(tmp_path, {"store.py": STORE, "main.py": text})

    assert calls(project) == {"call Store.load certain"}


def test_annotations_under_type_checking(tmp_path: Path) -> None:
    project = read(tmp_path, {"store.py": STORE, "main.py": """
        from __future__ import annotations
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from store import Store

        class Service:
            def __init__(self, given: Store):
                self._store = given

            def work(self):
                self._store.load()

        def run(given: Store):
            given.load()
        """})  # fmt: skip

    assert calls(project) == {"call Store.load certain"}
    assert calls(project, "Service.work") == {"call Store.load certain"}


def test_an_inherited_attribute_and_one_that_is_set_elsewhere(tmp_path: Path) -> None:
    project = read(tmp_path, {"store.py": STORE, "main.py": """
        from store import Store

        class Base:
            def __init__(self, given):
                self.connect()
            def connect(self):
                self.store = Store()

        class Service(Base):
            def __init__(self):
                super().__init__(1)
            def run(self):
                self.store.load()
        """})  # fmt: skip

    assert calls(project, "Service.run") == {"call Store.load certain"}
    assert "call Base.__init__ certain" in calls(project, "Service.__init__")


def test_a_local_name_hides_a_global_one(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Store:
            def load(self): return open("data")

        store = Store()

        def run(store):
            store.load()

        def other():
            store = unknown()
            store.load()
        """})  # fmt: skip

    certain = "call Store.load certain"
    assert certain not in calls(project)
    assert certain not in calls(project, "other")


def test_a_comprehension_has_its_own_names(tmp_path: Path) -> None:
    project = read(tmp_path, {"store.py": STORE, "main.py": """
        from store import Store

        class Other:
            def load(self): return open("other")

        def run(stores: list[Store], others: list[Other]):
            for item in others:
                item.load()
            return [item for item in stores]

        def nested(stores: list[Store]):
            return [lambda: item.load() for item in stores]

        class Table:
            def values(self) -> Store: ...

        def own_method(table: Table):
            table.values().load()
        """})  # fmt: skip

    assert calls(project) == {"call Other.load certain"}
    assert calls(project, "nested.<lambda>") == {"call Store.load certain"}
    assert calls(project, "own_method") == {"call Table.values certain", "call Store.load certain"}


def test_a_name_of_a_class_body_is_no_name_of_its_methods(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        def work(): return "module"

        class Service:
            def work(self): return "class"
            def run(self):
                work()
        """})  # fmt: skip

    assert calls(project, "Service.run") == {"call work certain"}
    assert project.graph.callers(project.modules["main.py"].scopes[1])


def test_what_stands_under_a_key_of_a_dictionary(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        def first(): ...
        def second(): ...
        def table(): return {"first": first, "second": second}

        def by_key():
            work = table()
            work["second"]()

        def by_name(name):
            table()[name]()
        """})  # fmt: skip

    assert calls(project, "by_key") == {"call table certain", "call second certain"}
    assert calls(project, "by_name") == {"call table certain", "call first probable", "call second probable"}


def test_a_variable_that_a_function_imports_from_where_it_is(tmp_path: Path) -> None:
    project = read(tmp_path, {
        "one.py": """
            LEVEL = open("data")

            def turn():
                global LEVEL
                from two import LEVEL

            def use(): LEVEL.close()
            """,
        "two.py": """
            from one import LEVEL

            def turn():
                global LEVEL
                from one import LEVEL
            """,
    })  # fmt: skip

    assert project.graph.edges(scope(project, "use"))


ASKED = """
    class Store:
        def load(self): ...
    class Disk(Store):
        def load(self): return open("data")
    class Queue:
        async def load(self): return 1
"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("if isinstance(given, Queue):\n    given.load()", {"Queue.load"}),
        ("if isinstance(given, (Queue, int)):\n    given.load()", {"Queue.load"}),
        ("if isinstance(given, Queue) and given:\n    given.load()", {"Queue.load"}),
        ("if isinstance(given, Queue):\n    pass\nelse:\n    given.load()", {"Disk.load"}),
        ("if not isinstance(given, Queue):\n    given.load()", {"Disk.load"}),
        ("if isinstance(given, Queue) or given:\n    return\ngiven.load()", {"Disk.load"}),
        ("if isinstance(given, Store):\n    given.load()", {"Disk.load"}),
        (
            "if isinstance(given, Disk):\n    pass\nelif isinstance(given, Queue):\n    given.load()",
            {"Queue.load"},
        ),
        ("if isinstance(given, Queue) or given:\n    given.load()", {"Disk.load", "Queue.load"}),
        ("if isinstance(given, Queue):\n    given = other\n    given.load()", {"Disk.load", "Queue.load"}),
        ("if isinstance(given, Queue):\n    pass\ngiven.load()", {"Disk.load", "Queue.load"}),
        ("if isinstance(other, Queue):\n    given.load()", {"Disk.load", "Queue.load"}),
    ],
)
def test_an_object_that_is_asked_for_its_class(body: str, found: set[str], tmp_path: Path) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    text = f"from store import *\n\ndef run(given: Disk | Queue, other: Disk | Queue):\n{lines}\n"
    project = read(tmp_path, {"store.py": ASKED, "main.py": text})

    assert calls(project) == {f"call {name} probable" for name in found}
