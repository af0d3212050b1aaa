"""The routes of all applications, with their full paths."""

from greenroom.model.route import Route
from greenroom.project.calls.infer import Inference
from greenroom.project.code.module import Module


def find_routes(modules: dict[str, Module], inference: Inference) -> tuple[Route, ...]:
    """Every route that the code hangs on an application."""
    del modules, inference
    return ()
