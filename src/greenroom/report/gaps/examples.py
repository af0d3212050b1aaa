"""Where in the code something stands that a bar or a finding names."""

from typing import Final

from greenroom.detect.coverage.endpoints import spelled
from greenroom.model.finding import Finding
from greenroom.model.mode import Family
from greenroom.model.place import Place
from greenroom.model.score import Bar
from greenroom.report.frame import source_frame
from greenroom.report.gaps.section import Item
from greenroom.report.ranking import by_urgency
from greenroom.report.request import ReportRequest

_CROSSED: Final = "dependencies crossed for real"
_PROVOKED: Final = "dependency failures provoked"


class Examples:
    """Finds an example from the code for each kind of count."""

    __slots__ = ("_by_name", "_first", "_request", "_tests")

    def __init__(self, request: ReportRequest) -> None:
        """Look through the audit once."""
        audit = request.audit
        self._request = request
        self._by_name: dict[str, Place] = {}
        for route in audit.routes:
            place = Place(path=route.file, line=route.line, symbol=route.symbol)
            self._by_name.setdefault(spelled(route), place)
        for test in audit.tests:
            self._by_name[test.id] = Place(path=test.path, line=test.line, symbol=test.symbol)
        for point in audit.integration_points:
            if point.sites:
                self._by_name.setdefault(point.name, point.sites[0])
        self._tests = {
            (bar, point.name): tests[0]
            for point in audit.integration_points
            for bar, tests in ((_CROSSED, point.tests_real), (_PROVOKED, point.failures_provoked))
            if tests
        }
        self._first: dict[str, Finding] = {}
        for finding in by_urgency(request.shown):
            self._first.setdefault(finding.code[:3], finding)

    def of_bar(self, bar: Bar, label: str, text: str, *, covered: bool) -> Item:
        """The bar with the first of its names, those first of which the place is known."""
        names = bar.covered if covered else bar.missing
        chosen = next((name for name in names if name in self._by_name), names[0] if names else "")
        if not chosen:
            return Item(label=label, text=text)
        test = self._tests.get((bar.name, chosen), "") if covered else ""
        place = self._by_name.get(test or chosen)
        told = f"{text} {'For example' if covered else 'Not so, for example'}: `{chosen}`{f' in `{test}`' if test else ''}."
        return Item(label=label, text=told, place=place, source=self.source(place))

    def of_family(self, family: Family, label: str, text: str) -> Item:
        """The count with the most urgent finding of its family, where one is shown."""
        finding = self._first.get(family.value)
        if finding is None:
            return Item(label=label, text=text)
        told = f"{text} {finding.code}: {finding.message}."
        return Item(label=label, text=told, place=finding.place, source=self.source(finding.place))

    def source(self, place: Place | None) -> str:
        """The line at a place, secrets covered; empty where it cannot be read."""
        if place is None:
            return ""
        frame = source_frame(self._request.lines(place.path), place, before=0, after=0)
        return frame[0].text.strip() if frame else ""
