"""TST006: what the test needs is missing, and the suite is green without it."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from greenroom.catalogue.startup.distributions import is_declared, is_standard, with_company
from greenroom.catalogue.tests.by_wish import is_by_wish
from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.in_pipeline import ALWAYS_SET
from greenroom.catalogue.tests.laid_aside import is_laid_aside
from greenroom.catalogue.tests.prerequisites import is_needed_anyway
from greenroom.catalogue.tests.skip_conditions import ASSERTION, Skip, skips_of
from greenroom.catalogue.tests.started_in_pipeline import StartedInPipeline
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.runs import home_of

_PIPELINE = re.compile(
    r"(^|/)(\.github/|\.gitlab|\.circleci/|\.travis|azure-pipelines|Jenkinsfile|bitbucket|\.buildkite/|\.drone|"
    r"tox\.(ini|toml)$|noxfile|Makefile$|[Dd]ockerfile|docker-compose|compose\.|\.ci/|ci/|pytest\.ini$|setup\.cfg$|"
    r"pyproject\.toml$|\.woodpecker|cloudbuild|appveyor)"
)
_PROGRAM = re.compile(r"(?:^|/)(?:noxfile|tasks|dodo|duties|fabfile)\.py$")
"""Recipes that are written in Python."""
_CI = re.compile(
    r"(^|/)(\.github/workflows/|\.gitlab|\.circleci/|\.travis|azure-pipelines|Jenkinsfile|bitbucket|\.buildkite/|\.drone|"
    r"\.ci/|ci/|\.woodpecker|cloudbuild|appveyor)"
)
_RUNS_TESTS = re.compile(r"\b(?:py\.?test|unittest|tox|nox|(?<![a-z])tests?\b(?![-_. ]?pypi))", re.IGNORECASE)
_BY_WISH = re.compile(
    r"stress|bench|perf|measure|slow|manual|download|expensive|long_?run|profil|debug", re.IGNORECASE
)
"""Switched on by somebody who looks at the output: nobody expects a pipeline to."""
_SWITCH = re.compile(r"(?:^|_)(?:RUN|LIVE)(?:_|$)|_(?:TESTS|ERRORS)$")
"""`RUN_LIVE_TESTS` says what somebody wants, not what is there."""
_OF_MACHINES = re.compile(
    r"^(?:KUBERNETES_(?:SERVICE|PORT)|DOCKER_CONTAINER$|IN_(?:DOCKER|CONTAINER)|COLAB_|CODESPACES?$)|ROOTLESS"
)
"""What says where a test runs: inside of a cluster or a container."""
_LAID_ASIDE = frozenset({"unused", "_unused", "old", "_old", "deprecated", "obsolete", "attic", "disabled"})
_INSTALLED_BY = ("pyproject.toml", "setup.py", "setup.cfg")
_TELLING = re.compile(
    r"(?:readme[^.]*|\.env(?:\.\w+)?|.*\.(?:md|rst|txt|env|ya?ml|toml|ini|cfg|sh))", re.IGNORECASE
)


@of_tests_that_start
def detect_skips_without_infrastructure(project: Project) -> Iterator[Sighting]:
    """One sighting for each thing that may be missing, with the tests that depend on it."""
    supplies = _Supplies(project)
    tests: dict[tuple[str, str], dict[Place, None]] = {}
    skips: dict[tuple[str, str], dict[Skip, None]] = {}
    asked: dict[tuple[str, str], bool] = {}
    """Whether all tests that depend on it run by wish."""
    for item in project.suite.functions():
        if is_laid_aside(project, item) or not _does_something(item.function):
            continue
        for skip in skips_of(project, item):
            thing = skip.thing
            if skip.kind in ("failure", "answer"):  # the same habit all over a file is one cause
                habit = skip.thing.startswith(ASSERTION)
                thing = f"{skip.place.path}:{skip.thing if habit else skip.tried}"
            skips.setdefault((skip.kind, thing), {})[skip] = None
            function = item.function
            place = Place(path=function.path, line=function.line, symbol=function.qualname)
            tests.setdefault((skip.kind, thing), {})[place] = None
            asked[skip.kind, thing] = asked.get((skip.kind, thing), True) and is_by_wish(project, item)
    judged = {key: supplies.judge(next(iter(skips[key])), key[1]) for key in tests}
    never = {
        place for key, places in tests.items() if key[0] == "variable" and judged[key] for place in places
    }
    for key, places in tests.items():
        skip, confidence = next(iter(skips[key])), judged[key]
        if asked[key] and not _hides_what_is_there(skip):
            unsure = True  # all of them run by wish: who asks for them sees that they did not
        else:  # of tests that a variable holds back already, which nobody sets, that alone is told
            unsure = (
                _are_held_back_by_another(key, tests, judged)
                if key[0] == "variable"
                else never.issuperset(places)
            )
        if confidence is not None:
            yield _sighting(list(skips[key]), list(places), Confidence.POSSIBLE if unsure else confidence)


def _are_held_back_by_another(
    key: tuple[str, str],
    tests: dict[tuple[str, str], dict[Place, None]],
    judged: dict[tuple[str, str], Confidence | None],
) -> bool:
    """Whether another variable, which nobody sets, holds back these tests and more: that one alone is told."""
    return any(
        other != key and other[0] == "variable" and judged[other] and places.keys() > tests[key].keys()
        for other, places in tests.items()
    )


def _does_something(function: Scope) -> bool:
    """A stub tests nothing, whatever is there."""
    return any(part.kind not in ("pass", "expression") for part in function.body.statements) or bool(
        function.body.calls
    )


def _hides_what_is_there(skip: Skip) -> bool:
    """An assertion that fails, or an import of the product: that is no service which somebody has to start."""
    return skip.kind == "import" or skip.thing.startswith(ASSERTION)


class _Supplies:
    """What the pipelines of a project install, start and set."""

    def __init__(self, project: Project) -> None:
        self._project = project
        inventory = project.inventory
        python = (file.path for file in inventory.files if _PROGRAM.search(file.path))
        self._paths = [*(path for path in inventory.other if _PIPELINE.search(path)), *python]
        self._text = "\n".join(inventory.read_text(path) for path in self._paths)
        self._is_elsewhere = not any(
            _RUNS_TESTS.search(inventory.read_text(path)) for path in self._paths if _CI.search(path)
        )
        """No pipeline in the repository speaks of tests: what one sets that is kept elsewhere cannot be read."""
        self._started = StartedInPipeline(
            project, [path for path in self._paths if _CI.search(path) or path.endswith("tox.ini")]
        )

    def judge(self, skip: Skip, thing: str) -> Confidence | None:
        """None where the pipelines see to it, or nobody counts on the tests."""
        kind, path = skip.kind, skip.place.path
        if _LAID_ASIDE & set(path.split("/")):
            return None
        if kind == "variable":
            return None if self._sets(thing) else self._of_variable(thing, path)
        if kind == "tool":  # the machine of a pipeline may have it without a word
            return None if self._mentions(thing) else Confidence.POSSIBLE
        if kind == "import":
            return self._of_import(thing, skip)
        asks = kind == "service" or (kind == "failure" and not skip.thing.startswith(ASSERTION))
        unsure = kind == "answer" or (asks and self._started.has(skip))
        return Confidence.POSSIBLE if unsure else Confidence.PROBABLE

    def _of_variable(self, variable: str, path: str) -> Confidence:
        by_wish = _BY_WISH.search(variable) or _SWITCH.search(variable) or _OF_MACHINES.search(variable)
        unclear = (
            by_wish or self._is_elsewhere or self._tells(variable, path) or self._is_told_in(variable, path)
        )
        return Confidence.POSSIBLE if unclear else Confidence.PROBABLE

    def _tells(self, variable: str, path: str) -> bool:
        """Whether a text beside the tests says what to set: then somebody does who runs them by hand."""
        folders = [folder for folder in PurePosixPath(path).parents if folder.parts]
        files = (file for folder in folders for file in (self._project.root / folder).iterdir())
        return any(
            variable in file.read_text(encoding="utf-8", errors="replace")
            for file in files
            if _TELLING.fullmatch(file.name) and file.is_file()
        )

    def _is_told_in(self, variable: str, path: str) -> bool:
        """Whether the file itself says how to run it by hand: `export PARITY_KEY=…`, `PARITY_KEY=… pytest`."""
        text = self._project.inventory.read_text(path)
        return re.search(rf"^[\s#$]*(?:export\s+)?{re.escape(variable)}=\S", text, re.MULTILINE) is not None

    def _sets(self, variable: str) -> bool:
        folder = ALWAYS_SET.get(variable)
        if folder is not None:
            return any(folder in path for path in self._paths)
        return self._mentions(variable)

    def _mentions(self, word: str) -> bool:
        return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", self._text) is not None

    def _of_import(self, dotted: str, skip: Skip) -> Confidence:
        """The product's own module must be there: then the skip hides that it broke."""
        path, importers = skip.place.path, self._project.production()[:1]
        lines = self._project.inventory.read_text(path).splitlines()
        whole = any(
            "importorskip" in line for line in lines[skip.place.line - 1 : skip.end_line or skip.place.line]
        )
        module = next(
            (found for part in importers if (found := self._project.symbols.module(dotted, part))), None
        )
        known = (
            module is not None
            and home_of(self._project.root, module.path) == home_of(self._project.root, path)
            and not self._needs_optional(module)
            and not is_needed_anyway(self._project, dotted, path, whole=whole)
        )
        return Confidence.PROBABLE if known else Confidence.POSSIBLE

    def _needs_optional(self, module: Module) -> bool:
        """Whether it imports at once what an installation of the product does not bring: its absence is no fault."""
        if module.kind is FileKind.TEST:
            return False
        heads = {
            part.module.partition(".")[0]
            for part in module.imports_in(0)
            if not part.guard and not part.level
        }
        return any(
            head
            and not is_standard(head)
            and not self._is_first_party(head, module)
            and not is_declared(head, self._required)
            for head in heads
        )

    def _is_first_party(self, head: str, module: Module) -> bool:
        symbols = self._project.symbols
        return symbols.module(head, module) is not None or symbols.is_namespace(head)

    @cached_property
    def _required(self) -> frozenset[str]:
        """What an installation brings: of a library what it asks for, not what its lists of requirements add."""
        manifest = self._project.manifest
        own = {
            requirement.name
            for source in manifest.sources
            if source.path.endswith(_INSTALLED_BY)
            for requirement in source.runtime
        }
        return with_company(own or manifest.runtime)


