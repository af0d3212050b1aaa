"""Success criteria: rules that `--fail-on` takes, and whether this audit keeps them."""

import json
from collections.abc import Sequence
from typing import Final

from greenroom.detect.gate import broken_rules
from greenroom.report.gaps.plan import Priority, Step
from greenroom.report.gaps.section import Item, Section
from greenroom.report.request import ReportRequest
from greenroom.report.text import count

_UNENFORCED: Final = "For tests that are to be written there is no rule: the bars above count them."


def criteria_section(request: ReportRequest, steps: tuple[Step, ...]) -> Section:
    """For today, and for the end of each part of the plan: a line for the configuration."""
    overall = request.audit.score.overall
    floor = f"score<{overall:.1f}" if overall is not None else ""
    items = [_item(request, "from today", [floor], "The score does not fall.")] if floor else []
    codes: list[str] = []
    for priority in (Priority.P0, Priority.P1):
        new = sorted(step.code for step in steps if step.priority is priority and step.code)
        codes += new
        if new:
            severe = ["high"] if priority is Priority.P1 else []
            rules = [*severe, *sorted(codes), *([floor] if floor else [])]
            items.append(_item(request, f"after {priority}", rules, _left(steps, codes)))
    if any(step.code for step in steps):
        every = [step.code for step in steps if step.code]
        items.append(
            _item(request, f"after {Priority.P2}", ["low", *([floor] if floor else [])], _left(steps, every))
        )
    if not items:
        return Section(
            title="Success criteria", lead="None: there is no score to hold, and no finding to mend."
        )
    unenforced = f" {_UNENFORCED}" if any(not step.code for step in steps) else ""
    return Section(
        title="Success criteria",
        lead=f"Lines for `[tool.greenroom]`, so that `greenroom audit` fails until they hold; on the command line each rule is a `--fail-on`.{unenforced}",
        items=tuple(items),
    )


def _item(request: ReportRequest, label: str, rules: Sequence[str], meaning: str) -> Item:
    broken = broken_rules(request.audit, rules)
    state = f"Not met: {len(broken):,} of {count(len(rules), 'rule')} fail today." if broken else "Met today."
    listed = json.dumps(list(rules))
    return Item(label=label, text=f"`fail-on = {listed}` {meaning} {state}")


def _left(steps: tuple[Step, ...], codes: Sequence[str]) -> str:
    number = sum(len(step.findings) for step in steps if step.code in codes)
    return f"No finding of {count(len(codes), 'code')} is left; today {number:,}."
