"""Who waits for what a client asks: the functions that ask through it, and the entries that lead there."""

import re
from typing import Final

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.detect.ascent import weakest
from greenroom.model.finding import Reach
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.entry import Entry

_REACHES: Final = list(Reach)
_NOBODYS: Final = (Reach.SCRIPT, Reach.UNREACHED)
_FARTHEST: Final = 500
"""Functions below one of a script."""
_MIGRATIONS: Final = re.compile(r"(^|/)(alembic|migrations|revisions)/")


class WhoAsks:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_hand = project.once(ByHand)

    def asking(self, crossing: Crossing) -> set[Scope]:
        """What asks: through the client, or itself; who makes it, where nobody is known to come to the uses."""
        users = {edge.caller for edge in crossing.uses} or {crossing.scope}
        if not crossing.scope.is_function:
            return users
        if self._is_handed_down(crossing):
            return {crossing.scope}
        makes = self.is_known(crossing.scope) and not any(map(self.is_known, users))
        return users | {crossing.scope} if makes else users

    def is_at_start(self, crossing: Crossing) -> bool:
        """Whether the process asks while it comes up, or while it imports the file."""
        entry = self._project.entries.entry(crossing.scope)
        if crossing.made is not None or entry is None:
            return False
        # What an import decorates or hands over runs later.
        at_once = all(
            edge.how in ("call", "construct") for edge in self._project.entries.path(crossing.scope)
        )
        return entry.reach is Reach.LIFESPAN or (at_once and entry.label.startswith("the import of"))

    def reach(self, crossing: Crossing) -> Reach:
        """The strongest entry that leads to the construction or to a use."""
        if crossing.scope.module.kind is FileKind.SCRIPT or _MIGRATIONS.search(crossing.scope.path):
            return Reach.SCRIPT
        if self._is_handed_down(crossing):
            return self.known_reach(crossing.scope)
        scopes = [crossing.scope, *(edge.caller for edge in crossing.uses)]
        found = min((self.known_reach(scope) for scope in scopes), key=_REACHES.index)
        if found is Reach.SCRIPT and crossing.scope.kind == "module":
            module = crossing.scope.module  # what it builds serves all who import it
            return self.known_reach(crossing.scope) if self._by_hand.is_imported(module) else found
        return found

    def _is_handed_down(self, crossing: Crossing) -> bool:
        """Whether a script, or what nobody calls, makes it for the functions below: what others come there with is another."""
        scope = crossing.scope
        if not (crossing.uses and scope.is_function) or self.known_reach(scope) not in _NOBODYS:
            return False
        users = {edge.caller for edge in crossing.uses} - {scope}
        below, front = {scope}, [scope]
        while front and not users <= below:
            for edge in self._project.graph.edges(front.pop()):
                if edge.target is not None and edge.target not in below and len(below) < _FARTHEST:
                    below.add(edge.target)
                    front.append(edge.target)
        return users <= below

    def is_known(self, scope: Scope) -> bool:
        """Whether an entry is known to lead there, or it runs when the module is imported, as somebody does."""
        if scope.kind == "module" and self.known_reach(scope) is Reach.PROJECT:
            return not self._by_hand.is_left_out(scope.module)
        return scope.kind == "module" or self.known_reach(scope) is not Reach.UNREACHED

    def known_reach(self, scope: Scope) -> Reach:
        """A way that is only possible tells nothing about who waits."""
        entry = self._project.entries.entry(scope)
        if weakest(self._project.entries.path(scope)) < PROBABLE or (entry and self._is_demonstration(entry)):
            return Reach.UNREACHED
        return self._project.entries.reach(scope)

    def _is_demonstration(self, entry: Entry) -> bool:
        """What stands under `__main__` in a file that others import shows how it is used; it is no command."""
        module = entry.scope.module
        return entry.label == f"the script `{module.path}`" and self._by_hand.is_imported(module)
