"""Which files of a project are its tests, told from their names."""

_ANYWHERE = frozenset({"test", "tests", "e2e"})
_AT_THE_ROOT = frozenset({"testing", "integration", "functional", "unit", "spec", "specs"})


def is_for_tests(path: str) -> bool:
    """Whether a file, by its path below the root, is a test or stands among tests."""
    *folders, name = path.split("/")
    if not _ANYWHERE.isdisjoint(folders) or (folders and folders[0] in _AT_THE_ROOT):
        return True
    stem = name.removesuffix(".py")
    return stem == "conftest" or stem.startswith("test_") or stem.endswith("_test")
