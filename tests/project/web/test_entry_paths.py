"""The way from an entry down to a place."""

from pathlib import Path

from greenroom.model.finding import Reach
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from tests.project.web.reading import read


def scope_named(project: Project, qualname: str) -> Scope:
    return next(
        scope for module in project.production() for scope in module.scopes if scope.qualname == qualname
    )


def way_to(project: Project, qualname: str) -> list[str]:
    path = project.entries.path(scope_named(project, qualname))
    return [
        f"{edge.caller.qualname} {edge.how} {edge.target.qualname if edge.target else ''}" for edge in path
    ]


FILES = {
    "main.py": """
        from fastapi import Depends, FastAPI

        app = FastAPI()

        def settings():
            return read_file()

        def read_file():
            return ""

        @app.get("/far")
        def far():
            return middle()

        def middle():
            return leaf()

        @app.get("/near")
        def near(config=Depends(settings)):
            return leaf()

        def leaf():
            return list(map(each, []))

        def each(item):
            return item

        @app.get("/guess")
        def guess(thing):
            return thing.only_one_class_has_this()

        @app.post("/guess")
        def guess_again(thing):
            return thing.also_called_for_sure()

        class Rare:
            def only_one_class_has_this(self):
                return 1

            def also_called_for_sure(self):
                return 2

        if __name__ == "__main__":
            Rare().also_called_for_sure()
        """
}


def test_the_nearest_of_several_entries_of_one_strength(tmp_path: Path) -> None:
    project = read(tmp_path, FILES)
    entry = project.entries.entry(scope_named(project, "leaf"))
    assert entry is not None
    assert entry.label == "`GET /near`"
    assert way_to(project, "leaf") == ["near call leaf"]


def test_an_entry_itself_has_no_way(tmp_path: Path) -> None:
    assert way_to(read(tmp_path, FILES), "near") == []


def test_dependencies_and_functions_handed_over_are_on_the_way(tmp_path: Path) -> None:
    project = read(tmp_path, FILES)
    assert way_to(project, "read_file") == ["near depends settings", "settings call read_file"]
    assert way_to(project, "each") == ["near call leaf", "leaf reference each"]


def test_a_guessed_edge_counts_only_where_nothing_better_leads(tmp_path: Path) -> None:
    project = read(tmp_path, FILES)
    guessed = scope_named(project, "Rare.only_one_class_has_this")
    certain = scope_named(project, "Rare.also_called_for_sure")
    assert project.entries.reach(guessed) is Reach.ROUTE
    assert way_to(project, guessed.qualname) == ["guess call Rare.only_one_class_has_this"]
    assert project.entries.reach(certain) is Reach.SCRIPT
    assert way_to(project, certain.qualname) == []


def test_what_nothing_leads_to(tmp_path: Path) -> None:
    project = read(tmp_path, {"lib.py": "def alone():\n    return 1\n"})
    alone = scope_named(project, "alone")
    assert project.entries.entry(alone) is None
    assert project.entries.reach(alone) is Reach.UNREACHED
    assert project.entries.path(alone) == ()


def test_an_object_that_is_made_brings_its_special_methods(tmp_path: Path) -> None:
    files = {
        "main.py": """
            from fastapi import FastAPI
            from httpx import AsyncBaseTransport

            app = FastAPI()

            class Guarded(AsyncBaseTransport):
                def __init__(self, hosts):
                    self.hosts = hosts

                async def handle_async_request(self, request):
                    return None

            class Plain:
                def __init__(self):
                    self.value = 1

                def __str__(self):
                    return "x"

                def never(self):
                    return 1

            @app.get("/")
            def home():
                return Guarded([]), Plain()
            """
    }
    project = read(tmp_path, files)
    reaches = {
        name: project.entries.reach(scope_named(project, name))
        for name in ("Guarded.handle_async_request", "Plain.__str__", "Plain.never")
    }
    assert reaches == {
        "Guarded.handle_async_request": Reach.ROUTE,
        "Plain.__str__": Reach.ROUTE,
        "Plain.never": Reach.UNREACHED,
    }


def test_an_override_is_reached_through_the_method_it_stands_in_for(tmp_path: Path) -> None:
    kinds = "".join(
        f"""
            class Kind{number}(Base):
                def load(self, key):
                    return {number}
        """
        for number in range(5)
    )
    files = {
        "main.py": f"""
            from abc import ABC, abstractmethod
            from fastapi import FastAPI

            app = FastAPI()

            class Base(ABC):
                @abstractmethod
                def load(self, key): ...

            {kinds}

            @app.get("/")
            def home(store: Base):
                return store.load("x")
            """
    }
    project = read(tmp_path, files)
    assert way_to(project, "Kind4.load") == ["home call Base.load", "Base.load override Kind4.load"]
    assert project.entries.path(scope_named(project, "Kind4.load"))[-1].certainty == 0


def test_a_coroutine_that_is_made_and_dropped_does_not_run(tmp_path: Path) -> None:
    text = """
        from fastapi import FastAPI

        app = FastAPI()

        class Step:
            def invoke(self):
                self.work()

            async def invoke_async(self):
                await self.work()

            def work(self):
                raise NotImplementedError

        class Compile(Step):
            async def work(self):
                pass

        async def dropped():
            pass

        async def awaited():
            pass

        @app.get("/")
        async def run(step: Step):
            step.invoke()
            dropped()
            await awaited()
    """

    project = read(tmp_path, {"main.py": text})

    reached = {
        name: project.entries.reach(scope_named(project, name))
        for name in ("dropped", "awaited", "Compile.work")
    }
    assert reached == {"dropped": Reach.UNREACHED, "awaited": Reach.ROUTE, "Compile.work": Reach.UNREACHED}
