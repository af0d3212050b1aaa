"""What is asked before anybody waits: for a migration, for data to try it with, for the queues that a process will use."""

import re

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.catalogue.dependency.development import refuses_users
from greenroom.project.code.facts import spell
from greenroom.project.code.module import Module

_DECLARES = re.compile(r"^aio_pika\.(?:\w+\.)*(?:declare_\w+|bind|unbind|set_qos)$")
"""Done once; a broker that falls silent is noticed by its missing heartbeats, which both sides of AMQP send unasked."""


def prepares(crossing: Crossing) -> bool:
    """A database engine for a migration, or that a start-up script asks whether the server is there; data to try it with.

    So does what declares queues, on a connection that its heartbeats end.
    """
    if _DECLARES.match(crossing.edge.symbol):
        return True
    if "emulator" in f"{crossing.scope.path} {crossing.scope.qualname}".lower():
        return True
    if _is_of_command_for_developers(crossing.scope.module):
        return True
    if "fixtures" in crossing.scope.path.removesuffix(".py").split("/"):
        return True
    if crossing.made is None or crossing.effect.kind != "database":
        return False
    calls = crossing.scope.body.calls
    if any("MigrationContext.configure" in spell(call.callee, calls) for call in calls):
        return True
    scopes = {edge.caller for edge in crossing.uses}
    return bool(scopes) and all(scope.kind == "module" for scope in scopes)


def _is_of_command_for_developers(module: Module) -> bool:
    """A command of Django's that leaves where users are: it fetches data to try the product with."""
    return "/management/commands/" in f"/{module.path}" and any(
        scope.name == "handle" and scope.owner is not None and refuses_users(scope.body)
        for scope in module.scopes
    )
