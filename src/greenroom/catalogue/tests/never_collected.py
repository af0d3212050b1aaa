"""TST005: looks like a test, and no documented command ever runs it."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from greenroom.catalogue.startup.python_two import PythonTwo
from greenroom.catalogue.tests.known_runs import is_of_a_runner
from greenroom.catalogue.tests.told_in_documents import ToldInDocuments
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.testing.items import Hidden, Item

_TOGETHER = ("outside", "file-name", "broken", "basename", "deselected", "marker")
"""Of these, all tests of a file have one cause."""
_BY_CONFIGURATION = ("outside", "file-name", "class-name", "function-name", "marker")
"""Of these, a runner that is meant to come, and its settings, say whether it takes them."""
_FOUND_BY_PATH = ("outside", "file-name")
"""Of these, a command that names the path runs them all the same."""
_BY_DEFAULT = "does not match test_*.py *_test.py"
_OF_A_CLASS = ("class-twin", "constructor", "class-name")
"""Of these, all tests of a class have one cause."""
_SEVERE = ("duplicate", "class-twin", "broken", "constructor")
_RUNNER_OF_DJANGO = b"django.test.runner.DiscoverRunner"
_TOLD_ELSEWHERE = ("switched-off",)
_PUT_ASIDE = re.compile(
    r"(?:^|_)(?:disabled?|deprecated|obsolete|unused|broken|wip|skip(?:ped)?|manual|draft|(?:no|not|dont)_?tests?"
    r"|\w*in_?prog(?:ress)?)(?:_|\.py$)"
)
"""By its name, a file that its authors switched off."""


def detect_tests_never_collected(project: Project) -> Iterator[Sighting]:
    """One sighting per cause: a definition, a class, a file, a folder."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    reached = {
        folder
        for item in project.suite.items
        if item.hidden is None
        for folder in _upward(posixpath.dirname(item.module.path))
    }
    for item in project.suite.items:
        if item.hidden is not None and item.hidden.kind not in _TOLD_ELSEWHERE:
            groups.setdefault(_cause(item, item.hidden, reached), []).append(item)
    told, has_a_runner = ToldInDocuments(project), cache(partial(_has_a_runner, project))
    for cause, items in groups.items():
        found = _sighting(cause, items)
        is_outside = cause[0] == "outside"
        is_told = cause[0] in _FOUND_BY_PATH and any(
            told.names(item.module.path, folders=is_outside) for item in items
        )
        is_meant = cause[0] not in _BY_CONFIGURATION or all(is_of_a_runner(project, item) for item in items)
        if (
            is_told
            or not is_meant
            or (cause[0] == "broken" and project.once(PythonTwo).is_meant)
            or (cause[0] == "file-name" and any(item.unittest for item in items) and has_a_runner())
        ):
            found = replace(found, confidence=Confidence.POSSIBLE)
        yield found


def _has_a_runner(project: Project) -> bool:
    """Whether settings of Django name a runner that is not its own: which files that one takes is not known."""
    return any(
        b"TEST_RUNNER" in module.packed_bodies and _RUNNER_OF_DJANGO not in module.packed_bodies
        for module in project.modules.values()
    )


