"""The gap report: the document that a team would otherwise write by hand, from what one audit counted."""

from greenroom.report.gaps.balance import strengths, weaknesses
from greenroom.report.gaps.causes import causes_section, root_causes
from greenroom.report.gaps.criteria import criteria_section
from greenroom.report.gaps.examples import Examples
from greenroom.report.gaps.plan import plan, plan_section
from greenroom.report.gaps.risks import critical_routes, risks_section
from greenroom.report.gaps.section import Section
from greenroom.report.gaps.summary import summary
from greenroom.report.request import ReportRequest


def gap_sections(request: ReportRequest) -> tuple[Section, ...]:
    """Summary, strengths, weaknesses, root causes, critical gaps, plan, success criteria."""
    examples = Examples(request)
    causes = root_causes(request)
    routes = critical_routes(request)
    steps = plan(request, routes, examples)
    return (
        summary(request.audit, causes, routes, steps),
        strengths(request, examples),
        weaknesses(request, examples),
        causes_section(causes),
        risks_section(request, routes, examples),
        plan_section(steps),
        criteria_section(request, steps),
    )
