"""What earlier campaigns saw of the tests: who rests on nothing that has changed need not be observed again."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

from greenroom.campaign.dependence import Dependence
from greenroom.campaign.inside.line_trace import ANYTHING
from greenroom.campaign.observation import Lines, Observation, load_observation
from greenroom.campaign.plan import read_source
from greenroom.campaign.shape import Shape


class Earlier:
    """Of one tree."""

    def __init__(
        self, root: Path, contents: Mapping[str, str], shapes: Mapping[str, Shape], files: Iterable[Path]
    ) -> None:
        """Prepare.

        Args:
            root: The project's.
            contents: Digests of its files as they are now, by path.
            shapes: What those in Python are to others, by path.
            files: What `Observation.save` wrote on this and earlier states, with the same packages and arguments.
        """
        self._root = root
        self._contents = contents
        self._shapes = shapes
        self._files = tuple(files)

    def sign(self, observation: Observation, wanted: Lines) -> None:
        """Note what it rests on, for those who come later."""
        dependence = Dependence(self._contents, self._shapes, observation)
        observation.wanted = wanted
        observation.contents = {path: self._contents.get(path, "") for path in wanted}
        observation.rests = {test.id: dependence.of("", [test.id]) for test in observation.tests}

    def find(self, collected: Mapping[str, Any], wanted: Lines) -> Observation | None:
        """What is still true of the collected tests; None where nothing is.

        Returns:
            Of an earlier observation, the tests that do now what they did then, with those wanted lines that they run.
        """
        seen = (
            self._still_true(each, collected, wanted) for each in map(load_observation, self._files) if each
        )
        return max((each for each in seen if each.tests), key=lambda each: len(each.tests), default=None)

    def _still_true(self, earlier: Observation, collected: Mapping[str, Any], wanted: Lines) -> Observation:
        if not self._is_comparable(earlier, collected, wanted):
            return Observation()
        dependence = Dependence(self._contents, self._shapes, earlier)
        unsure = self._unsure(earlier, wanted)
        names = {test["id"] for test in collected["tests"]}
        kept = [
            test
            for test in earlier.tests
            if test.id in names
            and test.outcome == "passed"
            and unsure.isdisjoint({*test.files, *test.lines})
            and not (ANYTHING in test.files and unsure)
            and earlier.rests.get(test.id) == dependence.of("", [test.id])
        ]
        for test in kept:
            test.lines = _within(test.lines, wanted)
            test.own = _within(test.own, wanted)
        return Observation(
            tests=kept,
            in_children=_within(earlier.in_children, wanted),
            late=earlier.late,
            seconds=earlier.seconds,
        )

    def _is_comparable(self, earlier: Observation, collected: Mapping[str, Any], wanted: Lines) -> bool:
        """Whether tests neither disturb one another nor import what nobody has looked at."""
        disturbed = (
            earlier.hurried
            or earlier.colliding
            or earlier.unsafe
            or earlier.own_network
            or collected["unsafe"]
        )
        if disturbed or earlier.run_by_import != collected["run_by_import"]:
            return False
        loose = (
            wanted[path] - set(collected["imported"].get(path, ())) - self._inside_functions(path)
            for path in self._unsure(earlier, wanted)
        )
        return not any(loose)  # what a test might import late runs nobody's function

    def _unsure(self, earlier: Observation, wanted: Lines) -> set[str]:
        """Files of which it is not known who runs the wanted lines."""
        return {
            path
            for path, lines in wanted.items()
            if self._contents.get(path, "") != earlier.contents.get(path)
            or not lines <= earlier.wanted.get(path, set())
        }

    def _inside_functions(self, path: str) -> set[int]:
        text = read_source(self._root / path)
        try:
            return set(_lines(compile(text or "", path, "exec", dont_inherit=True), is_module=True))
        except (SyntaxError, ValueError):
            return set()


def _within(lines: Lines, wanted: Lines) -> Lines:
    both = {
        path: {each for each in numbers if each < 0 or each in wanted.get(path, set())}
        for path, numbers in lines.items()
    }
    return {path: numbers for path, numbers in both.items() if numbers}


def _lines(code: CodeType, *, is_module: bool = False) -> Iterator[int]:
    """Of the functions inside; the bodies of classes run at import."""
    is_function = not is_module and bool(code.co_flags & 0x1)
    if is_function:
        yield from (line for _, _, line in code.co_lines() if line)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _lines(each)
