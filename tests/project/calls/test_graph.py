"""The contract of the call graph, one small project per promise."""

from pathlib import Path

from tests.project.calls.projects import calls, edges, read, scope

STORE = """
    class Store:
        def load(self): pass
        async def aload(self): pass
"""


def test_functions_and_constructors(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        from shop import place, Order, Plain

        def run():
            place()
            Order()
            Plain()
        """, "shop.py": """
        def place(): pass

        class Order:
            def __init__(self): pass
            def __post_init__(self): pass

        class Plain: pass
        """})  # fmt: skip

    assert calls(project) == {
        "call place certain", "construct Order.__init__ certain", "construct Order.__post_init__ certain",
        "construct Plain certain",
    }  # fmt: skip


def test_methods_through_the_bases(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Base:
            def one(self): pass
            def two(self): pass

        class Left(Base):
            def two(self): pass

        class Right(Base):
            def one(self): pass
            def two(self): pass

        class Both(Left, Right):
            def own(self):
                self.one()
                self.two()
                super().two()

        def run(both: Both):
            both.one()
        """})  # fmt: skip

    assert calls(project, "Both.own") == {"call Right.one certain", "call Left.two certain"}
    assert calls(project) == {"call Right.one certain"}


def test_attributes_of_self(tmp_path: Path) -> None:
    project = read(tmp_path, {"store.py": STORE, "main.py": """
        from store import Store

        def make() -> Store: ...

        class Service:
            shared: Store

            def __init__(self, given: Store, other: "Store | None" = None):
                self.made = Store()
                self.given = given
                self.other = other
                self.from_factory = make()

            def assigned(self): self.made.load()
            def parameter(self): self.given.load()
            def optional(self): self.other.load()
            def factory(self): self.from_factory.load()
            def declared(self): self.shared.load()

        def run(service: Service):
            service.made.load()
        """})  # fmt: skip

    for name in ("assigned", "parameter", "optional", "factory", "declared"):
        assert calls(project, f"Service.{name}") == {"call Store.load certain"}, name
    assert calls(project) == {"call Store.load certain"}


def test_singletons_of_modules(tmp_path: Path) -> None:
    project = read(tmp_path, {"store.py": STORE, "single.py": """
        from store import Store

        made = Store()
        later: Store | None = None
        unknown = None

        def connect():
            global later, unknown
            later = Store()
            unknown = Store()

        def get():
            global unknown
            if unknown is None:
                unknown = Store()
            return unknown
        """, "main.py": """
        import single
        from single import get, made

        def run(): made.load()
        def by_module(): single.later.load()
        def by_factory(): get().load()
        def under_global(): single.unknown.load()
        """})  # fmt: skip

    assert calls(project) == {"call Store.load certain"}
    assert calls(project, "by_module") == {"call Store.load certain"}
    assert calls(project, "by_factory") == {"call get certain", "call Store.load certain"}
    assert calls(project, "under_global") == {"call Store.load certain"}


def test_created_under_a_condition(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Disk:
            def load(self): pass

        class Memory:
            def load(self): pass

        def run(flag):
            if flag:
                store = Disk()
            else:
                store = Memory()
            store.load()

        def chosen(flag):
            store = Disk() if flag else Memory()
            store.load()

        def remembered(known=None):
            store = known or Disk()
            store.load()
        """})  # fmt: skip

    both = {
        "call Disk.load probable",
        "call Memory.load probable",
        "construct Disk certain",
        "construct Memory certain",
    }
    assert calls(project) == both
    assert calls(project, "chosen") == both
    assert calls(project, "remembered") == {"call Disk.load certain", "construct Disk certain"}


def test_entered_contexts(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        from contextlib import asynccontextmanager, contextmanager

        class Store:
            def __enter__(self) -> "Store": return self
            def __exit__(self, *error): pass
            def load(self): pass

        class Opener:
            def __enter__(self):
                return Store()
            def __exit__(self, *error): pass

        @contextmanager
        def opened():
            yield Store()

        @asynccontextmanager
        async def opened_async():
            yield Store()

        def run():
            with Store() as store:
                store.load()

        def other():
            with Opener() as store:
                store.load()

        def generator():
            with opened() as store:
                store.load()

        async def asynchronous():
            async with opened_async() as store:
                store.load()
        """})  # fmt: skip

    assert {
        "enter Store.__enter__ certain",
        "enter Store.__exit__ certain",
        "call Store.load certain",
    } <= calls(project)
    assert {"enter Opener.__enter__ certain", "call Store.load certain"} <= calls(project, "other")
    assert {"call opened certain", "call Store.load certain"} <= calls(project, "generator")
    assert {"call opened_async certain", "call Store.load certain"} <= calls(project, "asynchronous")


