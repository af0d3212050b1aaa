"""What a front-end expression gives when it is followed back to the literals and calls that it is made of."""

from collections.abc import Iterator, Mapping
from itertools import product

from greenroom.project.front import facts
from greenroom.project.front.facts import Call, Expression
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.lookup import Lookup
from greenroom.project.front.module_paths import ModulePaths
from greenroom.project.front.thing import MOST_ALTERNATIVES, Context, Thing, Things, hole

_DEEPEST = 30
_MOST_STEPS = 4_000
_TRANSPARENT = frozenset(
    {"encodeURIComponent", "encodeURI", "String", "toRaw", "unref", "ref", "computed", "shallowRef", "reactive", "toValue",
     "useMemo", "useCallback", "Object.freeze", "readonly", "markRaw", "memo", "useRef", "Object.assign", "defineProps"}
)  # fmt: skip
"""Functions that give back what they are given, as far as an address is concerned."""
_SAME_TEXT = frozenset({"toString", "trim", "toLowerCase", "valueOf", "href", "pathname"})


class Evaluation:
    """Follows expressions; one per project."""

    def __init__(self, files: Mapping[str, FrontFile], paths: ModulePaths) -> None:
        self.lookup = Lookup(self, files, paths)
        self._depth = 0
        self._steps = 0

    def evaluate(self, context: Context, expression: Expression) -> Things:
        """The outcomes of an expression; nothing where it cannot be followed."""
        if expression is None:
            return ()
        self._steps = self._steps + 1 if self._depth else 0
        if self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            return ()
        self._depth += 1
        try:
            if isinstance(expression, str):
                return self.lookup.dotted(context, expression)
            if isinstance(expression, int):
                return self._call(context, context.file.calls[expression], expression)
            return self._structure(context, expression)
        finally:
            self._depth -= 1

    def texts(self, context: Context, expression: Expression) -> list[str]:
        """The texts that it may be, with holes for what is not known; at least one."""
        return self.texts_of(self.evaluate(context, expression)) or [hole(_name_of(expression))]

    @staticmethod
    def texts_of(things: Things) -> list[str]:
        """The texts among what was found."""
        found = [text for thing in things if (text := _text_of(thing)) is not None]
        return list(dict.fromkeys(found))[:MOST_ALTERNATIVES]

    def fields(self, context: Context, expression: Expression) -> dict[str, Things] | None:
        """The properties of an object that is written out; None where it is none, or not wholly written."""
        for thing in self.evaluate(context, expression):
            if thing.kind == "map" and self._depth <= _DEEPEST:  # `form = { ...form }` is made of itself
                self._depth += 1
                try:
                    return self._fields(*thing.ref)
                finally:
                    self._depth -= 1
        return None

    def _fields(self, context: Context, expression: Expression) -> dict[str, Things] | None:
        found: dict[str, Things] = {}
        for key, value in zip(expression[1], expression[2], strict=True):
            if key is None:
                inner = self.fields(context, value)
                if inner is None:
                    return None
                found.update(inner)
            elif isinstance(key, str):
                found[key] = self.evaluate(context, value)
            else:
                return None
        return found

    def attribute(self, things: Things, name: str) -> Things:
        """The attribute of this name of each."""
        return tuple([part for thing in things for part in self.lookup.attribute(thing, name)])

    # expressions

    def _structure(self, context: Context, expression: tuple[object, ...]) -> Things:
        match expression:
            case (facts.CONSTANT, value):
                return (Thing("text" if isinstance(value, str) else "constant", value),)
            case (facts.EITHER, tuple() as outcomes):
                found = [thing for part in outcomes for thing in self._outcome_of(context, part)]
                return tuple(dict.fromkeys(found)) if _is_hashable(found) else tuple(found)
            case (facts.MAPPING, _, _):
                return (Thing("map", (context, expression)),)
            case (facts.SEQUENCE, _):
                return (Thing("list", (context, expression)),)
            case (facts.FUNCTION, index):
                return (Thing("function", (context, index)),)
            case (facts.CLASS, name):
                return (Thing("class", (context.file, name)),)
        return self._composed(context, expression)

    def _composed(self, context: Context, expression: tuple[object, ...]) -> Things:
        match expression:
            case (facts.TEXT, tuple() as parts):
                return self._joined([self.texts(context, part) for part in parts])
            case (facts.ADDITION, left, right):
                return self._joined([self.texts(context, left), self.texts(context, right)])
            case (facts.ATTRIBUTE, inner, str() as name):
                return self._attribute(self.evaluate(context, inner), name)
            case (facts.ITEM, inner, key):
                return self._item(context, inner, key)
            case (facts.SPREAD, inner):
                return self.evaluate(context, inner)
        return ()

    def _attribute(self, things: Things, name: str) -> Things:
        if name in _SAME_TEXT and (texts := tuple([thing for thing in things if thing.kind == "text"])):
            return texts
        return self.attribute(things, name)

    @staticmethod
    def _joined(parts: list[list[str]]) -> Things:
        found = [
            "".join(chosen) for chosen, _ in zip(product(*parts), range(MOST_ALTERNATIVES), strict=False)
        ]
        return tuple([Thing("text", text) for text in found])

    def _item(self, context: Context, inner: Expression, key: Expression) -> Things:
        name = facts.constant(key)
        things = self.evaluate(context, inner)
        found: list[Thing] = []
        for thing in things:
            if thing.kind == "list" and isinstance(name, int):
                items = thing.ref[1][1]
                found.extend(self.evaluate(thing.ref[0], items[name]) if name < len(items) else ())
            elif isinstance(name, str):
                found.extend(self.lookup.attribute(thing, name))
            elif thing.kind == "map":
                values = thing.ref[1][2][:MOST_ALTERNATIVES]
                found.extend(part for value in values for part in self.evaluate(thing.ref[0], value))
            elif thing.kind in ("made", "member", "parameter"):
                found.append(thing)
        return tuple(found[:MOST_ALTERNATIVES])

    # calls

    def _call(self, context: Context, call: Call, index: int) -> Things:
        if isinstance(call.callee, tuple) and call.callee[0] == facts.ATTRIBUTE:
            found = self._method(context, call, call.callee)
            if found:
                return found
        elif isinstance(call.callee, str) and "." in call.callee:
            base, _, name = call.callee.rpartition(".")
            if name in ("replace", "replaceAll", "concat", "join", *_SAME_TEXT):
                found = self._method(context, call, (facts.ATTRIBUTE, base, name))
                if found:
                    return found
        things: list[Thing] = []
        for callee in self.evaluate(context, call.callee):
            things.extend(self._outcome(context, call, index, callee))
        return tuple(things[:MOST_ALTERNATIVES])

    def _outcome(self, context: Context, call: Call, index: int, callee: Thing) -> Iterator[Thing]:
        if callee.kind == "function":
            yield from self.returned(self.enter(callee, context, call))
        elif callee.kind == "class" and call.is_new:
            yield Thing("instance", (*callee.ref, context, index))
        elif callee.kind == "library":
            yield from self._library(context, call, index, callee.ref)
        elif callee.kind in ("member", "made"):
            name = callee.ref[1] if callee.kind == "member" else callee.ref[2]
            owner = callee.ref[0] if callee.kind == "member" else callee
            symbol = (
                f"{owner.ref[2]}.{name}" if owner.kind == "made" and callee.kind == "member" else str(name)
            )
            yield Thing("made", (context, index, symbol))

    def _library(self, context: Context, call: Call, index: int, symbol: str) -> Iterator[Thing]:
        if symbol in _TRANSPARENT or symbol.rpartition(".")[2] in _TRANSPARENT:
            for thing in self.evaluate(context, call.arguments[0] if call.arguments else None):
                if thing.kind == "function":  # computed(() => …)
                    yield from self.returned(self.enter(thing, context, call._replace(arguments=())))
                    yield thing
                else:
                    yield thing
        elif symbol == "URL" and call.arguments:
            yield from self._address(context, call)
        elif symbol.endswith("URLSearchParams"):
            yield Thing("text", hole("query"))
        else:
            yield Thing("made", (context, index, symbol))

    def _address(self, context: Context, call: Call) -> Iterator[Thing]:
        """`new URL(path, base)`."""
        bases = self.texts(context, call.arguments[1]) if len(call.arguments) > 1 else [""]
        for path in self.texts(context, call.arguments[0]):
            for base in bases:
                if not base or "://" in path:
                    yield Thing("text", path)
                elif path.startswith("/") and "://" in base:
                    scheme, _, rest = base.partition("://")
                    yield Thing("text", f"{scheme}://{rest.partition('/')[0]}{path}")
                else:
                    yield Thing("text", base.rstrip("/") + "/" + path.lstrip("/"))

    def _method(self, context: Context, call: Call, callee: tuple[object, ...]) -> Things:
        """Methods of texts, and `[…].join("/")`."""
        name, owners = callee[2], self.evaluate(context, callee[1])
        if name == "join":
            return self._listed(call, owners)
        found = [text for thing in owners if (text := _text_of(thing)) is not None and thing.kind == "text"]
        if not found:
            return ()
        if name == "concat":
            parts = [found, *(self.texts(context, part) for part in call.arguments)]
            return self._joined(parts)
        if name in ("replace", "replaceAll") and len(call.arguments) > 1:
            return tuple([Thing("text", text) for text in self._replaced(context, call, found)])
        return tuple([Thing("text", text) for text in found])

    def _replaced(self, context: Context, call: Call, found: list[str]) -> list[str]:
        """What a pattern that is not written here replaces may be anything; one that is trims a slash, mostly."""
        sought = self.evaluate(context, call.arguments[0])
        if any(thing.kind in ("made", "parameter", "member") for thing in sought):
            return [hole("replaced")]
        old = next((thing.ref for thing in sought if thing.kind == "text" and thing.ref), "")
        new = self.texts(context, call.arguments[1])[0] if old else ""
        return [text.replace(old, new) for text in found] if old else found

    def _listed(self, call: Call, owners: Things) -> Things:
        separator = facts.constant(call.arguments[0]) if call.arguments else ","
        for thing in owners:
            if thing.kind == "list" and isinstance(separator, str):
                parts = [self.texts(thing.ref[0], part)[0] for part in thing.ref[1][1]]
                return (Thing("text", separator.join(parts)),)
        return ()

    # functions

    def enter(self, function: Thing, context: Context, call: Call) -> Context:
        """The run of a function that a call starts."""
        home, index = function.ref
        frame = dict(home.frame)
        record = home.file.functions[index]
        for position, parameter in enumerate(record.parameters):
            given = call.arguments[position] if position < len(call.arguments) else None
            if parameter.is_rest or (isinstance(given, tuple) and given[0] == facts.SPREAD):
                break
            things = self.evaluate(context, given)
            if given is None:
                things = self.evaluate(home._replace(function=index), parameter.default) or (
                    Thing("constant", None),
                )
            if parameter.name:
                frame[home.file.path, index, parameter.name] = things or _unknown(given)
            for key, local in parameter.parts:
                value = things if key == "*" else self.attribute(things, key)
                frame[home.file.path, index, local] = value or _unknown(local)
        return Context(home.file, index, tuple(frame.items()))

    def returned(self, run: Context) -> Things:
        """What a function returns."""
        values = run.file.functions[run.function].returns[:MOST_ALTERNATIVES]
        if len(values) == 1:
            return self.evaluate(run, values[0])
        found = [thing for value in values for thing in self._outcome_of(run, value)]
        return tuple(found[:MOST_ALTERNATIVES])

    def _outcome_of(self, context: Context, value: Expression) -> Things:
        """One of several; what cannot be followed is not forgotten."""
        return self.evaluate(context, value) or _unknown(value)


def _unknown(expression: Expression) -> Things:
    return (Thing("text", hole(_name_of(expression))),)


def _text_of(thing: Thing) -> str | None:
    if thing.kind == "text":
        return str(thing.ref)
    if thing.kind == "constant":
        return (
            None
            if thing.ref is None
            else str(thing.ref).lower()
            if isinstance(thing.ref, bool)
            else str(thing.ref)
        )
    if thing.kind == "parameter":
        return hole("|".join(("parameter", *map(str, thing.ref))))
    if thing.kind == "library":
        return hole(thing.ref)
    return hole(thing.ref[1]) if thing.kind == "member" else None


def _name_of(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    return facts.last_name(expression) or "?"


def _is_hashable(things: list[Thing]) -> bool:
    return all(thing.kind in ("text", "constant", "library") for thing in things)
