"""What may not be, for a campaign to succeed: any escape, a new one, or too many of them."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from greenroom.model.mutant import Verdict
from greenroom.model.proof import Proof
from greenroom.project.files.errors import ConfigurationError

ANY, NEW = "any", "new"
_RATE = re.compile(r"escape-rate>(\d+(?:\.\d+)?)")


class Gate:
    """Some rules, and the escapes that are known already."""

    def __init__(self, rules: Iterable[str], baseline: Path | None = None) -> None:
        """Read them.

        Args:
            rules: `any`, `new`, or a limit in per cent, `escape-rate>5`.
            baseline: What an earlier campaign has written as JSON; `new` compares with it.

        Raises:
            ConfigurationError: a rule or the file cannot be read, or `new` has nothing to compare with.
        """
        self._rules = tuple(rules) or (ANY,)
        problems = tuple(
            f"fail-on: `{rule}` is no rule: write `any`, `new` or `escape-rate>5`"
            for rule in self._rules
            if rule not in (ANY, NEW) and not _RATE.fullmatch(rule)
        )
        if NEW in self._rules and baseline is None:
            problems += (
                "fail-on: `new` needs --baseline FILE: what `prove --output-format json` wrote before",
            )
        if problems:
            raise ConfigurationError(problems)
        self._known = _escapes(baseline) if baseline is not None else frozenset()

    def broken(self, proof: Proof) -> Iterator[str]:
        """Why the campaign does not succeed."""
        escapes = proof.with_verdict(Verdict.ESCAPED)
        new = [trial for trial in escapes if trial.mutant.key not in self._known]
        for rule in self._rules:
            limit = _RATE.fullmatch(rule)
            if rule == ANY and escapes:
                yield f"escapes: {len(escapes):,}"
            elif rule == NEW and new:
                place = new[0].mutant.place
                yield f"escapes that are not in the baseline: {len(new):,}, the first at {place.path}:{place.line}"
            elif limit and proof.rate.is_enough and proof.rate.share * 100 > float(limit[1]):
                yield f"the escape rate is {proof.rate.share:.1%}, above {limit[1]} %".replace("%,", " %,")


def _escapes(file: Path) -> frozenset[str]:
    """Keys of the mutants that escaped.

    Raises:
        ConfigurationError: it is not what `prove` writes.
    """
    try:
        trials = json.loads(file.read_bytes())["trials"]
        return frozenset(trial["mutant"]["key"] for trial in trials if trial["verdict"] == Verdict.ESCAPED)
    except OSError as error:
        problem = f"baseline: {file} cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        problem = f"baseline: {file} is not what `greenroom prove --output-format json` writes"
    raise ConfigurationError((problem,))
