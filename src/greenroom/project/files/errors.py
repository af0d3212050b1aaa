"""What can be wrong with what the user gave."""


class ProjectError(Exception):
    """The path cannot be audited; the message says what, where and what to do now."""


class NothingToCheckError(ProjectError):
    """There is such a folder, but no Python in it: silence must not look like success."""


class ConfigurationError(Exception):
    """The settings cannot be used."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        """All of them, one sentence each, every one opening with where it stands."""
