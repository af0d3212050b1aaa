"""What the page's blocks cannot show: confidence by who waits, and the retry libraries one by one."""

from collections.abc import Callable

import pytest

from greenroom.catalogue.dependency.unbounded_retry import MODE
from greenroom.detect.run import detect
from greenroom.model.finding import Confidence, Finding
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

Audit = Callable[[str], list[Finding]]


@pytest.fixture
def audit(write_project: WriteProject) -> Audit:
    def run(code: str) -> list[Finding]:
        return list(detect(read_project(write_project({"app.py": code}), Settings()), [MODE]))

    return run


@pytest.mark.parametrize(
    "call",
    [
        "tenacity.retry()", "tenacity.retry(stop=None)", "tenacity.retry(stop=tenacity.stop_never)",
        "tenacity.Retrying(wait=tenacity.wait_fixed(1))", "tenacity.AsyncRetrying()",
        "backoff.on_exception(backoff.expo, OSError)", "backoff.on_predicate(backoff.constant, max_tries=None)",
        "stamina.retry(on=OSError, attempts=None, timeout=None)", "retrying.retry(wait_fixed=1)",
        "retry.retry(OSError)", "retry.retry(OSError, tries=-1, delay=1)",
        "urllib3.Retry(None)", "urllib3.util.Retry(total=None, backoff_factor=1)",
    ],
)  # fmt: skip
def test_what_never_gives_up(audit: Audit, call: str) -> None:
    modules = "import backoff, retry, retrying, stamina, tenacity, urllib3, urllib3.util\n"

    (finding,) = audit(f"{modules}policy = {call}\n")

    assert finding.confidence is Confidence.PROBABLE  # who comes here is not known
    assert "never gives up" in finding.message


def test_it_is_definite_where_a_request_comes(audit: Audit) -> None:
    (finding,) = audit(
        "import tenacity\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        "@app.get('/')\ndef home():\n    return ask()\n\n\n@tenacity.retry\ndef ask():\n    raise OSError\n"
    )

    assert finding.confidence is Confidence.DEFINITE


@pytest.mark.parametrize(
    "call",
    [
        "tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(1))",
        "tenacity.retry(stop=limit, wait=tenacity.wait_fixed(1))", "tenacity.retry(**options)",
        "backoff.on_exception(backoff.expo, OSError, max_tries=3)", "backoff.on_exception(*arguments, **options)",
        "stamina.retry(on=OSError)", "stamina.retry(on=OSError, attempts=None)",
        "retrying.retry(stop_max_delay=1000, wait_fixed=1)", "retry.retry(OSError, tries=3, delay=1)",
        "urllib3.Retry(3)", "urllib3.Retry(total=False)", "urllib3.Retry(total=None, connect=3, read=3)",
        "urllib3.Retry()",
    ],
)  # fmt: skip
def test_what_gives_up(audit: Audit, call: str) -> None:
    modules = "import backoff, retry, retrying, stamina, tenacity, urllib3\n"
    code = f"{modules}def make(limit, arguments, options):\n    return {call}\n"

    assert [finding for finding in audit(code) if finding.confidence is not Confidence.POSSIBLE] == []


def test_methods_that_somebody_listed_are_possible_only(audit: Audit) -> None:
    code = "from urllib3 import Retry\npolicy = Retry(3, backoff_factor=1, allowed_methods={})\n"

    assert [finding.confidence for finding in audit(code.format("None"))] == [Confidence.PROBABLE]
    assert [finding.confidence for finding in audit(code.format("['GET', 'POST']"))] == [Confidence.POSSIBLE]
    assert audit(code.format("['GET']")) == []


def test_a_deadline_around_the_function_is_a_limit(audit: Audit) -> None:
    code = (
        "import asyncio\nimport tenacity\n"
        "@tenacity.retry(wait=tenacity.wait_fixed(1))\nasync def load():\n    return 1\n"
        "async def run():\n    async with asyncio.timeout({}):\n        return await load()\n"
    )

    assert audit(code.format("5")) == []
    assert len(audit(code.format("None"))) == 1


LOOP = """
import requests, time

def load():
    while True:
        try:
            return requests.get("https://a.example", timeout=3)
        except {errors}:
            {handling}
"""


@pytest.mark.parametrize(
    ("errors", "handling", "expected"),
    [
        ("Exception", "pass", [Confidence.PROBABLE]),
        ("Exception", "continue", [Confidence.PROBABLE]),
        ("requests.RequestException", "print('again')", [Confidence.PROBABLE]),
        ("Exception", "time.sleep(1)", [Confidence.POSSIBLE]),
        ("Exception", "raise", []),
        ("Exception", "break", []),
        ("ValueError", "pass", []),
        ("requests.Timeout", "pass", []),
    ],
)
def test_loops(audit: Audit, errors: str, handling: str, expected: list[Confidence]) -> None:
    found = audit(LOOP.format(errors=errors, handling=handling))

    assert [finding.confidence for finding in found] == expected


def test_a_break_after_the_try_is_success_where_the_handler_goes_round(audit: Audit) -> None:
    code = (
        "import requests\ndef load():\n    while True:\n        try:\n"
        "            found = requests.get('https://a.example', timeout=3)\n"
        "        except Exception:\n            {}\n        break\n    return found\n"
    )

    assert len(audit(code.format("continue"))) == 1
    assert audit(code.format("found = None")) == []


def test_a_call_of_the_project_that_leads_out_is_probable(audit: Audit) -> None:
    code = LOOP.replace('requests.get("https://a.example", timeout=3)', "fetch()").format(
        errors="Exception", handling="pass"
    )

    (finding,) = audit(code + "\ndef fetch():\n    return requests.get('https://a.example', timeout=3)\n")

    assert finding.confidence is Confidence.PROBABLE
    assert audit(code + "\ndef fetch():\n    return 1\n") == []


def test_a_task_without_retries_of_its_own_is_fine(audit: Audit) -> None:
    code = "from celery import shared_task\n@shared_task(bind=True, max_retries=None)\ndef notify(self):\n    {}\n"

    assert audit(code.format("return 1")) == []
    assert len(audit(code.format("raise self.retry()"))) == 1