def test_iteration_and_elements(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Row:
            def save(self): pass

        class Table:
            def __iter__(self): return iter(())
            def __next__(self): pass

        class Feed:
            def __aiter__(self): return self
            async def __anext__(self): pass

        def rows():
            yield Row()

        def run(table: Table, listed: list[Row], named: dict[str, Row]):
            for part in table:
                pass
            for row in listed:
                row.save()

        def generated():
            for row in rows():
                row.save()

        def looked_up(named: dict[str, Row]):
            named["first"].save()

        async def streamed(feed: Feed):
            async for part in feed:
                pass
        """})  # fmt: skip

    assert calls(project) == {
        "iterate Table.__iter__ certain", "iterate Table.__next__ certain", "call Row.save certain",
    }  # fmt: skip
    assert calls(project, "generated") == {"call rows certain", "call Row.save certain"}
    assert calls(project, "looked_up") == {"call Row.save certain"}
    assert calls(project, "streamed") == {"iterate Feed.__aiter__ certain", "iterate Feed.__anext__ certain"}


def test_properties(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        from functools import cached_property

        class Store:
            def load(self): pass

        class Service:
            @property
            def store(self) -> Store: return Store()

            @store.setter
            def store(self, value): pass

            @cached_property
            def slow(self): return 1

            def plain(self): pass

        def run(service: Service):
            service.store.load()
            if service.slow:
                print(service.plain)
        """})  # fmt: skip

    found = calls(project)
    assert {
        "property Service.store certain",
        "call Store.load certain",
        "property Service.slow certain",
    } <= found
    assert "reference Service.plain certain" in found
    (getter,) = [edge.target for edge in edges(project, "run") if edge.how == "property" and edge.target is not None
                 and edge.target.name == "store"]  # fmt: skip
    assert getter.line < scope(project, "Service.slow").line - 4


def test_decorators_run_their_wrapper(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        import functools

        def timed(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        def limited(count):
            def decorate(function):
                def wrapper(*args):
                    return function(*args)
                return wrapper
            return decorate

        @timed
        def run(): pass

        @limited(3)
        def other(): pass
        """})  # fmt: skip

    assert calls(project) == {"decorator timed.wrapper probable"}
    assert calls(project, "other") == {"decorator limited.decorate.wrapper probable"}


def test_injected_objects(tmp_path: Path) -> None:
    project = read(tmp_path, {"requirements.txt": "fastapi\n", "store.py": STORE, "main.py": """
        from typing import Annotated
        from fastapi import APIRouter, Depends, Security
        from store import Store

        router = APIRouter()

        def get_store() -> Store: ...

        def session():
            yield Store()

        class Guard:
            def __init__(self): pass

        class Check:
            def __call__(self): pass

        check = Check()
        StoreDep = Annotated[Store, Depends(get_store)]

        def run(store: Store = Depends(get_store)): store.load()
        def annotated(store: Annotated[Store, Depends(get_store)]): store.load()
        def aliased(store: StoreDep): store.load()
        def yielded(store=Depends(session)): store.load()
        def guarded(guard: Guard = Depends(Guard), checked=Security(check)): pass

        @router.get("/", dependencies=[Depends(get_store)])
        def listed(): pass
        """})  # fmt: skip

    for name in ("run", "annotated", "aliased"):
        assert {"call Store.load certain", "depends get_store certain"} <= calls(
            project, f"main.py::{name}"
        ), name
    assert {"call Store.load certain", "depends session certain"} <= calls(project, "yielded")
    assert {"depends Guard.__init__ certain", "depends Check.__call__ certain"} <= calls(project, "guarded")
    assert "depends get_store certain" in calls(project, "listed")


def test_what_an_application_of_aiohttp_holds(tmp_path: Path) -> None:
    project = read(tmp_path, {
        "store.py": """
            class Store:
                def load(self): pass

            class Queue:
                def load(self): pass
            """,
        "keys.py": """
            from aiohttp import web

            STORE = web.AppKey("store")
            """,
        "start.py": """
            from aiohttp import web

            import keys
            from store import Queue, Store

            async def start(app):
                app["store"] = Store()
                app[keys.STORE] = Store()
                app["queue"] = Queue()
            """,
        "views.py": """
            from aiohttp import web

            from keys import STORE

            async def by_text(request): request.app["store"].load()
            async def by_key(request): request.app[STORE].load()
            async def by_subapp(request): request.config_dict["store"].load()
            async def another(request): request.session["store"].load()
            """,
        "dictionary.py": """
            from store import Queue

            def fill(app): app["store"] = Queue()
            """,
    })  # fmt: skip

    for name in ("by_text", "by_key", "by_subapp"):
        assert calls(project, name) == {"call Store.load probable"}, name
    assert not calls(project, "another")


def test_registries_with_literal_names(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Mailer:
            def send(self): pass

        class Registry:
            def register(self, name, service): pass
            def get(self, name): pass

        registry = Registry()
        registry.register("mail", Mailer())
        services = {}
        services["mail"] = Mailer()

        def start(app):
            app.state.mailer = Mailer()

        def run(): registry.get("mail").send()
        def by_item(): services["mail"].send()
        def by_state(request): request.app.state.mailer.send()
        def unknown(name): registry.get(name).send()
        """})  # fmt: skip

    assert "call Mailer.send probable" in calls(project)
    assert "call Mailer.send probable" in calls(project, "by_item")
    assert "call Mailer.send probable" in calls(project, "by_state")
    assert calls(project, "unknown") == {"call Registry.get certain"}


