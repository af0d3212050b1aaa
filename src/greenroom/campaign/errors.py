"""Why a campaign cannot be led."""

from collections.abc import Iterable

from greenroom.campaign.observation import ObservedTest
from greenroom.project.files.errors import NothingToCheckError, ProjectError


class SuiteNotUsableError(ProjectError):
    """The project's tests cannot be run, or none of them passes; the message says why, and what to do."""


class NotCollectedError(SuiteNotUsableError):
    """There are no tests to run."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why
        """In a few words that follow `because` or a colon."""


class NoneVotesError(SuiteNotUsableError):
    """There are tests, and none of them passes."""

    def __init__(self, message: str, tests: Iterable[ObservedTest]) -> None:
        super().__init__(message)
        self.tests = tuple(tests)


class ClusterError(ProjectError):
    """A cluster cannot be reached, or has nobody who can judge; the message says why."""


class NothingToProveError(NothingToCheckError):
    """There is nothing that could be seeded, or no test that could notice."""
