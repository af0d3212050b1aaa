"""The first time that a suite is run: in parts, each in a process of its own, as many at a time as there are workers."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from greenroom.campaign.observation import Lines, ObservedTest, add

_LONG = 300.0
"""Seconds of a suite whose tests are not run each alone, but each module."""
_EACH_ALONE = 4.0
"""To run each test alone may cost so many times what all cost together; else modules are run alone."""
_BORN, _STRESSED = 0.05, 2.0
"""Seconds that it takes to have a process for a test; and how many times longer tests take on a busy machine."""
_SHARE = 0.4
"""Of the time that is left, so much at most is spent on running each test alone."""
_DEAR = 2.0
"""Seconds that it may take in all to set up for each module what modules share."""


class FirstPass:
    """Says what is run next: module by module, or all that is left in large parts, where what modules share is dear to set up."""

    def __init__(self, tests: Sequence[str], shared: Mapping[str, Sequence[str]], workers: int) -> None:
        """Prepare.

        Args:
            tests: Their ids, in the order of their collection.
            shared: By test, the fixtures that it shares with others.
            workers: How many parts are run at a time.
        """
        self._modules = in_modules(tests)
        self._workers = workers
        users: dict[str, set[str]] = {}
        for name in tests:
            for fixture in shared[name]:
                users.setdefault(fixture, set()).add(name.partition("::")[0])
        self._lasting = {fixture for fixture, modules in users.items() if len(modules) > 1}

    def next(self, costs: Mapping[str, float]) -> list[str]:
        """The tests of the next part; none: all have been given out.

        Args:
            costs: Seconds that it took to set up shared fixtures, as far as is known.
        """
        if not self._modules:
            return []
        dear = len(self._modules) * sum(costs.get(fixture, 0.0) for fixture in self._lasting) > _DEAR
        most = sum(map(len, self._modules)) / self._workers if dear else 1
        part: list[str] = []
        while self._modules and len(part) < most:
            part += self._modules.pop(0)
        self._workers = max(1, self._workers - dear)
        return part


def may_be_alone(suite: float, costs: float, tests: int, *, workers: int, left: float | None) -> bool:
    """Whether there is time to run each test alone, and not just each module.

    Args:
        suite: Seconds that all tests take in turn.
        costs: Seconds that are added where each is alone: for what they share, and the import.
        tests: How many are to be run.
        workers: How many at a time.
        left: Seconds until the whole campaign has to end; None: as long as it takes.
    """
    if left is not None and (_STRESSED * (suite + costs) + _BORN * tests) / workers > _SHARE * left:
        return False
    return suite < _LONG and costs < max(20.0, _EACH_ALONE * suite)


def in_modules(names: Iterable[str]) -> list[list[str]]:
    """The tests of each module."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition("::")[0], []).append(name)
    return list(groups.values())


def before_first(names: Iterable[str], is_quiet: Callable[[str], bool]) -> list[str]:
    """Those at the beginning that are quiet: nobody was in their process before who could have kept something from them."""
    found = []
    for name in names:
        if not is_quiet(name):
            break
        found.append(name)
    return found


def hand_on(
    modules: Iterable[Sequence[str]], imports: Mapping[str, Lines], tests: Mapping[str, ObservedTest]
) -> None:
    """What a test of a module imports late is there for those after it, which ran it in no process of their own."""
    for names in modules:
        there: Lines = {}
        for name in names:
            add(tests[name].lines, there.items())
            add(there, imports.get(name, {}).items())
