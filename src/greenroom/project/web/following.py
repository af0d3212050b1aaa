"""What following names and calls needs of the whole."""

from typing import Protocol

from greenroom.project.calls.infer import Inference
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.web.thing import Context, Made, Things


class Following(Protocol):
    """The evaluation, as those see it that do a part of its work."""

    inference: Inference
    open: set[object]
    """What is being found out at this moment."""
    cycles: int
    """How often something was asked for while it was being found out."""

    def evaluate(self, context: Context, expression: Expression) -> Things:
        """The outcomes of an expression."""

    def items(self, context: Context, expression: Expression) -> list[Things]:
        """The items of what is a list."""

    def spread(self, context: Context, arguments: tuple[Expression, ...]) -> list[Things]:
        """The arguments one by one."""

    def contexts(self, scope: Scope) -> tuple[Context, ...]:
        """The runs of a scope."""

    def run(self, made: Made) -> Context:
        """The run of the code around the call that made an object."""

    def constructed(self, made: Made, constructor: Scope) -> Context:
        """The run of a constructor that an object went through."""

    def returned(self, run: Context) -> Things:
        """What a run of a function returns."""
