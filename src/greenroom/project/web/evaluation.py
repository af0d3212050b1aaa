"""What an expression gives when it is followed back to the literals and calls that it is made of.

Inference says of which class an object is; wiring needs to know *which* object it is: the router made
in this very call. Followed are names, imports, attributes, factories with their arguments, loops over
literals, and simple texts.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from greenroom.project.calls.bindings import Binding
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.symbols import Definition
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.call_sites import CallSites

_DEEPEST = 24
_MOST_CONTEXTS = 200
_MOST_ALTERNATIVES = 60
_SELF_ATTRIBUTES = {"router", "routes", "asgi_app", "wsgi_app", "value"}
_WRAPPERS = {"str", "list", "tuple", "cast", "deepcopy", "copy", "sorted", "partial", "reversed", "chain",
             "as_view", "as_asgi", "gettext_lazy", "_"}  # fmt: skip
_ENVIRONMENT = {"os.getenv", "os.environ.get", "decouple.config"}


class Made(NamedTuple):
    """The object that a call made; two calls, or one call with other arguments, make two."""

    scope: Scope
    call: int
    arguments: tuple[Any, ...]
    """What distinguishes this run of the surrounding factory."""
    symbol: str
    """Dotted name of the library class or function; for a project's class, of its first library base."""
    cls: Scope | None
    """The project's class, where it is one."""

    @property
    def last(self) -> str:
        """The class's own name in the library."""
        return self.symbol.rsplit(".", 1)[-1]

    @property
    def root(self) -> str:
        """The library's import root."""
        return self.symbol.split(".", 1)[0]


class Thing(NamedTuple):
    """One possible outcome.

    kind and ref: text (str) · number (a constant) · made (Made) · self (Scope of the class) · function
    (Scope) · method (owner Thing or None, Scope) · class (Scope) · library (dotted name) · module
    (Module) · list (tuple of Things) · map (tuple of (key, Things)) · member (Thing, name)
    """

    kind: str
    ref: Any
    certain: bool = True


Things = tuple[Thing, ...]


class Frame(NamedTuple):
    """The names that one run of a function (or of a loop's body) binds from outside."""

    scope: Scope
    names: dict[str, Things]
    key: tuple[Any, ...]


class Context(NamedTuple):
    """Where an expression stands: in a scope, during one run of it."""

    scope: Scope
    frame: Frame | None = None
    line: int = 0
    """Bindings after this line do not count; 0: all do."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this run of the scope from others."""
        return self.frame.key if self.frame is not None else ()

    def bind(self, names: dict[str, Things]) -> "Context":
        """The same place with more names bound, as in a loop's body."""
        known = self.frame.names if self.frame is not None else {}
        return self._replace(frame=Frame(self.scope, {**known, **names}, self.key))


