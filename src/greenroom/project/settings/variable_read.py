"""A place where code reads a variable."""

from typing import Any, NamedTuple

from greenroom.project.code.module import Scope


class VariableRead(NamedTuple):
    """One read, by one of several names."""

    names: tuple[str, ...]
    """In upper case where the reader does not care; any one of them is enough."""
    scope: Scope
    line: int
    required: bool
    """Without it this line raises."""
    default: Any = None
    """The literal that counts where nothing is declared; None: there is none, or it is no literal."""
    how: str = "environ"
    """environ · settings (a field of a settings class) · library (decouple, environs …)"""
    is_prefix: bool = False
    """A field with fields of its own: variables that begin with the name are enough."""
    env_files: tuple[str, ...] = ()
    """Files that the reader loads by itself."""

    @property
    def name(self) -> str:
        """The first of its names."""
        return self.names[0]

    @property
    def own_names(self) -> tuple[str, ...]:
        """Without those of what it is a part of: `APP_DB` may hold all of which `APP_DB__HOST` is one."""
        return tuple(
            name
            for name in self.names
            if not any(other != name and other.startswith(name) for other in self.names)
        )
