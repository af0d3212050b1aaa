"""What people and CI start, and what an import runs."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.infer import Inference
from greenroom.project.code.facts import COMPARE, CONSTANT, Block
from greenroom.project.code.module import Module, Scope
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.kind import FileKind
from greenroom.project.web.entry import Entry, named

_MIGRATING = ("upgrade", "downgrade")


def script_entries(
    modules: Mapping[str, Module], inference: Inference, graph: CallGraph, manifest: Manifest
) -> Iterator[Entry]:
    """Console scripts, `__main__` guards, scripts and migrations."""
    yield from _console_scripts(modules, inference, manifest)
    for module in modules.values():
        if module.kind is FileKind.SCRIPT:
            yield from _migrations(module)
            yield from _run_at_import(module, Reach.SCRIPT, f"the script `{module.path}`")
        elif module.kind is FileKind.PRODUCTION:
            yield from _guarded(module, graph)
            yield from _migrations(module)


def factory_entries(modules: Iterable[Module], applications: Collection[str]) -> Iterator[Entry]:
    """Functions that make an application: where no code calls one, a server does, as of `gunicorn "shop:create_app()"`."""
    for module in modules:
        for scope in module.top.children:
            if scope.kind == "function" and f"{module.name}.{scope.name}" in applications:
                yield Entry(scope=scope, reach=Reach.PROJECT, label=f"the factory `{scope.name}`")


def import_entries(modules: Iterable[Module]) -> Iterator[Entry]:
    """The bodies of modules and of their classes: the weakest of all entries."""
    for module in modules:
        yield from _run_at_import(module, Reach.PROJECT, f"the import of `{module.name}`")


def _run_at_import(module: Module, reach: Reach, label: str) -> Iterator[Entry]:
    stack = [module.top]
    while stack:
        scope = stack.pop()
        yield Entry(scope=scope, reach=reach, label=label)
        stack.extend(child for child in scope.children if child.kind == "class")


def _console_scripts(
    modules: Mapping[str, Module], inference: Inference, manifest: Manifest
) -> Iterator[Entry]:
    anywhere = next(iter(modules.values()), None)
    for name, target in manifest.scripts.items():
        home, _, function = target.partition(":")
        module = inference.symbols.module(home, anywhere) if anywhere is not None else None
        for value in inference.name(module.top, function.strip()) if module is not None and function else ():
            if value.kind == "function":
                yield Entry(scope=value.ref, reach=Reach.SCRIPT, label=f"the command `{name}`")


def _guarded(module: Module, graph: CallGraph) -> Iterator[Entry]:
    """What stands under `if __name__ == "__main__":`."""
    if not module.places((b"__main__",)):
        return
    for block in module.top.body.blocks:
        if block.kind == "if" and _asks_for_main(block):
            for edge in graph.edges(module.top):
                if edge.target is not None and block.line <= edge.line <= block.end_line:
                    yield Entry(scope=edge.target, reach=Reach.SCRIPT, label=f"the script `{module.path}`")


def _asks_for_main(block: Block) -> bool:
    test = block.detail
    return (
        isinstance(test, tuple)
        and test[0] == COMPARE
        and {"__name__", (CONSTANT, "__main__")} <= set(test[2])
    )


def _migrations(module: Module) -> Iterator[Entry]:
    """Alembic's `upgrade` and `downgrade`, Django's `Migration`."""
    if module.places((b"down_revision",)):
        for child in module.top.children:
            if child.name in _MIGRATING:
                yield Entry(scope=child, reach=Reach.SCRIPT, label=_migration(module.top))
    elif "/migrations/" in module.path and any(child.name == "Migration" for child in module.top.children):
        yield from _run_at_import(module, Reach.SCRIPT, _migration(module.top))


def _migration(scope: Scope) -> str:
    return named("migration", scope)
