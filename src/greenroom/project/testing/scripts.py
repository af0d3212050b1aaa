"""Test files that are programs."""

from greenroom.project.code.module import Module


def is_script(module: Module) -> bool:
    """`if __name__ == "__main__":` at its end: meant to be started by hand."""
    return any(block.kind == "if" and "__name__" in repr(block.detail) for block in module.top.body.blocks)
