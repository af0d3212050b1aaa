"""Leads a campaign: from a project to its proof."""

import hashlib
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from greenroom.campaign.acceptance import accept, read_acceptances, unused
from greenroom.campaign.archive import Archive
from greenroom.campaign.caps import PER_FILE, PER_LINE, drawn
from greenroom.campaign.checking import Checks
from greenroom.campaign.cluster import Cluster, connect
from greenroom.campaign.controls import Probe
from greenroom.campaign.crew import Crew
from greenroom.campaign.errors import NothingToProveError
from greenroom.campaign.fingerprint import take_fingerprint
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.observation import Observation
from greenroom.campaign.panel import LocalPanel, Panel
from greenroom.campaign.plan import Plan, make_plan
from greenroom.campaign.request import Request
from greenroom.campaign.sample import spread
from greenroom.campaign.sensing import with_sensors
from greenroom.campaign.stage import Stage
from greenroom.campaign.subject import Reach, Subject, diff
from greenroom.campaign.time_limit import OutOfTimeError, TimeLimit
from greenroom.detect.changed import read_changes
from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Control, Proof, SuiteFacts, Trial
from greenroom.model.settings import Settings
from greenroom.project.code.reading import Progress

_SAMPLED = 25
"""Of so many verdicts that are taken over from an earlier state of the tree, one is reached anew."""
_SENSED = 0.25
"""The share of the time for trials that sensors get, where they are asked for."""
_GRACE = 10.0
"""Seconds beyond a budget that controls may take which have to be tried once more."""
_NOT_KEPT = (
    "nothing was taken over from an earlier state of the tree: a verdict that was reached anew is another now"
)


def prove(
    root: Path,
    settings: Settings,
    modes: Iterable[FailureMode],
    request: Request,
    progress: Progress | None = None,
) -> Proof:
    """Seed failures into a project, run the tests that can see each, and say what escapes.

    Raises:
        ProjectError: there is no such project, or its tests cannot be used.
        NothingToProveError: nothing can be seeded, or the budget is over before it is known what the tests run.
        ConfigurationError: the request names what does not exist.
    """
    began = time.monotonic()
    tell = progress or _silent
    known = list(modes)
    changed = read_changes(root, request.since) if request.since else None
    plan = make_plan(root, settings, known, request.choice, changed=changed, progress=progress)
    if not plan.mutants:
        where = f" on the lines that changed since {request.since}" if request.since else ""
        message = f"{root}: no failure of the catalogue can be seeded{where}"
        raise NothingToProveError(message)
    until = began + request.budget if request.budget else None
    with ExitStack() as stack:
        try:
            campaign = _Campaign(root, plan, request, tell, stack, until)
        except OutOfTimeError as error:
            message = (
                f"{root}: the budget was over before it was known what the tests run: each is run twice for that "
                "before anything is seeded. Give more time, or name fewer tests behind `--`"
            )
            raise NothingToProveError(message) from error
        trials, controls = campaign.lead(until)
    acceptances, notices = read_acceptances(plan.texts)
    found = tuple(accept(trials, acceptances))
    operators = [(mode, operator) for mode in known for operator in mode.operators]
    is_whole = not campaign.left_out and request.choice == type(request.choice)() and changed is None
    return Proof(
        project=root.resolve().name,
        root=root.as_posix(),
        trials=found,
        controls=tuple(controls),
        suite=campaign.facts(),
        families={mode.code: mode.family for mode, _ in operators},
        noticed_by={operator.key: operator.noticed_by for _, operator in operators},
        consequences={operator.key: operator.consequence for _, operator in operators},
        left_out=campaign.left_out,
        resumed=campaign.resumed,
        kept=campaign.kept,
        sensors=request.sensors and not request.cluster,
        seconds=time.monotonic() - began,
        notices=(
            *campaign.notices(),
            *_left_out(plan, campaign.unbegun, known),
            *notices,
            *(unused(found, acceptances) if is_whole else ()),
        ),
    )


