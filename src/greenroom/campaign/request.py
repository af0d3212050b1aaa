"""What somebody wants of a campaign."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from greenroom.campaign.plan import Choice
from greenroom.model.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One campaign."""

    python: str = ""
    """The interpreter in which the project's tests run; empty: the active environment's, else Greenroom's own."""
    arguments: tuple[str, ...] = ()
    """For pytest."""
    choice: Choice = field(default_factory=Choice)
    since: str = ""
    """A git revision: seed only on lines that changed since."""
    workers: int = 0
    """How many tests run at a time; 0: as many as there are processors."""
    budget: float = 0.0
    """Seconds within which all ends; 0: no such limit."""
    shard: tuple[int, int] = (1, 1)
    """Which part of how many."""
    settings: Settings | None = None
    """Which files are the project's; None: as its configuration file and the environment say."""
    cluster: str = ""
    """The address of a Dask scheduler whose workers judge, `tcp://host:8786`; empty: this machine."""
    sensors: bool = False
    """Also ask whether the tests would notice slow and leaking failures with our sensors on."""
    fresh: bool = False
    """Take nothing over from earlier campaigns."""

    def interpreter(self) -> str:
        """The Python that is meant."""
        active = os.environ.get("VIRTUAL_ENV", "")
        inside = str(Path(active, "bin", "python"))
        found = self.python or (inside if active and Path(inside).exists() else sys.executable)
        return str(Path(found).absolute()) if os.sep in found else found
