"""Addresses of the machine itself, written into what browsers get: `axios.create({ baseURL: "http://localhost:8000" })`."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.contract.join import Answer
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of

_LOCAL: Final = re.compile(r"(?:https?:)?//(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?")
_ON_THE_MACHINE: Final = re.compile(
    r'"(?:electron|@tauri-apps/[\w-]+|@capacitor/core|react-native|expo|nw|neutralino\w*)"\s*:'
)
"""What is made with these runs on the machine of whoever uses it, at times beside its server."""
_DEVELOPS: Final = re.compile(
    r"import\.meta\.env\.(?:DEV|PROD|MODE)|NODE_ENV|location\.(?:host|hostname|port|origin)\b|__DEV__|isDev\w*\b|\bdevelopment\b",
    re.IGNORECASE,
)
_ON_A_SERVER: Final = re.compile(
    r"(?:^|/)(?:pages/api|app/(?:.+/)?api|server|ssr)/|\.server\.[jt]sx?$|(?:^|/)\+(?:page|layout)?\.?server\.[jt]s$"
)
_BASE: Final = re.compile(
    r"\w*(?:base|api|backend|server)_?(?:url|uri|host|root|endpoint)?\w*\s*[:=]|axios\.create|^\s*export\b",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"\s*(?://|\*|/\*|<!--|#)")
_INSTEAD: Final = re.compile(
    r"(?:\|\||\?\?|\s\?|\?[^.\n]+:)[\s(]*$|\?\s[^\n]*\n\s*:\s*$|(?:import\.meta|process)\.env\b[^\n]*$"
    r"|\b(?:default|fallback|withDefault)\w*\s*[(:=]\s*$"
)
"""What ends a line, or the beginning of one, behind which stands what holds where something else is missing."""
_ASKS_ENVIRONMENT: Final = re.compile(r"(?:import\.meta|process)\.env\b")
_BUILDS_PAGES: Final = re.compile(r"\b(?:npm|yarn|pnpm|bun)\b")
_PAGE: Final = re.compile(r"\.(?:md|mdx|rst|txt|lock)$|package(?:-lock)?\.json$", re.IGNORECASE)
_USUAL_PORTS: Final = frozenset({"8000", "5000", "8080", "80", "443"})
_REPLACES: Final = re.compile(r"\bsed\b|envsubst|\breplace\b|perl -p")
_ENVIRONMENTS: Final = re.compile(r"(?:^|/)environments?/|(?:^|/)environment[.\w-]*\.[jt]s$")
"""Angular puts another file in their place."""


def front_addresses(project: Project) -> Iterator[Sighting]:
    """One for each address of this machine that a program for browsers asks our routes by, whatever it is built for."""
    programs = _Programs(project)
    groups: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in project.contract.answers:
        call = answer.call
        bases = {address.base for address in call.addresses}
        if call.role == "product" and len(bases) == 1 and _LOCAL.fullmatch(base := next(iter(bases))):
            groups[programs.around(call.path), base].append(answer)
    for (program, base), answers in groups.items():
        if any(answer.status == "served" for answer in answers) and not programs.is_on_the_machine(program):
            yield from _of_group(project, programs, program, base, answers)


def _of_group(
    project: Project, programs: "_Programs", program: str, base: str, answers: list[Answer]
) -> Iterator[Sighting]:
    calls = [(answer.call.path, answer.call.line) for answer in answers]
    written = list(_written(project, program, base))
    if not written:
        return
    asking = {path for path, _ in calls}
    first = min(written, key=lambda place: (not _is_base(project, *place), place not in calls, place))
    plain = [place for place in calls if not _ASKS_ENVIRONMENT.search(project.inventory.read_text(place[0]))]
    sites = [place for place in dict.fromkeys([*written, *plain]) if place != first]
    unsure = (
        not programs.is_built(program)
        or _DEVELOPS.search(project.inventory.read_text(first[0])) is not None
        or all(_ON_A_SERVER.search(path) for path in asking)
        or programs.is_replaced(base)
        or programs.is_left_out(program)
        or not programs.is_known(base)
    )
    yield Sighting(
        place=Place(path=first[0], line=first[1]),
        message=f"the front end asks `{base}`, which no environment can change: in a browser that is the machine of whoever looks at the page",
        severity=Severity.HIGH,
        confidence=Confidence.POSSIBLE if unsure else Confidence.PROBABLE,
        sites=tuple(Place(path=path, line=line) for path, line in sites),
        subject=base,
        cause=f"front:{program}:{base}",
        reach=Reach.PROJECT,
    )


def _written(project: Project, program: str, base: str) -> Iterator[tuple[str, int]]:
    """Where product code of a program has the address in quotation marks, and not behind something else that may be there."""
    literal = re.compile(rf"(?P<before>.*)[\"'`]{re.escape(base)}(?![\w:])")
    for path, file in project.front.files.items():
        if file.kind is FrontKind.PRODUCTION and path.startswith(program) and not _is_spared(path):
            lines = project.inventory.read_text(path).splitlines()
            for number, line in enumerate(lines, start=1):
                found = literal.match(line)
                before = f"{lines[number - 2] if number > 1 else ''}\n{found['before']}" if found else ""
                if found and not _REMARK.match(line) and not _INSTEAD.search(before):
                    yield path, number


def _is_base(project: Project, path: str, line: int) -> bool:
    """Whether a line gives the address to a client, or a name that says what it is for."""
    return _BASE.search(project.inventory.read_text(path).splitlines()[line - 1]) is not None


def _is_spared(path: str) -> bool:
    return stage_of(path) in ("test", "development") or _ENVIRONMENTS.search(path) is not None


class _Programs:
    """The programs for browsers of a project, by the folder of their `package.json`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        paths = (*project.inventory.other, *project.inventory.documents)
        self._packages = sorted(
            (
                path.removesuffix("package.json")
                for path in paths
                if path.rpartition("/")[2] == "package.json"
            ),
            key=len,
            reverse=True,
        )

    def around(self, path: str) -> str:
        """The folder with a slash behind; empty for the project itself."""
        return next((folder for folder in self._packages if path.startswith(folder)), "")

    def is_built(self, program: str) -> bool:
        """Whether it is made into pages for production, or an image holds it as it is."""
        try:
            read = json.loads(self._text(program) or "{}")
        except ValueError:
            return False
        scripts = read.get("scripts") if isinstance(read, dict) else None
        has_script = isinstance(scripts, dict) and any(name.startswith("build") for name in scripts)
        return has_script or bool(self._project.configuration.images)

    def is_on_the_machine(self, program: str) -> bool:
        """Whether it is a program for the machine of whoever uses it."""
        return _ON_THE_MACHINE.search(self._text(program)) is not None

    def is_replaced(self, base: str) -> bool:
        """Whether something that builds or deploys speaks of the address, and replaces texts."""
        texts = map(self._project.inventory.read_text, self._project.inventory.other)
        return any(base in text and _REPLACES.search(text) for text in texts)

    def is_left_out(self, program: str) -> bool:
        """Whether images hold programs for browsers, and none of them this one."""
        images = {
            path: self._project.inventory.read_text(path) for path in self._project.configuration.images
        }
        holding = {path: text for path, text in images.items() if _BUILDS_PAGES.search(text)}
        name = program.rstrip("/").rpartition("/")[2]
        return bool(holding) and not any(
            not program
            or path.startswith(program)
            or program.startswith(f"{path.rpartition('/')[0]}/")
            or name in text
            for path, text in holding.items()
        )

    def is_known(self, base: str) -> bool:
        """Whether servers listen on the port as a rule, or a file that configures or deploys speaks of it."""
        port = base.rpartition(":")[2]
        paths = (path for path in self._project.inventory.other if not _PAGE.search(path))
        return (
            not port.isdigit()
            or port in _USUAL_PORTS
            or any(re.search(rf"\b{port}\b", self._project.inventory.read_text(path)) for path in paths)
        )

    def _text(self, program: str) -> str:
        return self._project.inventory.read_text(f"{program}package.json")
