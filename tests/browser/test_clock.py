"""The count of the minutes that are left: in words, announced now and then, and never the judge of the end."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium

SCRIPT = (Path(__file__).parents[2] / "static" / "clock.js").read_text()
PAGE = """<html lang="{lang}"><body><p data-left="{left}"><strong>Time left: <span>12 minutes</span>.</strong>
<span role="status"></span></p><form data-answer action="/kept"><input name="answer" value="B"></form></body></html>"""


def test_minutes_are_counted_and_the_answer_is_sent_at_the_end(chrome: Browser) -> None:
    page = chrome.new_context(viewport={"width": chromium.PHONE, "height": 740}).new_page()
    page.clock.install()
    page.route("**/*", lambda route: route.fulfill(body=PAGE.format(lang="en", left=690), content_type="text/html"))
    page.goto("http://limits.example/question")
    page.add_script_tag(content=SCRIPT)
    seen = []
    for seconds in (5, 30, 60, 300):
        page.clock.run_for(seconds * 1000)
        seen.append((page.inner_text("p > strong"), page.inner_text("[role=status]")))
    assert seen == [
        ("Time left: 12 minutes.", ""),
        ("Time left: 11 minutes.", ""),
        ("Time left: 10 minutes.", "Time left: 10 minutes."),
        ("Time left: 5 minutes.", "Time left: 5 minutes."),
    ]
    with page.expect_navigation(url="**/kept?answer=B"):
        page.clock.run_for(300 * 1000)
    page.context.close()
