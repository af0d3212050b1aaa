"""How urgent is a ticket? Decided by its words."""

from collections.abc import Iterable

WEIGHTS = {"outage": 60, "down": 40, "security": 50, "invoice": 20, "slow": 15, "question": 5}
LABELS = ((80, "urgent"), (40, "high"), (15, "normal"), (0, "low"))


def score(text: str) -> int:
    """The sum of the weights of the words that occur, at most 100."""
    words = set(text.lower().split())
    return min(100, sum(weight for word, weight in WEIGHTS.items() if word in words))


def label(text: str) -> str:
    """The priority as people say it."""
    points = score(text)
    return next(name for limit, name in LABELS if points >= limit)


def rank(texts: Iterable[str]) -> list[str]:
    """The most urgent first; equally urgent ones stay in order."""
    return sorted(texts, key=score, reverse=True)
