"""Findings to select from, with only what a test is about spelled out."""

from greenroom.model.finding import Confidence, Finding, Reach, Severity
from greenroom.model.place import Place


def place(path: str = "app/main.py", line: int = 10) -> Place:
    return Place(path=path, line=line, symbol="handler")


def finding(  # noqa: PLR0917  - each with a default
    code: str = "EVL001",
    path: str = "app/main.py",
    line: int = 10,
    end_line: int = 0,
    severity: Severity = Severity.HIGH,
    confidence: Confidence = Confidence.DEFINITE,
    key: str = "",
    sites: tuple[Place, ...] = (),
    chain: tuple[Place, ...] = (),
) -> Finding:
    return Finding(
        code=code,
        name="blocking-call-in-async",
        place=place(path, line),
        end_line=end_line or line,
        message="`time.sleep` holds the event loop",
        consequence="Everybody waits.",
        remedy="Await `asyncio.sleep`.",
        severity=severity,
        confidence=confidence,
        reach=Reach.ROUTE,
        shown=True,
        key=key or f"{code} {path} handler",
        sites=sites,
        chain=chain,
    )
