"""A verdict that is taken over from an earlier state of the tree is the one that would be reached anew: random edits."""

import random
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from greenroom.campaign.dependence import Dependence, read_shapes
from greenroom.campaign.fingerprint import content_of
from greenroom.campaign.inside.line_trace import Context, LineTrace
from greenroom.campaign.journal import Journal
from greenroom.campaign.judgement import Judgement
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.subject import Reach, Subject
from greenroom.model.mutant import Mutant, Verdict
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source
from greenroom.record.project_code import ProjectCode
from tests.campaign.conftest import write
from tests.campaign.marked import MARKED

PROJECT = {
    "trade/__init__.py": "",
    "trade/registry.py": """
        HANDLERS = {}


        def register(function):
            HANDLERS[function.__name__] = function
            return function


        def call_all(n):
            return sum(HANDLERS[name](n) for name in sorted(HANDLERS))  # mutant: return len(HANDLERS)
        """,
    "trade/prices.py": """
        from trade.rates import rate

        LIMIT = 6  # mutant: LIMIT = 2


        def price(n):
            if n > LIMIT:  # mutant: if n < LIMIT:
                return rate(n)
            return n * 2  # mutant: return n * 3
        """,
    "trade/rates.py": """
        import trade.discounts


        def rate(n):
            if n > 8:  # mutant: if n > 1:
                return trade.discounts.Discount(n).value()
            return n + 1  # mutant: return n + 2
        """,
    "trade/discounts.py": """
        class Reduction:
            def value(self):
                return 1


        class Discount(Reduction):
            def __init__(self, n):
                self.n = n

            def value(self):
                return self.n - 4  # mutant: return 0
        """,
    "trade/found.py": """
        from trade.discounts import Reduction


        def total():
            return sum(len(each.__name__) for each in Reduction.__subclasses__())  # mutant: return 8
        """,
    "trade/events.py": """
        from trade.registry import register


        @register
        def on_sale(n):
            return n % 5  # mutant: return n % 4


        def unheard(n):
            return n % 3
        """,
    "trade/alone.py": """
        def alone(n):
            return n * 7  # mutant: return n * 6


        def beside(n):
            return n * 5
        """,
    "trade/settings.py": "SHARE = 2\n",
    "trade/guard.py": """
        import trade.settings
        from trade.depths import hidden
        from trade.registry import HANDLERS


        def guarded(n):
            if n < 0:  # mutant: if n > 0:
                return hidden(n)
            return n + 1  # mutant: return n + trade.settings.SHARE


        def one(n):
            return HANDLERS["on_sale"](n)  # mutant: return sum(each(n) for each in HANDLERS.values())
        """,
    "trade/depths.py": """
        def hidden(n):
            return 0
        """,
    "trade/loading.py": """
        import importlib
        import trade.events

        importlib.import_module("trade.re" + "turns")
        importlib.import_module("trade.li" + "sts")
        """,
    "trade/returns.py": """
        from trade.registry import register


        @register
        def on_return(n):
            return 0
        """,
    "trade/refunds.py": """
        def on_refund(n):
            return 0
        """,
    "trade/lists.py": """
        from trade.refunds import on_refund
        from trade.registry import HANDLERS

        HANDLERS.setdefault("on_refund", on_refund)
        """,
    "tests/test_guard.py": """
        import trade.loading
        from trade import guard


        def test_guarded():
            assert guard.guarded(3) > 3


        def test_one():
            assert guard.one(9) == 4
        """,
    "tests/test_prices.py": """
        from trade.prices import price


        def test_low():
            assert price(2) == 4


        def test_high():
            assert price(7)
        """,
    "tests/test_rates.py": """
        from trade import rates


        def test_rate():
            assert rates.rate(3) < 9
        """,
    "tests/test_found.py": """
        from trade.found import total
        from trade.registry import call_all
        import trade.events


        def test_total():
            assert total() == 8


        def test_events():
            assert call_all(9) >= 4
        """,
    "tests/test_alone.py": """
        from trade.alone import alone


        def test_alone():
            assert alone(1) > 0
        """,
}
NAMES = ("rate", "price", "alone", "beside", "unheard", "on_sale", "call_all")
HOMES = {"rate": "rates", "price": "prices", "on_sale": "events", "unheard": "events", "call_all": "registry",
         "alone": "alone", "beside": "alone"}  # fmt: skip

Edit = Callable[[dict[str, str], random.Random], None]


def _number(files: dict[str, str], chance: random.Random) -> None:
    """Another constant, in a body or at the top, in a test or not."""
    path = chance.choice([path for path in files if re.search(r"\d", files[path])])
    found = chance.choice(list(re.finditer(r"\d+", files[path])))
    files[path] = files[path][: found.start()] + str(chance.randrange(12)) + files[path][found.end() :]