class Evaluation:
    """Follows expressions; one per project."""

    def __init__(self, inference: Inference, sites: CallSites) -> None:
        self.inference = inference
        self.symbols = inference.symbols
        self.sites = sites
        self._globals: dict[tuple[Module, str], Things] = {}
        self._contexts: dict[Scope, tuple[Context, ...]] = {}
        self._open: set[object] = set()
        self._depth = 0
        self._cycles = 0
        """How often something was asked for while it was being found out: such answers are not kept."""

    # texts

    def text(self, context: Context, expression: Expression) -> tuple[str, bool] | None:
        """The text and whether it is certain; None where there is none."""
        found = self.texts(context, expression)
        return found[-1] if found else None

    def texts(self, context: Context, expression: Expression) -> list[tuple[str, bool]]:
        """All texts that it may be."""
        found = [thing for thing in self.evaluate(context, expression) if thing.kind == "text"]
        certain = len(found) == 1
        return [(thing.ref, thing.certain and certain) for thing in found]

    def items(self, context: Context, expression: Expression) -> list[Things]:
        """The items of what is a list, set or tuple; nothing for anything else."""
        for thing in self.evaluate(context, expression):
            if thing.kind == "list":
                return list(thing.ref)
        return []

    # contexts

    def contexts(self, scope: Scope) -> tuple[Context, ...]:
        """The runs of a scope: one per way in which the project calls it."""
        if not scope.is_function or not scope.parameters:
            return (Context(scope),)
        known = self._contexts.get(scope)
        if known is not None:
            return known
        self._contexts[scope] = (Context(scope),)  # for a function that calls itself
        found: dict[tuple[Any, ...], Context] = {}
        for place, index in self.sites.of(scope, self.inference):
            for outer in self.contexts(place):
                line = place.body.calls[index].line
                run = self._enter(scope, outer._replace(line=line), index, None)
                found.setdefault((run.key, self._receiver(run)), run)
                if len(found) >= _MOST_CONTEXTS:
                    break
        self._contexts[scope] = tuple(found.values()) or (Context(scope),)
        return self._contexts[scope]

    def _receiver(self, run: Context) -> Things:
        if run.scope.owner is None or run.frame is None or not run.scope.parameters:
            return ()
        return run.frame.names.get(run.scope.parameters[0].name, ())

    def _enter(self, function: Scope, outer: Context, index: int, owner: Thing | None) -> Context:
        """The run of a function that a call starts."""
        call = outer.scope.body.calls[index]
        parameters = list(function.parameters)
        names: dict[str, Things] = {}
        if function.owner is not None and parameters and not _is_static(function):
            names[parameters.pop(0).name] = self._owner(outer, call, owner)
        positional = self._spread(outer, call.arguments)
        key: list[Any] = []
        for parameter in parameters:
            if parameter.kind == "args":
                value: Things = (Thing("list", tuple(positional)),)
                positional = []
            elif parameter.kind == "kwargs":
                continue
            else:
                given = call.keyword(parameter.name)
                if given is not None:
                    value = self.evaluate(outer, given)
                elif positional and parameter.kind == "positional":
                    value = positional.pop(0)
                elif parameter.default is not None:
                    value = self.evaluate(Context(function.parent or function), parameter.default)
                else:
                    value = ()
            names[parameter.name] = value
            if any(thing.kind in ("text", "made", "list", "function", "class") for thing in value):
                key.append((parameter.name, value))
        return Context(function, Frame(function, names, tuple(key)))

    def _owner(self, outer: Context, call: Call, owner: Thing | None) -> Things:
        if owner is not None:
            return (owner,)
        callee = call.callee
        if isinstance(callee, str) and "." in callee:
            return self.evaluate(outer, callee.rpartition(".")[0])
        return self.evaluate(outer, callee[1]) if isinstance(callee, tuple) else ()

    def _spread(self, outer: Context, arguments: tuple[Expression, ...]) -> list[Things]:
        found: list[Things] = []
        for argument in arguments:
            if isinstance(argument, tuple) and argument[0] == facts.STAR:
                found.extend(self.items(outer, argument[1]))
            else:
                found.append(self.evaluate(outer, argument))
        return found

    # expressions

    def evaluate(self, context: Context, expression: Expression) -> Things:
        """The outcomes of an expression; nothing where it cannot be followed."""
        if expression is None:
            return ()
        if self._depth > _DEEPEST:
            self._cycles += 1
            return ()
        self._depth += 1
        try:
            if isinstance(expression, str):
                return self._dotted(context, expression)
            if isinstance(expression, int):
                return self._call(context, expression)
            return self._structure(context, expression)
        finally:
            self._depth -= 1

    def _structure(self, context: Context, expression: tuple[Any, ...]) -> Things:
        match expression[0]:
            case facts.CONSTANT:
                value = expression[1]
                return () if value is None else (Thing("text" if isinstance(value, str) else "number", value),)
            case facts.TEXT:
                return self._joined(context, expression[1])
            case facts.AWAIT | facts.STAR:
                return self.evaluate(context, expression[1])
            case facts.WALRUS:
                return self.evaluate(context, expression[2])
            case facts.ATTRIBUTE:
                return self._attributes(self.evaluate(context, expression[1]), expression[2])
            case facts.EITHER:
                return _doubtful([thing for part in expression[2] for thing in self.evaluate(context, part)])
            case facts.SEQUENCE:
                return (Thing("list", tuple(self._spread(context, expression[2]))),)
            case facts.MAPPING:
                return self._mapping(context, expression)
            case facts.OPERATION:
                return self._operation(context, expression)
            case facts.ITEM:
                return self._item(context, expression)
            case facts.COMPREHENSION:
                return self._comprehension(context, expression)
            case facts.LAMBDA:
                return (Thing("function", context.scope.module.scopes[expression[1]]),)
        return ()

    def _joined(self, context: Context, parts: tuple[Expression, ...]) -> Things:
        text, certain = "", True
        for number, part in enumerate(parts):
            found = self.text(context, part)
            if found is not None:
                text, certain = text + found[0], certain and found[1]
            else:
                # What is unknown at the start is left out: it is a prefix; elsewhere it is a parameter.
                text, certain = text + ("" if number == 0 else "{" + _last_name(part) + "}"), False
        return (Thing("text", text, certain),)

    def _mapping(self, context: Context, expression: tuple[Any, ...]) -> Things:
        pairs: list[tuple[Any, Things]] = []
        for key, value in zip(expression[1], expression[2], strict=True):
            things = self.evaluate(context, value)
            if key is None:
                pairs.extend(pair for thing in things if thing.kind == "map" for pair in thing.ref)
            else:
                pairs.append((facts.constant(key), things))
        return (Thing("map", tuple(pairs)),)

    def _operation(self, context: Context, expression: tuple[Any, ...]) -> Things:
        if expression[1] not in ("+", "%") or len(expression[2]) != 2:
            return ()
        left, right = (self.evaluate(context, part) for part in expression[2])
        if expression[1] == "%":
            return self._formatted(left, right)
        lists = [thing.ref for thing in (*left, *right) if thing.kind == "list"]
        if lists:
            return (Thing("list", tuple(item for part in lists for item in part)),)
        before, after = _text_of(left), _text_of(right)
        if before is None and after is None:
            return ()
        text = (before.ref if before else "") + (after.ref if after else "{" + _last_name(expression[2][1]) + "}")
        certain = before is not None and after is not None and before.certain and after.certain
        return (Thing("text", text, certain),)

    def _formatted(self, left: Things, right: Things) -> Things:
        pattern = _text_of(left)
        if pattern is None:
            return ()
        values = [item for thing in right if thing.kind == "list" for item in thing.ref] or [right]
        text, certain = pattern.ref, pattern.certain
        for value in values:
            given = _text_of(value)
            text = text.replace("%s", given.ref if given else "{}", 1)
            certain = certain and given is not None and given.certain
        return (Thing("text", text, certain),)

    def _item(self, context: Context, expression: tuple[Any, ...]) -> Things:
        key = facts.constant(expression[2])
        found: list[Thing] = []
        for thing in self.evaluate(context, expression[1]):
            if thing.kind == "map":
                found.extend(part for name, value in thing.ref if key in (None, name) for part in value)
            elif thing.kind == "list" and isinstance(key, int) and -len(thing.ref) <= key < len(thing.ref):
                found.extend(thing.ref[key])
            elif thing.kind == "list" and key is None:
                found.extend(part for item in thing.ref for part in item)
            elif thing.kind in ("class", "library"):  # Router[User]
                found.append(thing)
        return tuple(found[:_MOST_ALTERNATIVES])

    def _comprehension(self, context: Context, expression: tuple[Any, ...]) -> Things:
        _, kind, elements, sources, _, targets, _ = expression
        if kind == "dict":
            return ()
        runs = [context]
        for source, target in zip(sources, targets, strict=True):
            runs = [
                run.bind(unpack(target, item))
                for run in runs
                for item in self.items(run, source)[:_MOST_ALTERNATIVES]
            ]
        return (Thing("list", tuple(self.evaluate(run, elements[0]) for run in runs)),)

    # names

    def _dotted(self, context: Context, dotted: str) -> Things:
        base, _, last = dotted.rpartition(".")
        if not base:
            return self._name(context, dotted)
        bound = self.inference.bindings(context.scope).get(dotted)
        if bound and context.scope.kind != "class":
            found = self._latest(context, bound)
            if found:
                return found
        return self._attributes(self.evaluate(context, base), last) or self._inferred(context, dotted)

    def _inferred(self, context: Context, dotted: str) -> Things:
        found = []
        for value in self.inference.name(context.scope, dotted):
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
            bound = self.inference.bindings(scope).get(name)
            if bound and (scope.kind != "class" or scope is context.scope):
                here = context if scope is context.scope else Context(scope, frame)
                return self._latest(here, bound)
            scope = scope.parent
        if frame is not None and frame.scope is context.scope and name in frame.names:
            return frame.names[name]
        if context.scope.kind == "module" and context.line:
            bound = [part for part in self.inference.bindings(context.scope).get(name, ())
                     if part.how not in ("import", "scope") and part.line <= context.line]  # fmt: skip
            if len(bound) > 1:  # a module that uses one name for one object after another
                return self._latest(context, bound)
        return self.module_name(context.scope.module, name)

    def _latest(self, context: Context, bound: list[Binding]) -> Things:
        """The last binding before the line that gives anything; else the last one that does."""
        before = [part for part in bound if not context.line or part.line <= context.line]
        for part in (*reversed(before), *(part for part in bound if part not in before)):
            key = (context.scope, part.how, part.line, id(part.source))
            if key in self._open:
                self._cycles += 1
                continue
            self._open.add(key)
            try:
                found = self._bound(context._replace(line=0), part)
            finally:
                self._open.discard(key)
            if found:
                return found
        return ()

    def _bound(self, context: Context, binding: Binding) -> Things:
        how, source = binding.how, binding.source
        if how in ("value", "entered"):
            return self.evaluate(context, source)
        if how == "element":
            return tuple(thing for item in self.items(context, source) for thing in item)[:_MOST_ALTERNATIVES]
        if how == "scope":
            return (Thing("class" if source.kind == "class" else "function", source),)
        if how == "import":
            followed = self.symbols.follow(context.scope.module, source)
            return tuple(thing for definition in followed for thing in self._defined(definition))
        if how == "parameter":
            return self._parameter(context, source)
        return ()

    def _parameter(self, context: Context, parameter: facts.Parameter) -> Things:
        scope = context.scope
        if scope.owner is not None and scope.parameters[0] is parameter and not _is_static(scope):
            return (Thing("self", scope.owner),)
        found: list[Thing] = []
        for run in self.contexts(scope):
            if run.frame is not None:
                found.extend(run.frame.names.get(parameter.name, ()))
        return tuple(dict.fromkeys(found))[:_MOST_ALTERNATIVES]

    def module_name(self, module: Module, name: str) -> Things:
        """A global of a module."""
        key = (module, name)
        if key in self._globals:
            return self._globals[key]
        if key in self._open:
            self._cycles += 1
            return ()
        self._open.add(key)
        cycles = self._cycles
        try:
            definitions = self.symbols.define(module, name)
            found = tuple(thing for definition in definitions for thing in self._defined(definition))
        finally:
            self._open.discard(key)
        if not definitions:
            found = self._builtin(module, name)
        if cycles == self._cycles:
            self._globals[key] = found
        return found

    def _builtin(self, module: Module, name: str) -> Things:
        return tuple(Thing("library", v.ref) for v in self.inference.name(module.top, name) if v.kind == "library")

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
        bound = [part for part in self.inference.bindings(module.top).get(name, ())
                 if part.how not in ("import", "scope")]  # fmt: skip
        found = self._latest(Context(module.top), bound)
        for scope, binding in () if found else self.inference.stores.globals_assigned(module, name):
            found = found or self._bound(Context(scope), binding)
        return found

    # attributes

    def _attributes(self, things: Things, name: str) -> Things:
        return tuple(part for thing in things for part in self.attribute(thing, name))

    def attribute(self, thing: Thing, name: str) -> Things:
        """An attribute of what was found."""
        if thing.kind == "module":
            return self.module_name(thing.ref, name)
        if thing.kind == "library":
            return (Thing("library", f"{thing.ref}.{name}"),)
        cls = thing.ref if thing.kind in ("self", "class") else thing.ref.cls if thing.kind == "made" else None
        if cls is not None:
            found = self._class_attribute(thing, cls, name)
            if found:
                return found
        if thing.kind in ("made", "self", "text") and name in _SELF_ATTRIBUTES:
            return (thing,)
        return (Thing("member", (thing, name)),) if thing.kind in ("made", "self", "class", "text") else ()

    def _class_attribute(self, thing: Thing, cls: Scope, name: str) -> Things:
        classes = self.inference.classes
        member = classes.member(cls, name)
        if member is not None:
            getter = classes.getter(cls, name) if thing.kind != "class" else None
            if getter is not None:
                return self._returned(Context(getter))
            return (Thing("class", member) if member.kind == "class" else Thing("method", (thing, member)),)
        for place, bound in classes.attribute(cls, name):
            for part in reversed(bound[name]):
                found = self._bound(Context(place), part)
                if found:
                    return found
        return ()

    # calls

    def _call(self, context: Context, index: int) -> Things:
        key = (context.scope, index, "call", context.key)
        if key in self._open:
            self._cycles += 1
            return ()
        self._open.add(key)
        try:
            return self._called(context, index)
        finally:
            self._open.discard(key)

    def _called(self, context: Context, index: int) -> Things:
        call = context.scope.body.calls[index]
        found: list[Thing] = []
        for thing in self.evaluate(context, call.callee):
            found.extend(self._outcome(context, index, call, thing))
        if not found:
            found.extend(self._registered(context, call))
        return tuple(dict.fromkeys(found))[:_MOST_ALTERNATIVES]

    def _registered(self, context: Context, call: Call) -> Iterator[Thing]:
        for value in self.inference.stores.registered(self.inference, context.scope, call):
            if value.kind == "instance":
                yield Thing("self", value.ref)

    def _outcome(self, context: Context, index: int, call: Call, thing: Thing) -> Things:
        if thing.kind == "library":
            return self._library_call(context, index, call, thing.ref)
        if thing.kind == "class":
            symbols = self.inference.classes.line(thing.ref)[1]
            return (Thing("made", Made(context.scope, index, context.key, _first_known(symbols), thing.ref)),)
        if thing.kind == "function":
            return self._returned(self._enter(thing.ref, context, index, None))
        if thing.kind == "method":
            owner, function = thing.ref
            return self._returned(self._enter(function, context, index, owner))
        if thing.kind == "member":
            return self._member_call(context, index, call, *thing.ref)
        return ()

    def _library_call(self, context: Context, index: int, call: Call, symbol: str) -> Things:
        last = symbol.rsplit(".", 1)[-1]
        if symbol in _ENVIRONMENT or symbol.endswith((".environ.get", ".getenv")):
            default = call.arguments[1] if len(call.arguments) > 1 else call.keyword("default")
            return _doubtful(list(self.evaluate(context, default)))
        if last == "Field":  # pydantic's: the default is the value
            default = call.arguments[0] if call.arguments else call.keyword("default")
            return self.evaluate(context, default)
        if last in _WRAPPERS and call.arguments:
            return self.evaluate(context, call.arguments[-1 if last == "cast" else 0])
        return (Thing("made", Made(context.scope, index, context.key, symbol, None)),)

    def _member_call(self, context: Context, index: int, call: Call, owner: Thing, name: str) -> Things:
        if owner.kind == "text":
            return self._text_method(context, call, owner, name)
        if owner.kind == "class" and name in ("as_view", "as_asgi"):
            return (owner,)
        symbol = owner.ref.symbol if owner.kind == "made" else ""
        return (Thing("made", Made(context.scope, index, context.key, f"{symbol}.{name}", None)),) if symbol else ()

    def _text_method(self, context: Context, call: Call, owner: Thing, name: str) -> Things:
        arguments = [self.text(context, part) for part in call.arguments]
        given = arguments[0][0] if arguments and arguments[0] else None
        match name:
            case "format":
                return (_format(owner, arguments, [(key, self.text(context, part)) for key, part in call.keywords]),)
            case "strip" | "rstrip" | "lstrip" | "removeprefix" | "removesuffix":
                changed = getattr(owner.ref, name)(*([given] if given is not None else []))
                return (owner._replace(ref=changed),)
            case "lower":
                return (owner._replace(ref=owner.ref.lower()),)
        return ()

    def _returned(self, run: Context) -> Things:
        """What a function returns; where a condition decides, its last word."""
        kind = "yield" if run.scope.facts.is_generator else "return"
        values = [part for part in run.scope.body.statements if part.kind == kind and part.value is not None]
        found: list[Thing] = []
        for statement in reversed(values):
            found.extend(self.evaluate(run._replace(line=statement.line), statement.value))
            if found:
                break
        return tuple(found) if len(values) < 2 else _doubtful(found, keep_objects=True)


