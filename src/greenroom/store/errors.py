"""What can go wrong with the store."""

from greenroom.project.files.errors import ProjectError


class StoreError(ProjectError):
    """The store cannot be read or written; the message says what, where and what to do now."""
