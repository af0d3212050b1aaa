"""Where the product meets something that can fail on its own."""

from dataclasses import dataclass

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPoint:
    """One dependency, through one client library."""

    name: str
    """`redis`, `postgresql via asyncpg`, `http via httpx` …"""
    kind: str
    """As in `project/libraries/effects/README.md`: `cache`, `database`, `http`, `llm` …"""
    library: str
    sites: tuple[Place, ...]
    """Production code that crosses it."""
    tests_real: tuple[str, ...] = ()
    """Ids of tests that cross it for real."""
    tests_doubled: tuple[str, ...] = ()
    """Ids of tests that reach its callers with a double in its place."""
    failures_provoked: tuple[str, ...] = ()
    """Ids of tests that make it fail."""
    observed: bool = False
    """Whether a recorded run met it, for real or through a double."""
