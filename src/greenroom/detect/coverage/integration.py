"""Integration-point coverage: dependencies that production reached for real in a test."""

from greenroom.detect.coverage.figure import figure
from greenroom.detect.observed.points import SeenPoints
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.score import Bar


def integration_coverage(seen: SeenRun, points: SeenPoints) -> Bar:
    """Integration points that production code crossed for real and without an error, of all."""
    return figure(
        "integration points",
        [
            (point.name, any(each.real and not each.failure for _, each in points.meetings(point)))
            for point in seen.project.integration_points
            if not all(site.path in seen.changed for site in point.sites)
        ],
    )
