"""Why a campaign cannot be led."""

from greenroom.project.files.errors import NothingToCheckError, ProjectError


class SuiteNotUsableError(ProjectError):
    """The project's tests cannot be run, or none of them passes; the message says why, and what to do."""


class NothingToProveError(NothingToCheckError):
    """There is nothing that could be seeded, or no test that could notice."""
