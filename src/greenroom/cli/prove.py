"""`greenroom prove`."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from greenroom import api
from greenroom.campaign.gate import Gate
from greenroom.campaign.plan import Choice, read_source
from greenroom.campaign.question import Question
from greenroom.campaign.request import Request
from greenroom.cli import ExitCode
from greenroom.cli.environments import notice_of_interpreter
from greenroom.cli.options import settings_flags
from greenroom.cli.output import Destination, deliver_text
from greenroom.cli.progress import ShownProgress
from greenroom.model.effectiveness import Effect
from greenroom.report.effectiveness import EFFECTIVENESS_FORMATS, render_effectiveness
from greenroom.report.prove_formats import PROVE_FORMATS, render_prove
from greenroom.report.prove_request import ProveRequest

_UNITS = {"s": 1, "m": 60, "h": 3600}


def _words(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for each in value for word in each.split(",") if word.strip())


def _seconds(_: click.Context, __: click.Parameter, value: str) -> float:
    if not value:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
    if found is None or not float(found[1]):
        message = f"{value!r} is no time: write it as 90s, 5m or 1h"
        raise click.BadParameter(message)
    return float(found[1]) * _UNITS[found[2]]


def _shard(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", value)
    part, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= part <= of:
        message = f"{value!r} is no shard: write the second of four as 2/4"
        raise click.BadParameter(message)
    return part, of


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Who is told to end leaves nothing running: as `kill` says it, not the terminal alone."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _BeforePytest(click.Command):
    """What stands behind `--` is pytest's, also where no PATH stands before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[__name__] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- PYTEST-ARGUMENT...]"]


