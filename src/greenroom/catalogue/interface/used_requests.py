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
    if not _is_loaded(front, home):
        return False
    others = [
        file
        for file in front.files.values()
        if file.kind is FrontKind.PRODUCTION and file is not home and _is_loaded(front, file)
    ]
    hooks = _hooks_of_endpoint(home, call)
    if hooks:
        return any(_names(file, hook) and _comes_to(file, hook, others) for hook in hooks for file in others)
    waiting = [_asking(home, call)]
    if _OF_A_ROUTER.search(home.path) and any(part.name == waiting[0] for part in home.exports):
        return True
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        if not name or _is_component(name) or name == "constructor":
            return True
        entries = _entries(home, name)
        if name in home.mentioned and (not entries or _is_handed_over(home, name)):
            return True
        waiting += sorted(entries - seen)
        seen |= entries
        if any(_names(file, name) and _comes_to(file, name, others) for file in others):
            return True
        around = {
            home.name_at(part.function).rpartition(".")[2]
            for part in home.calls
            if last_name(part.callee) == name
        }
        waiting += sorted(around - seen)
        seen |= around
    return False


def _is_loaded(front: Front, file: FrontFile) -> bool:
    """Whether a page loads the file; where no page can be told, all are taken for loaded."""
    loaded = front.mounting.loaded
    return not loaded or file.path in loaded


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


def _comes_to(file: FrontFile, name: str, others: list[FrontFile]) -> bool:
    """Whether some call in a file is in what somebody uses: at its top, in a component or hook, in a function that is named."""
    calls = [call for call in file.calls if last_name(call.callee) == name]
    if not calls:
        return True  # handed over
    if _is_left_over(file, name):
        return False
    for call in calls:
        named = [own for index in file.enclosing(call.function) if (own := file.functions[index].name)]
        outer = named[-1].rpartition(".")[2] if named else ""
        if not outer or _is_component(outer) or outer.startswith("use") or "." in named[-1]:
            return True
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
    calls = [call for call in file.calls if last_name(call.callee) == name]
    kept = [inside.get(call.function, "") for call in calls]
    return bool(kept) and all(own and own not in file.words and own not in file.mentioned for own in kept)


def _names(file: FrontFile, name: str) -> bool:
    """Whether a file calls it or hands it over, and not a function of its own that is called the same."""
    # Calls by a name that many share say nothing either way; so does a function that is handed over.
    if name not in file.words and name not in file.mentioned:
        return False
    own = any(function.name == name for function in file.functions)
    return not own or any(
        isinstance(call.callee, str) and call.callee.endswith(f".{name}") for call in file.calls
    )