def _call(files: dict[str, str], chance: random.Random) -> None:
    """A function that some function calls from here on."""
    path = chance.choice(
        [path for path in files if path.startswith("trade/") and "    return n" in files[path]]
    )
    name = chance.choice(NAMES)
    imported = f"from trade.{HOMES[name]} import {name} as made_{name}"
    files[path] = files[path].replace(
        "    return n", f"    {imported}\n    return made_{name}(n - 1) if n == 3 else n", 1
    )


def _test(files: dict[str, str], chance: random.Random) -> None:
    path = chance.choice([path for path in files if path.startswith("tests/")])
    name = chance.choice(NAMES)
    files[path] += (
        f"\n\ndef test_{chance.randrange(10**6)}():\n    from trade.{HOMES[name]} import {name}\n    assert {name}(3) != 4\n"
    )


def _test_file(files: dict[str, str], chance: random.Random) -> None:
    name = chance.choice(NAMES)
    text = (
        f"import trade.{HOMES[name]}\n\n\ndef test_more():\n    assert trade.{HOMES[name]}.{name}(2) != 3\n"
    )
    files[f"tests/test_more_{chance.randrange(4)}.py"] = text


def _register(files: dict[str, str], chance: random.Random) -> None:
    path = chance.choice(["trade/alone.py", "trade/events.py", "trade/rates.py"])
    first = "" if "import register" in files[path] else "from trade.registry import register\n"
    files[path] = first + files[path].replace("\ndef ", "\n@register\ndef ", 1)


def _subclass(files: dict[str, str], chance: random.Random) -> None:
    path = chance.choice(["trade/alone.py", "trade/events.py"])
    files[path] += (
        f"\n\nimport trade.discounts\n\n\nclass Made{chance.randrange(99)}(trade.discounts.Reduction):\n    pass\n"
    )


EDITS: tuple[Edit, ...] = (_number, _number, _number, _number, _call, _test, _test_file, _register, _subclass)


