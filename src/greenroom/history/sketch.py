"""A function as what is compared: its words, and what of the project it touches."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain

from greenroom.history.definitions import Definition, definitions, of_tests
from greenroom.history.outline import Passage, passage
from greenroom.history.words import plainly

_WORD = re.compile(r"\w+|[^\w\s,()'\"]")
"""Without what a formatter adds and takes away: commas, parentheses, kinds of quotes."""
_COMMENT = re.compile(r"#(?<!\S#).*")
"""Of what stands before it only afterwards: what begins with one certain sign is found ten times as fast."""
_RUN = 3
"""Words in a row that make a shingle: long enough to be rare, short enough to survive small edits."""
_CASES = frozenset({"parametrize", "parameterized", "subTest", "subtests"})
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_RUNS = re.compile(r"[\w.]+")
_BETWEEN_RUNS = {code: " " for code in range(128) if not _RUNS.match(chr(code))}
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_TEXT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_METHOD = re.compile(r"(?<!\bself)(?<!\bcls)\.([A-Za-z]\w{7,})\(")
_CHECK = re.compile(
    r"\bassert\b|\.assert\w+\(|\.(?:raises|warns|assert_\w+|to_be_\w+|to_have_\w+|should_\w+)\(|^[ \t]*(?:assert_\w+|expect)\(",
    re.MULTILINE,
)
_LONG = re.compile(r"[a-z]_[a-z]|[a-z][A-Z]")
"""Of several words: nobody else's by chance."""
_TOOLS = sys.stdlib_module_names | {
    "pytest",
    "mock",
    "freezegun",
    "hypothesis",
    "numpy",
    "pandas",
    "django",
    "flask",
}
LONGEST = 120
"""Characters of a text in quotes that is looked for elsewhere."""
_QUOTED = re.compile(rf"(\"|')([^\"'\n\\{{}}]{{8,{LONGEST}}})\1")
_URL_NAME = re.compile(r"\b(?:reverse|reverse_lazy|resolve_url|url_for)\(\s*[\"']([\w:.-]+)[\"']")
_URL_FUNCTIONS = ("reverse", "resolve_url", "url_for")
_GENERATED = ("-list", "-detail")
"""Endings of the names that a router gives."""
_IMPORT = re.compile(r"\n[ \t]*import[ \t]+([^\n#;]+)")
_FROM = re.compile(r"\n[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(?:\(([^)]*)\)|((?:[^\n#\\]|\\\n)+))")
_ROUTE = re.compile(
    r"\.(get|post|put|patch|delete|options|head|websocket_connect|fetch)\(\s*[rbf]*([\"'])(/[^\"'\n]+)\2"
)
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|(?<=/)\d+(?=/|$)|(?<=/)[0-9a-f-]{24,}(?=/|$)")
_TARGET = re.compile(r"([\"'])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,7})\1")
"""`patch("app.mail.send")`: whether it names something of the project is decided by who asks."""
_RAISES = re.compile(r"\b(?:raises|assertRaises\w*)\(\s*(?:[\w]+\.)*(\w+)")
_STATUS = re.compile(r"status\w*\s*(?:==|,|!=)\s*(\d{3})\b|\b(\d{3})\s*==\s*[\w.]*status")
_LONG_WORD = 4
_EMPTY = frozenset({"pass", "."})
_BETWEEN = [code for code in range(0x3001) if chr(code).isspace() or chr(code) in ",()'\""]
_NOTHING = dict.fromkeys(_BETWEEN)
_BETWEEN_WORDS = dict.fromkeys(_BETWEEN, " ")
_SIGNS = [
    sign for sign in map(chr, range(128)) if _WORD.fullmatch(sign) and not sign.isalnum() and sign != "_"
]


