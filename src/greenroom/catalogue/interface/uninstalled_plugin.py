"""Stores and plugins of Vue that components ask for, and that the page never installs."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.front import facts
from greenroom.project.front.facts import Call, Expression
from greenroom.project.front.front import Front
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.thing import Context


class _Plugin(NamedTuple):
    """A library whose functions work below an application that installed it, and nowhere else."""

    name: str
    consumers: frozenset[str]
    """Its functions for components."""
    makers: frozenset[str]
    """What an application has to call or name to install it, in every version."""
    defines: str = ""
    """A function that makes further consumers."""


_MAPPERS = frozenset(
    {"mapState", "mapGetters", "mapActions", "mapMutations", "mapStores", "mapWritableState"}
)
_PLUGINS = {
    "pinia": _Plugin("Pinia", _MAPPERS, frozenset({"createPinia", "setActivePinia"}), "defineStore"),
    "vuex": _Plugin("Vuex", _MAPPERS | {"useStore"}, frozenset({"createStore", "Store"})),
    "vue-i18n": _Plugin("vue-i18n", frozenset({"useI18n"}), frozenset({"createI18n", "VueI18n"})),
    "vue-router": _Plugin("vue-router", frozenset({"useRouter", "useRoute"}), frozenset({"createRouter", "VueRouter", "Router"})),
    "@tanstack/vue-query": _Plugin(
        "Vue Query", frozenset({"useQuery", "useMutation", "useInfiniteQuery", "useQueryClient"}),
        frozenset({"VueQueryPlugin", "QueryClient", "VUE_QUERY_CLIENT"})),
}  # fmt: skip
_BEGINNINGS = frozenset({"createApp", "createSSRApp", "Vue"})
_MOUNTS = frozenset({"mount", "$mount"})
_OWN = re.compile(r"\.|/|[@~#$]+/|src/|\*")
"""How files of one's own are imported."""
_STORE = re.compile(r"^use|Store$")
"""What the hook of a store is called, as good as always: following every call takes a second in a large front end."""
_VUE = re.compile(r"vue(?:$|[./])")


class _Page(NamedTuple):
    """An application of Vue that a page begins with."""

    start: FrontFile
    files: tuple[FrontFile, ...]
    """All that it loads."""


def uninstalled_plugins(front: Front) -> Iterator[Sighting]:
    """Every plugin that what a page loads asks for, and that nothing on the way installs."""
    pages = _pages(front)
    for page in pages:
        for library, plugin in _PLUGINS.items():
            if not _names(page.files, plugin.makers):
                consumers = [
                    place for file in page.files for place in _consumers(front, file, library, plugin)
                ]
                sure = _is_sure(front, pages, page, plugin) if consumers else None
                if sure is not None:
                    yield _sighting(page, plugin, consumers, sure=sure)


def _pages(front: Front) -> list[_Page]:
    """The applications that are not put up by what another has loaded, as a dialogue is that mounts itself."""
    starts = [
        file for file in front.files.values() if file.kind is FrontKind.PRODUCTION and _begins(front, file)
    ]
    pages = [_Page(file, tuple(front.mounting.reached([file]))) for file in starts]
    return [
        page for page in pages if not any(page.start in other.files for other in pages if other is not page)
    ]


def _begins(front: Front, file: FrontFile) -> bool:
    """Whether it makes an application and mounts it."""
    if _BEGINNINGS.isdisjoint(file.words) or _MOUNTS.isdisjoint(file.words):
        return False
    return any(
        _VUE.match(symbol)
        for call in file.calls
        if facts.last_name(call.callee) in _BEGINNINGS
        for symbol in _libraries(front, file, call.function, call.callee)
    )


def _libraries(front: Front, file: FrontFile, function: int, expression: Expression) -> Iterator[str]:
    """The names in libraries that a name stands for."""
    if isinstance(expression, str):
        for thing in front.lookup.dotted(Context(file, function), expression):
            if thing.kind == "library":
                yield thing.ref


def _consumers(front: Front, file: FrontFile, library: str, plugin: _Plugin) -> Iterator[Place]:
    """Where a file calls what works only below an application that has the plugin."""
    for call in file.calls:
        name = facts.last_name(call.callee)
        is_like_it = name in plugin.consumers or (plugin.defines and _STORE.search(name))
        if is_like_it and isinstance(call.callee, str) and _asks(front, file, call, library, plugin):
            symbol = file.name_at(call.function)
            yield Place(path=file.path, line=call.line, symbol=symbol or call.callee, column=call.column)


def _asks(front: Front, file: FrontFile, call: Call, library: str, plugin: _Plugin) -> bool:
    for thing in front.lookup.dotted(Context(file, call.function), call.callee):
        if thing.kind == "library" and thing.ref in {f"{library}.{name}" for name in plugin.consumers}:
            return True
        if (
            thing.kind == "made" and plugin.defines and not call.arguments
        ):  # `useCart(pinia)` needs no application
            context, index, _ = thing.ref
            definition = context.file.calls[index].callee
            if f"{library}.{plugin.defines}" in _libraries(front, context.file, context.function, definition):
                return True
    return False


def _is_sure(front: Front, pages: list[_Page], page: _Page, plugin: _Plugin) -> bool | None:
    """Whether it is beyond doubt that nothing installs it; None: nothing can be said."""
    if any(name for file in page.files for name in front.mounting.not_found(file) if _OWN.match(name)):
        return None
    elsewhere = [
        file for file in front.files.values() if file not in page.files and _names([file], plugin.makers)
    ]
    if any(file.kind is FrontKind.PRODUCTION for file in elsewhere) and _may_lead_elsewhere(front, page):
        return None
    others = {file.path for other in pages if other is not page for file in other.files}
    # A page of another kind may load a library of components whole, and show none that asks for the plugin.
    return not any(file.path in others for file in elsewhere) and not _hands_over(front, page)


def _may_lead_elsewhere(front: Front, page: _Page) -> bool:
    """Whether it loads something that is called like a folder of the project: by an alias that nobody could read."""
    folders = {folder for path in front.files for folder in path.split("/")[:-1]}
    return any(
        not folders.isdisjoint(name.split("/")[:2])
        for file in page.files
        for name in front.mounting.not_found(file)
    )


def _hands_over(front: Front, page: _Page) -> bool:
    """Whether a plugin of a scoped package is installed: one of the same house may install others."""
    return any(
        symbol.startswith("@")
        for file in page.files
        if "use" in file.words
        for call in file.calls
        if facts.last_name(call.callee) == "use" and call.arguments
        for symbol in _libraries(front, file, call.function, _named(file, call.arguments[0]))
    )


def _named(file: FrontFile, expression: Expression) -> Expression:
    """`plugin` of `plugin` and of `plugin()`."""
    return file.calls[expression].callee if isinstance(expression, int) else expression


def _names(files: Iterable[FrontFile], names: frozenset[str]) -> bool:
    return any(not (names.isdisjoint(file.words) and names.isdisjoint(file.mentioned)) for file in files)


def _sighting(page: _Page, plugin: _Plugin, consumers: list[Place], *, sure: bool) -> Sighting:
    place, *others = sorted(set(consumers), key=lambda one: (one.path, one.line))
    return Sighting(
        place=place,
        message=f"{plugin.name} is used here, and nothing that `{page.start.path}` loads installs it",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
        remedy=f"install {plugin.name} with `app.use(…)` before the application is mounted",
        sites=(Place(path=page.start.path, line=1), *others),
        subject=plugin.name,
        cause=f"{page.start.path}:{plugin.name}",
        reach=Reach.ROUTE,
    )