class _Served(MetaPathFinder, Loader):
    """Modules from texts, as often as one likes."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self._root = root
        self._files = files

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        file = self._file(name)
        return (
            spec_from_loader(name, self, origin=file, is_package=file.endswith("__init__.py"))
            if file
            else None
        )

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        file = self._file(module.__name__)
        exec(compile(self._files[file], str(self._root / file), "exec"), module.__dict__)  # noqa: S102

    def _file(self, name: str) -> str:
        path = name.replace(".", "/")
        return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in self._files), "")


@contextmanager
def _imported(root: Path, files: dict[str, str]) -> Iterator[dict[str, Callable[[], Any]]]:
    """The tests of these files, by id."""
    served = _Served(root, {**files, "tests/__init__.py": ""})
    before = {
        name: sys.modules.pop(name)
        for name in list(sys.modules)
        if name.partition(".")[0] in ("trade", "tests")
    }
    sys.meta_path.insert(0, served)
    try:
        tests: dict[str, Callable[[], Any]] = {}
        for path in sorted(files):
            if path.startswith("tests/"):
                module = __import__(path.removesuffix(".py").replace("/", "."), fromlist=["x"])
                found = (name for name in vars(module) if name.startswith("test_"))
                tests |= {f"{path}::{name}": getattr(module, name) for name in found}
        yield tests
    finally:
        sys.meta_path.remove(served)
        for name in [name for name in sys.modules if name.partition(".")[0] in ("trade", "tests")]:
            del sys.modules[name]
        sys.modules.update(before)


def _observe(root: Path, files: dict[str, str], wanted: dict[str, frozenset[int]]) -> Observation:
    trace = LineTrace(wanted, ProjectCode(str(root)).relative)
    by_import = trace.context = Context("import")
    before = sys.gettrace()
    trace.start()
    try:
        with _imported(root, files) as tests:
            seen = []
            for name, test in tests.items():
                context = trace.context = Context(name)
                outcome = _outcome(test)
                lines: dict[str, set[int]] = {}
                for path, line in context.lines:
                    lines.setdefault(path, set()).add(line)
                seen.append(ObservedTest(id=name, outcome=outcome, lines=lines, files=context.files))
    finally:
        trace.stop()
        sys.settrace(before)
    imported: dict[str, set[int]] = {}
    for path, line in by_import.lines:
        imported.setdefault(path, set()).add(line)
    return Observation(tests=seen, imported=imported, run_by_import=sorted(by_import.files))


def _outcome(test: Callable[[], Any]) -> str:
    try:
        test()
    except Exception:  # noqa: BLE001  - whatever a random edit brings about
        return "failed"
    return "passed"


def _judge(root: Path, files: dict[str, str], subject: Subject) -> Judgement:
    """The plain truth."""
    try:
        with _imported(root, {**files, subject.change.path: subject.change.text}) as tests:
            for name in subject.tests:
                if _outcome(tests[name]) != "passed":
                    return Judgement(verdict=Verdict.CAUGHT, by=name)
    except Exception:  # noqa: BLE001
        return Judgement(verdict=Verdict.BROKEN)
    return Judgement(verdict=Verdict.ESCAPED)


def _mutants(files: dict[str, str]) -> list[Mutant]:
    return [
        mutant
        for path in files
        if path.startswith("trade/")
        for mutant in seed(Source(path, files[path]), [MARKED])
    ]


@pytest.mark.parametrize("number", range(3))
def test_what_is_taken_over_is_what_would_be_found_anew(tmp_path: Path, number: int) -> None:
    chance = random.Random(number)  # noqa: S311
    root = tmp_path / "project"
    write(root, PROJECT)
    files = {path: (root / path).read_text(encoding="utf-8") for path in PROJECT}
    journals: list[Path] = []
    kept = 0
    for step in range(12):
        found = _led(root, files, tmp_path / f"{step}.jsonl", journals)
        assert not [line for line, (known, now) in found.items() if known not in ("", now)]
        kept += sum(bool(known) for known, _ in found.values())
        journals.append(tmp_path / f"{step}.jsonl")
        chance.choice(EDITS)(files, chance)
    assert kept > 0


GUARD = "if n < 0:"
SHARE = "return n + 1"
ONE = 'return HANDLERS["on_sale"](n)'


@pytest.mark.parametrize(
    ("path", "before", "after", "line", "verdicts"),
    [
        pytest.param("trade/depths.py", "return 0", "return n + 1", GUARD, ("caught", "escaped"), id="only changed code comes here"),
        pytest.param("trade/settings.py", "2", "0", f"guard.py {SHARE}", ("escaped", "caught"), id="a constant"),
        pytest.param("trade/returns.py", "return 0", "return 1", ONE, ("escaped", "caught"), id="through a registry"),
        pytest.param("trade/refunds.py", "return 0", "return 1", ONE, ("escaped", "caught"), id="through another's call"),
        pytest.param("trade/registry.py", "(function):", "(function):\n    function = len", ONE, ("escaped", ""), id="run by the import"),
        pytest.param("tests/test_guard.py", "> 3", "> 3.5", GUARD, ("caught", "caught"), id="the test itself"),
        pytest.param("trade/alone.py", "n * 7", "n * 8", "n * 7", ("escaped", ""), id="the line itself"),
        pytest.param("data.json", "1", "2", GUARD, ("caught", "caught"), id="what is no Python"),
    ],
)  # fmt: skip
def test_what_rests_on_a_change_is_tried_again(  # noqa: PLR0917
    tmp_path: Path, path: str, before: str, after: str, line: str, verdicts: tuple[str, str]
) -> None:
    write(tmp_path, {**PROJECT, "data.json": "1"})
    files = {name: (tmp_path / name).read_text(encoding="utf-8") for name in (*PROJECT, "data.json")}
    first = _led(tmp_path, files, tmp_path / "1.jsonl", [])
    assert files[path].count(before) >= 1
    files[path] = files[path].replace(before, after, 1)

    second = _led(tmp_path, files, tmp_path / "2.jsonl", [tmp_path / "1.jsonl"])

    (name,) = [each for each in first if line in each]
    assert (first[name][1].partition(" ")[0], second.get(name, ("", ""))[1].partition(" ")[0]) == verdicts
    assert name not in second or not second[name][0]


def test_an_edit_elsewhere_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    files = {name: (tmp_path / name).read_text(encoding="utf-8") for name in PROJECT}
    first = _led(tmp_path, files, tmp_path / "1.jsonl", [])
    files["trade/alone.py"] = files["trade/alone.py"].replace("n * 5", "n * 4")
    files["tests/test_alone.py"] += "\n\ndef test_more():\n    assert alone(2) == 14\n"

    second = _led(tmp_path, files, tmp_path / "2.jsonl", [tmp_path / "1.jsonl"])

    again = {name for name, (known, _) in second.items() if not known}
    assert again == {name for name in first if name.startswith("trade/alone.py") or "LIMIT = " in name}


def _led(root: Path, files: dict[str, str], file: Path, earlier: list[Path]) -> dict[str, tuple[str, str]]:
    """Of each mutant that is seen, by its line: what is known of it from before, and what is true."""
    write(root, files)
    mutants = _mutants(files)
    wanted: dict[str, frozenset[int]] = {}
    for mutant in mutants:
        wanted[mutant.place.path] = wanted.get(mutant.place.path, frozenset()) | set(mutant.lines)
    seen = _observe(root, files, wanted)
    dependence = Dependence(
        {path: content_of(root / path) for path in files}, dict(read_shapes(root, files)), seen
    )
    reach = Reach(seen)
    found = {}
    with Journal(file, earlier, dependence) as journal:
        for subject in (reach.of(mutant, files[mutant.place.path]) for mutant in mutants):
            if subject.tests:
                place = subject.mutant.place
                known, now = journal.find_earlier(subject), _judge(root, files, subject)
                line = files[place.path].splitlines()[place.line - 1].partition("  # mutant")[0].strip()
                found[f"{place.path} {line}"] = (_words(known), _words(now))
                journal.add(subject, now)
    return found


def _words(judgement: Judgement | None) -> str:
    return "" if judgement is None else f"{judgement.verdict} by {judgement.by}"
