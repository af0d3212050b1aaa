"""Small projects whose collection is full of traps; what pytest makes of each is found by running it."""

from dataclasses import dataclass, field

TEST = "def test_a():\n    assert 1 + 1 == 2\n"
CASE = "from unittest import TestCase\n\n\nclass Sums(TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A project, and the arguments with which its tests are started."""

    name: str
    files: dict[str, str]
    arguments: tuple[str, ...] = field(default=())


def _two_folders(**configuration: str) -> dict[str, str]:
    """A suite in `tests` and one in `checks`, with configuration files by name (`_` for the dot)."""
    named = {name.replace("__", "."): text for name, text in configuration.items()}
    return {"tests/test_a.py": TEST, "checks/test_b.py": TEST, **named}


CONFIGURATION = (
    Sample(name="no configuration", files=_two_folders()),
    Sample(name="pytest.ini", files=_two_folders(pytest__ini="[pytest]\ntestpaths = tests\n")),
    Sample(
        name="an empty pytest.ini wins over pyproject.toml",
        files=_two_folders(
            pytest__ini="", pyproject__toml='[tool.pytest.ini_options]\ntestpaths = ["checks"]\n'
        ),
    ),
    Sample(name="a hidden .pytest.ini", files=_two_folders(__pytest__ini="[pytest]\ntestpaths = checks\n")),
    Sample(
        name="pytest.ini before .pytest.ini",
        files=_two_folders(
            pytest__ini="[pytest]\ntestpaths = tests\n", __pytest__ini="[pytest]\ntestpaths = checks\n"
        ),
    ),
    Sample(
        name="pyproject.toml before tox.ini and setup.cfg",
        files=_two_folders(
            pyproject__toml='[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
            tox__ini="[pytest]\ntestpaths = checks\n",
            setup__cfg="[tool:pytest]\ntestpaths = checks\n",
        ),
    ),
    Sample(
        name="pyproject.toml without a section for pytest",
        files=_two_folders(
            pyproject__toml='[project]\nname = "shop"\n', tox__ini="[pytest]\ntestpaths = checks\n"
        ),
    ),
    Sample(
        name="a header that setup.cfg is not asked for",
        files=_two_folders(setup__cfg="[tool:pytest]\ntestpaths = tests\n"),
    ),
    Sample(
        name="a header that tox.ini is not asked for",
        files=_two_folders(tox__ini="[tool:pytest]\ntestpaths = checks\n"),
    ),
    Sample(
        name="a header that pytest.ini is not asked for",
        files=_two_folders(pytest__ini="[tool:pytest]\ntestpaths = checks\n"),
    ),
    Sample(
        name="testpaths of several lines and a comment",
        files=_two_folders(pytest__ini="[pytest]\ntestpaths =\n    # first\n    tests\n    checks\n"),
    ),
    Sample(
        name="a path on the command line wins over testpaths",
        files=_two_folders(pytest__ini="[pytest]\ntestpaths = tests\n"),
        arguments=("checks",),
    ),
    Sample(
        name="testpaths with a glob",
        files={
            "a/tests/test_a.py": TEST,
            "b/tests/test_b.py": TEST,
            "test_c.py": TEST,
            "pytest.ini": "[pytest]\ntestpaths = */tests\n",
        },
    ),
    Sample(
        name="addopts ignore a folder",
        files=_two_folders(pytest__ini="[pytest]\naddopts = --ignore=checks\n"),
    ),
    Sample(
        name="norecursedirs",
        files={
            "tests/test_a.py": TEST,
            "more/data/test_b.py": TEST,
            "tests/.hidden/test_c.py": TEST,
            "tests/data/test_d.py": TEST,
            "pytest.ini": "[pytest]\nnorecursedirs = data\n",
        },
    ),
    Sample(
        name="folders that are never entered unless asked",
        files={"tests/test_a.py": TEST, "build/test_b.py": TEST, "node_modules/x/test_c.py": TEST},
    ),
)

