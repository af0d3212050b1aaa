"""What tests would notice with our sensors on: two rates, the same words in every format."""

from greenroom.model.proof import Proof, rate_of
from greenroom.model.rate import Rate
from greenroom.report.text import count


def sensor_sentences(proof: Proof) -> list[str]:
    """Your tests, and your tests with sensors; nothing where nobody watched, or no rate may be told."""
    if not proof.sensors or proof.doubt:
        return []
    alone, watched = rate_of(proof.blind), rate_of(proof.blind, with_sensors=True)
    if not alone.of:
        return ["Sensors had nothing to do: no slow or leaking failure came to a verdict."]
    of = f"Slow and leaking failures, which assertions do not see: of {count(alone.of, 'failure')}"
    return [
        f"{of}, {_escape(alone)} your tests, and {_escape(watched)} your tests with Greenroom's sensors.",
        f"Of all, {_escape(proof.rate_with_sensors)} your tests with sensors.",
    ]


def _escape(rate: Rate) -> str:
    return f"{rate.count:,} {'escapes' if rate.count == 1 else 'escape'} ({rate})"
