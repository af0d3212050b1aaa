"""What other tests of a file expect to be refused; shared by the entries of this family."""

from collections.abc import Iterator

from greenroom.project.code.facts import last_name
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope

_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"})
_EVERYWHERE = frozenset(
    {"", "get", "post", "put", "patch", "delete", "request", "str", "dict", "list", "open", "print"}
)
"""Names that say nothing of what is called."""


class Rejected:
    """What other tests of a file expect to be rejected: then being accepted is a result."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def has_twin(self, function: Scope) -> bool:
        """Whether the same thing is called under `pytest.raises` by a neighbour."""
        module = function.module
        if module.path not in self._names:
            self._names[module.path] = frozenset(
                name for scope in module.scopes for name in _called_in_raises(scope)
            )
        names = self._names[module.path]
        return any(last_name(call.callee) in names for call in function.body.calls)


def _called_in_raises(scope: Scope) -> Iterator[str]:
    if _RAISES.isdisjoint(scope.facts.called):
        return
    flow = Flow(scope.body)
    for index, block in enumerate(scope.body.blocks):
        if block.kind not in ("with", "async-with"):
            continue
        entered = [
            last_name(scope.body.calls[value].callee) for value, _ in block.detail if isinstance(value, int)
        ]
        if not _RAISES.isdisjoint(entered):
            yield from {last_name(call.callee) for call in flow.calls_in(index)} - _EVERYWHERE
