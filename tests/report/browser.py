"""A real headless Chromium for the tests of the HTML report."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_MISSING: Final = (
    "the HTML report is tested in a real browser, and {} is not installed: "
    "apt-get install chromium chromium-driver"
)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser with a fresh profile; its console is recorded.

    Raises:
        AssertionError: Chromium or its driver is not installed.
    """
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    assert browser, _MISSING.format("Chromium")
    assert driver, _MISSING.format("chromedriver")
    with TemporaryDirectory(prefix="greenroom-chromium-", ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = browser
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        page = Chrome(options=options, service=Service(driver))
        try:
            yield page
        finally:
            page.quit()


def emulate(page: Chrome, *, width: int, height: int = 900, dark: bool = False) -> None:
    """Set the size of the window (a phone below 600) and the system's theme."""
    metrics = {
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "mobile": width < 600,
    }
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme]})


def write_page(folder: Path, text: str) -> str:
    """Write the page and give the address to open."""
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8")
    return file.as_uri()


# Relative luminance and contrast as WCAG 2.2 defines them; 4.5 is its level AA for text.
CONTRAST: Final = """
const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
const channel = (value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const luminance = ([red, green, blue]) =>
  0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = parse(getComputedStyle(each).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const faint = new Set();
document.querySelectorAll('details').forEach(each => { each.open = true });
for (const element of document.querySelectorAll('body *')) {
  const own = Array.from(element.childNodes).some(node => node.nodeType === 3 && node.data.trim());
  if (!own || !element.getClientRects().length || element.matches('script, option')) continue;
  const pair = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
  const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (contrast < 4.5) faint.add(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
}
return Array.from(faint);
"""
"""What a page says in a colour too close to the one behind it."""
