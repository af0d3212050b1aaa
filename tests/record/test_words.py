import textwrap

from greenroom.record.words import KnownFiles, Words, words_of


def _words(source: str) -> Words:
    return words_of(compile(textwrap.dedent(source), "shop.py", "exec"))


def test_what_a_function_changes_and_not_what_a_module_does_while_it_is_made() -> None:
    found = _words("""\
        ITEMS = {}
        ITEMS["a"] = 1

        class Cart:
            NAMES = []
            NAMES.append("a")

            def fill(self, other):
                self.full = True
                other.empty = False

        def buy():
            global COUNT
            COUNT = 1
            ITEMS["b"] = 2

        def look():
            return PRICES["b"]
        """)

    assert found.changing == {"ITEMS", "COUNT"}
    assert found.binding == {"COUNT"}
    assert found.set_by_methods == {"full", "empty"}
    assert not found.has_coroutines


def test_what_a_test_sets_is_set_on_something() -> None:
    assert _words("def test_a(shop):\n    shop.open = True\n").binding == {"open"}


def test_coroutines_of_a_module_of_tests_are_its_own() -> None:
    files = KnownFiles()
    words = _words("async def load():\n    pass\n")

    files.add("tests/test_a.py", words)
    assert not files.have_coroutines

    files.add("tests/conftest.py", words)
    assert files.have_coroutines
