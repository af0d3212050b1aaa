"""An application of the project, and who starts it."""

from dataclasses import dataclass

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An object or factory that routes hang on."""

    name: str
    """Dotted, as `routes[].application` has it."""
    file: str
    framework: str
    routes: int
    is_live: bool | None
    """Whether something in the repository starts it; None where nothing tells what is started."""
    started_by: tuple[Place, ...] = ()
    """Lines that start it, each with its command as a note; deployments first, then scripts."""
