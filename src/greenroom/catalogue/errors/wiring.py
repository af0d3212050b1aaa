"""Which of several implementations is there at all: one that nothing served makes has no failure to hide."""

from functools import cached_property

from greenroom.catalogue.errors.crossings import Crossing
from greenroom.detect.unserved import Unserved
from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class Wiring:
    """Answers for one project; asked only of what would be shown."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._unserved = project.once(Unserved)

    def leaves_out(self, crossing: Crossing) -> bool:
        """Whether the class whose method asks the dependency is only made where nobody comes."""
        target = crossing.edge.target
        cls = target.owner if target is not None and crossing.edge.how != "construct" else None
        if cls is None or cls.name in self._bases:
            return False
        own = (child for child in cls.children if child.name == "__init__")
        makers = [
            edge.caller
            for made in (cls, *own)
            for edge in self._project.graph.callers(made)
            if edge.how == "construct" and edge.caller.module.kind is FileKind.PRODUCTION
        ]
        return bool(makers) and not any(map(self._is_served, makers))

    def _is_served(self, scope: Scope) -> bool:
        return self._project.entries.entry(scope) is None or self._unserved.is_served(scope)

    @cached_property
    def _bases(self) -> set[str]:
        return {
            last_name(base)
            for module in self._project.production()
            for scope in module.scopes
            if scope.kind == "class"
            for base in scope.facts.bases
        }
