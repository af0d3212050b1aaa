"""The tree of patterns finds all that `fit` accepts, in the order in which they were noted."""

from itertools import product

from greenroom.project.contract.pattern import HOLE, NUMBER, REST, fit
from greenroom.project.contract.tree import Tree

_EXPECTED = ("users", "7", HOLE, NUMBER)
_GIVEN = (*_EXPECTED, "orders", REST)


def test_finds_every_pattern_that_fits_and_few_others() -> None:
    patterns = [*product(_EXPECTED, repeat=3), ("users", HOLE, "users")]
    tree = Tree()
    for number, pattern in enumerate(patterns):
        tree.add(pattern, number)
    for request in product(_GIVEN, _GIVEN, _GIVEN[:-1]):
        found = tree.find(request)
        fitting = [number for number, pattern in enumerate(patterns) if fit(request, pattern)]
        assert found == sorted(found)
        assert [number for number in found if fit(request, patterns[number])] == fitting
    assert len(tree.find(("users", "orders", "users"))) < len(patterns) / 3


def test_the_root_is_a_pattern_too() -> None:
    tree = Tree()
    tree.add((), 3)
    assert tree.find(()) == [3]
    assert tree.find(("users",)) == []
