"""INT005: a React context or a plugin of Vue that is asked for, and that nothing in the production tree provides."""

import re
from collections.abc import Iterator

from greenroom.catalogue.interface.uninstalled_plugin import uninstalled_plugins
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.front import facts
from greenroom.project.front.contexts import MadeContext, Use
from greenroom.project.front.facts import Expression
from greenroom.project.front.front import Front
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_SILENT = "what consumers get is the default, which does nothing, and nobody sees that anything is missing"
_WITHOUT = re.compile(r"Optional|Maybe|Safe|OrNull|OrDefault|IfAvailable|IfAny", re.IGNORECASE)
"""Hooks that are made for consumers which do without a provider."""
_CLAUSE = re.compile(r"\b(?:export|import)\s+(?:type\s+)?\{[^{}]*\}\s*from\b")
"""What hands names on, or takes them, and mounts nothing."""
_THROWS = re.compile(r"\bthrow\b|\binvariant\(")


def detect_unmounted_providers(project: Project) -> Iterator[Sighting]:
    """Every context and every plugin whose consumers are loaded and whose providers are not."""
    front = project.front
    yield from uninstalled_plugins(front)
    for key, made in front.contexts.made.items():
        provided = front.contexts.provided.get(key, [])
        if any(_is_mounted(front, use) for use in provided):
            continue
        if not provided and not is_nothing(made.default):
            continue  # a default that is meant to be all
        consumers = list(_consumers(front, front.contexts.consumed.get(key, [])))
        if consumers:
            fails = _is_empty(made) or _throws(project, front.contexts.consumed.get(key, []))
            sure = fails and not any(_goes_by_another_name(project, use) for use in provided)
            yield _sighting(made, provided, consumers, sure=sure)


def _is_empty(made: MadeContext) -> bool:
    """Whether the default is an object whose functions do nothing: a stand-in for what the provider gives, and no design."""
    default = made.default
    values = default[2] if isinstance(default, tuple) and default[:1] == (facts.MAPPING,) else ()
    numbers = [value[1] for value in values if isinstance(value, tuple) and value[:1] == (facts.FUNCTION,)]
    return bool(numbers) and not any(call.function in numbers for call in made.file.calls)


def _throws(project: Project, uses: list[Use]) -> bool:
    """Whether a consumer says itself that it cannot do without: it throws where nothing is provided."""
    for use in uses:
        function = use.file.functions[use.function]
        lines = project.inventory.read_text(use.file.path).splitlines()[function.line - 1 : function.end_line]
        if any(_THROWS.search(line) for line in lines):
            return True
    return False


def _goes_by_another_name(project: Project, use: Use) -> bool:
    """Whether the provider may be mounted under another name, or from a file that was not followed.

    Its name is spelled in another file of production, beside imports and what an `index.ts` hands on under the same name, or
    its own file hands it on: `export { Provider as Root }`.
    """
    name = use.file.name_at(use.function).rpartition(".")[2]
    if not name:
        return True
    word = re.escape(name)
    handed_on = re.compile(rf"\b{word}\s+as\b|(?:[=:(,[]|\bdefault)\s*{word}\b(?!\s*=)")
    spelled, renamed = re.compile(rf"\b{word}\b"), re.compile(rf"\b{word}\s+as\b")
    return handed_on.search(project.inventory.read_text(use.file.path)) is not None or any(
        file is not use.file
        and file.kind is FrontKind.PRODUCTION
        and spelled.search(_CLAUSE.sub(lambda clause: clause[0] if renamed.search(clause[0]) else "", text))
        for file in project.front.files.values()
        for text in [project.inventory.read_text(file.path)]
    )


def _is_mounted(front: Front, use: Use) -> bool:
    return front.mounting.is_used(use.file, use.function)


def _consumers(front: Front, uses: list[Use]) -> Iterator[Place]:
    """Where components consume it; a hook consumes nothing until somebody calls it."""
    for use in uses:
        if use.file.path not in front.mounting.loaded:
            continue
        name = use.file.name_at(use.function)
        if _WITHOUT.search(name) or _has_another(use):
            continue
        if name.startswith("use"):
            for file, line, column, function in front.mounting.callers(use.file, name):
                if front.mounting.is_shown(file, function):
                    symbol = file.name_at(function)
                    yield Place(path=file.path, line=line, symbol=symbol, column=column)
        elif front.mounting.is_shown(use.file, use.function):
            yield Place(path=use.file.path, line=use.line, symbol=name)


def _has_another(use: Use) -> bool:
    """`useContext(Store) ?? theOneForAll`, at once or by a name: it does without a provider."""
    file = use.file
    asking = {
        number
        for number, call in enumerate(file.calls)
        if call.line == use.line and call.function == use.function
    }
    bound = [binding for binding in file.bindings if binding.function == use.function]
    given: set[Expression] = {binding.name for binding in bound if binding.value in asking} | asking
    values = [*(binding.value for binding in bound), *file.functions[use.function].returns]
    return any(
        isinstance(part, tuple) and part[0] == facts.EITHER and not given.isdisjoint(part[1])
        for value in values
        for part in facts.walk(value)
    )


def _sighting(made: MadeContext, provided: list[Use], consumers: list[Place], *, sure: bool) -> Sighting:
    silent = not is_nothing(made.default)
    place, *others = sorted(set(consumers), key=lambda one: (one.path, one.line))
    if provided:
        component = provided[0].file.name_at(provided[0].function) or made.name
        reason = f"`{component}`, which provides it, is mounted nowhere in production"
    else:
        reason = "nothing provides it"
    origin = Place(path=made.file.path, line=made.line)
    homes = [Place(path=use.file.path, line=use.line) for use in provided]
    return Sighting(
        place=place,
        message=f"`{made.name}` is consumed here, and {reason}",
        severity=Severity.MEDIUM if silent else Severity.HIGH,
        confidence=Confidence.PROBABLE if provided and sure else Confidence.POSSIBLE,
        consequence=_SILENT if silent else "",
        sites=tuple(dict.fromkeys([origin, *homes, *others])),
        subject=made.name,
        cause=f"{made.file.path}:{made.line}",
        reach=Reach.ROUTE,
    )


def is_nothing(default: Expression) -> bool:
    """`createContext(null)`, `createContext(undefined)`, `createContext()`; `{}` has nothing to give either."""
    return default is None or default == (facts.CONSTANT, None)


MODE = FailureMode(
    code="INT005",
    name="provider-not-mounted",
    family=Family.INTERFACE,
    summary="a React context or a plugin of Vue is used that the production tree never mounts",
    consequence="the component that consumes it throws or reads nothing, and takes the screen down with it",
    remedy="mount the provider above its consumers, in the tree that production renders",
    source="React documentation, useContext: My component doesn't see the value from my provider",
    detector=detect_unmounted_providers,
    surest=Confidence.PROBABLE,
)
