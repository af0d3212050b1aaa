"""Is a client there for one function alone, or for nobody, without being known to ask anything?"""

import re

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.project.code.facts import constant, walk
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_THIS_MACHINE = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?:[:/]|$)")


def asks_this_machine(crossing: Crossing) -> bool:
    """`requests.get("http://127.0.0.1:8000/orders")`: whoever works on the product tries it."""
    return crossing.made is None and any(
        isinstance(text := constant(part), str) and _THIS_MACHINE.match(text)
        for part in crossing.call.arguments[:2]
    )


def is_only_here(crossing: Crossing) -> bool:
    """A client of this function alone, through which it is not known to ask anything: some calls stay at home."""
    name = _name_without_uses(crossing) if crossing.scope.is_function else ""
    return bool(name) and not crossing.scope.children and not _leaves(crossing, name)


def is_forgotten(project: Project, crossing: Crossing) -> bool:
    """A client of a whole file whose name is written nowhere else, but in tests: nothing is asked through it."""
    name = _name_without_uses(crossing) if crossing.scope.kind == "module" else ""
    if not name:
        return False
    home, said, read = crossing.scope.module, re.compile(rf"(?<!\w){name}(?!\w)"), project.inventory.read_text
    return len(said.findall(read(home.path))) == 1 and not any(
        said.search(read(module.path))
        for module in project.modules.values()
        if module is not home and module.kind is not FileKind.TEST
    )


def _name_without_uses(crossing: Crossing) -> str:
    """The plain name that a client gets through which it is not known to ask anything; empty where there is none."""
    if crossing.made is None or crossing.uses or crossing.limited_uses:
        return ""
    made = {name for part in crossing.scope.body.statements if part.kind == "assign" and part.value == crossing.edge.call
            for name in part.target}  # fmt: skip
    name = next(iter(made), None)
    return name if isinstance(name, str) and name.isidentifier() and len(made) == 1 else ""


def _leaves(crossing: Crossing, name: str) -> bool:
    """Whether the object itself, or something of it, is handed on, kept or given back."""
    body = crossing.scope.body
    values = [part.value for part in body.statements if part.value != crossing.edge.call]
    for call in body.calls:
        values += [*call.arguments, *(value for _, value in call.keywords)]
    values += [
        made for block in body.blocks if block.kind in ("with", "async-with") for made, _ in block.detail
    ]
    return any(
        isinstance(part, str) and (part == name or part.startswith(f"{name}."))
        for value in values
        for part in walk(value)
    ) or any(part.kind == "global" and name in part.target for part in body.statements)
