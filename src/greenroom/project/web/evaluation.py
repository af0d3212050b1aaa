"""What an expression gives when it is followed back to the literals and calls that it is made of.

Inference says of which class an object is; wiring needs to know *which* object it is: the router made
in this very call. Followed are names, imports, attributes, factories with their arguments, loops over
literals, and simple texts.
"""

from collections.abc import Iterator
from typing import Any

from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.web.call_sites import CallSites
from greenroom.project.web.lookup import Lookup
from greenroom.project.web.runs import Runs
from greenroom.project.web.texts import added, formatted, joined, percent_formatted
from greenroom.project.web.thing import (
    MOST_ALTERNATIVES,
    Context,
    Frame,
    Made,
    Thing,
    Things,
    doubtful,
    unpack,
)

_DEEPEST = 24
_MOST_STEPS = 5_000
"""For one question: what takes longer is a library's inner workings and no application's wiring."""
_WRAPPERS = {"str", "list", "tuple", "cast", "deepcopy", "copy", "sorted", "partial", "reversed", "chain",
             "as_view", "as_asgi", "gettext_lazy", "_", "format_suffix_patterns"}  # fmt: skip
_ENVIRONMENT = {"os.getenv", "os.environ.get", "decouple.config"}


class Evaluation:
    """Follows expressions; one per project."""

    def __init__(self, inference: Inference, sites: CallSites) -> None:
        self.inference = inference
        self.open: set[object] = set()
        self.cycles = 0
        """How often something was asked for while it was being found out: such answers are not kept."""
        self.lookup = Lookup(self)
        self._runs = Runs(self, sites)
        self._depth = 0
        self._steps = 0

    def run(self, made: Made) -> Context:
        """The run of the code around the call that made an object."""
        line = _line_before(made.scope, made.scope.body.calls[made.call].line)
        return Context(made.scope, Frame(made.scope, dict(made.arguments), made.arguments), line)

    def constructed(self, made: Made, constructor: Scope) -> Context:
        """The run of a constructor that this object went through."""
        return self._runs.enter(constructor, self.run(made), made.call, Thing("made", made))

    def contexts(self, scope: Scope) -> tuple[Context, ...]:
        """The runs of a scope: one per way in which the project calls it."""
        return self._runs.contexts(scope)

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

    def spread(self, context: Context, arguments: tuple[Expression, ...]) -> list[Things]:
        """The arguments one by one, also those behind `*`."""
        found: list[Things] = []
        for argument in arguments:
            if isinstance(argument, tuple) and argument[0] == facts.STAR:
                found.extend(self._unpacked(self.evaluate(context, argument[1])))
            else:
                found.append(self.evaluate(context, argument))
        return found

    @staticmethod
    def _unpacked(things: Things) -> list[Things]:
        """The items of lists; what only its maker can unpack, such as `router.urls`, stays as it is."""
        found: list[Things] = []
        for thing in things:
            found.extend(thing.ref if thing.kind == "list" else [(thing,)])
        return found

    # expressions

    def evaluate(self, context: Context, expression: Expression) -> Things:
        """The outcomes of an expression; nothing where it cannot be followed."""
        if expression is None:
            return ()
        self._steps = self._steps + 1 if self._depth else 0
        if self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            self.cycles += 1
            return ()
        self._depth += 1
        try:
            if isinstance(expression, str):
                return self.lookup.dotted(context, expression)
            if isinstance(expression, int):
                return self._call(context, expression)
            return self._structure(context, expression)
        finally:
            self._depth -= 1

    def _structure(self, context: Context, expression: tuple[Any, ...]) -> Things:
        match expression[0]:
            case facts.CONSTANT:
                value = expression[1]
                return (
                    () if value is None else (Thing("text" if isinstance(value, str) else "number", value),)
                )
            case facts.AWAIT | facts.STAR:
                return self.evaluate(context, expression[1])
            case facts.WALRUS:
                return self.evaluate(context, expression[2])
            case facts.ATTRIBUTE:
                return self.lookup.attributes(self.evaluate(context, expression[1]), expression[2])
            case facts.EITHER:
                return doubtful([thing for part in expression[2] for thing in self.evaluate(context, part)])
            case facts.LAMBDA:
                return (Thing("function", context.scope.module.scopes[expression[1]]),)
        return self._made_of_parts(context, expression)

    def _made_of_parts(self, context: Context, expression: tuple[Any, ...]) -> Things:
        match expression[0]:
            case facts.TEXT:
                return (joined([(part, self.text(context, part)) for part in expression[1]]),)
            case facts.SEQUENCE:
                return (Thing("list", tuple(self.spread(context, expression[2]))),)
            case facts.MAPPING:
                return self._mapping(context, expression)
            case facts.OPERATION:
                return self._operation(context, expression)
            case facts.ITEM:
                return self._item(context, expression)
            case facts.COMPREHENSION:
                return self._comprehension(context, expression)
        return ()

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
            return percent_formatted(left, right)
        if any(
            thing.kind == "list" or (thing.kind == "member" and thing.ref[1] == "urls")
            for thing in (*left, *right)
        ):
            return (Thing("list", tuple(self._unpacked((*left, *right)))),)
        return added(left, right, expression[2][1])

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
        return tuple(found[:MOST_ALTERNATIVES])

    def _comprehension(self, context: Context, expression: tuple[Any, ...]) -> Things:
        _, kind, elements, sources, _, targets, _ = expression
        if kind == "dict":
            return ()
        runs = [context]
        for source, target in zip(sources, targets, strict=True):
            runs = [
                run.bind(unpack(target, item))
                for run in runs
                for item in self.items(run, source)[:MOST_ALTERNATIVES]
            ]
        return (Thing("list", tuple(self.evaluate(run, elements[0]) for run in runs)),)

    # calls

    def _call(self, context: Context, index: int) -> Things:
        key = (context.scope, index, "call", context.key)
        if key in self.open:
            self.cycles += 1
            return ()
        self.open.add(key)
        try:
            return self._called(context, index)
        finally:
            self.open.discard(key)

    def _called(self, context: Context, index: int) -> Things:
        call = context.scope.body.calls[index]
        if call.callee == "super":
            return self._bases(context)
        found: list[Thing] = []
        for thing in self.evaluate(context, call.callee):
            found.extend(self._outcome(context, index, call, thing))
        if not found:
            found.extend(self._registered(context, call))
        return tuple(dict.fromkeys(found))[:MOST_ALTERNATIVES]

    def _bases(self, context: Context) -> Things:
        """`super()`."""
        scope = context.scope
        if scope.owner is None or not scope.parameters:
            return ()
        own = self.evaluate(context, scope.parameters[0].name)
        return tuple(Thing("super", (thing, scope.owner)) for thing in own if thing.kind in ("made", "self"))

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
            run = self._runs.enter(thing.ref, context, index, None)
            return _unwrapped(run, self.returned(run))
        if thing.kind == "method":
            owner, function = thing.ref
            return self.returned(self._runs.enter(function, context, index, owner))
        if thing.kind == "member":
            return self._member_call(context, index, call, *thing.ref)
        return ()

    def _library_call(self, context: Context, index: int, call: Call, symbol: str) -> Things:
        last = symbol.rsplit(".", 1)[-1]
        if symbol in _ENVIRONMENT or symbol.endswith((".environ.get", ".getenv")):
            default = call.arguments[1] if len(call.arguments) > 1 else call.keyword("default")
            return doubtful(list(self.evaluate(context, default)))
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
        if name == "get_urls":
            return (Thing("member", (owner, "urls")),)
        symbol = owner.ref.symbol if owner.kind == "made" else ""
        return (
            (Thing("made", Made(context.scope, index, context.key, f"{symbol}.{name}", None)),)
            if symbol
            else ()
        )

    def _text_method(self, context: Context, call: Call, owner: Thing, name: str) -> Things:
        arguments = [self.text(context, part) for part in call.arguments]
        given = arguments[0][0] if arguments and arguments[0] else None
        match name:
            case "format":
                named = [(key, self.text(context, part)) for key, part in call.keywords]
                return (formatted(owner, arguments, named),)
            case "strip" | "rstrip" | "lstrip" | "removeprefix" | "removesuffix":
                changed = getattr(owner.ref, name)(*([given] if given is not None else []))
                return (owner._replace(ref=changed),)
            case "lower":
                return (owner._replace(ref=owner.ref.lower()),)
        return ()

    def returned(self, run: Context) -> Things:
        """What a function returns; where a condition decides, its last word."""
        kind = "yield" if run.scope.facts.is_generator else "return"
        values = [part for part in run.scope.body.statements if part.kind == kind and part.value is not None]
        found: list[Thing] = []
        for statement in reversed(values):
            found.extend(self.evaluate(run._replace(line=statement.line), statement.value))
            if found:
                break
        return tuple(found) if len(values) < 2 else doubtful(found, keep_objects=True)


def _unwrapped(run: Context, found: Things) -> Things:
    """Of a decorator that is called: the view that its inner function calls, instead of that inner function."""
    inner = [thing.ref for thing in found if thing.kind == "function" and thing.ref.parent is run.scope]
    if run.frame is None or len(inner) != len(found):
        return found
    for name, things in run.frame.names.items():
        if any(name in scope.facts.called for scope in inner):
            given = tuple(thing for thing in things if thing.kind in ("function", "class", "method"))
            if given:
                return given
    return found


def _first_known(symbols: list[str]) -> str:
    return symbols[0] if symbols else ""


def _line_before(scope: Scope, line: int) -> int:
    """The last line whose bindings count there: in `x = wrap(x)` the right side knows the `x` before."""
    for statement in scope.body.statements:
        if statement.kind == "assign" and statement.line <= line <= statement.end_line:
            return statement.line - 1
    return line