def unpack(target: Expression, item: Things) -> dict[str, Things]:
    """The names that `for target in …` binds to this item."""
    if isinstance(target, str):
        return {target: item}
    names: dict[str, Things] = {}
    if isinstance(target, tuple) and target[0] == facts.SEQUENCE:
        for thing in item:
            if thing.kind == "list" and len(thing.ref) == len(target[2]):
                for part, value in zip(target[2], thing.ref, strict=True):
                    names.update(unpack(part, value))
    return names


def _is_static(function: Scope) -> bool:
    return "staticmethod" in function.decorators


def _doubtful(things: list[Thing], *, keep_objects: bool = False) -> Things:
    """Texts of which only one will be the one; an object stays what it is."""
    unique = list(dict.fromkeys(things))[:_MOST_ALTERNATIVES]
    return tuple(
        thing._replace(certain=False) if thing.kind == "text" or not keep_objects else thing for thing in unique
    )


def _text_of(things: Things) -> Thing | None:
    for thing in reversed(things):
        if thing.kind == "text":
            return thing
    return None


def _format(owner: Thing, given: list[tuple[str, bool] | None], named: list[Any]) -> Thing:
    text, certain = owner.ref, owner.certain
    for number, value in enumerate(given):
        filled = value[0] if value else "{?}"
        text = text.replace("{}", filled, 1).replace("{" + str(number) + "}", filled)
        certain = certain and value is not None and value[1]
    for key, value in named:
        if key is not None:
            text = text.replace("{" + key + "}", value[0] if value else "{?}")
            certain = certain and value is not None and value[1]
    return Thing("text", text, certain)


def _last_name(expression: Expression) -> str:
    return expression.rsplit(".", 1)[-1] if isinstance(expression, str) else "?"


def _first_known(symbols: list[str]) -> str:
    return symbols[0] if symbols else ""
