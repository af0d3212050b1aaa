"""The HTML report in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from greenroom.model.place import Place
from greenroom.report import RenderOptions, render
from tests.report.browser import CONTRAST, chromium, emulate, write_page
from tests.report.sample import BLOCKING, MODES, empty_audit, large_audit, rich_audit, sample_lines


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """One browser for all tests of this file."""
    with chromium() as page:
        yield page


@pytest.fixture
def page(browser: Chrome, tmp_path: Path) -> Iterator[Chrome]:
    """The rich report, open; afterwards the console must be silent."""
    emulate(browser, width=1280)
    text = render(rich_audit(), MODES, "html", lines=sample_lines)
    browser.get(write_page(tmp_path, text))
    browser.execute_script("localStorage.clear()")
    browser.get(browser.current_url)
    yield browser
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def shown_codes(page: Chrome) -> list[str]:
    """The codes of the findings that a reader sees, from top to bottom."""
    rows = page.find_elements(By.CSS_SELECTOR, ".finding > summary .code")
    return [row.text for row in rows if row.is_displayed()]


def press(page: Chrome, selector: str) -> None:
    """Press a button as a keyboard does."""
    page.find_element(By.CSS_SELECTOR, selector).send_keys(Keys.ENTER)


def choose(page: Chrome, name: str, value: str) -> None:
    """Choose from one of the filters of the findings."""
    Select(page.find_element(By.CSS_SELECTOR, f"#filters [name={name}]")).select_by_value(value)


def count_text(page: Chrome) -> str:
    """What the page says about how many findings are seen."""
    return page.find_element(By.ID, "count").text


def test_begins_with_the_default_selection_most_urgent_first(page: Chrome) -> None:
    assert shown_codes(page) == ["EVL001", "TST002", "STR001", "RES001", "DEP001"]
    assert count_text(page) == "5 of 9"


def test_filters_by_path_text(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "#filters [name=text]").send_keys("desk/CHAT.py")
    assert shown_codes(page) == ["EVL001", "STR001"]
    assert count_text(page) == "2 of 9"


def test_says_that_nothing_matches(page: Chrome) -> None:
    assert not page.find_element(By.ID, "none").is_displayed()
    page.find_element(By.CSS_SELECTOR, "#filters [name=text]").send_keys("no such thing")
    assert shown_codes(page) == []
    assert page.find_element(By.ID, "none").is_displayed()


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("code", "STR001", ["STR001"]),
        ("severity", "high", ["EVL001", "TST002", "STR001"]),
        ("confidence", "probable", ["STR001", "RES001"]),
    ],
)
def test_filters_by_choice(page: Chrome, name: str, value: str, codes: list[str]) -> None:
    choose(page, name, value)
    assert shown_codes(page) == codes
    choose(page, name, "")
    assert len(shown_codes(page)) == 5


def test_filters_add_up(page: Chrome) -> None:
    choose(page, "severity", "high")
    choose(page, "confidence", "definite")
    page.find_element(By.CSS_SELECTOR, "#filters [name=text]").send_keys("tests/")
    assert shown_codes(page) == ["TST002"]


def test_shows_what_is_hidden_with_the_reason(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "#filters [name=hidden]").send_keys(Keys.SPACE)
    assert count_text(page) == "9 of 9"
    choose(page, "confidence", "possible")
    finding = page.find_element(By.CSS_SELECTOR, ".finding:not([hidden])")
    finding.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert "Hidden: only possible" in finding.text


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("code", ["DEP001", "EVL001", "RES001", "STR001", "TST002"]),
        ("path", ["EVL001", "STR001", "DEP001", "RES001", "TST002"]),
        ("severity", ["EVL001", "TST002", "STR001", "RES001", "DEP001"]),
        ("confidence", ["EVL001", "TST002", "DEP001", "STR001", "RES001"]),
        ("reach", ["EVL001", "STR001", "RES001", "TST002", "DEP001"]),
    ],
)
def test_sorts(page: Chrome, key: str, codes: list[str]) -> None:
    press(page, f"[data-sort={key}]")
    assert shown_codes(page) == codes
    pressed = page.find_elements(By.CSS_SELECTOR, "[data-sort][aria-pressed=true]")
    assert [button.get_dom_attribute("data-sort") for button in pressed] == [key]


def test_sorts_the_other_way_when_pressed_again(page: Chrome) -> None:
    press(page, "[data-sort=code]")
    press(page, "[data-sort=code]")
    assert shown_codes(page) == ["TST002", "STR001", "RES001", "EVL001", "DEP001"]
    press(page, "[data-sort=urgency]")
    assert shown_codes(page) == ["EVL001", "TST002", "STR001", "RES001", "DEP001"]
    press(page, "[data-sort=urgency]")
    assert shown_codes(page) == ["DEP001", "RES001", "STR001", "TST002", "EVL001"]


def test_a_finding_opens_from_the_keyboard(page: Chrome) -> None:
    summary = page.find_element(By.CSS_SELECTOR, "#f1 > summary")
    summary.send_keys(Keys.ENTER)
    text = page.find_element(By.CSS_SELECTOR, "#f1 .body").text
    assert "hits = self.index.search(question)" in text
    assert "src/desk/index.py:9 Index.search calls requests.get" in text
    mark = page.find_element(By.CSS_SELECTOR, "#f1 mark")
    assert mark.text == "self.index.search(question)"


def test_a_link_from_fix_first_opens_the_finding_even_if_filtered_out(page: Chrome) -> None:
    choose(page, "code", "DEP001")
    page.find_element(By.CSS_SELECTOR, ".first a[href='#f1']").click()
    assert page.find_element(By.CSS_SELECTOR, "#f1 .body").is_displayed()


def test_every_section_is_linked(page: Chrome) -> None:
    links = page.find_elements(By.CSS_SELECTOR, "nav a, .skip")
    targets = [link.get_dom_attribute("href") for link in links]
    assert len(targets) == 9
    assert all(page.find_elements(By.CSS_SELECTOR, target) for target in targets)


def test_the_gap_report_is_folded_and_opens_from_the_keyboard(page: Chrome) -> None:
    parts = page.find_elements(By.CSS_SELECTOR, "#gaps > details")
    plan = next(part for part in parts if part.text.startswith("Plan"))
    assert [part.text for part in parts] == [
        "Summary\n4",
        "Strengths\n1",
        "Weaknesses\n2",
        "Root causes\n4",
        "Critical gaps by business risk\n1",
        "Plan\n5",
        "Success criteria\n4",
    ]
    plan.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    first = plan.find_element(By.TAG_NAME, "li").text
    assert first.startswith("P0 EVL001 blocking-call-in-async: ")
    assert "src/desk/chat.py:10" in first
    assert first.splitlines()[-2:] == [
        "hits = self.index.search(question)",
        "Use an async client, or hand the call to a thread.",
    ]


@pytest.mark.parametrize("dark", [False, True])
def test_follows_the_system_until_the_reader_chooses(page: Chrome, *, dark: bool) -> None:
    emulate(page, width=1280, dark=dark)
    system, chosen = ("dark", "light") if dark else ("light", "dark")
    assert _theme(page) == system
    press(page, "#theme")
    assert _theme(page) == chosen
    page.refresh()
    assert _theme(page) == chosen
    press(page, "#theme")
    assert _theme(page) == system


def test_sorts_a_table_and_says_so(page: Chrome) -> None:
    press(page, "#tests-table th:nth-child(2) button")
    cells = page.find_elements(By.CSS_SELECTOR, "#tests-table td:nth-child(2)")
    assert [cell.text for cell in cells] == ["direct", "in-process", "mocked", "real"]
    head = page.find_element(By.CSS_SELECTOR, "#tests-table th:nth-child(2)")
    assert head.get_dom_attribute("aria-sort") == "ascending"
    press(page, "#tests-table th:nth-child(2) button")
    assert head.get_dom_attribute("aria-sort") == "descending"


def test_filters_the_tests(page: Chrome) -> None:
    form = page.find_element(By.CSS_SELECTOR, "[data-filters=tests-table]")
    Select(form.find_element(By.NAME, "runs")).select_by_value("no")
    assert form.find_element(By.CLASS_NAME, "count").text == "2 of 4 tests"
    form.find_element(By.NAME, "text").send_keys("asyncio_mode")
    rows = page.find_elements(By.CSS_SELECTOR, "#tests-table tbody tr:not([hidden])")
    assert [row.text.splitlines()[0] for row in rows] == ["tests/test_chat.py:40"]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_scrolls_sideways(page: Chrome, width: int) -> None:
    emulate(page, width=width)
    page.execute_script(
        "document.querySelectorAll('details').forEach(each => { each.open = true });"
        "document.querySelectorAll('.finding').forEach(each => { each.hidden = false });"
    )
    script = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scroll_width, client_width = page.execute_script(script)
    assert scroll_width == client_width


def test_nothing_is_fetched(page: Chrome) -> None:
    fetched = page.execute_script("return performance.getEntriesByType('resource').map(each => each.name)")
    assert fetched == []
    addresses = page.execute_script(
        "return Array.from(document.querySelectorAll('[src], link[href], form[action]'), each => each.outerHTML)"
    )
    assert addresses == ['<link rel="icon" href="data:,">']


def test_paths_break_between_their_parts_and_are_copied_whole(page: Chrome) -> None:
    where = page.execute_script("return document.querySelector('#f1 summary .where').textContent")
    assert where == "src/desk/chat.py:10"
    assert len(page.find_elements(By.CSS_SELECTOR, "#f1 summary .where wbr")) == 2


def test_many_sites_are_folded(browser: Chrome, tmp_path: Path) -> None:
    sites = tuple(Place(path="src/desk/index.py", line=line) for line in range(1, 10))
    audit = replace(rich_audit(), findings=(replace(BLOCKING, sites=sites),))
    browser.get(write_page(tmp_path, render(audit, MODES, "html", lines=sample_lines)))
    press(browser, "#f1 > summary")
    seen = [item.is_displayed() for item in browser.find_elements(By.CSS_SELECTOR, "#f1 .sites li")]
    assert seen == [True] * 5 + [False] * 4
    press(browser, "#f1 .inline > summary")
    assert browser.find_elements(By.CSS_SELECTOR, "#f1 .sites li")[-1].is_displayed()


def test_what_the_project_says_stays_text(page: Chrome) -> None:
    assert page.execute_script("return document.querySelectorAll('script').length") == 1
    assert page.execute_script("return document.querySelectorAll('main b b').length") == 0
    title = page.execute_script("return document.querySelector('#f4 .what').textContent")
    start = "cache[\"漢字\"] grows 100 %: <b>bold</b> & 'quoted' ]]> | pipe"
    assert title == f"{start} ::error::x \\x1b[31mred\\x07"


def test_no_text_is_too_faint_in_either_theme(page: Chrome) -> None:
    for dark in (False, True):
        emulate(page, width=1280, dark=dark)
        faint = page.execute_script(CONTRAST)
        assert faint == [], f"dark: {dark}"


def test_an_audit_without_findings_is_a_page_too(browser: Chrome, tmp_path: Path) -> None:
    browser.get(write_page(tmp_path, render(empty_audit(), (), "html")))
    assert "No findings." in browser.find_element(By.ID, "findings").text
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_three_thousand_findings_are_filtered_and_sorted(browser: Chrome, tmp_path: Path) -> None:
    emulate(browser, width=1280)
    options = RenderOptions(version="1.2.3")
    text = render(large_audit(3_000), MODES, "html", lines=sample_lines, options=options)
    assert len(text) < 12_000_000

    browser.get(write_page(tmp_path, text))

    everything, some, again, *sorted_by_path = browser.execute_script(_USE)
    assert everything == again > 2_000
    assert 0 < some < everything
    assert sorted_by_path == sorted(sorted_by_path)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def _theme(page: Chrome) -> str:
    colour: str = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, colour[colour.index("(") + 1 : -1].split(",")[:3])) > 3 * 128
    return "light" if light else "dark"


_USE = """
const input = document.querySelector('#filters [name=text]');
const shown = () => [...document.querySelectorAll('#findings details[id^=f]')].filter((each) => !each.hidden);
const type = (text) => { input.value = text; input.dispatchEvent(new Event('input', {bubbles: true})); };
const counts = [shown().length];
type('number 29');
counts.push(shown().length);
type('');
counts.push(shown().length);
document.querySelector('[data-sort=path]').click();
return [...counts, ...shown().slice(0, 50).map((each) => each.querySelector('.where').textContent.split(':')[0])];
"""
