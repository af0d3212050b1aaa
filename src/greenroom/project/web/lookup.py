"""What names and attributes stand for."""

from sys import maxsize

from greenroom.project.calls.bindings import Binding
from greenroom.project.calls.symbols import Definition
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.following import Following
from greenroom.project.web.loops import grown
from greenroom.project.web.runs import is_static
from greenroom.project.web.thing import MOST_ALTERNATIVES, Context, Frame, Thing, Things

_SELF_ATTRIBUTES = {"router", "routes", "asgi_app", "wsgi_app", "value"}


class Lookup:
    """Finds the binding that counts at a place, through imports, loops and parameters."""

    def __init__(self, evaluation: Following) -> None:
        self._evaluation = evaluation
        self._inference = evaluation.inference
        self._symbols = evaluation.inference.symbols
        self._globals: dict[tuple[Module, str], Things] = {}

    def dotted(self, context: Context, dotted: str) -> Things:
        """What a dotted name stands for."""
        base, _, last = dotted.rpartition(".")
        if not base:
            return self._name(context, dotted)
        bound = self._inference.bindings(context.scope).get(dotted)
        if bound and context.scope.kind != "class":
            found = self._latest(context, bound, dotted)
            if found:
                return found
        return self.attributes(self._evaluation.evaluate(context, base), last) or self._inferred(
            context, dotted
        )

    def _inferred(self, context: Context, dotted: str) -> Things:
        found = []
        for value in self._inference.name(context.scope, dotted):
            if value.kind == "instance":
                found.append(Thing("self", value.ref))
            elif value.kind in ("function", "class", "library", "module"):
                found.append(Thing(value.kind, value.ref))
        return tuple(found)

    def _name(self, context: Context, name: str) -> Things:
        scope: Scope | None = context.scope
        frame = context.frame
        while scope is not None and scope.kind != "module":
            if frame is not None and frame.scope is scope and name in frame.names:
                return frame.names[name]
            bound = self._inference.bindings(scope).get(name)
            if bound and scope.kind == "class" and context.line:  # above a method, its name is not yet taken
                bound = [part for part in bound if part.line < context.line]
            if bound and (scope.kind != "class" or scope is context.scope):
                here = context if scope is context.scope else Context(scope, frame)
                return self._latest(here, bound, name)
            scope = scope.parent
        if frame is not None and frame.scope is context.scope and name in frame.names:
            return frame.names[name]
        if context.scope.kind == "module" and context.line:
            bound = [part for part in self._inference.bindings(context.scope).get(name, ())
                     if part.how not in ("import", "scope")]  # fmt: skip
            if len(bound) > 1:  # a module that uses one name for one object after another
                return self._latest(context, bound, name)
        return self.module_name(context.scope.module, name)

    def _latest(self, context: Context, bound: list[Binding], name: str) -> Things:
        """The last binding before the line that gives anything; else the last one that does."""
        before = [part for part in bound if not context.line or part.line <= context.line]
        for part in (*reversed(before), *(part for part in bound if part not in before)):
            key = (context.scope, part.how, part.line, id(part.source))
            if key in self._evaluation.open:
                self._evaluation.cycles += 1
                continue
            self._evaluation.open.add(key)
            try:
                found = self._bound(context._replace(line=_line_of_value(context.scope, part)), part)
            finally:
                self._evaluation.open.discard(key)
            if found:
                after = [other.line for other in bound if other.line > part.line]
                lines = range(part.line + 1, min((*after, context.line + 1 if context.line else maxsize)))
                return grown(self._evaluation, context, name, lines, found)
        return ()

    def _bound(self, context: Context, binding: Binding) -> Things:
        how, source = binding.how, binding.source
        if how in ("value", "entered"):
            return self._evaluation.evaluate(context, source)
        if how == "element":
            return tuple(thing for item in self._evaluation.items(context, source) for thing in item)[
                :MOST_ALTERNATIVES
            ]
        if how == "scope":
            return (Thing("class" if source.kind == "class" else "function", source),)
        if how == "import":
            followed = self._symbols.follow(context.scope.module, source)
            return tuple(thing for definition in followed for thing in self._defined(definition))
        if how == "parameter":
            return self._parameter(context, source)
        return ()

    def _parameter(self, context: Context, parameter: facts.Parameter) -> Things:
        scope = context.scope
        if scope.owner is not None and scope.parameters[0] is parameter and not is_static(scope):
            return (Thing("self", scope.owner),)
        found: list[Thing] = []
        for run in self._evaluation.contexts(scope):
            if run.frame is not None:
                found.extend(run.frame.names.get(parameter.name, ()))
        return tuple(dict.fromkeys(found))[:MOST_ALTERNATIVES]

    def module_name(self, module: Module, name: str) -> Things:
        """A global of a module."""
        key = (module, name)
        if key in self._globals:
            return self._globals[key]
        if key in self._evaluation.open:
            self._evaluation.cycles += 1
            return ()
        self._evaluation.open.add(key)
        cycles = self._evaluation.cycles
        try:
            definitions = self._symbols.define(module, name)
            found = tuple(thing for definition in definitions for thing in self._defined(definition))
        finally:
            self._evaluation.open.discard(key)
        if not definitions:
            found = self._builtin(module, name)
        if cycles == self._evaluation.cycles:
            self._globals[key] = found
        return found

    def _builtin(self, module: Module, name: str) -> Things:
        return tuple(
            Thing("library", v.ref) for v in self._inference.name(module.top, name) if v.kind == "library"
        )

    def _defined(self, definition: Definition) -> Things:
        if definition.kind == "module":
            return (Thing("module", definition.module),)
        if definition.kind == "scope" and definition.scope is not None:
            return (Thing("class" if definition.scope.kind == "class" else "function", definition.scope),)
        if definition.kind == "library":
            return (Thing("library", definition.symbol),)
        if definition.kind == "variable" and definition.module is not None:
            return self._variable(definition.module, definition.symbol)
        return ()

    def _variable(self, module: Module, name: str) -> Things:
        bound = [part for part in self._inference.bindings(module.top).get(name, ())
                 if part.how not in ("import", "scope")]  # fmt: skip
        found = self._latest(Context(module.top), bound, name)
        for scope, binding in () if found else self._inference.stores.globals_assigned(module, name):
            found = found or self._bound(Context(scope), binding)
        return found

    # attributes

    def attributes(self, things: Things, name: str) -> Things:
        """The attribute of this name of each."""
        return tuple(part for thing in things for part in self.attribute(thing, name))

    def attribute(self, thing: Thing, name: str) -> Things:
        """An attribute of what was found."""
        if thing.kind == "module":
            return self.module_name(thing.ref, name)
        if thing.kind == "library":
            return (Thing("library", f"{thing.ref}.{name}"),)
        if thing.kind == "super":
            owner, meant = thing.ref
            return self._above(owner, meant, name)
        cls = (
            thing.ref if thing.kind in ("self", "class") else thing.ref.cls if thing.kind == "made" else None
        )
        if cls is not None:
            found = self._class_attribute(thing, cls, name)
            if found:
                return found
        if thing.kind in ("made", "self", "text") and name in _SELF_ATTRIBUTES:
            return (thing,)
        return (Thing("member", (thing, name)),) if thing.kind in ("made", "self", "class", "text") else ()

    def _class_attribute(self, thing: Thing, cls: Scope, name: str) -> Things:
        classes = self._inference.classes
        member = classes.member(cls, name)
        if member is not None:
            getter = classes.getter(cls, name) if thing.kind != "class" else None
            if getter is not None:
                return self._evaluation.returned(_run_of(getter, thing))
            return (Thing("class", member) if member.kind == "class" else Thing("method", (thing, member)),)
        if name == "urls" and (listing := classes.member(cls, "get_urls")) is not None:
            return self._evaluation.returned(_run_of(listing, thing))
        for place, bound in classes.attribute(cls, name):
            context = Context(place)
            if thing.kind == "made" and place.name == "__init__":
                context = self._evaluation.constructed(thing.ref, place)
            for part in reversed(bound[name]):
                found = self._bound(context, part)
                if found:
                    return found
        return self._field(thing, cls, name) if thing.kind == "made" else ()

    def _field(self, thing: Thing, cls: Scope, name: str) -> Things:
        """A field of a data class, as the call that made the object gave it."""
        body = cls.body.statements
        fields = [part.target for part in body if part.kind == "annotate" and isinstance(part.target, str)]
        if name not in fields or self._inference.classes.member(cls, "__init__") is not None:
            return ()
        call, run = thing.ref.scope.body.calls[thing.ref.call], self._evaluation.run(thing.ref)
        given = call.keyword(name)
        if given is not None:
            return self._evaluation.evaluate(run, given)
        positional = dict(zip(fields, self._evaluation.spread(run, call.arguments), strict=False))
        return positional.get(name, ())

    def _above(self, owner: Thing, cls: Scope, name: str) -> Things:
        """The attribute that an object has from the bases of a class: `super().urls`."""
        for base in self._inference.classes.line(cls)[0][1:]:
            if self._inference.classes.member(base, name) is not None:
                return self._class_attribute(owner, base, name)
            if name == "urls" and self._inference.classes.member(base, "get_urls") is not None:
                return self._class_attribute(owner, base, name)
        return (Thing("member", (owner, name)),)


def _line_of_value(scope: Scope, binding: Binding) -> int:
    """`users = router` of a module stands for what `router` was there, whatever it is later; 0: a function's last word."""
    return binding.line - 1 if scope.kind == "module" and binding.how == "value" else 0


def _run_of(method: Scope, owner: Thing) -> Context:
    """The run of a method without further arguments on this object."""
    if owner.kind != "made" or not method.parameters:
        return Context(method)
    receiver = method.parameters[0].name
    return Context(method, Frame(method, {receiver: (owner,)}, ((receiver, (owner,)),)))
