"""What names and attributes of the front end stand for."""

from collections.abc import Mapping
from typing import Protocol

from greenroom.project.front.automatic import Automatic
from greenroom.project.front.facts import Binding, Expression, last_name
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.module_paths import ModulePaths
from greenroom.project.front.names import Names
from greenroom.project.front.thing import MOST_ALTERNATIVES, Context, Thing, Things, hole

_DEEPEST_EXPORT = 8
_MOST_BINDINGS = 4
_DEEPEST_SPREAD = 4
_GLOBAL_OBJECTS = frozenset({"window", "globalThis", "self"})


class Following(Protocol):
    """The evaluation, as the look-up needs it."""

    def evaluate(self, context: Context, expression: Expression) -> Things:
        """The outcomes of an expression."""

    def returned(self, run: Context) -> Things:
        """What a function returns."""


class Lookup:
    """Finds bindings through functions, imports and exports."""

    def __init__(self, evaluation: Following, files: Mapping[str, FrontFile], paths: ModulePaths) -> None:
        self._evaluation = evaluation
        self._files = files
        self._paths = paths
        self._automatic = Automatic(files)
        self._names: dict[str, Names] = {}
        self._open: dict[tuple[str, int, str], list[Thing]] = {}
        """What was found so far of the names that are being looked up."""
        self._spreads = 0
        self._overridden: set[tuple[str, str]] | None = None
        """Names of base classes, and of what those derived from them define."""

    def names(self, file: FrontFile) -> Names:
        """The index over a file."""
        found = self._names.get(file.path)
        if found is None:
            found = self._names[file.path] = Names(file)
        return found

    def imported(self, file: FrontFile, source: str) -> FrontFile | None:
        """The file that an import of this file means."""
        return self._paths.find(source, file.path)

    def dotted(self, context: Context, dotted: str) -> Things:
        """What a dotted name stands for."""
        if dotted.startswith(("import.meta.", "process.env.")):
            return (Thing("library", dotted),)
        root, _, rest = dotted.partition(".")
        found = self._this(context, rest) if root == "this" and rest else self._root(context, root)
        steps = rest.split(".") if rest else []
        if root == "this" and rest:
            steps = steps[1:]
        for step in steps:
            found = tuple([part for thing in found for part in self.attribute(thing, step)])
        return found

    def _this(self, context: Context, rest: str) -> Things:
        """`this.x`: of the class around."""
        name = rest.partition(".")[0]
        for index in context.file.enclosing(context.function):
            owner = context.file.functions[index].owner
            if owner:
                given = context.given(index, "this")
                is_any = given is None or all(
                    thing.kind == "instance" and thing.ref[2] is None for thing in given
                )
                if is_any and self._is_overridden(owner, name):
                    return (Thing("library", f"this.{name}"),)
                things = given if given is not None else (Thing("instance", (context.file, owner, None, -1)),)
                return tuple([part for thing in things for part in self.attribute(thing, name)])
        return (Thing("library", f"this.{name}"),)

    def _is_overridden(self, owner: str, name: str) -> bool:
        """Whether a class derived from it, by that name, may have another value there."""
        if self._overridden is None:
            self._overridden = {
                (last_name(part.base), member)
                for file in self._files.values()
                for part in file.classes
                if part.base is not None
                for member, _ in part.members
            }
        return (owner, name) in self._overridden

    def _root(self, context: Context, name: str) -> Things:
        names = self.names(context.file)
        for index in context.file.enclosing(context.function):
            given = context.given(index, name)
            if given is not None:
                return given
            if names.parameter(context.file.functions[index], name) is not None:
                return (Thing("parameter", (context.file.path, index, name)),)
            bound = names.bindings.get((index, name))
            if bound:
                return self._bound(context, index, name, bound)
        part = names.imports.get(name)
        if part is not None:
            return self._imported(context.file, part.source, part.name)
        home = self._automatic.home(context.file, name)
        return (self.exported(home, name) if home is not None else ()) or (Thing("library", name),)

    def _bound(self, context: Context, index: int, name: str, bound: list[Binding]) -> Things:
        key = (context.file.path, index, name)
        if key in self._open:
            return tuple(self._open[key])
        found: list[Thing] = []
        self._open[key] = found  # `url = fill(url, id)`: what it was before
        try:
            here = context._replace(function=index)
            for part in bound[-_MOST_BINDINGS:]:
                found.extend(self._evaluation.evaluate(here, part.value))
        finally:
            del self._open[
                key
            ]  # greenroom: accept[C1] memory alone: what was found stands there, and is found again
        return tuple(found[:MOST_ALTERNATIVES])

    def _imported(self, file: FrontFile, source: str, name: str) -> Things:
        target = self._paths.find(source, file.path)
        if target is not None:
            return (Thing("module", target),) if name == "*" else self.exported(target, name)
        return (Thing("library", source if name in ("*", "default") else f"{source}.{name}"),)

    def exported(self, file: FrontFile, name: str, depth: int = 0) -> Things:
        """What a file exports under a name."""
        if depth > _DEEPEST_EXPORT:
            return ()
        names = self.names(file)
        part = names.exports.get(name)
        if part is None:
            for star in names.stars:
                target = self._paths.find(star.source, file.path)
                found = self.exported(target, name, depth + 1) if target is not None else ()
                if found:
                    return found
            return ()
        if part.source:
            target = self._paths.find(part.source, file.path)
            if target is None:
                return self._imported(file, part.source, str(part.local))
            return (
                (Thing("module", target),)
                if part.local == "*"
                else self.exported(target, str(part.local), depth + 1)
            )
        return self._evaluation.evaluate(Context(file), part.local)

    # attributes

    def attribute(self, thing: Thing, name: str) -> Things:
        """An attribute of what was found."""
        match thing.kind:
            case "module":
                return self.exported(thing.ref, name) or self._default_part(thing.ref, name)
            case "map":
                context, expression = thing.ref
                return self._of_map(context, expression, name)
            case "class":
                return self._of_class(Thing("instance", (*thing.ref, None, -1)), name)
            case "instance":
                return self._of_class(thing, name)
            case "library":
                base = "" if thing.ref in _GLOBAL_OBJECTS else f"{thing.ref}."
                return (Thing("library", f"{base}{name}"),)
            case "parameter":
                path, index, dotted = thing.ref
                return (Thing("parameter", (path, index, f"{dotted}.{name}")),)
            case "made" | "member":
                return (Thing("member", (thing, name)),)
            case "text":
                return _of_text(thing, name)
            case "function" if name == "value":
                return self._evaluation.returned(thing.ref[0]._replace(function=thing.ref[1]))
        return ()

    def _default_part(self, file: FrontFile, name: str) -> Things:
        """`import * as api from "./api"` of what exports one object."""
        return tuple([part for thing in self.exported(file, "default") if thing.kind == "map"
                      for part in self.attribute(thing, name)])  # fmt: skip

    def _of_map(self, context: Context, expression: Expression, name: str) -> Things:
        found: Things = ()
        for key, value in zip(expression[1], expression[2], strict=True):
            if key == name:
                found = self._evaluation.evaluate(context, value)
            elif key is None and self._spreads < _DEEPEST_SPREAD:  # `form = { ...form }` is made of itself
                self._spreads += 1
                inner = self._evaluation.evaluate(context, value)
                spread = tuple([part for thing in inner for part in self.attribute(thing, name)])
                self._spreads -= 1
                if not found or any(thing.kind != "parameter" for thing in spread):
                    found = (
                        spread or found
                    )  # what a caller may give besides is no reason to forget what is written
        return found

    def _of_class(self, instance: Thing, name: str) -> Things:
        file, cls, made_in, call = instance.ref
        names = self.names(file)
        record = names.classes.get(cls)
        if record is None:
            return ()
        for key, value in record.members:
            if key == name and value is not None and value != ("?",):
                return tuple(
                    [_bound_to(thing, instance) for thing in self._evaluation.evaluate(Context(file), value)]
                )
        found: list[Thing] = []
        for binding in names.own.get(name, ())[:_MOST_BINDINGS]:
            if file.functions[binding.function].owner == cls:
                run = self._constructed(file, cls, made_in, call, binding.function)
                found.extend(self._evaluation.evaluate(run, binding.value))
        if found or record.base is None:
            return tuple(found)
        bases = self._evaluation.evaluate(Context(file), record.base)
        return tuple([part for base in bases if base.kind == "class" and base.ref != (file, cls)
                      for part in self._of_class(Thing("instance", (*base.ref, made_in, call)), name)])  # fmt: skip

    def _constructed(
        self, file: FrontFile, cls: str, made_in: Context | None, call: int, function: int
    ) -> Context:
        """The run of a constructor, where it is known who called it."""
        if made_in is None or file.functions[function].name != f"{cls}.constructor":
            return Context(file, function)
        written = made_in.file.calls[call]
        frame = []
        for position, parameter in enumerate(file.functions[function].parameters):
            given = written.arguments[position] if position < len(written.arguments) else parameter.default
            things = self._evaluation.evaluate(made_in, given)
            if parameter.name:
                frame.append(((file.path, function, parameter.name), things))
            for key, local in parameter.parts:
                parts = tuple([part for thing in things for part in self.attribute(thing, key)])
                frame.append(((file.path, function, local), parts))
        return Context(file, function, tuple(frame))


def _bound_to(thing: Thing, instance: Thing) -> Thing:
    """A method of this very object."""
    if thing.kind != "function":
        return thing
    context, index = thing.ref
    frame = (*context.frame, ((context.file.path, index, "this"), (instance,)))
    return Thing("function", (context._replace(frame=frame), index))


def _of_text(thing: Thing, name: str) -> Things:
    """`.value` of a reference, `.host` of an address."""
    if name in ("value", "current", "href"):
        return (thing,)
    if name not in ("host", "hostname", "origin"):
        return ()
    scheme, separator, rest = str(thing.ref).partition("://")
    host = rest.partition("/")[0] if separator else hole("URL.host")
    return (Thing("text", f"{scheme}://{host}" if name == "origin" and separator else host),)
