"""Libraries without which a project gets along, and that it asks nobody to install."""

from greenroom.catalogue.startup.distributions import is_declared, is_standard
from greenroom.project.calls.graph import Edge
from greenroom.project.project import Project

_ATTEMPT = "try"


def is_left_out(project: Project, leaf: Edge) -> bool:
    """Whether what is called stands in no manifest, and its import in an attempt: where it is missing, nothing is called.

    What is tried at the top of a file mostly comes with another library, unless a lock file, which lists these, lacks it.
    """
    root = leaf.symbol.partition(".")[0]
    declared = project.manifest.declared
    if not declared or is_standard(root) or is_declared(root, declared):
        return False
    imports = [
        part
        for part in leaf.caller.module.imports
        if not part.level and part.module.partition(".")[0] == root
    ]
    locks = [
        source
        for source in project.manifest.sources
        if source.is_lock and source.speaks_for(leaf.caller.path)
    ]
    is_locked_out = bool(locks) and not any(is_declared(root, source.locked) for source in locks)
    return bool(imports) and all(part.guard == _ATTEMPT and (part.scope or is_locked_out) for part in imports)
