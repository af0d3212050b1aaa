"""Does every start that comes to a fallback import another file that ends without the same variable?"""

from collections.abc import Iterator

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.project.calls.imported import loaded_at_once
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.settings.variable_read import VariableRead


class RequiredBeside:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_hand = project.once(ByHand)
        self._starts: list[set[Module]] | None = None

    def is_never_used(self, read: VariableRead) -> bool:
        """Whether the fallback of a read counts nowhere, as whatever loads its file has ended before."""
        home = read.scope.module
        demanding = {
            part.scope.module
            for part in self._project.configuration.reads
            if part.scope.module is not home
            and set(part.names) == set(read.names)
            and part.scope.kind == "module"
            and _ends_without(part)
        }
        if not demanding:
            return False
        starts = [loaded for loaded in self._all_starts() if home in loaded]
        return bool(starts) and all(demanding & loaded for loaded in starts)

    def _all_starts(self) -> list[set[Module]]:
        """What each file loads that is started, or that nothing imports and somebody may start."""
        if self._starts is None:
            symbols = self._project.symbols
            self._starts = [loaded_at_once(symbols, module) for module in set(self._started())]
        return self._starts

    def _started(self) -> Iterator[Module]:
        project = self._project
        found = project.processes
        yield from (process.module for process in found if process.module is not None)
        for module in project.production():
            if not self._by_hand.is_imported(module) and not self._by_hand.is_run_by_hand(module):
                yield module


def _ends_without(read: VariableRead) -> bool:
    """`os.environ["KEY"]`, or `if not KEY: raise` below it, in what the file runs without a condition when it is loaded."""
    body = read.scope.body
    own = [part for part in body.statements if part.line <= read.line <= part.end_line]
    if not own or any(part.block for part in own) or read.default is not None or read.how == "settings":
        return False
    if read.required:
        return True
    names = [target for part in own if part.kind == "assign" for target in part.target]
    asking = [
        number
        for number, block in enumerate(body.blocks)
        if block.kind == "if"
        and block.parent == 0
        and any(block.detail == (facts.OPERATION, "not", (name,)) for name in names)
    ]
    return any(part.kind == "raise" and part.block in asking for part in body.statements)
