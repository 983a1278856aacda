"""The journey over 50 kbit/s with 800 ms of delay, scripts off, and the time until something shows."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.learner import Learner
from tests.browser.test_story import COURSE, did_elsewhere, expected, first_section, kept
from tests.serving import Server

SPEED, DELAY = 50_000 / 8, 800
FIRST_PAINT = "(performance.getEntriesByType('paint').find(one => one.name === 'first-paint') || {}).startTime"


@pytest.mark.prove
def test_the_journey_at_50_kbit(chrome: Browser, server: Server) -> None:
    context = chrome.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(60_000)
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": DELAY, "downloadThroughput": SPEED, "uploadThroughput": SPEED},
    )
    paints: list[tuple[float, str]] = []

    def look(shown: Page) -> None:
        """The script that asks is the test's own; those of the page stay off."""
        for _ in range(400):
            if painted := shown.evaluate(FIRST_PAINT):
                paints.append((painted / 1000, shown.url))
                return
            shown.wait_for_timeout(50)
        raise AssertionError(f"nothing shows at {shown.url}")

    learner = Learner(page, server, "far away", seen=look)
    learner.register_from(first_section(server, "why"))
    did_elsewhere(server, "far away", server.library.courses[COURSE].modules[2:])  # each page takes some seconds
    learner.finish_course()
    context.close()
    assert kept(server, "far away") == expected(server)
    times: list[Any] = sorted(seconds for seconds, _url in paints)
    print(
        f"\n{len(times)} pages at 50 kbit/s and 800 ms, seconds to first paint: first visit {paints[0][0]:.1f}, "
        f"median {times[len(times) // 2]:.1f}, slowest {times[-1]:.1f}"
    )
    assert times[-1] < 8
