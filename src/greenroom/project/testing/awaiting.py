"""Who would await an `async def` test, under the configuration in effect."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from greenroom.project.code.module import Module, Scope
from greenroom.project.testing import kinds
from greenroom.project.testing.fixtures import Fixtures, requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.marks import Marks
from greenroom.project.testing.origins import Origins
from greenroom.project.testing.runs import Run
from greenroom.project.testing.scripts import is_script

_OTHER_PLUGINS = (
    "pytest-trio", "pytest-tornasync", "pytest-tornado", "pytest-sanic", "alt-pytest-asyncio", "pytest-twisted",
    "pytest-asyncio-cooperative", "pytest-homeassistant-custom-component", "pytest-curio", "pytest-playwright-asyncio",
    "pytest-async", "pytest-quart-trio", "pytest-asyncio-runner", "pytest-sanic", "pytest-aiomoto", "pytest-async-sqlalchemy",
    "pytest-operator", "pytest-aio", "pytest-jupyter", "pytest-homeassistant",
)  # fmt: skip
_SAMPLES = re.compile(r"(?:^|/)(?:examples?|samples?|demos?|docs_src|cookbooks?)/")
_PLUGIN_MODULES = (
    "aiohttp.pytest_plugin",
    "pytest_aiohttp",
    "pytest_trio",
    "pytest_tornado",
    "sanic_testing",
    "twisted",
)
"""Named by `pytest_plugins` in a conftest, they run coroutines."""
_TRANSPARENT = (
    "pytest.mark.", "unittest.mock.", "mock.", "hypothesis.", "freezegun.", "respx.", "responses.", "time_machine.",
    "flaky.", "unittest.skip", "unittest.expectedFailure", "parameterized.", "moto.", "vcr.", "ddt.",
    "django.test.override_settings", "django.test.utils.", "aioresponses.", "allure.", "pytest_asyncio.",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """Who awaits a test."""

    awaited: bool | None
    """None: nobody can tell."""
    reason: str = ""
    cause: str = ""
    """Tests of the same cause belong to one finding."""
    certain: bool = True


_UNKNOWN = Awaiting(awaited=None)
_AWAITED = Awaiting(awaited=True)


class AsyncRunners:
    """Decides for each async test whether anything would await it."""

    def __init__(
        self, origins: Origins, fixtures: Fixtures, marks: Marks, installed: Collection[str]
    ) -> None:
        self.origins = origins
        self.fixtures = fixtures
        self.marks = marks
        self.installed = installed
        """Normalised names of distributions that are declared, pinned or mentioned."""
        self._hooks: dict[Module, bool] = {}

    def judge(self, item: Item, run: Run) -> Awaiting:
        """For an item that the run collects."""
        if is_wrapped(self.origins, item.function):
            return _UNKNOWN
        if item.function.facts.is_generator:
            return Awaiting(
                awaited=False, reason="it is an async generator: pytest runs none", cause="generator"
            )
        if item.unittest:
            return self._unittest(item)
        if self._has_hook(item.module):
            return _UNKNOWN
        if item.owner is not None and kinds.has_foreign_base(self.origins, item.owner):
            return _UNKNOWN  # `ipv8.test.base.TestBase` may be a case that awaits
        return self._pytest(item, run)

    def _unittest(self, item: Item) -> Awaiting:
        assert item.owner is not None  # noqa: S101 - a unittest item has a class
        awaited = kinds.awaits_methods(item.unittest)
        if awaited is False and kinds.runs_its_methods(self.origins, item.owner):
            return _UNKNOWN
        if awaited is not False or kinds.has_mixed_bases(self.origins, item.owner):
            return _AWAITED if awaited else _UNKNOWN
        short = item.unittest.rsplit(".", 1)[-1]
        return Awaiting(
            awaited=False,
            reason=f"{short} calls the method and drops the coroutine",
            cause=f"class:{item.owner.path}:{item.owner.qualname}",
        )

    def _has_hook(self, module: Module) -> bool:
        """Whether a conftest of the project runs tests itself, or marks them while collecting."""
        known = self._hooks.get(module)
        if known is None:
            known = any(
                name.startswith(_PLUGIN_MODULES) for name in self.fixtures.foreign_plugins(module)
            ) or any(
                child.name in ("pytest_pyfunc_call", "pytest_collection_modifyitems", "pytest_runtest_call",
                               "pytest_itemcollected", "pytest_pycollect_makeitem", "pytest_runtest_setup")
                and _speaks_of_async(child)
                for place in self.fixtures.chain(module)
                for child in place.top.children
            )  # fmt: skip
            self._hooks[module] = known
        return known

    def _pytest(self, item: Item, run: Run) -> Awaiting:
        by_hand = "pytest" not in self.installed and is_script(item.module)
        if by_hand or any(name in self.installed for name in _OTHER_PLUGINS):
            return _UNKNOWN
        names = {mark.name for mark in self.marks.on(item.function, item.owner)}
        if names & {
            "trio",
            "tornado",
            "curio",
            "twisted",
            "gen_test",
            "inlineCallbacks",
            "asyncio_cooperative",
        }:
            return _UNKNOWN
        asyncio = self._asyncio(item, run, names)
        if asyncio is not None and asyncio.awaited is not False:
            return asyncio
        if self._anyio(item, run, names):
            return _AWAITED
        if asyncio is None and _SAMPLES.search(item.module.path):
            return _UNKNOWN  # what a sample declares is not read
        return asyncio or self._without_plugin(names, run.options.asyncio_mode)

    def _asyncio(self, item: Item, run: Run, names: set[str]) -> Awaiting | None:
        """None where the plugin is not there."""
        if run.disabled & {"asyncio", "pytest_asyncio"}:
            return None
        if not self._has_pytest_asyncio(item.module):
            return None
        if "asyncio" in names:
            return _AWAITED
        mode = run.options.asyncio_mode
        if mode in ("auto", "legacy"):
            return _AWAITED
        if "pytest-aiohttp" in self.installed and not mode:
            return _UNKNOWN  # before 1.0 it ran every coroutine
        said = f"asyncio_mode = {mode}" if mode else "asyncio_mode is not set, which means strict"
        return Awaiting(
            awaited=False,
            reason=f"{said}, and the test has no asyncio marker",
            cause=f"mode:{run.options.path}",
            certain=True,
        )

    def _has_pytest_asyncio(self, module: Module) -> bool:
        if "pytest-asyncio" in self.installed or "pytest-aiohttp" in self.installed:
            return True
        return any(
            part.module.split(".")[0] == "pytest_asyncio"
            for place in self.fixtures.chain(module)
            for part in place.imports
        )

    def _anyio(self, item: Item, run: Run, names: set[str]) -> bool:
        if run.disabled & {"anyio"}:
            return False
        if "anyio" in names:
            return True
        if run.options.text("anyio_mode") == "auto":
            return True
        wanted = requested(item.function)
        closure = self.fixtures.closure(item.module, item.owner, wanted)
        asked = {name for fixture in closure for name in requested(fixture.scope)} | set(wanted)
        return "anyio_backend" in asked or any(fixture.name == "anyio_backend" for fixture in closure)

    def _without_plugin(self, names: set[str], mode: str) -> Awaiting:
        marked = "asyncio" in names
        if mode and not marked:
            reason = f"asyncio_mode = {mode}, and pytest-asyncio, which reads it, is declared nowhere"
            return Awaiting(awaited=False, reason=reason, cause="plugin:mode", certain=False)
        reason = (
            "it is marked asyncio, and pytest-asyncio is declared nowhere"
            if marked
            else "no plugin that runs async tests is declared, and it has no marker"
        )
        return Awaiting(
            awaited=False, reason=reason, cause="plugin:marked" if marked else "plugin", certain=False
        )


def is_wrapped(origins: Origins, function: Scope) -> bool:
    """Whether a test stands under a decorator that may well run it, or something else in its place."""
    scope = function.parent
    if scope is None:
        return False
    found = (origins.of(scope, decorator) for decorator in function.decorators)
    return any(not origin.startswith(_TRANSPARENT) and not _is_patch(origin) for origin in found)


def _is_patch(origin: str) -> bool:
    return ".patch" in origin or origin.startswith("patch")


def _speaks_of_async(hook: Scope) -> bool:
    """A hook that only sorts or skips is no reason for doubt."""
    if hook.name in ("pytest_pyfunc_call", "pytest_runtest_call", "pytest_pycollect_makeitem"):
        return True
    text = repr(hook.body)
    return "async" in text or "anyio" in text or "coroutine" in text
