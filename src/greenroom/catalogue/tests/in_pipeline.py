"""What the pipelines of continuous integration set by themselves, and what a test does there."""

from greenroom.project.code import facts
from greenroom.project.code.module import Scope

ALWAYS_SET = {
    "CI": "", "GITHUB_ACTIONS": ".github/workflows", "GITLAB_CI": ".gitlab-ci", "CIRCLECI": ".circleci",
    "TRAVIS": ".travis", "TF_BUILD": "azure-pipelines", "BUILDKITE": ".buildkite", "HOME": "", "PATH": "", "USER": "",
}  # fmt: skip
"""Variables, with the file that tells of such a pipeline; empty where every machine sets them."""
_OF_PIPELINES = frozenset(ALWAYS_SET) - {"HOME", "PATH", "USER"}


def returns_in_pipeline(scope: Scope, line: int) -> bool:
    """Whether `if os.environ.get("CI"): return` stands above the line: what is below is for other machines."""
    body = scope.body
    for statement in body.statements:
        if statement.kind == "return" and statement.line < line:
            block = body.blocks[statement.block]
            if block.kind == "if" and _OF_PIPELINES & _texts(scope, block.detail):
                return True
    return False


def _texts(scope: Scope, test: facts.Expression) -> set[object]:
    """The constants in a condition, and in the arguments of the calls that it makes."""
    found: set[object] = set()
    for part in facts.walk(test):
        found.add(facts.constant(part))
        if type(part) is int:
            found.update(facts.constant(argument) for argument in scope.body.calls[part].arguments)
    return {text for text in found if isinstance(text, str)}
