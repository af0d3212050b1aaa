"""What is told from the changed lines alone is what a look at all lines tells."""

import random
import re
from collections.abc import Iterator

import pytest

from greenroom.history.definitions import Names
from greenroom.history.difference import middle
from greenroom.history.lookup import texts_in, words_in
from greenroom.history.sketch import TestFile
from greenroom.history.succession import edited

_LINES = [
    "", "", "import app", "@pytest.fixture", "def test_one():", "def test_two(", "    a, b):", 'def helper(a="("):',
    "class TestShop:", "    @mark", "    def test_in(self):", "    def setUp(self):", "        def inner():", "        assert app.sell()",
    "    x = 1", '    """Says', '    def in text"""', "# a comment", "y = 2", "async def test_three(): pass", "\tdef test_tab(self):",
]  # fmt: skip


def _versions(seed: int) -> Iterator[tuple[str, str]]:
    """Texts, each edited in a few places."""
    rng = random.Random(seed)  # noqa: S311  - the same each time
    lines = rng.choices(_LINES, k=60)
    for _ in range(40):
        after = list(lines)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(after) + 1)
            after[at : at + rng.randint(0, 2)] = rng.choices(_LINES, k=rng.randint(0, 3))
        yield "\n".join(lines), "\n".join(after)
        lines = after


@pytest.mark.parametrize("seed", range(20))
def test_the_middle_and_what_is_around_it_make_up_both_texts(seed: int) -> None:
    for before, after in _versions(seed):
        edit = middle(before, after)
        end = before[edit.start + len(edit.before) :]
        assert before[: edit.start] + edit.before + end == before
        assert before[: edit.start] + edit.after + end == after
        assert edit.start == 0 or before[edit.start - 1] == "\n"
        assert not end or all(text[-len(end) - 1 : -len(end)] in ("", "\n") for text in (before, after))


@pytest.mark.parametrize("seed", range(20))
def test_the_functions_that_were_edited_are_those_whose_text_is_another(seed: int) -> None:
    for before, after in _versions(seed):
        old, new = TestFile("test_a.py", before), TestFile("test_a.py", after)
        expected = [
            symbol
            for symbol, one in new.sketches.items()
            if symbol in old.sketches and old.sketches[symbol].passage.text != one.passage.text
        ]
        assert [edit.after.symbol for edit in edited(old, new)] == expected


@pytest.mark.parametrize("seed", range(20))
def test_names_told_in_a_row_are_those_told_one_by_one(seed: int) -> None:
    names = Names()
    for before, after in _versions(seed):
        assert (
            list(names.of(before)) == list(Names().of(before)) == list(TestFile("test_a.py", before).sketches)
        )
        assert list(names.of(after)) == list(Names().of(after))


@pytest.mark.parametrize("seed", range(200))
def test_many_texts_are_found_where_each_would_be_found_by_itself(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  - the same each time
    signs = "ab_ ./-é1"
    text = "".join(rng.choices(f"{signs}\n", k=rng.randint(0, 300)))
    wanted = {"".join(rng.choices(signs, k=rng.randint(1, 5))) for _ in range(400)}
    words = {one for one in wanted if re.fullmatch(r"\w+", one)}
    assert texts_in(wanted, text) == {one for one in wanted if one in text}
    assert words_in(wanted, text) == words & set(re.findall(r"\w+", text))
