"""What the older test classes have in common."""

from unittest import TestCase as StandardCase


class HelpdeskCase(StandardCase):
    """A test class of the help desk."""

    maxDiff = None
