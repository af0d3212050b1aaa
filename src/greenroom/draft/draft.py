"""From a template and a project to a file that pytest collects."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from greenroom.draft.file import (
    Part,
    file_of,
    fixture_text,
    part_of,
    test_name,
    unwritten_fixture,
    wanted_by,
    with_first_lines,
)
from greenroom.draft.placeholders import Placeholders
from greenroom.draft.requests import todo
from greenroom.draft.way_in import WayIn, find_way_in
from greenroom.model.draft import Draft, Missed, Template
from greenroom.project.project import Project

_CLIENT: Final = "client"
_OUTSIDE: Final = frozenset({"down", "silent_server", "failing_server", "dropping_server"})
"""Fixtures that put something else in the place of the other side."""
_OF_APPLICATION: Final = frozenset({"client", "stranger", "longest_stall"})
_FALLBACK: Final = Template(
    text="def test_SUBJECT_is_noticed(client):\n    REQUEST\n\n    NOTICED_BY\n", operators=("any",)
)
_SPELLINGS: Final = {
    "django": ((r"\.text\b", ".content.decode()"),),
    "flask": ((r"\.json\(\)", ".get_json()"),),
}
"""Of what templates ask an answer for, by framework."""
_USUAL_FOLDER: Final = "tests"


def draft_test(project: Project, missed: Missed, file: str = "") -> Draft:
    """Write the test that would have noticed.

    Args:
        project: Whose application, routes, requests and fixtures it names.
        missed: What it shall notice.
        file: Where it is to stand, relative to the project's root; empty: beside the tests that go there already.
    """
    way = find_way_in(project, missed.place) if missed.place is not None else None
    target = file or _file_for(project, missed, way)
    return _Drafting(project, missed, way, target).draft()


class _Drafting:
    """One draft."""

    def __init__(self, project: Project, missed: Missed, way: WayIn | None, file: str) -> None:
        self._project = project
        self._missed = missed
        self._way = way
        self._file = file
        self._framework = way.route.framework if way else ""
        self._client = self._own_client()
        self._words = Placeholders(project, missed, way, self._client)

    def draft(self) -> Draft:
        """The file, and what it lacks."""
        template = self._template()
        code = template.text.replace("SUBJECT", _identifier(self._missed.name))
        code = re.sub(rf"\b{_CLIENT}\b", self._client, code) if template.operators else code
        code = self._spelled(self._words.fill(code))
        if not template.operators:
            hint = "fit names and paths to this project, then take this line away"
            code = with_first_lines(code, [todo(hint)])
        parts = [part_of(self._spelled(text)) for text in self._fixtures(code)]
        if any("todo(" in part.code for part in (*parts, part_of(code))):
            parts.insert(0, part_of(fixture_text("todo", "")))
        parts.append(part_of(code))
        name = test_name(code)
        return Draft(
            text=file_of(self._docstring(name), parts), file=self._file, test=name,
            incident=self._missed.incident, missing=tuple(dict.fromkeys(_missing(parts))),
        )  # fmt: skip

    def _template(self) -> Template:
        """The first of which nothing has to be written; else the last."""
        templates = self._missed.templates or (_FALLBACK,)
        fit = (each for each in templates if all(map(self._is_had, wanted_by(each.text))))
        return next(fit, templates[-1])

    def _is_had(self, fixture: str) -> bool:
        return fixture not in _OUTSIDE or self._words.has_other_side(fixture)

    def _own_client(self) -> str:
        """The fixture with which the suite makes the request, where a new file can use it; else one of our own."""
        known = self._way.known if self._way else None
        if known is None or known.is_awaited:
            return _CLIENT
        module = self._project.modules[known.test_file]
        fixture = self._project.suite.fixtures.find(known.receiver, module, None)
        is_shared = fixture is not None and fixture.scope.module is not module
        return known.receiver if is_shared else _CLIENT

    def _fixtures(self, code: str) -> Iterator[str]:
        """Those that the test asks for and nobody has yet, each after what it needs itself."""
        done: set[str] = set()
        for name in wanted_by(code):
            yield from self._with_needs(name, done)

    def _with_needs(self, name: str, done: set[str]) -> Iterator[str]:
        if name in done or (name not in _OF_APPLICATION | _OUTSIDE and self._has(name)):
            return
        done.add(name)
        if name == self._client and self._has(name):
            return
        text = self._text_of(name)
        for needed in wanted_by(text):
            yield from self._with_needs(needed, done)
        yield text

    def _has(self, name: str) -> bool:
        """Whether the project gives a test in this file a fixture of that name."""
        known = self._way.known if self._way else None
        modules = [self._project.modules[known.test_file]] if known else []
        return any(
            fixture is not None and fixture.scope.module is not module
            for module in modules
            for fixture in [self._project.suite.fixtures.find(name, module, None)]
        )

    def _text_of(self, name: str) -> str:
        place = self._missed.place
        where = f"{place.path}:{place.line}" if place else ""
        if not self._is_had(name):
            asked = f"what {where} asks" if where else "the other side"
            why = "; it asks nothing over a socket of Python" if where else ""
            return unwritten_fixture(name, f"make {asked} fail as `{name}` says{why}")
        text = fixture_text(name, self._framework)
        if name in _OF_APPLICATION and (not text or "APP_MODULE" in text) and not self._words.has_application:
            runs = f" in which {where} runs" if where else ""
            return unwritten_fixture(name, f"a client of the application{runs}")
        return self._words.fill(text) if text else unwritten_fixture(name, f"the fixture `{name}`")

    def _spelled(self, code: str) -> str:
        for asked, spelled in _SPELLINGS.get(self._framework, ()):
            code = re.sub(rf"(?<=answer){asked}|(?<=\)){asked}", spelled, code)
        return code

    def _docstring(self, name: str) -> str:
        missed = self._missed
        where = f" at {missed.place.path}:{missed.place.line}" if missed.place else ""
        note = f": {missed.note}" if missed.note else ""
        check = f"greenroom prove --test {self._file}::{name} --incident {missed.incident}"
        return (
            f"Notices {missed.incident} {missed.name}{where}{note}.\n\nCheck that it does: {check}\n".replace(
                "\\", "\\\\"
            )
        )


def _missing(parts: list[Part]) -> Iterator[str]:
    """What is said to be missing in the code."""
    for part in parts:
        for node in ast.walk(ast.parse(part.code)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "todo":
                yield str(ast.literal_eval(node.args[0]))


def _file_for(project: Project, missed: Missed, way: WayIn | None) -> str:
    """Beside the test that makes the request already; or where most tests are."""
    folders = [test.path.rpartition("/")[0] for test in project.suite.tests]
    usual = max(sorted(set(folders)), key=folders.count, default=_USUAL_FOLDER)
    folder = way.known.test_file.rpartition("/")[0] if way and way.known else usual
    symbol = missed.place.symbol.rpartition(".")[2] if missed.place else ""
    name = "_".join(["test", _identifier(missed.name), *([_identifier(symbol)] if symbol else [])])
    return f"{folder}/{name}.py" if folder else f"{name}.py"


def _identifier(text: str) -> str:
    return re.sub(r"\W+", "_", text).strip("_").lower()
