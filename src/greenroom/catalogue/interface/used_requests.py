"""Whether anybody makes a request: dead code asks for nothing."""

import re

from greenroom.project.front import facts
from greenroom.project.front.clients import QUERIES
from greenroom.project.front.facts import FUNCTION, Binding, last_name
from greenroom.project.front.front import Front
from greenroom.project.front.front_call import FrontCall
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind

_OF_A_ROUTER = re.compile(r"(?:^|/)\+(?:page|layout|server)[^/]*\.[jt]s$")
"""SvelteKit calls by itself what these files export."""
_HANDED = frozenset({"mutationFn", "queryFn"})
_HOOKS = (
    "use{}Query",
    "useLazy{}Query",
    "use{}Mutation",
    "use{}InfiniteQuery",
    "use{}QueryState",
    "usePrefetch{}",
)


def is_used(front: Front, call: FrontCall) -> bool:
    """Whether somebody calls the function: dead code asks for nothing."""
    home = front.files[call.path]
    loaded = front.mounting.loaded
    if loaded and home.path not in loaded:
        return False
    others = [file for file in front.mounting.live if file is not home]
    hooks = _hooks_of_endpoint(home, call)
    if hooks:
        return any(
            _names(front, home, file, hook) and _comes_to(front, file, hook, others)
            for hook in hooks
            for file in others
        )
    waiting = [_asking(home, call)]
    if _OF_A_ROUTER.search(home.path) and any(part.name == waiting[0] for part in home.exports):
        return True
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        if not name or name == "constructor":
            return True
        if _is_component(name):
            return _is_shown(front, home, name)
        entries = _entries(home, name)
        if name in home.mentioned and (not entries or _is_handed_over(home, name)):
            return True
        waiting += sorted(entries - seen)
        seen |= entries
        if any(_names(front, home, file, name) and _comes_to(front, file, name, others) for file in others):
            return True
        around = {home.name_at(part.function).rpartition(".")[2] for part in home.calls_of(name)}
        waiting += sorted(around - seen)
        seen |= around
    return False


def _hooks_of_endpoint(home: FrontFile, call: FrontCall) -> list[str]:
    """What RTK Query makes of `addOrder: build.mutation(…)`: hooks that are called after its key."""
    for function in home.functions:
        for part in (part for result in function.returns for part in facts.walk(result)):
            if not (isinstance(part, tuple) and part[0] == facts.MAPPING):
                continue
            for key, value in zip(part[1], part[2], strict=False):
                if (
                    isinstance(value, int)
                    and home.calls[value].line == call.line
                    and last_name(home.calls[value].callee) in QUERIES
                ):
                    spelled = key[:1].upper() + key[1:]
                    return [hook.format(spelled) for hook in _HOOKS]
    return []


def _asking(home: FrontFile, call: FrontCall) -> str:
    """The function that asks; of one that a library is handed, the hook around it."""
    name = call.symbol.rpartition(".")[2]
    inner = [
        index
        for index, function in enumerate(home.functions)
        if function.name.rpartition(".")[2] == name and function.line <= call.line <= function.end_line
    ]
    if name not in _HANDED or not inner:
        return name
    around = (home.functions[index].name.rpartition(".")[2] for index in home.enclosing(inner[-1]))
    return next((outer for outer in around if outer and outer not in _HANDED), name)


def _entries(home: FrontFile, name: str) -> set[str]:
    """What a table of the module calls the function: `export const orders = { list, cancel: cancelOrder }`."""
    return {
        key
        for binding in home.bindings
        if _is_table(binding)
        for key, value in zip(binding.value[1], binding.value[2], strict=False)
        if value == name
    }


def _is_table(binding: Binding) -> bool:
    return (
        binding.function == 0 and isinstance(binding.value, tuple) and binding.value[:1] == (facts.MAPPING,)
    )


def _is_handed_over(home: FrontFile, name: str) -> bool:
    """Whether its own file gives it to a call, an element or another name: an entry in a table is no use yet."""
    given = [argument for call in home.calls for argument in call.arguments]
    given += [value for element in home.elements for _, value in element.attributes]
    for binding in home.bindings:
        given += (
            [value for value in binding.value[2] if value != name] if _is_table(binding) else [binding.value]
        )
    parts = (part for expression in given for part in facts.walk(expression))
    return any(isinstance(part, str) and last_name(part) == name for part in parts)


def _is_component(name: str) -> bool:
    """`OrderList`, and not `LIST_ORDERS`."""
    return name[0].isupper() and not ("_" in name and name.isupper())


def _is_shown(front: Front, home: FrontFile, component: str) -> bool:
    """Whether some page shows the component: one that is imported and stands in no element asks for nothing."""
    found = [
        index
        for index, function in enumerate(home.functions)
        if function.name.rpartition(".")[2] == component
    ]
    return not found or any(front.mounting.is_shown(home, index) for index in found)


def _comes_to(front: Front, file: FrontFile, name: str, others: list[FrontFile]) -> bool:
    """Whether some call in a file is in what somebody uses: at its top, in a component or hook, in a function that is named."""
    calls = file.calls_of(name)
    if not calls:
        return True  # handed over
    if _is_left_over(file, name):
        return False
    for call in calls:
        named = [own for index in file.enclosing(call.function) if (own := file.functions[index].name)]
        outer = named[-1].rpartition(".")[2] if named else ""
        if not outer or "." in named[-1]:
            return True
        if _is_component(outer) or outer.startswith("use"):
            if front.mounting.is_shown(file, call.function):
                return True
            continue
        users = [other for other in (file, *others) if other is not file or outer != name]
        if any(outer in other.words or outer in other.mentioned for other in users):
            return True
    return False


def _is_left_over(file: FrontFile, name: str) -> bool:
    """Whether the file calls it in functions only that are kept by `useCallback`, under names that nothing uses."""
    inside = {
        part[1]: binding.name
        for binding in file.bindings
        if isinstance(binding.value, int) and last_name(file.calls[binding.value].callee) == "useCallback"
        for part in file.calls[binding.value].arguments
        if isinstance(part, tuple) and part[0] == FUNCTION
    }
    kept = [inside.get(call.function, "") for call in file.calls_of(name)]
    return bool(kept) and all(own and own not in file.words and own not in file.mentioned for own in kept)


def _names(front: Front, home: FrontFile, file: FrontFile, name: str) -> bool:
    """Whether a file calls it or hands it over, and not what another module or the file itself calls the same."""
    # Calls by a name that many share say nothing either way; so does a function that is handed over.
    callees = [call.callee for call in file.calls_of(name)]
    called = [callee for callee in callees if isinstance(callee, str)]
    own = file.defines(name)
    if own and not any("." in callee for callee in called):
        return False
    if len(called) < len(callees) or (name in file.mentioned and not own):
        return True
    if not callees:
        return name in file.words
    return any(
        front.mounting.may_give(file, callee, home)
        and ("." in callee or (not own and _is_given(front, home, file, name)))
        for callee in called
    )


def _is_given(front: Front, home: FrontFile, file: FrontFile, name: str) -> bool:
    """Whether a bare name may be a function of another file: not one that only an entry of a table leads to, which nobody hands on."""
    tables = {binding.name for binding in home.bindings if _is_table(binding) and name in binding.value[1]}
    if not tables or name in {part.name for part in home.exports} | {part.name for part in file.imports}:
        return True
    return any(
        not tables.isdisjoint(other.mentioned)
        for other in front.files.values()
        if other.kind is FrontKind.PRODUCTION
    )
