"""Work that comes one at a time: what it holds of a pool is never more than a few connections."""

from greenroom.catalogue.pool.taken_once import is_taken_once
from greenroom.model.finding import Reach
from greenroom.project.code.module import Scope
from greenroom.project.project import Project


def comes_one_at_a_time(project: Project, scope: Scope, call: int) -> bool:
    """Whether nobody comes there but jobs, of which each process of a worker runs one, or who begins once."""
    return _is_of_plain_jobs(project, scope) or is_taken_once(project, scope, call)


def _is_of_plain_jobs(project: Project, scope: Scope) -> bool:
    """A coroutine waits beside others; a plain job of Celery, RQ or Dramatiq has a process or a thread to itself."""
    entry = project.entries.entry(scope)
    return (
        entry is not None
        and entry.reach is Reach.WORKER
        and not any(part.is_async for part in (scope, entry.scope))
    )
