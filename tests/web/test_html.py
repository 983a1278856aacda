"""The page checker finds what it is there to find."""

from typing import Any

import pytest

from tests.web.conftest import Site
from tests.web.html import X, check_page, html5lib, quick, words

PAGE = """<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{before}Quiz – Lontar</title>{head}</head><body>
<a class="skip" href="#main">Skip</a>
<header><a class="brand" href="/">Lontar</a><nav aria-label="Site"><a href="/search">Search</a></nav></header>
<main id="main" tabindex="-1">{summary}<h1>Quiz</h1>{body}</main><footer>{foot}</footer></body></html>"""


def page(body: str = "", **parts: str) -> str:
    return PAGE.format(**{"before": "", "head": "", "summary": "", "foot": "", "body": body} | parts)


@pytest.mark.parametrize(
    "html",
    [
        page(),
        page("<h2>Rules</h2><h3>More</h3><h2>Tries</h2>"),
        page('<form method="get"><label>Name <input name="a"></label><button>Go</button></form>'),
        page(
            '<form><fieldset><legend>One</legend><label for="a">A</label><input id="a" type="radio"></fieldset></form>'
        ),
        page(before="Error: ", summary='<div class="error-summary"><p>There is a problem</p></div>'),
    ],
)
def test_a_good_page_passes(html: str) -> None:
    check_page(html, {})


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (page("<p><div></div></p>"), "not valid HTML"),
        (page().replace(' lang="en"', ""), "no lang"),
        (page().replace(' dir="ltr"', ""), "no dir"),
        (page("<h1>Again</h1>"), "2 h1"),
        (page().replace("<h1>Quiz", "<h1>Quizzes"), "the title"),
        (page(before="Error: "), "error word"),
        (page(summary='<div class="error-summary"></div>'), "error word"),
        (page("<h3>Deep</h3>"), "h3 'Deep' follows h1"),
        (page('<p id="a"></p><p id="a"></p>'), "the id 'a' stands 2 times"),
        (page('<a href="#gone">There</a>'), "points to the id 'gone'"),
        (page('<input name="a">'), "has no label"),
        (page("<button></button>"), "<button> has no words"),
        (page('<img src="/a.png">'), "no alt"),
        (page("<fieldset><p>What?</p></fieldset>"), "begin with its legend"),
        (page('<p style="color:red">Red</p>'), "attribute style"),
        (page('<p onclick="go()">Go</p>'), "attribute onclick"),
        (page('<img alt="" src="https://example.org/a.png">'), "from elsewhere"),
        (page('<img alt="" src="//example.org/a.png">'), "from elsewhere"),
        (page("<script>go()</script>"), "a script stands in the page"),
        (page(head="<style>p{top:0}</style>"), "the policy does not allow the style"),
        (page("<main></main>"), "2 <main>"),
        (page().replace('href="#main"', 'href="/"'), "does not skip"),
        (page('<nav aria-label="Site"><a href="/">Home</a></nav>'), "need a name each"),
        (page("<table><tr><th>A</th></tr></table>"), "without scope"),
        (
            page(
                '<form method="post"></form>', foot='<form method="post"><input type="hidden" name="csrf_token"></form>'
            ),
            "without a token",
        ),
    ],
)
def test_a_fault_is_found(html: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault.replace("(", r"\(")):
        check_page(html, {})


def test_a_style_with_its_hash_in_the_policy_passes() -> None:
    policy = "style-src 'self' 'sha256-8EJL2E40VnnGherz8izbHnhSLNfS7seXQ/iH7JDUNko='"
    check_page(page(head="<style>p{top:0}</style>"), {"Content-Security-Policy": policy})


def test_a_file_to_keep_needs_no_menus_and_no_policy() -> None:
    kept = (
        '<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>Why – Lontar</title>'
        "<style>p{top:0}</style></head><body><main><h1>Why</h1></main></body></html>"
    )
    check_page(kept, {}, kept=True)
    with pytest.raises(AssertionError, match="policy"):
        check_page(kept, {})


def outline(tree: Any) -> list[tuple[str, dict[str, str], str]]:
    return [(one.tag, dict(one.items()), words(one)) for one in tree.iter()]


@pytest.mark.parametrize("path", ["/", "/register", "/glossary", "/courses/tiny/", "/verify?number=12", "/nowhere"])
def test_the_quick_parser_reads_valid_pages_as_the_exact_one_does(site: Site, path: str) -> None:
    html = site.visitor().get(path, status=None).html
    assert outline(quick(html)) == outline(html5lib.HTMLParser(namespaceHTMLElements=True).parse(html))
    assert quick(html).tag == f"{X}html"


LINES = ("", "\n", "\nAct 7", "\n\nAct 7", " Act 7", "Act\n7\n")


@pytest.mark.parametrize(
    "body",
    [
        *(f"<{tag}>{text}</{tag}>" for tag in ("textarea", "pre", "p") for text in LINES),
        '<svg viewBox="0 0 9 9" preserveAspectRatio="none"><title>Line</title><path d="M0 9h9"/></svg><p>Below</p>',
        '<script src="/static/site.js" defer></script><input name="a" checked disabled>',
    ],
)
def test_the_quick_parser_reads_what_is_odd_as_the_exact_one_does(body: str) -> None:
    exact = html5lib.HTMLParser(namespaceHTMLElements=True).parse(page(body))
    assert to_the_letter(quick(page(body)).find(f"{X}body")) == to_the_letter(exact.find(f"{X}body"))


def to_the_letter(tree: Any) -> list[tuple[str, dict[str, str], str, str]]:
    return [(one.tag, dict(one.items()), one.text or "", one.tail or "") for one in tree.iter()]


def test_a_fault_is_found_again() -> None:
    for _ in range(2):
        with pytest.raises(AssertionError, match="not valid HTML"):
            check_page(page("<p><div></div></p>"), {})