class _Campaign:
    """What is needed from the first test to the last verdict."""

    def __init__(  # noqa: PLR0913, PLR0917  - what is asked, and how long it may take
        self,
        root: Path,
        plan: Plan,
        request: Request,
        progress: Progress,
        stack: ExitStack,
        until: float | None,
    ) -> None:
        self._plan = plan
        self._progress = progress
        self._root = root.resolve()
        self._mutants = [mutant for mutant in plan.mutants if _is_in_shard(mutant, request.shard)]
        self._request = request
        self.left_out = plan.capped + len(plan.mutants) - len(self._mutants)
        self.unbegun: list[Mutant] = []
        self.resumed = 0
        self.kept = 0
        self._notices: list[str] = []
        client = connect(request.cluster) if request.cluster else None
        if client is not None:
            stack.callback(client.close)
        fingerprint = take_fingerprint(self._root, request.interpreter())
        stage = stack.enter_context(Stage(self._root, plan, request, progress, until=until))
        if stage.assumed:
            told = " ".join(stage.assumed)
            self._notices.append(f"tests are taken as `manage.py test` takes them: pytest was given {told}")
        stage.begin()
        archive = Archive(self._root, fingerprint, request)
        self.observation: Observation = stage.observe(archive.folder, archive.earlier())
        self._journal = stack.enter_context(archive.journal(self.observation))
        self._checks = Checks(plan.texts, self.observation)
        self._panel: Panel
        self._crew: Crew | None = None
        if request.cluster:
            self._panel = stack.enter_context(
                Cluster(client, self._root, fingerprint, request, self.observation, progress)
            )
        else:
            self._crew = stack.enter_context(stage.crew(self.observation))
            self._panel = LocalPanel(Judge(self.observation), self._crew)

    def lead(self, until: float | None) -> tuple[list[Trial], list[Control]]:
        """Try everything, at most until `time.monotonic` is there: verdicts in the order of the plan."""
        reach = Reach(self.observation)
        subjects = [reach.of(mutant, self._plan.texts[mutant.place.path]) for mutant in self._mutants]
        is_watched = self._crew is not None and self._request.sensors
        judgements = dict(self._judge_all(subjects, _limit(until, 1 - _SENSED * is_watched)))
        self.unbegun = [subject.mutant for subject in subjects if subject.mutant.key not in judgements]
        self.left_out += len(self.unbegun)
        tried = [subject for subject in subjects if subject.mutant.key in judgements]
        trials = [self._trial(subject, judgements[subject.mutant.key]) for subject in tried]
        if self._crew is not None and self._request.sensors:
            trials, unwatched = with_sensors(
                trials, tried, self.observation, self._crew, self._progress, _limit(until)
            )
            if unwatched:
                self._notices.append(f"the time did not suffice to watch {unwatched:,} escapes with sensors")
        late = max(until, time.monotonic()) + _GRACE if until is not None else None
        return trials, self._checks.settled(self._panel, _limit(late))

    def _judge_all(self, subjects: list[Subject], limit: TimeLimit | None) -> Iterator[tuple[str, Judgement]]:
        waiting: list[Subject] = []
        earlier: dict[Subject, Judgement] = {}
        for subject in subjects:
            if not subject.tests:
                yield subject.mutant.key, Judgement(verdict=Verdict.UNSEEN)
            elif (known := self._journal.find(subject)) is not None:
                self.resumed += 1
                yield subject.mutant.key, known
            elif (known := self._journal.find_earlier(subject)) is not None:
                earlier[subject] = known
            else:
                waiting.append(subject)
        sample = sorted(earlier, key=lambda subject: drawn(subject.mutant))[::_SAMPLED]
        differs = False
        for subject, judgement in self._try(sample, sample, limit):
            differs = differs or judgement.verdict is not earlier.pop(subject).verdict
            yield subject.mutant.key, judgement
        if differs:
            waiting += earlier
            self._notices.append(_NOT_KEPT)
        else:
            yield from self._keep(earlier)
        seen = [subject for subject in subjects if subject.tests]
        if limit is not None:
            seen = [*(subject for subject in seen if subject not in set(waiting)), *spread(waiting)]
        for subject, judgement in self._try(self._checks.among(seen, set(waiting)), waiting, limit):
            yield subject.mutant.key, judgement

    def _keep(self, earlier: dict[Subject, Judgement]) -> Iterator[tuple[str, Judgement]]:
        self.kept = len(earlier)
        for subject, judgement in earlier.items():
            self._journal.add(subject, judgement)
            yield subject.mutant.key, judgement

    def _try(
        self, cases: Iterable[Subject | Probe], waiting: Collection[Subject], limit: TimeLimit | None
    ) -> Iterator[tuple[Subject, Judgement]]:
        """Mutants and what became of them; controls are kept apart."""
        asked = ((each, each.subject if isinstance(each, Probe) else each) for each in cases)
        ended = 0
        for each, judgement in self._panel.judge_all(asked, limit):
            if isinstance(each, Probe):
                self._checks.take(each, judgement)
                continue
            self._journal.add(each, judgement)
            self._progress("trying failures", ended := ended + 1, len(waiting))
            yield each, judgement

    def _trial(self, subject: Subject, judgement: Judgement) -> Trial:
        mutant = subject.mutant
        escaped = judgement.verdict is Verdict.ESCAPED
        return Trial(
            mutant=mutant, verdict=judgement.verdict, tests=subject.tests, by=judgement.by, error=judgement.error,
            where=judgement.where, cold=judgement.cold, at_import=subject.at_import, seconds=judgement.seconds,
            diff=diff(mutant, self._plan.texts[mutant.place.path]) if escaped else "",
        )  # fmt: skip

    def facts(self) -> SuiteFacts:
        """The suite in short."""
        seen = self.observation
        return SuiteFacts(
            tests=len(seen.tests),
            voting=sum(test.votes for test in seen.tests),
            failed=tuple(test.id for test in seen.tests if test.outcome in ("failed", "error")),
            timing=tuple(test.id for test in seen.tests if test.timing),
            left=tuple(test.id for test in seen.tests if test.left),
            dependent=tuple(test.id for test in seen.tests if not test.alone),
            colliding=tuple(seen.colliding),
            seconds=seen.seconds,
        )

    def notices(self) -> list[str]:
        """What the reader should know of how it went."""
        seen = self.observation
        found = [
            *self._notices,
            *self._panel.notices(),
            *(f"each failure was tried in a process of its own, which is slow: {why}" for why in seen.unsafe),
        ]
        if seen.colliding:
            found.append(
                f"one test at a time: {len(seen.colliding)} disturb others that run at the same time"
            )
        return found


def _left_out(plan: Plan, unbegun: Iterable[Mutant], modes: Iterable[FailureMode]) -> Iterator[str]:
    """What a reader might miss."""
    if plan.capped:
        yield (
            f"{plan.capped:,} more failures on the changed lines were left out: at most {PER_LINE} to a line and "
            f"{PER_FILE} to a file are seeded, the gravest first"
        )
    families = {mode.code: mode.family.words for mode in modes}
    counts = Counter(families[mutant.code] for mutant in unbegun)
    if counts:
        told = ", ".join(f"{number:,} of {family}" for family, number in counts.most_common())
        yield f"the time did not suffice for {told}; what was tried is a random sample with its share of each"


def _limit(until: float | None, share: float = 1.0) -> TimeLimit | None:
    """Of what begins now, and may take this share of what is left."""
    return None if until is None else TimeLimit.of(share * (until - time.monotonic()))


def _is_in_shard(mutant: Mutant, shard: tuple[int, int]) -> bool:
    part, of = shard
    return int(hashlib.sha256(mutant.key.encode()).hexdigest()[:8], 16) % of == part - 1


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""
