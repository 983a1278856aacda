"""Debian's Chromium under Playwright: how it is started, and what is asked of every page it shows."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first costs a third less
HOW = "no Chromium here: apt-get install chromium-headless-shell, or chromium"
SPARED = (
    "RenderDocument",
    "HttpsUpgrades",
    "PaintHolding",
    "Translate",
    "MediaRouter",
    "SpareRendererForSitePerProcess",
)
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"),
    # With fewer processes, and a page's frame kept for the next page, a page costs 78 ms of processor time, not 90.
    *("--in-process-gpu", "--enable-features=NetworkServiceInProcess2", f"--disable-features={','.join(SPARED)}"),
)
PHONE = 320
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
WIDER = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return null;
  const over = [...document.querySelectorAll('main *, header *, footer *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > root.clientWidth + 1 || box.left < -1);
  });
  return root.scrollWidth + ' over ' + root.clientWidth + ': ' +
    over.slice(-3).map(one => one.outerHTML.slice(0, 120)).join(' | ');
}"""

BOTH_WAYS = f"""() => {{
  const look = {WIDER}, found = [look()];
  document.documentElement.dir = 'rtl';
  return [...found, look()].filter(one => one);
}}"""


@contextmanager
def browser() -> Iterator[Browser]:
    """A running Chromium; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield started
        started.close()


def wider(page: Page) -> str | None:
    """What makes the page scroll sideways, or None."""
    found: str | None = page.evaluate(WIDER)
    return found


def wider_both_ways(page: Page) -> list[str]:
    """What makes the page scroll sideways, as it stands and turned from right to left; it stays turned."""
    found: list[str] = page.evaluate(BOTH_WAYS)
    return found


def violations(page: Page) -> list[str]:
    """What axe-core says against the page: rule and the first places. Its context must bypass the policy."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: " + " | ".join(node["html"][:120] for node in one["nodes"][:3]) for one in result["violations"]
    ]