def test_names_handed_over_are_not_called(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        def work(): pass

        def run(queue):
            queue.append(work)
            later = lambda: work()
            return later
        """})  # fmt: skip

    assert calls(project) == {"reference work certain"}
    assert calls(project, "run.<lambda>") == {"call work certain"}


def test_work_handed_to_a_thread_leaves_the_loop(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        import asyncio
        import threading
        import time
        from concurrent.futures import ThreadPoolExecutor
        from fastapi.concurrency import run_in_threadpool

        def work(): time.sleep(1)

        async def run():
            await asyncio.to_thread(work)
            await asyncio.get_running_loop().run_in_executor(None, work)
            await run_in_threadpool(work)
            threading.Thread(target=work).start()
            ThreadPoolExecutor().submit(work)
        """, "requirements.txt": "fastapi\n"})  # fmt: skip

    to_work = {edge.how for edge in edges(project, "run") if edge.target is scope(project, "work")}
    assert to_work == {"reference"}


def test_a_double_is_never_what_production_reaches(tmp_path: Path) -> None:
    project = read(tmp_path, {"app/__init__.py": "", "app/ports.py": """
        from abc import ABC, abstractmethod

        class Store(ABC):
            @abstractmethod
            def load(self): ...

        class Disk(Store):
            def load(self): return open("data")
        """, "app/main.py": """
        from app.ports import Store

        def run(store: Store):
            store.load()

        def guess(thing):
            thing.only_the_double_has_this()
        """, "tests/test_app.py": """
        from app.main import run
        from app.ports import Store

        class Fake(Store):
            def load(self): pass
            def only_the_double_has_this(self): pass

        def test_run():
            run(Fake())
            Fake().load()
        """})  # fmt: skip

    assert calls(project, "run") == {"call Disk.load probable"}
    assert calls(project, "guess") == set()
    assert "call Fake.load certain" in calls(project, "test_run")


