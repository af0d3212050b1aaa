"""A campaign in short: what an audit tells of it later."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from greenroom.campaign.request import Request
from greenroom.campaign.run import prove
from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Verdict
from greenroom.model.noticed import EscapedFailure, Noticed, NoticedFamily
from greenroom.model.proof import Proof, Trial
from greenroom.model.settings import Settings
from greenroom.project.code.reading import Progress
from greenroom.project.files.contents import contents_of
from greenroom.record.run_folder import revision_of


def prove_and_sum_up(
    root: Path,
    settings: Settings,
    modes: Iterable[FailureMode],
    request: Request,
    progress: Progress | None = None,
) -> tuple[Proof, Noticed | None]:
    """Lead a campaign; in short, where it says something of the project, and not of a change or of a single incident."""
    about = revision_of(root)
    begun = Noticed(
        at=time.time(), revision=about.get("revision", ""), modified=about.get("modified", False), contents=contents_of(root)
    )  # fmt: skip
    proof = prove(root, settings, modes, request, progress)
    is_of_project = not (request.since or request.choice.select or request.choice.ignore)
    return proof, _sum_up(proof, request, begun) if is_of_project else None


def _sum_up(proof: Proof, request: Request, begun: Noticed) -> Noticed:
    """What was noticed; nothing where the controls do not hold."""
    if proof.doubt:
        return replace(begun, doubt=proof.doubt)
    seeded = Counter(proof.families[trial.mutant.code] for trial in proof.trials)
    return replace(
        begun,
        narrowed=_narrowed(proof, request),
        rate=proof.rate,
        seeded=len(proof.trials),
        families=tuple(
            NoticedFamily(family=family, seeded=seeded[family], rate=rate)
            for family, rate in proof.by_family().items()
        ),
        escapes=tuple(_escaped(trial) for trial in proof.with_verdict(Verdict.ESCAPED)),
    )


def _narrowed(proof: Proof, request: Request) -> tuple[str, ...]:
    part, of = request.shard
    reasons = (
        (request.choice.first_rank, "operators of the first rank only"),
        (of > 1, f"shard {part} of {of}"),
        (of == 1 and proof.left_out, f"a sample: the budget left {proof.left_out:,} out"),
        (request.arguments, "pytest was given arguments"),
    )
    return tuple(words for is_so, words in reasons if is_so)


def _escaped(trial: Trial) -> EscapedFailure:
    mutant = trial.mutant
    return EscapedFailure(
        path=mutant.place.path,
        line=mutant.place.line,
        code=mutant.code,
        operator=mutant.operator,
        name=mutant.name,
    )
