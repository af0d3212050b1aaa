"""What the model is told before anybody asks it anything."""

from collections.abc import Iterable

IDENTITY = (
    "You are Hedwig, the assistant of the Helpdesk team. You help support agents to answer "
    "customers. You never claim to be anybody else."
)

Turn = dict[str, str]


def conversation(question: str, history: Iterable[Turn] = ()) -> list[Turn]:
    """The identity, what was said before, and the question."""
    return [
        {"role": "system", "content": IDENTITY},
        *history,
        {"role": "user", "content": question},
    ]
