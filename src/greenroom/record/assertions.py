"""Which assertions really ran, and which of the test's own never did."""

import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType
from typing import Any

from greenroom.model.place import Place
from greenroom.record import environment
from greenroom.record.counted_code import NOT_COMPILED, Compiled, CountedCode, Counter
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.watched_call import WatchedMethods

_TEST_FILES = re.compile(r"(?:tests?|test_.*|.*_tests?)\.py")
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "e2e", "integration", "functional", "unit"})


class AssertionSensor:
    """Counts in the files that pytest rewrites, in the modules beside them, and where `raises` is entered."""

    name = "assertions"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._code: CountedCode | None = None
        self._rewrite: Any = None
        self._config: Any = None
        self._read_pyc: Any = None
        self._finder: _SupportFinder | None = None
        self._methods = WatchedMethods(self._complain)
        self._contexts = 0
        self._asserting: tuple[int, set[str]] = (0, set())
        self._codes: tuple[CountedCode, ...] = ()

    def install(self, scene: Scene) -> None:
        """Take the place of pytest's cache, and import the suite's helpers."""
        self._scene = scene
        cache = os.path.join(os.path.dirname(os.path.dirname(scene.folder)), "cache", "assertions")  # noqa: PTH118, PTH120
        hook = next((each for each in sys.meta_path if type(each).__name__ == "AssertionRewritingHook"), None)
        self._code = CountedCode(cache)
        if hook is not None:
            self._replace_reading(sys.modules[type(hook).__module__], hook, cache)
        elif environment.is_of_pytest():
            scene.note(
                "`assert` statements of test modules are counted without pytest's rewriting: --assert=plain"
            )
        self._finder = _SupportFinder(scene, CountedCode(cache), is_alone=not environment.is_of_pytest())
        sys.meta_path.insert(sys.meta_path.index(hook) + 1 if hook else 0, self._finder)
        self._codes = (self._code, self._finder.counted)
        self._watch_contexts()

    def _replace_reading(self, rewrite: Any, hook: Any, cache: str) -> None:
        self._config = config = hook.config
        about = f"{rewrite.PYTEST_TAG}-{config.getini('enable_assertion_pass_hook')}"
        self._code = CountedCode(
            cache, lambda tree, source, file: rewrite.rewrite_asserts(tree, source, file, config), about
        )
        self._rewrite = rewrite
        self._read_pyc = rewrite._read_pyc  # noqa: SLF001
        rewrite._read_pyc = self._read  # noqa: SLF001

    def _read(self, source: Any, pyc: Any, *trace: Any) -> CodeType | None:
        """What pytest takes for the content of its cache.

        Where that is empty, it would rewrite, and warn of what it reads there: so do we, the same way and once.
        """
        file = str(source)
        counting = self._compiled(file)
        if counting.code is not None and not counting.has_warned:
            return counting.code
        theirs: CodeType | None = self._read_pyc(source, pyc, *trace)
        if counting.code is not None and theirs is None:
            self._rewrite._rewrite_test(source, self._config)  # noqa: SLF001  - pytest meets the same failure here
        return counting.code or theirs

    def _compiled(self, file: str) -> Compiled:
        if self._scene is None or self._code is None or not self._scene.code.relative(file):
            return NOT_COMPILED
        try:
            return self._code.compile(file)
        except Exception as error:  # noqa: BLE001
            self._failed(file, error)
            return NOT_COMPILED

    def _failed(self, file: str, error: Exception) -> None:
        if self._scene is not None and not isinstance(error, SyntaxError | Warning):
            self._scene.note(f"assertions of {file} are not counted: {error}")

    def _watch_contexts(self) -> None:
        for module, name in (
            ("_pytest.raises", "RaisesExc"),
            ("_pytest.raises", "RaisesGroup"),
            ("_pytest.python_api", "RaisesContext"),
            ("_pytest.recwarn", "WarningsChecker"),
        ):
            owner = getattr(sys.modules.get(module), name, None)
            if isinstance(owner, type):
                self._methods.watch(owner, "__exit__", self._entered)

    def _complain(self, error: Exception) -> None:
        if self._scene is not None:
            self._scene.note(f"a context was not counted: {type(error).__name__}: {error}")

    def _entered(self, _: Any) -> None:
        self._contexts += 1

    def uninstall(self) -> None:
        """Give pytest its cache back."""
        self._methods.restore()
        if self._rewrite is not None:
            self._rewrite._read_pyc = self._read_pyc  # noqa: SLF001
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Count from nought."""
        self._contexts = 0
        for code in self._codes:
            for counter in code.seen:
                counter.clear()
            code.seen.clear()

    def end(self, test: RunningTest) -> Part:
        """How many ran; and which did not, where the test had the chance."""
        asserting = self._names_counted_inside(self._codes)
        count = self._contexts
        for code in self._codes:
            for counter in code.seen:
                count += sum(counter.values())
                if asserting and not asserting.isdisjoint(counter.kinds):
                    kinds = counter.kinds
                    count -= sum(times for number, times in counter.items() if kinds[number] in asserting)
        return {"assertions": count, "assertions_unreached": self._unreached(test)}

    def _names_counted_inside(self, codes: tuple[CountedCode, ...]) -> set[str]:
        """Of all files so far; asked again only when there is another one."""
        files = sum(len(code.counters) for code in codes)
        if self._asserting[0] != files:
            names = {name for code in codes for each in code.counters.values() for name in each.asserting}
            self._asserting = (files, names)
        return self._asserting[1]

    def _unreached(self, test: RunningTest) -> tuple[Place, ...]:
        code = test.code if test.passed else None
        if code is None:
            return ()
        for counted in self._codes:
            counter = counted.counters.get(code.co_filename)
            if counter is not None:
                return self._missed(counter, code)
        return ()

    def _missed(self, counter: Counter, code: CodeType) -> tuple[Place, ...]:
        missed = [number for number in counter.between(code.co_firstlineno) if number not in counter]
        if not missed:
            return ()
        path = "" if self._scene is None else self._scene.code.relative(counter.file)
        return tuple(
            Place(
                path=path,
                line=check.line,
                symbol=check.symbol,
                column=check.column,
                note=f"in {check.within}" if check.within else "",
            )
            for check in map(counter.check, missed)
        )


class _SupportFinder:
    """Imports modules beside the tests, which pytest does not rewrite, so that they count; without pytest, all."""

    def __init__(self, scene: Scene, counted: CountedCode, *, is_alone: bool) -> None:
        self._is_alone = is_alone
        self._scene = scene
        self.counted = counted
        self._known: dict[str, bool] = {}

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: Any = None,  # noqa: ARG002  - the import system passes it
    ) -> ModuleSpec | None:
        """As the import system asks; None leaves the module to the others."""
        known = self._known
        entries = [
            each
            for each in (sys.path if path is None else path)
            if (known[each] if each in known else self._is_for_tests(each))
        ]
        spec = PathFinder.find_spec(name, entries) if entries else None
        if spec is None or spec.origin is None or type(spec.loader) is not SourceFileLoader:
            return None
        if self._is_alone and not self._is_test(spec.origin):
            return None
        return importlib.util.spec_from_file_location(
            name,
            spec.origin,
            loader=_CountingLoader(name, spec.origin, self.counted),
            submodule_search_locations=spec.submodule_search_locations,
        )

    def _is_for_tests(self, folder: str) -> bool:
        below = self._scene.code.relative(os.path.join(folder, "x.py"))  # noqa: PTH118
        is_inside = bool(below) and self._is_alone
        known = self._known[folder] = is_inside or not _TEST_FOLDERS.isdisjoint(below.split("/")[:-1])
        return known

    def _is_test(self, file: str) -> bool:
        *folders, name = self._scene.code.relative(file).split("/")
        return not _TEST_FOLDERS.isdisjoint(folders) or _TEST_FILES.fullmatch(name) is not None


class _CountingLoader(SourceFileLoader):
    """Loads a module as Python would, and then has its code count."""

    def __init__(self, name: str, file: str, counted: CountedCode) -> None:
        super().__init__(name, file)
        self._counted = counted

    def get_code(self, fullname: str) -> CodeType | None:
        try:
            counting = self._counted.compile(self.path)
        except Exception:  # noqa: BLE001  - what cannot be counted is imported all the same
            counting = NOT_COMPILED
        if counting.is_enough:
            return counting.code
        code = super().get_code(fullname)
        return counting.code or code
