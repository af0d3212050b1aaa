"""Does the client give up when nothing comes?"""

from greenroom.catalogue.dependency.construction import Origins
from greenroom.catalogue.dependency.crossing import Crossing, read_crossing
from greenroom.catalogue.dependency.server_limits import ServerLimits
from greenroom.project.calls.graph import Edge
from greenroom.project.libraries.limits import Given
from greenroom.project.project import Project

LIMIT, NONE, UNKNOWN = "limit", "none", "unknown"


class Silence:
    """How long the clients of one project bear it that nothing comes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._origins = Origins(project.inference, project.graph)
        self._server = project.once(ServerLimits)

    def limit(self, opening: Edge) -> str:
        """What holds for the call that opens a stream: `limit`, `none` or `unknown`."""
        crossing = read_crossing(self._project, opening)
        if crossing is None or self._server.global_limit(crossing.effect):
            return UNKNOWN
        own = _said(crossing)
        if own != UNKNOWN or crossing.limit.given is Given.OPAQUE:
            return own
        found = {_said(client) for client in self._clients(crossing)}
        if found:
            return found.pop() if len(found) == 1 else UNKNOWN
        return self._of_class(crossing)

    def _clients(self, crossing: Crossing) -> list[Crossing]:
        """Where the object was built whose method opens the stream."""
        found = []
        for scope, call in crossing.origins(self._origins):
            for edge in self._project.graph.edges(scope):
                client = read_crossing(self._project, edge) if edge.call == call else None
                if client is not None and client.made is not None:
                    found.append(client)
        return found

    def _of_class(self, crossing: Crossing) -> str:
        """A client that came from elsewhere: its library's own limit, if it has one, will hold."""
        described = self._project.effects.library_class(crossing.effect.symbol.rpartition(".")[0])
        values = [value for _, value in described.limit_default] if described is not None else []
        return LIMIT if values and all(isinstance(value, int | float) for value in values) else UNKNOWN


def _said(crossing: Crossing) -> str:
    value = crossing.limit.value
    if crossing.limit.given is Given.OPAQUE:
        return UNKNOWN
    if value == "none":
        return NONE
    return LIMIT if value == "given" or isinstance(value, int | float) else UNKNOWN
