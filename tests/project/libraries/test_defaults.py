"""A library's own limit depends on its version."""

import pytest

from greenroom.project.libraries.defaults import Default, default_limit

REDIS = ((">=8.0.0", 5), ("*", "none"))


@pytest.mark.parametrize(
    ("version", "expected"),
    [("8.0.0", 5), ("8.1", 5), ("7.4.0", "none"), ("4.6", "none"), ("8.0.0rc1", "none")],
)
def test_the_pinned_version_decides(version: str, expected: str | float) -> None:
    assert default_limit(REDIS, version, ">=1") == Default(expected)


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("<6", Default("none")),
        (">=5,<8", Default("none")),
        ("==7.4.*", Default("none")),
        ("~=8.0", Default(5)),
        (">=8", Default(5)),
        (">=5", Default(5, certain=False)),
        ("", Default(5, certain=False)),
    ],
)
def test_without_a_pin_it_is_certain_where_all_allowed_versions_agree(
    specifier: str, expected: Default
) -> None:
    assert default_limit(REDIS, specifier=specifier) == expected


def test_one_value_for_all_versions_needs_no_pin() -> None:
    assert default_limit((("*", 30),)) == Default(30)


def test_nothing_said_and_no_match_are_unknown() -> None:
    assert default_limit(()) == Default("unknown")
    assert default_limit(((">=1", 600),), "0.28") == Default("unknown")


@pytest.mark.parametrize("version", ["main", "1.x"])
def test_a_version_that_is_none_is_unknown_to_a_range(version: str) -> None:
    assert default_limit(((">=1", 600),), version) == Default("unknown")
