"""What stands in place of the words in capitals: read from the project, or a `todo(…)` that says what is missing."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from greenroom.draft import requests
from greenroom.draft.crossing import asked_from, hosts_of, tried_at
from greenroom.draft.requests import todo
from greenroom.draft.way_in import WayIn, application_of, tree_of
from greenroom.model.draft import Missed
from greenroom.model.place import Place
from greenroom.project.project import Project

_STATUS: Final = re.compile(r"\b[45]\d\d\b")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_TEXT: Final = re.compile(r"""(["'])(?P<text>(?:(?!\1)[^\\]|\\.)*)\1""")
_BOUND: Final = re.compile(r"\b(?P<kind>ge|gt|le|lt|min_length|max_length)=(?P<number>-?\d+)$")
_USUAL_PATIENCE: Final = 30
_REFUSALS: Final = {"asgi": "(401, 403)", "aiohttp": "(401, 403)"}
_REFUSALS_WITH_PAGES: Final = "(302, 401, 403)"
"""Where a page for logging in may be shown."""
_WORD: Final = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
WORDS: Final = frozenset(
    {"REQUEST", "REFUSED_REQUEST", "REQUEST_OF_A_STRANGER", "METHOD", "PATH", "READ_BACK", "STATUS", "REFUSALS", "FIELD",
     "HEADER", "LAST_EVENT", "SECONDS", "OTHER_SIDE", "NOTICED_BY", "APP_MODULE", "APP_NAME", "APPLICATION", "MODULE",
     "VALUE", "VARIABLE", "DEFAULT"}
)  # fmt: skip
"""Those that a template or a fixture may use."""


class Placeholders:
    """The words that a template may use."""

    def __init__(self, project: Project, missed: Missed, way: WayIn | None, client: str) -> None:
        self._project = project
        self._missed = missed
        self._way = way
        self._client = client
        self._known: Mapping[str, Callable[[], str]] = {
            "REQUEST": self._request,
            "REFUSED_REQUEST": self._refused_request,
            "REQUEST_OF_A_STRANGER": self._request_of_a_stranger,
            "METHOD": lambda: self._of_way(lambda way: repr(requests.method_of(way)).replace("'", '"')),
            "PATH": lambda: self._of_way(lambda way: f'"{requests.plain_path(way)}"'),
            "READ_BACK": self._read_back,
            "STATUS": self._status,
            "REFUSALS": self._refusals,
            "FIELD": lambda: self._literal("the name of the field"),
            "HEADER": lambda: self._literal("the name of the header"),
            "LAST_EVENT": self._last_event,
            "SECONDS": self._seconds,
            "OTHER_SIDE": lambda: repr(hosts_of(asked_from(self._project, self._place))).replace("'", '"'),
            "NOTICED_BY": lambda: todo(self._missed.noticed_by),
            "APP_MODULE": lambda: self._application()[0],
            "APP_NAME": lambda: self._application()[1],
            "APPLICATION": lambda: self._application()[2],
            "MODULE": self._module,
            "VALUE": lambda: self._setting()[0],
            "VARIABLE": lambda: self._setting()[1],
            "DEFAULT": lambda: self._setting()[2],
        }  # fmt: skip

    def fill(self, text: str) -> str:
        """A template with all words filled in; words that nobody knows stay."""
        return _WORD.sub(lambda found: self._known[found[0]]() if found[0] in self._known else found[0], text)

    @property
    def _place(self) -> Place:
        return self._missed.place or Place(path="", line=1)

    def _of_way(self, told: Callable[[WayIn], str]) -> str:
        if self._way is None:
            return todo(f"the request, call or message that leads to {self._where()}")
        return told(self._way)

    def _where(self) -> str:
        place = self._missed.place
        return f"{place.path}:{place.line}" if place else f"{self._missed.incident} {self._missed.name}"

    # Requests

    def _request(self) -> str:
        return self._of_way(lambda way: requests.request(way, self._client))

    def _request_of_a_stranger(self) -> str:
        return self._of_way(requests.request_of_a_stranger)

    def _refused_request(self) -> str:
        """One that breaks the rule which the failure takes away."""
        way, fault = self._way, self._fault()
        if (
            way is not None
            and fault is not None
            and way.known
            and isinstance(way.known.arguments.get("json"), dict)
        ):
            return requests.request(way, self._client, fault=fault)
        if way is not None and self._status() == "404":
            return requests.request_of_nothing(way, self._client)
        if (
            way is not None
            and self._status() in ("401", "403")
            and way.known
            and "headers" in way.known.arguments
        ):
            return requests.request(way, self._client, without=("headers",))
        rule = " ".join((self._missed.removed or self._missed.note or self._missed.name).split())
        return todo(f"a request that must be refused: `{rule}` at {self._where()}")

    def _fault(self) -> tuple[str, object] | None:
        """A field of a model, and a value beyond the bound that is lost."""
        bound = _BOUND.search(self._missed.removed.strip().strip(","))
        field = next(
            (node.target.id for node in ast.walk(tree_of(self._project, self._place.path))
             if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
             and node.lineno <= self._place.line <= (node.end_lineno or node.lineno)), "",
        )  # fmt: skip
        if bound is None or not field:
            return None
        number = int(bound["number"])
        beyond: dict[str, object] = {
            "ge": number - 1, "gt": number, "le": number + 1, "lt": number,
            "min_length": "x" * max(number - 1, 0), "max_length": "x" * (number + 1),
        }  # fmt: skip
        return field, beyond[bound["kind"]]

    def _read_back(self) -> str:
        """Reads what a request has written, in a request of its own."""
        way = self._way
        if way is None:
            return todo("what was written, read through another connection than the one that wrote it")
        for route in self._project.routes:
            if (
                route.path == way.route.path
                and route.method == "GET"
                and "{" not in route.path
                and "<" not in route.path
            ):
                return f'{self._client}.get("{route.path}").text'
        return todo("what was written, read through another connection than the one that wrote it")

    # What the code says at the place

    def _status(self) -> str:
        for text in (self._missed.removed, *self._bodies()):
            found = _STATUS.search(text)
            if found is not None:
                return found[0]
        if (
            _BOUND.search(self._missed.removed.strip().strip(","))
            and self._way
            and self._way.route.framework == "asgi"
        ):
            return "422"
        return todo(f"the status that users get: {self._missed.noticed_by}")

    def _bodies(self) -> Iterator[str]:
        """What the `if` or the `except` at the place does."""
        for node in ast.walk(tree_of(self._project, self._place.path)):
            if isinstance(node, ast.If | ast.ExceptHandler) and node.lineno == self._place.line:
                yield "\n".join(map(ast.unparse, node.body))

    def _refusals(self) -> str:
        return _REFUSALS.get(self._way.route.framework if self._way else "asgi", _REFUSALS_WITH_PAGES)

    def _literal(self, what: str) -> str:
        found = _TEXT.search(self._missed.removed)
        return found[0] if found else todo(f"{what} that {self._where()} gives")

    def _last_event(self) -> str:
        found = _TEXT.search(self._missed.removed)
        if found is None or "+" in self._missed.removed or "{" in found["text"]:
            return todo(f"how the last event of the stream at {self._where()} reads")
        return f"{found[0]}.strip()"

    def _seconds(self) -> str:
        """Longer than the limit that is lost, and shorter than the one that stands there instead."""
        number = _NUMBER.fullmatch(self._missed.removed.strip().rpartition("=")[2].strip())
        return f"{2 * float(number[0]) + 2:g}" if number else str(_USUAL_PATIENCE)

    # The application

    def _application(self) -> tuple[str, str, str]:
        found = application_of(self._project, self._way.route) if self._way else None
        if found is None:
            return "", "", ""
        module, name, factory = found
        if factory is None:
            return module.name, name, name
        needed = [
            each.name
            for each in factory.parameters
            if each.default is None and each.kind in ("positional", "keyword")
        ]
        given = ", ".join(f"{each}={todo(f'`{each}` for {name}')}" for each in needed)
        return module.name, name, f"{name}({given})"

    @property
    def has_application(self) -> bool:
        """Whether a client can be made for it."""
        return bool(self._application()[0])

    def has_other_side(self, fixture: str) -> bool:
        """Whether something outside is asked that a test can replace by this; `down` is what a handler waits for."""
        place = self._missed.place
        if place is None or (fixture == "down" and tried_at(self._project, place) is None):
            return False
        return bool(asked_from(self._project, place))

    # Settings

    def _module(self) -> str:
        module = self._project.modules.get(self._place.path)
        return f'"{module.name}"' if module is not None else todo("the module that reads it")

    def _setting(self) -> tuple[str, str, str]:
        """An expression that gives its value as text, the variable, and the default as text."""
        for node in tree_of(self._project, self._place.path).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= self._place.line <= (
                node.end_lineno or 0
            ):
                read = _read_of(node.value)
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if read is not None and isinstance(target, ast.Name):
                    return f'"module.{target.id}"', f'"{read[0]}"', f'"{read[1]}"'
        what = todo(f"an expression for what {self._where()} sets, with `module` for its module")
        return what, todo("the variable"), todo("the value that it has where nobody sets the variable")


def _read_of(value: ast.expr | None) -> tuple[str, str] | None:
    """Variable and default of `os.environ.get("X", "5")`, also inside `int(…)`; None for whatever is more than that."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("int", "str"):
        return _read_of(value.args[0]) if len(value.args) == 1 else None
    if not (
        isinstance(value, ast.Call)
        and ast.unparse(value.func) in ("os.environ.get", "os.getenv", "getenv", "environ.get")
    ):
        return None
    given = [
        each.value for each in value.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return (given[0], given[1]) if len(given) == 2 == len(value.args) else None
