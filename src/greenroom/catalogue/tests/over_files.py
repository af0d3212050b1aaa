"""Libraries over the product's own files: there is nobody who could be away."""

from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.code import facts
from greenroom.project.project import Project

_ALWAYS: Final = frozenset({"sqlite3", "aiosqlite"})
_SERVERS_OF_CHROMA: Final = words("HttpClient", "AsyncHttpClient")
_QDRANT: Final = frozenset({"QdrantClient", "AsyncQdrantClient"})
_IN_MEMORY: Final = ":memory:"


def is_over_files(project: Project, point: IntegrationPoint) -> bool:
    """SQLite, and a vector store in a directory; Chroma and Qdrant may also be asked over HTTP."""
    if point.library == "chromadb":
        return not any(mentioning(project.production(), _SERVERS_OF_CHROMA))
    if point.library == "qdrant-client":
        return _is_local(project)
    return point.library in _ALWAYS or point.name.startswith("sqlite via ")


def _is_local(project: Project) -> bool:
    """Whether each client of Qdrant is made over a directory, or in memory."""
    made = [
        call
        for scope in mentioning(project.production(), words(*_QDRANT))
        for call in scope.body.calls
        if facts.last_name(call.callee) in _QDRANT
    ]
    return bool(made) and all(
        call.keyword("path") is not None
        or facts.constant(call.keyword("location")) == _IN_MEMORY
        or any(facts.constant(part) == _IN_MEMORY for part in call.arguments[:1])
        for call in made
    )