class Sketch:
    """One function or class of a test file; nothing of its text is looked at before somebody asks."""

    def __init__(self, path: str, definition: Definition, file: "TestFile") -> None:
        self.path = path
        self.definition = definition
        self.file = file
        self.symbol = definition.symbol
        self.name = definition.name
        self.line = definition.line
        self.is_test = definition.is_test

    @cached_property
    def passage(self) -> Passage:
        return passage(self.file.text, self.definition)

    @cached_property
    def touches(self) -> frozenset[str]:
        """Dotted names that it imports from elsewhere, and routes, `POST /login`; also through helpers of its file."""
        return self.file.touched_by(self, {self.name})

    @cached_property
    def touches_itself(self) -> frozenset[str]:
        """The same without what its helpers touch."""
        return self.file.directly(self)

    @cached_property
    def methods(self) -> frozenset[str]:
        """Long names that it calls on objects."""
        return frozenset(
            name for name in _METHOD.findall(_TEXT.sub("", self.passage.body)) if _LONG.search(name)
        )

    @cached_property
    def about(self) -> frozenset[str]:
        """What it touches itself, the standard library and the tools of tests left out."""
        return frozenset(touch for touch in self.touches_itself if touch.partition(".")[0] not in _TOOLS)

    @cached_property
    def routes(self) -> frozenset[str]:
        """What it requests itself."""
        return frozenset(_routes(self.passage.text))

    @cached_property
    def texts(self) -> frozenset[str]:
        """What stands in quotes in its body, where it is long enough to be known again."""
        return frozenset(found for _, found in _QUOTED.findall(self.passage.body))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Of the decorators, the parameters and the body, without comments and docstring."""
        decorators, signature, body = self._parts
        at = signature.index(self.name)
        return (*decorators, *signature[: max(0, at - 1)], *signature[at + 1 :], *body)

    @cached_property
    def _parts(self) -> list[list[str]]:
        """The words of the decorators, of the signature and of the body."""
        one, code = self.passage, self.file.code
        if code is None:
            return [_words(part) for part in (one.decorators, one.signature, one.body)]
        return _split([code[span] for span in one.spans], self.file.signs)

    @property
    def plain_body(self) -> str:
        """Its body without all that stands between words: bodies of the same words have the same."""
        return _uncommented(self.passage.body).translate(_NOTHING)

    @cached_property
    def shingles(self) -> Counter[tuple[str, ...]]:
        """Words in a row, with how often they occur."""
        return Counter(self._runs())

    @cached_property
    def kinds(self) -> AbstractSet[tuple[str, ...]]:
        """The same without how often."""
        return frozenset(self.shingles)

    def among(self, wanted: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
        """Of these shingles, those that it has; its own are not kept, as most are asked for once."""
        return wanted.intersection(self._runs())

    def _runs(self) -> Iterable[tuple[str, ...]]:
        words = self.words
        return zip(*(words[at:] for at in range(_RUN)), strict=False) if len(words) >= _RUN else [words]

    @cached_property
    def repeated(self) -> dict[tuple[str, ...], int]:
        """Of the shingles, those that occur more than once."""
        if len(self.shingles) == self.size:
            return {}
        return {shingle: times for shingle, times in self.shingles.items() if times > 1}

    @cached_property
    def size(self) -> int:
        """In shingles."""
        return max(1, len(self.words) - _RUN + 1)

    @cached_property
    def has_cases(self) -> bool:
        """Whether one function is several tests: parametrised, or with sub-tests."""
        return not _CASES.isdisjoint(self.words)

    @cached_property
    def checks(self) -> frozenset[str]:
        """What it expects: `raises ValueError`, `status 404`."""
        text = self.passage.text
        found = {f"raises {name}" for name in _RAISES.findall(text)}
        return frozenset(found | {f"status {one or other}" for one, other in _STATUS.findall(text)})

    @cached_property
    def assertions(self) -> int:
        """How many checks it spells: `assert`, `self.assertEqual(…)`, `pytest.raises(…)`."""
        return len(_CHECK.findall(_TEXT.sub("", _uncommented(self.passage.body))))

    @cached_property
    def calls(self) -> frozenset[str]:
        """The names in its code, those in quotes left out."""
        return frozenset(_IDENTIFIER.findall(_TEXT.sub("", _uncommented(self.passage.text))))

    def needs(self, name: str) -> bool:
        """Whether it takes a parameter of that name or calls it, and its file defines no such function anywhere."""
        used = name in _IDENTIFIER.findall(self.passage.signature) or f"{name}(" in self.passage.body
        return used and not self.file.spells(f"def {name}(")

    @cached_property
    def own_words(self) -> frozenset[str]:
        """The words of its body that are not its parameters."""
        return self.body_words - set(self._parts[1])

    @cached_property
    def telling_words(self) -> frozenset[str]:
        """Of its own words, those that are nobody else's by chance."""
        return frozenset(
            word
            for word in self.own_words
            if len(word) >= _LONG_WORD and not word[0].isdigit() and not (word.isalpha() and word.islower())
        )

    @cached_property
    def body_words(self) -> frozenset[str]:
        """Without those of decorators and parameters."""
        return frozenset(self._parts[2])

    @cached_property
    def does_nothing(self) -> bool:
        """Its body is `pass`, `...` or a docstring."""
        return self.body_words <= _EMPTY

    @property
    def is_valid(self) -> bool:
        """Whether it is Python, and not only looks like it."""
        # An indented line needs a block around it.
        return (
            _parses(f"if 1:\n{self.passage.text}" if self.definition.indent else self.passage.text)
            or self.file.is_valid
        )


def _words(text: str) -> list[str]:
    return _WORD.findall(_uncommented(text))


def _uncommented(text: str) -> str:
    return _COMMENT.sub("", text) if "#" in text else text


