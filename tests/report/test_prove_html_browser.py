"""The HTML page of a campaign in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from greenroom.model.proof import Proof
from greenroom.report.prove_formats import render_prove
from greenroom.report.prove_request import ProveRequest
from tests.report.browser import CONTRAST, chromium, emulate, write_page
from tests.report.proof_sample import doubted_proof, empty_proof, rich_proof, text

RATE = "Of 40 production failures seeded on lines your tests run, 12 would have reached production (30.0 %, 18.1–45.4 %)."  # noqa: RUF001


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as page:
        yield page


def opened(browser: Chrome, folder: Path, proof: Proof) -> Chrome:
    told = render_prove(ProveRequest(proof=proof, text=text, version="1.2.3"), "html")
    browser.get(write_page(folder, told))
    return browser


@pytest.fixture
def page(browser: Chrome, tmp_path: Path) -> Iterator[Chrome]:
    """The rich campaign, open; afterwards the console must be silent."""
    emulate(browser, width=1280)
    yield opened(browser, tmp_path, rich_proof())
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def lines(page: Chrome, selector: str) -> list[str]:
    return [each.text for each in page.find_elements(By.CSS_SELECTOR, selector)]


def rows(page: Chrome) -> list[str]:
    return lines(page, "#mutants-table tbody tr:not([hidden]) .outcome")


def test_begins_with_the_answer_and_why_it_can_be_believed(page: Chrome) -> None:
    assert lines(page, ".sentence") == [RATE]
    assert lines(page, ".figure .number") == ["30.0 %"]
    assert lines(page, ".controls li") == [
        "1 of 1 identity controls: unchanged code survived",
        "1 of 1 canaries: a raised exception was caught",
    ]
    bottom = page.execute_script("return document.querySelector('.controls').getBoundingClientRect().bottom")
    assert bottom < 900, "seen without scrolling"


def test_tells_each_family_as_far_as_it_is_known(page: Chrome) -> None:
    told = dict(zip(lines(page, ".family .name"), lines(page, ".family .told"), strict=True))

    assert told["dependencies"].startswith("11 of 12 escaped (91.7 %")
    assert told["resources"].startswith("0 of 27 escaped (0.0 %")
    assert told["streams"] == "none was decided by a test"
    assert told["configuration"] == "1 of 1 escaped; not enough to say more"


def test_shows_ten_escapes_with_all_that_is_to_be_known(page: Chrome) -> None:
    escapes = page.find_elements(By.CSS_SELECTOR, ".escape")

    assert len(escapes) == 10
    assert "1 more escaped" in page.find_element(By.ID, "escapes").text
    assert lines(page, "#e1 .diff .removed") == ['-    "🎭"; return httpx.get(URL, timeout=5)']
    assert lines(page, "#e1 .diff .added") == ['+    "🎭"; return httpx.get(URL, timeout=None)']
    told = escapes[0].text
    assert "Every user waits." in told
    assert "2 tests ran it and did not notice." in told
    assert "tests/test_chat.py::test_ask[a<b]" in told
    assert "A test with a silent peer." in told
    assert "And 1 more like it in ask, on line 8." in told
    assert "more like it" not in escapes[1].text


def test_filters_all_failures_by_verdict_operator_and_words(page: Chrome) -> None:
    form = page.find_element(By.CSS_SELECTOR, "[data-filters=mutants-table]")
    assert len(rows(page)) == 44
    Select(form.find_element(By.NAME, "verdict")).select_by_value("escaped")
    assert rows(page) == ["escaped"] * 12
    Select(form.find_element(By.NAME, "operator")).select_by_value("K1")
    assert rows(page) == ["escaped"]
    assert form.find_element(By.CLASS_NAME, "count").text == "1 of 44 failures"
    Select(form.find_element(By.NAME, "verdict")).select_by_value("")
    Select(form.find_element(By.NAME, "operator")).select_by_value("")
    form.find_element(By.NAME, "text").send_keys("a limit")
    assert rows(page) == ["accepted"]


def test_sorts_all_failures(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "#mutants-table th:nth-child(3) button").send_keys(Keys.ENTER)

    found = rows(page)
    assert found == sorted(found)
    assert found[0] == "accepted"


def test_names_the_tests_that_did_not_vote(page: Chrome) -> None:
    section = page.find_element(By.ID, "suite")

    assert "3 of 5 tests voted" in section.text
    assert lines(page, "#suite .name") == [
        "fail without any change",
        "fail on a busy machine, and did not vote",
    ]


def test_what_the_project_says_stays_text(page: Chrome) -> None:
    assert page.execute_script("return document.querySelectorAll('script').length") == 1
    assert page.execute_script("return document.querySelectorAll('main b').length") == 0
    assert page.find_element(By.TAG_NAME, "h1").text == "help<desk>"


def test_nothing_is_fetched(page: Chrome) -> None:
    script = "return performance.getEntriesByType('resource').map(each => each.name)"
    assert page.execute_script(script) == []


def test_every_section_is_linked(page: Chrome) -> None:
    links = page.find_elements(By.CSS_SELECTOR, "nav a, .skip")
    targets = [str(link.get_dom_attribute("href")) for link in links]

    assert len(targets) == 6
    assert all(page.find_elements(By.CSS_SELECTOR, target) for target in targets)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_scrolls_sideways(page: Chrome, width: int) -> None:
    emulate(page, width=width)
    page.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.execute_script("document.querySelector('.number').firstChild.data = '100.0'")

    script = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scroll_width, client_width = page.execute_script(script)
    assert scroll_width == client_width


@pytest.mark.parametrize("dark", [False, True])
def test_no_text_is_too_faint(page: Chrome, *, dark: bool) -> None:
    emulate(page, width=1280, dark=dark)
    page.execute_script("localStorage.clear()")
    page.refresh()

    assert page.execute_script(CONTRAST) == []


def test_a_campaign_in_doubt_tells_no_rate(browser: Chrome, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, doubted_proof())

    assert lines(page, ".sentence")[0].startswith("No rate is told: 1 of 2 controls failed")
    assert lines(page, ".figure .number") == ["n/a"]
    assert lines(page, ".family") == []
    assert "test_ask failed" in page.find_element(By.ID, "answer").text
    assert "%" not in page.find_element(By.TAG_NAME, "main").text


def test_few_trials_are_counted_and_not_divided(browser: Chrome, tmp_path: Path) -> None:
    few = replace(rich_proof(), trials=rich_proof().trials[:3])
    page = opened(browser, tmp_path, few)

    assert lines(page, ".figure .number") == ["3 of 3"]


def test_a_campaign_without_trials_is_a_page_too(browser: Chrome, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, empty_proof())

    assert "Nothing was tried." in page.find_element(By.ID, "escapes").text
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