def _upward(folder: str) -> Iterator[str]:
    """A folder and those above it; "." is the root."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield "."


def _unreached(path: str, reached: set[str]) -> str:
    """The highest folder around a file in which nothing is collected; its own where there is none."""
    folders = list(_upward(posixpath.dirname(path)))
    return next((folder for folder in reversed(folders) if folder not in reached), folders[0])


def _cause(item: Item, hidden: Hidden, reached: set[str]) -> tuple[str, ...]:
    if hidden.kind in _OF_A_CLASS:
        line = str(item.owner.line) if item.owner is not None else ""
        return hidden.kind, item.module.path, item.function.qualname.rpartition(".")[0], line
    if hidden.kind == "outside":
        return hidden.kind, _unreached(item.module.path, reached), hidden.reason
    if hidden.kind == "basename":
        return (hidden.kind,)
    if hidden.kind in _TOGETHER:
        return hidden.kind, item.module.path, hidden.reason
    return hidden.kind, item.id, str(item.function.line)


def _sighting(cause: tuple[str, ...], items: list[Item]) -> Sighting:
    first, hidden = items[0], items[0].hidden
    assert hidden is not None  # noqa: S101 - grouped by it
    sites = tuple(
        Place(path=item.function.path, line=item.function.line, symbol=item.function.qualname)
        for item in items
    )
    place = _place(first, hidden, sites[0])
    certain = all(item.hidden is not None and item.hidden.certain for item in items)
    return Sighting(
        place=place,
        message=_message(first, hidden, items),
        severity=Severity.HIGH if hidden.kind in _SEVERE else Severity.MEDIUM,
        confidence=_confidence(hidden, items, certain=certain),
        remedy=_REMEDIES.get(hidden.kind, ""),
        sites=tuple(site for site in sites if site != place),
        subject=hidden.kind,
        cause=":".join(cause),
        reach=Reach.TEST,
    )


def _place(item: Item, hidden: Hidden, site: Place) -> Place:
    if hidden.kind in _OF_A_CLASS and item.owner is not None:
        return Place(path=item.owner.path, line=item.owner.line, symbol=item.owner.qualname)
    if hidden.kind == "broken":
        return Place(path=hidden.path, line=hidden.line)
    return site


def _message(item: Item, hidden: Hidden, items: list[Item]) -> str:
    if len(items) == 1:
        what = f"`{item.function.name}` is never collected"
    elif hidden.kind in _OF_A_CLASS and item.owner is not None:
        what = f"the {len(items)} tests of `{item.owner.name}` are never collected"
    elif hidden.kind == "outside":
        folders = [posixpath.dirname(part.module.path) or "." for part in items]
        what = f"{len(items)} tests in {posixpath.commonpath(folders) or '.'} are never collected"
    elif hidden.kind == "basename" and len({item.module for item in items}) > 1:
        files = len({item.module for item in items})
        return f"{len(items)} tests in {files} files are never collected: among others, {hidden.reason}"
    else:
        what = f"{len(items)} tests of {item.module.path} are never collected"
    return f"{what}: {hidden.reason}"


def _confidence(hidden: Hidden, items: list[Item], *, certain: bool) -> Confidence:
    if hidden.kind in ("nested", *_SEVERE):
        return Confidence.DEFINITE if certain else Confidence.POSSIBLE  # what checks nothing is no loss
    if hidden.kind in ("basename", "deselected"):
        return (
            Confidence.POSSIBLE
        )  # a pipeline that stops is noticed, and another command may select the rest
    if _is_for_another_runner(hidden, items):
        return Confidence.POSSIBLE
    if hidden.kind == "file-name" and _is_left_out_knowingly(hidden, items):
        return Confidence.POSSIBLE
    if hidden.kind == "function-name":
        return Confidence.PROBABLE
    return Confidence.PROBABLE if certain else Confidence.POSSIBLE


def _is_left_out_knowingly(hidden: Hidden, items: list[Item]) -> bool:
    """Whether the project says itself which names count, or the file's own name says that it is put aside.

    Of what patterns of the project's own leave out, eight of 19 were true at first sight; of what pytest's do, eleven of 16.
    """
    name = posixpath.basename(items[0].module.path)
    return not hidden.reason.endswith(_BY_DEFAULT) or _PUT_ASIDE.search(name) is not None


def _is_for_another_runner(hidden: Hidden, items: list[Item]) -> bool:
    """`unittest discover` and `manage.py test`, which a pipeline may start by a script, take `test*.py`."""
    names = (posixpath.basename(item.module.path) for item in items if item.unittest)
    found = sum(name.startswith("test") for name in names)
    return hidden.reason.endswith(_BY_DEFAULT) and found == len(items)


_REMEDIES = {
    "duplicate": "give one of the two another name",
    "class-twin": "give one of the two classes another name",
    "constructor": "replace the constructor by a fixture or `setup_method`",
    "class-name": "rename the class as python_classes wants it",
    "function-name": "rename the function as python_functions wants it",
    "file-name": "rename the file as python_files wants it",
    "outside": "add the folder to the command or to testpaths, or delete the tests",
    "marker": "register the marker in the configuration",
    "nested": "move the function to the module, or call it",
    "broken": "make the file parse; a suite that skips it tests less than it says",
    "basename": "add `__init__.py` files, rename one of the two, or use `--import-mode=importlib`",
}


MODE = FailureMode(
    code="TST005",
    name="never-collected",
    family=Family.TESTS,
    summary="looks like a test, and no documented or CI command runs it",
    consequence="readers count on a test that has not run for months, and the behaviour is unprotected",
    remedy="make the runner find it, or delete it",
    source="pytest documentation, Conventions for Python test discovery",
    detector=detect_tests_never_collected,
)