class TestFile:
    """One version of a file: its functions, its imports, and what its functions touch."""

    __test__ = False

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.defined = list(definitions(text))
        self.functions = [Sketch(path, one, self) for one in self.defined if not one.is_inner]
        self._seen: dict[Sketch, tuple[frozenset[str], frozenset[str]]] = {}

    @cached_property
    def sketches(self) -> dict[str, Sketch]:
        """Its tests and helpers by qualified name; of several of one name, the last."""
        wanted = {one.start for one in of_tests(self.defined)}
        return {one.symbol: one for one in self.functions if one.definition.start in wanted}

    @cached_property
    def is_valid(self) -> bool:
        """Whether it parses."""
        return _parses(self.text)

    def spells(self, code: str) -> bool:
        """Whether it stands anywhere in the file: a function may be inside another."""
        return code in self.text

    @cached_property
    def imported(self) -> frozenset[str]:
        """The first names of the modules that it imports."""
        return frozenset(origin.partition(".")[0] for origin in self.imports.values())

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local names and what they stand for."""
        return dict(_imports(self.text, self.path.split("/")[:-1]))

    @cached_property
    def own(self) -> dict[str, Sketch]:
        """Its functions by bare name."""
        return {one.name: one for one in self.functions}

    def touched_by(self, sketch: Sketch, entered: set[str]) -> frozenset[str]:
        """What it touches itself, and through what it names of this file.

        Args:
            sketch: of this file.
            entered: names that need no second look; grows.
        """
        touches = self.directly(sketch)
        for name in self.calls(sketch) - entered:
            entered.add(name)
            touches |= self.touched_by(self.own[name], entered)
        return touches

    def directly(self, sketch: Sketch) -> frozenset[str]:
        """What the lines of a function of this file touch."""
        return self._look(sketch)[0]

    def calls(self, sketch: Sketch) -> frozenset[str]:
        """Other functions of the file that one of its functions names in its code."""
        likely = self._look(sketch)[1]
        return sketch.calls & likely if likely else likely

    def _look(self, sketch: Sketch) -> tuple[frozenset[str], frozenset[str]]:
        """What a function touches, and the names of others that stand in its text."""
        found = self._seen.get(sketch)
        if found is None:
            runs = self._runs(sketch)
            dotted = [run for run in runs if "." in run]
            touched = frozenset(_touched(sketch.passage.text, runs, dotted, self.imports))
            words = runs.union(".".join(dotted).split("."))
            found = self._seen[sketch] = touched, frozenset(self.own.keys() & words - {sketch.name})
        return found

    def _runs(self, sketch: Sketch) -> set[str]:
        """Letters, digits, underscores and dots in a row."""
        if self._spaced is None:
            return set(_RUNS.findall(sketch.passage.text))
        return {run for span in sketch.passage.spans for run in self._spaced[span].split()}

    @cached_property
    def _spaced(self) -> str | None:
        """Its text with nothing between its runs; None where only a search finds them."""
        return self._plain and self._plain.translate(_BETWEEN_RUNS)

    @cached_property
    def code(self) -> str | None:
        """Its text without comments and without what formatters add; None where only a search finds its words."""
        return self._plain and _COMMENT.sub(_blank, self._plain).translate(_BETWEEN_WORDS)

    @cached_property
    def signs(self) -> list[str]:
        """What stands in its code that is a word by itself."""
        return [sign for sign in _SIGNS if sign in (self.code or "")]

    @cached_property
    def _plain(self) -> str | None:
        return plainly(self.text)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _split(several: Iterable[str], signs: Iterable[str]) -> list[list[str]]:
    """The words of each, as `_WORD` finds them; there is no line break in any."""
    code = "\n".join(several)
    for sign in signs:
        if sign in code:
            code = code.replace(sign, f" {sign} ")
    return [part.split() for part in code.split("\n")]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _touched(
    text: str, runs: AbstractSet[str], dotted: Iterable[str], imports: Mapping[str, str]
) -> Iterator[str]:
    imported = [run for run in dotted if run.partition(".")[0] in imports]
    for found in filter(None, map(_DOTTED.match, chain(imports.keys() & runs, imported))):
        head, _, rest = found[0].partition(".")
        yield f"{imports[head]}.{rest}".rstrip(".")
    yield from _routes(text)
    for _, target in _TARGET.findall(text):
        yield target


def _routes(text: str) -> Iterator[str]:
    for method, _, path in _ROUTE.findall(text):
        clean = _PARAMETER.sub("{}", path.partition("?")[0]).rstrip("/")
        if clean:
            yield f"{method.upper()} {clean}"
    for name in _URL_NAME.findall(text) if any(word in text for word in _URL_FUNCTIONS) else ():
        last = name.rpartition(":")[2].rpartition(".")[2]
        if not last.endswith(_GENERATED) and not name.startswith("admin:"):
            yield f"URL /{last}"


def _imports(text: str, folders: list[str]) -> Iterator[tuple[str, str]]:
    """Local name and what it stands for."""
    text = f"\n{text}"
    for names in _IMPORT.findall(text):
        for part in names.split(","):
            module, _, alias = part.strip().partition(" as ")
            if module:
                yield (alias.strip(), module.strip()) if alias else (module.partition(".")[0],) * 2
    for dots, module, several, line in _FROM.findall(text):
        around = folders[: len(folders) - len(dots) + 1] if dots else []
        origin = ".".join([*around, *filter(None, [module])])
        for part in _COMMENT.sub("", several or line).replace("\\\n", " ").split(","):
            name, _, alias = part.strip().partition(" as ")
            if name.strip():
                yield alias.strip() or name.strip(), f"{origin}.{name.strip()}".lstrip(".")
