"""What stands around the lines of one file: conditions and handlers, of which its text is read once."""

import ast


class Enclosing:
    """Of a text that is no Python, nothing is known."""

    def __init__(self, source: str) -> None:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError):
            nodes = []
        self._conditions = [
            (range(each.lineno, (each.end_lineno or each.lineno) + 1), each.test)
            for each in nodes
            if isinstance(each, ast.If)
        ]
        self._handlers = [
            (range(each.lineno, (each.end_lineno or each.lineno) + 1), each.type)
            for each in nodes
            if isinstance(each, ast.ExceptHandler)
        ]
        self._assigned = [
            ({str(getattr(target, "id", "")) for target in each.targets}, each.value)
            for each in nodes
            if isinstance(each, ast.Assign)
        ]

    def conditions_at(self, line: int) -> list[str]:
        """The conditions around this line, and what is assigned to the names in them."""
        around = [test for lines, test in self._conditions if line in lines]
        names = {each.id for test in around for each in ast.walk(test) if isinstance(each, ast.Name)}
        assigned = [value for targets, value in self._assigned if not names.isdisjoint(targets)]
        return [ast.unparse(each) for each in (*around, *assigned)]

    def caught_at(self, line: int) -> str:
        """The exception of the innermost `except` around this line; empty where there is none, or it names none."""
        around = [kind for lines, kind in self._handlers if line in lines]
        innermost = around[-1] if around else None
        kinds = innermost.elts if isinstance(innermost, ast.Tuple) else [innermost]
        return ast.unparse(kinds[0]).rpartition(".")[2] if kinds and kinds[0] is not None else ""
