"""A change is compiled no further than it differs, and says the same as the whole file."""

from types import CodeType

import pytest

from greenroom.mutate.changed_part import ChangedPart
from greenroom.mutate.code_change import NeedsImportError, changed_functions, shape

TEXT = '''"""A module."""

from __future__ import annotations

import threading

LIMIT = 3


@staticmethod
def outer(count, *, most=LIMIT):
    """Makes a closure."""

    def inner(step):
        return count + step

    return inner


class Shop:
    local = threading.local()

    def price(self):
        return super().__hash__()

    def guard(self):
        return threading.local()


def last():
    return [
        1,
        2,
    ]
'''


def said(before: object, after: object) -> object:
    """What differs, down to the lines."""
    try:
        changed = changed_functions(before, after)  # type: ignore[arg-type]
    except NeedsImportError:
        return "needs an import"
    return {
        key: code and (shape(code), code.co_firstlineno, list(code.co_lines()))
        for key, code in changed.items()
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("count + step", "count - step"),
        ("return inner", "return None"),
        ("return count + step", "note = 1\n        return count + step"),
        ("super().__hash__()", "super().__repr__()"),
        ("return threading.local()", "return threading.Lock()"),
        ("        2,\n", ""),
        ("most=LIMIT", "most=None"),
        ("@staticmethod\n", ""),
        ("LIMIT = 3", "LIMIT = 4"),
        ("import threading\n", "import threading\nimport os\n"),
        ("class Shop:", "class Store:"),
        ("    ]\n", "    ]\n\n\ndef more():\n    return 1\n"),
        ("def last():", "@staticmethod\ndef last():"),
        ("count, *", "count, step, *"),
        ("", ""),
    ],
)
def test_says_what_the_whole_file_says(old: str, new: str) -> None:
    changed = TEXT.replace(old, new, 1) if old else TEXT
    part = ChangedPart(TEXT, "shop.py")
    whole = [compile(text, "shop.py", "exec", dont_inherit=True) for text in (TEXT, changed)]
    assert said(*part.pair(changed)) == said(*whole)


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        ChangedPart(TEXT, "shop.py").pair(TEXT.replace("return inner", "return ("))


def test_what_is_python_only_together_with_what_follows() -> None:
    text = 'def first():\n    return 1\n\n\ndef second():\n    return 2  # """\n'
    changed = text.replace("return 1", 'return """1')
    whole = [compile(each, "shop.py", "exec", dont_inherit=True) for each in (text, changed)]
    assert said(*ChangedPart(text, "shop.py").pair(changed)) == said(*whole) == "needs an import"


@pytest.mark.parametrize(
    ("changed", "said_of_it"),
    [
        ("def total(items, rate):\n    return items\n", "needs an import"),
        ("def total(items):\n    return 1\n", 1),
    ],
)
def test_other_parameters_need_an_import(changed: str, said_of_it: str | int) -> None:
    """The callers that live hold the old signature."""
    codes = [compile(text, "it.py", "exec") for text in ("def total(items):\n    return items\n", changed)]
    found = said(*codes)
    assert (len(found) if isinstance(found, dict) else found) == said_of_it


def test_a_set_is_the_same_in_whatever_order_it_was_filled() -> None:
    before = compile("def is_known(it):\n    return it in {0, 8}\n", "it.py", "exec")
    (function,) = (each for each in before.co_consts if isinstance(each, CodeType))
    swapped = tuple(frozenset((8, 0)) if isinstance(each, frozenset) else each for each in function.co_consts)
    other = function.replace(co_consts=swapped)
    after = before.replace(co_consts=tuple(other if each is function else each for each in before.co_consts))

    assert repr(swapped) != repr(function.co_consts)
    assert not changed_functions(before, after)
