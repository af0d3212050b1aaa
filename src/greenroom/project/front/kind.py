"""What a front-end file is for, told from its path."""

import re
from enum import StrEnum


class FrontKind(StrEnum):
    """Why a front-end file is in the project."""

    PRODUCTION = "production"
    TEST = "test"
    """Of units, of components, end to end."""
    MOCK = "mock"
    """Stands in for the back end in tests and in development."""
    EXAMPLE = "example"
    """Stories, examples, documentation."""
    BUILD = "build"
    """Configuration of the tools, scripts."""
    GENERATED = "generated"
    """A client that a generator wrote: production, but only what is called of it."""
    VENDORED = "vendored"


_TEST_NAME = re.compile(
    r".*[._-](?:test|tests|spec|e2e|cy|pw)\.[cm]?[jt]sx?|(?:test|spec)[-_.].*|setup-?[tT]ests?\..*"
)
_STORY_NAME = re.compile(r".*\.(?:stories|story)\.\w+")
_BUILD_NAME = re.compile(
    r".*\.config\.[cm]?[jt]sx?|.*\.config\.\w+\.[cm]?[jt]s|(?:gulpfile|gruntfile|webpack|rollup|karma|\.eslintrc)\b.*",
    re.IGNORECASE,
)
_TEST_FOLDERS = frozenset(
    {"test", "tests", "__tests__", "spec", "specs", "e2e", "cypress", "playwright", "testing", "test-utils",
     "integration-tests", "e2e-tests", "__fixtures__", "fixtures"}
)  # fmt: skip
_MOCK_FOLDERS = frozenset({"mock", "mocks", "__mocks__", "msw", "mirage", "mockdata", "mock-server"})
_MOCK_NAME = re.compile(r"(?:.*[._-])?(?:mocks?|msw)(?:[._-].*)?\.[cm]?[jt]sx?|mockServiceWorker\.js")
_EXAMPLE_FOLDERS = frozenset(
    {"example", "examples", "docs", "doc", "stories", ".storybook", "storybook", "demo", "demos", "cookbook", "website",
     "samples", "sample", "playground", "documentation", "templates", "template"}
)  # fmt: skip
_BUILD_FOLDERS = frozenset({"scripts", "script", "build", "config", "tools", ".github", ".vscode", "bin"})
_GENERATED_FOLDERS = frozenset(
    {"generated", "__generated__", "_generated", "openapi", "gen", "sdk-generated"}
)
_GENERATED_NAME = re.compile(r".*\.(?:gen|generated)\.\w+|openapi\.ts|schema\.d\.ts")


def kind_of(path: str) -> FrontKind:
    """The kind of a front-end file."""
    *folders, name = path.split("/")
    inside = {folder.lower() for folder in folders}
    if inside & {"node_modules", "bower_components", "vendor", "vendors", "third_party", "third-party"}:
        return FrontKind.VENDORED
    if _STORY_NAME.fullmatch(name):
        return FrontKind.EXAMPLE
    if _MOCK_NAME.fullmatch(name) or inside & _MOCK_FOLDERS:
        return FrontKind.MOCK
    if _TEST_NAME.fullmatch(name) or inside & _TEST_FOLDERS:
        return FrontKind.TEST
    if _BUILD_NAME.fullmatch(name) or any(folder.startswith(".") for folder in inside - _EXAMPLE_FOLDERS):
        return FrontKind.BUILD
    if inside & _GENERATED_FOLDERS or _GENERATED_NAME.fullmatch(name):
        return FrontKind.GENERATED
    return _of_plain_folder(folders)


def _of_plain_folder(folders: list[str]) -> FrontKind:
    """Names that may mean anything below the sources of an application, and one thing above them."""
    lowered = [folder.lower() for folder in folders]
    if "src" in lowered:
        lowered = lowered[: lowered.index("src")]
    if not _EXAMPLE_FOLDERS.isdisjoint(lowered):
        return FrontKind.EXAMPLE
    if lowered and (lowered[-1] in _BUILD_FOLDERS or lowered[0] in _BUILD_FOLDERS):
        return FrontKind.BUILD
    return FrontKind.PRODUCTION
