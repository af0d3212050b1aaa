"""Files whose names say that a developer tries or measures something with them."""

import re
from typing import Final

_NAMES: Final = re.compile(
    r"(?:^|[/_])(?:seeds?|seeders?|seeding|fakes?|dummy|devstack|demos?|samples?|playgrounds?|benchmarks?|bench|evals?|evaluations?"
    r"|loadtests?|(?:initial|test)_?data)(?:[/_.]|$)",
    re.IGNORECASE,
)


def is_to_try(path: str) -> bool:
    """Whether the file or a folder around it is called so."""
    return _NAMES.search(path) is not None