NAMES = (
    Sample(
        name="names of files",
        files={
            "tests/test_a.py": TEST,
            "tests/b_test.py": TEST,
            "tests/c_tests.py": TEST,
            "tests/tests.py": TEST,
            "tests/check_d.py": TEST,
            "tests/testing.py": TEST,
        },
    ),
    Sample(
        name="python_files",
        files={
            "tests/check_a.py": TEST,
            "tests/test_b.py": TEST,
            "tests/tests.py": TEST,
            "pytest.ini": "[pytest]\npython_files = check_*.py tests.py\n",
        },
    ),
    Sample(
        name="python_functions and python_classes",
        files={
            "test_a.py": (
                "def check_a():\n    assert 1\n\n\ndef test_b():\n    assert 1\n\n\nclass CheckC:\n"
                "    def check_d(self):\n        assert 1\n\n\nclass TestE:\n    def check_f(self):\n        assert 1\n"
            ),
            "pytest.ini": "[pytest]\npython_functions = check_*\npython_classes = Check\n",
        },
    ),
    Sample(
        name="classes: constructors, nesting, inheritance, what is switched off",
        files={
            "test_a.py": (
                "class TestPlain:\n    def test_a(self):\n        assert 1\n\n    class TestInner:\n"
                "        def test_b(self):\n            assert 1\n\n\n"
                "class TestMade:\n    def __init__(self):\n        self.x = 1\n\n    def test_c(self):\n        assert 1\n\n\n"
                "class Base:\n    def test_d(self):\n        assert 1\n\n\nclass TestChild(Base):\n    pass\n\n\n"
                "class TestOff:\n    __test__ = False\n\n    def test_e(self):\n        assert 1\n\n\n"
                "class Tests:\n    def test_f(self):\n        assert 1\n\n\nclass SumTest:\n    def test_g(self):\n        assert 1\n"
            )
        },
    ),
    Sample(
        name="two definitions of one name, and parametrisation",
        files={
            "test_a.py": (
                "import pytest\n\n\ndef test_a():\n    assert 1\n\n\ndef test_a():\n    assert 2\n\n\n"
                "@pytest.mark.parametrize('x', [1, 2, 3])\ndef test_b(x):\n    assert x\n"
            )
        },
    ),
    Sample(
        name="fixtures called test_*, and tests that were imported",
        files={
            "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef test_client():\n    return 1\n",
            "test_a.py": (
                "import pytest\n\n\n@pytest.fixture(name='client')\ndef test_other():\n    return 1\n\n\n"
                "def test_a(test_client, client):\n    assert test_client\n"
            ),
            "test_b.py": "from test_a import test_a as test_again\n\n\ndef test_b():\n    assert test_again\n",
        },
    ),
    Sample(
        name="unittest under other names",
        files={
            "test_a.py": (
                "import unittest as ut\nfrom unittest import TestCase as Case\n\n\nclass Sums(Case):\n"
                "    def test_a(self):\n        self.assertTrue(1)\n\n    def check_b(self):\n        self.assertTrue(1)\n\n\n"
                "class Later(ut.IsolatedAsyncioTestCase):\n    async def test_c(self):\n        self.assertTrue(1)\n\n\n"
                "class Child(Sums):\n    def test_d(self):\n        self.assertTrue(1)\n"
            )
        },
    ),
    Sample(
        name="a unittest class in a file of another name",
        files={"tests/test_a.py": CASE, "tests/sums.py": CASE},
    ),
    Sample(
        name="a dataclass is left out",
        files={
            "test_a.py": (
                "from dataclasses import dataclass\n\n\n@dataclass\nclass TestData:\n    x: int = 1\n\n"
                "    def test_a(self):\n        assert 1\n\n\ndef test_b():\n    assert 1\n"
            )
        },
    ),
    Sample(
        name="collect_ignore in a conftest",
        files={
            "tests/conftest.py": "collect_ignore = ['test_b.py']\ncollect_ignore_glob = ['old_*']\n",
            "tests/test_a.py": TEST,
            "tests/test_b.py": TEST,
            "tests/old_x/test_c.py": TEST,
        },
    ),
)

COMMANDS = (
    Sample(name="one file", files=_two_folders(), arguments=("tests/test_a.py",)),
    Sample(
        name="node ids",
        files={"tests/test_a.py": TEST + "\n\ndef test_b():\n    assert 1\n"},
        arguments=("tests/test_a.py::test_b",),
    ),
    Sample(
        name="a keyword",
        files={"tests/test_a.py": TEST + "\n\ndef test_slow():\n    assert 1\n"},
        arguments=("-k", "not slow"),
    ),
    Sample(
        name="a marker",
        files={
            "pytest.ini": "[pytest]\nmarkers =\n    slow: takes long\n",
            "tests/test_a.py": (
                "import pytest\n\n\n@pytest.mark.slow\ndef test_a():\n    assert 1\n\n\ndef test_b():\n    assert 1\n\n\n"
                "@pytest.mark.slow\nclass TestC:\n    def test_d(self):\n        assert 1\n"
            ),
        },
        arguments=("-m", "not slow"),
    ),
    Sample(name="ignoring a folder", files=_two_folders(), arguments=("--ignore", "checks")),
    Sample(
        name="another configuration file",
        files=_two_folders(other__ini="[pytest]\npython_files = test_a.py\n"),
        arguments=("-c", "other.ini"),
    ),
    Sample(
        name="an option on the command line",
        files=_two_folders(pytest__ini="[pytest]\npython_files = none_*.py\n"),
        arguments=("-o", "python_files=test_a.py"),
    ),
)