def test_what_is_gone_through_without_a_loop(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Rows:
            def __iter__(self): return iter([1])

        class Stream:
            def __aiter__(self): return self
            async def __anext__(self): return 1

        rows = Rows()

        def in_a_list(): return [row for row in rows]
        def in_a_condition():
            if any(row for row in rows): return 1
        def in_the_second(): return {a: b for a in [1] for b in rows}
        async def awaited(): return [row async for row in Stream()]
        def made(): return sorted(rows, key=str)
        def mapped(): return dict(zip([1], rows))
        def chosen(): return max(rows)
        def compared(): return max(rows, 1)
        def handed_on(): print(rows)
        def after_the_end():
            return 1
            return list(rows)
        """})  # fmt: skip

    iterated = {"iterate Rows.__iter__ certain"}
    for name in ("in_a_list", "in_a_condition", "in_the_second", "made", "mapped", "chosen"):
        assert calls(project, name) & iterated == iterated, name
    assert "iterate Stream.__aiter__ certain" in calls(project, "awaited")
    for name in ("compared", "handed_on", "after_the_end"):
        assert not calls(project, name) & iterated, name


def test_who_keeps_what_a_protocol_promises(tmp_path: Path) -> None:
    project = read(tmp_path, {"app/__init__.py": "", "app/ports.py": """
        from typing import Protocol, TypeVar

        T = TypeVar("T")

        class Model(Protocol[T]):
            name: str

            def ask(self, prompt: str, limit: int): ...
            def close(self): ...
        """, "app/models.py": """
        class Remote:
            def ask(self, prompt, limit=5, more=None): return open(prompt)
            def close(self): pass

        class OtherWords:
            def ask(self, question, limit): pass
            def close(self): pass

        class HalfOfIt:
            def ask(self, prompt, limit): pass

        class MockModel:
            def ask(self, prompt, limit): pass
            def close(self): pass
        """, "app/main.py": """
        from app.models import MockModel, Remote
        from app.ports import Model

        def make(real) -> Model:
            return Remote() if real else MockModel()

        def run(model: Model):
            model.ask("a", 1)

        def run_made():
            make(True).ask("a", 1)
        """, "tests/test_app.py": """
        class Tried:
            def ask(self, prompt, limit): pass
            def close(self): pass
        """})  # fmt: skip

    assert calls(project, "run") == {"call Remote.ask probable"}
    assert calls(project, "run_made") == {"call make certain", "call Remote.ask probable"}


def test_three_degrees_of_certainty(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Store:
            def load(self): pass
            def reindex_everything(self): pass

        def certain(store: Store): store.load()
        def probable(store=Store()): store.load()
        def possible(thing): thing.reindex_everything()
        def unknown(thing): thing.close()
        """})  # fmt: skip

    assert "call Store.load certain" in calls(project, "certain")
    assert "call Store.load probable" in calls(project, "probable")
    assert calls(project, "possible") == {"call Store.reindex_everything possible"}
    assert calls(project, "unknown") == set()


def test_libraries_under_their_canonical_names(tmp_path: Path) -> None:
    project = read(tmp_path, {"requirements.txt": "redis\nrequests\n", "main.py": """
        import redis
        import requests as r
        from redis.asyncio import Redis as Async

        client = redis.Redis()
        asynchronous = Async()

        async def run():
            r.get("https://example.org")
            client.get("key")
            await asynchronous.get("key")
        """})  # fmt: skip

    found = {edge.symbol: edge for edge in edges(project, "run")}
    assert set(found) == {"requests.get", "redis.Redis.get", "redis.asyncio.Redis.get"}
    assert [found[name].awaited for name in sorted(found)] == [False, True, False]
    blocking = {name for name, edge in found.items() if edge.effect is not None and edge.effect.blocks}
    assert blocking == {"requests.get", "redis.Redis.get"}


def test_what_cannot_run_calls_nothing(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        def work(): pass

        def run():
            return 1
            work()

        def never():
            if False:
                work()
        """})  # fmt: skip

    assert calls(project) == set()
    assert calls(project, "never") == set()


def test_recursion_and_circles_of_types_end(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class Node:
            def __init__(self, parent: "Node"):
                self.parent = parent.parent
                self.next = self.next

            def up(self):
                return self.parent.up()

        class Loop(Loop):
            pass

        def ping(): return pong()
        def pong(): return ping()

        def run():
            ping().anything()
            Node(None).up()
            Loop().anything()
        """})  # fmt: skip

    assert {"call ping certain", "call Node.up certain"} <= calls(project)


def test_callers_are_the_edges_seen_from_below(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        def work(): pass
        def run(): work()
        def other(): work()
        """})  # fmt: skip

    assert {edge.caller.name for edge in project.graph.callers(scope(project, "work"))} == {"run", "other"}
    assert len(list(project.graph.all_edges())) == 2


def test_classes_that_are_each_others_base_are_read_alike_by_all_who_ask(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": """
        class First(Second):
            def one(self): pass

        class Second(First):
            def two(self): pass
            def three(self): pass

        def run(): First().two()
        def again(): First().three()
        """})  # fmt: skip

    assert "call Second.two certain" in calls(project)
    assert "call Second.three certain" in calls(project, "main.py::again")
