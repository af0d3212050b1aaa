"""Who may do what?"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Agent:
    """A person of the support team."""

    name: str
    role: Literal["agent", "lead"]


class Permissions:
    """The rules; asynchronous because the directory of roles will be a service."""

    async def may_delete(self, agent: Agent) -> bool:
        """Only leads delete tickets."""
        return agent.role == "lead"