def _sighting(skips: list[Skip], tests: list[Place], confidence: Confidence) -> Sighting:
    skips.sort(key=lambda skip: (skip.place.path, skip.place.line))
    first = skips[0]
    sites = dict.fromkeys([*(skip.place for skip in skips[1:]), *tests])
    sites.pop(first.place, None)
    count = "1 test is" if len(tests) == 1 else f"{len(tests)} tests are"
    return Sighting(
        place=first.place,
        end_line=first.end_line,
        message=f"{count} skipped, not failed, {_why(first)}",
        severity=Severity.HIGH if first.kind == "failure" else Severity.MEDIUM,
        confidence=confidence,
        remedy=_REMEDIES.get(first.kind, ""),
        sites=tuple(sites),
        subject=first.thing,
        reach=Reach.TEST,
    )


def _why(skip: Skip) -> str:
    match skip.kind:
        case "variable":
            return f"where {skip.thing} is not set, and no pipeline of the project names it"
        case "tool":
            return f"where `{skip.thing}` is not installed, and no pipeline of the project names it"
        case "import":
            return f"where `{skip.thing}` cannot be imported"
        case "service":
            return f"where {skip.thing} finds nobody"
        case _:
            return f"when {skip.thing}"


_REMEDIES = {
    "variable": "set it in the pipeline, and fail there where it is missing",
    "tool": "install it in the pipeline, and fail there where it is missing",
    "import": "import it plainly: what the product needs must be there when its tests run",
    "service": "start it for the tests, and fail in the pipeline where it cannot be reached",
    "failure": "let the error reach the runner",
}


MODE = FailureMode(
    code="TST006",
    name="skips-without-infrastructure",
    family=Family.TESTS,
    summary="a missing service, credential or import, or a failed start-up, becomes a skip",
    consequence="the pipeline is green without having run the tests that meet the real thing",
    remedy="fail where the tests are meant to run, and skip only where somebody asked for it",
    source="pytest documentation, How to use skip and xfail to deal with tests that cannot succeed",
    detector=detect_skips_without_infrastructure,
    surest=Confidence.PROBABLE,
)