@click.command("prove", cls=_BeforePytest)
@click.argument("path", default=".", type=click.Path(path_type=Path), metavar="[PATH]")
@click.option(
    "--python",
    default="",
    metavar="FILE",
    help="The interpreter in which the tests run.  [default: the active environment's]",
)
@click.option(
    "--select",
    multiple=True,
    callback=_words,
    metavar="CODES",
    help="Seed only these failure modes or prefixes (DEP001), or operators (T1); takes commas.",
)
@click.option("--ignore", multiple=True, callback=_words, metavar="CODES", help="Do not seed these.")
@click.option(
    "--first-rank", is_flag=True, help="Seed only operators of the first rank: the quickest answer."
)
@click.option(
    "--since", default="", metavar="REV", help="Seed only on lines that changed since a git revision."
)
@click.option(
    "--budget",
    default="",
    callback=_seconds,
    metavar="TIME",
    help="End within 90s, 5m or 1h; what is tried is a random sample.",
)
@click.option(
    "--shard",
    default="1/1",
    callback=_shard,
    metavar="I/N",
    help="Try the I-th of N parts, as one of N machines.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Tests that run at a time.  [default: processors]",
)
@click.option(
    "--cluster",
    default="",
    metavar="ADDRESS",
    help="Have the workers of a Dask scheduler judge: tcp://HOST:8786.",
)
@click.option(
    "--test",
    default="",
    metavar="NODEID",
    help="Ask a single test whether it notices an incident; needs --incident.",
)
@click.option(
    "--incident",
    multiple=True,
    callback=_words,
    metavar="CODE",
    help="What --test should notice: a failure mode or an operator, by code or name; takes commas.",
)
@click.option(
    "--sensors",
    is_flag=True,
    help="Also ask whether slow and leaking failures would be noticed with Greenroom's sensors on.",
)
@click.option("--fresh", is_flag=True, help="Take nothing over from earlier runs on the same tree.")
@settings_flags("exclude", "source-roots", "tests")
@click.option(
    "--output-format",
    type=click.Choice(PROVE_FORMATS),
    default="full",
    show_default=True,
    help="How to write the report.",
)
@click.option(
    "--output-file", type=click.Path(path_type=Path), help="Where to write it, instead of standard output."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 although failures escape.")
@click.option(
    "--fail-on",
    multiple=True,
    callback=_words,
    metavar="RULES",
    help="What may not be: any escape, a new one, or too many: any, new, escape-rate>5.  [default: any]",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What `prove --output-format json` wrote before: escapes in it are not new.",
)
def command(  # noqa: PLR0913  - the options of a command are its parameters
    path: Path,
    *,
    python: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    first_rank: bool,
    since: str,
    budget: float,
    shard: tuple[int, int],
    workers: int | None,
    cluster: str,
    test: str,
    incident: tuple[str, ...],
    sensors: bool,
    fresh: bool,
    output_format: str,
    output_file: Path | None,
    exit_zero: bool,
    fail_on: tuple[str, ...],
    baseline: Path | None,
    **flags: Any,
) -> int:
    """Seed production failures into the code, and say how many would have reached production.

    Each failure is put into a running copy of the code, and the tests that run its lines are run on it; nothing on
    disk is touched. What stands behind `--` goes to pytest.
    """
    gate = Gate(fail_on, baseline)
    arguments: tuple[str, ...] = click.get_current_context().meta[__name__]
    request = Request(
        python=python, arguments=arguments, since=since, budget=budget, shard=shard,
        choice=Choice(select=select, ignore=ignore, first_rank=first_rank), workers=workers or 0, fresh=fresh,
        cluster=cluster, sensors=sensors, settings=api.configure(path, flags),
    )  # fmt: skip
    if sensors and cluster:
        message = "--sensors watches on this machine: it goes without --cluster"
        raise click.UsageError(message)
    if not python and (notice := notice_of_interpreter(request.interpreter())):
        click.echo(f"greenroom: {notice}", err=True)
    if test or incident:
        question = _question(request, test, incident, output_format)
        return _ask(path, request, question, Destination(format_name=output_format, file=output_file))
    with _ended_in_order(), ShownProgress() as progress:
        proof = api.prove(path, request, progress=progress)
    report = ProveRequest(proof=proof, text=_reader(path), version=version("greenroom"))
    deliver_text(render_prove(report, output_format), output_file)
    if proof.doubt:
        return ExitCode.INTERNAL if proof.failed_controls else ExitCode.NOTHING_TO_CHECK
    broken = () if exit_zero else tuple(gate.broken(proof))
    if fail_on and broken:
        click.echo(f"greenroom: {'; '.join(broken)}", err=True)
    return ExitCode.FINDINGS if broken else ExitCode.CLEAN


def _question(request: Request, test: str, incident: tuple[str, ...], output_format: str) -> Question:
    """What is asked of a single test.

    Raises:
        click.UsageError: half of it is missing, or more is asked for than one test can answer.
    """
    if not (test and incident):
        message = "--test and --incident belong together: which test, and what should it notice?"
        raise click.UsageError(message)
    plain = Request(python=request.python, arguments=request.arguments, workers=request.workers,
                    fresh=request.fresh, settings=request.settings)  # fmt: skip
    if request != plain:
        message = "--test goes only with --python, --workers, --fresh and what pytest is given: --incident says the rest"
        raise click.UsageError(message)
    if output_format not in EFFECTIVENESS_FORMATS:
        message = f"--test is answered as {' or '.join(EFFECTIVENESS_FORMATS)}, not as {output_format}"
        raise click.UsageError(message)
    return Question(test=test, incidents=incident)


def _ask(path: Path, request: Request, question: Question, to: Destination) -> int:
    with _ended_in_order(), ShownProgress() as progress:
        found = api.measure_effectiveness(path, request, question, progress=progress)
    deliver_text(render_effectiveness(found, _reader(path), to.format_name), to.file)
    if any(not control.held for control in found.controls):
        return ExitCode.INTERNAL
    return ExitCode.CLEAN if found.effect is Effect.NOTICES else ExitCode.FINDINGS


def _reader(root: Path) -> Callable[[str], str]:
    return lambda name: read_source(root / name) or ""
