"""Markdown to safe HTML: what authors write, what readers see, and what never gets through."""

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.dialect import CLEANER
from app.core.markup import PLAIN, Context, LedgerFigure, Renderer, amount, fold, words_in
from app.core.numbers import SPACE
from app.core.scan import Faults
from tests.letters import LETTERS


def renderer(language: str = "en", parameters: bool = True) -> Renderer:
    context = Context(
        language=language,
        courses={"why": "sp"},
        sections={"why": ("start", "end"), "unlisted": ("a",)},
        figures={
            "covered": LedgerFigure(value="53.6", unit="%", year="2023", checked=True),
            "spent": LedgerFigure(value="1,200", unit="million <people>", year="2022", checked=False),
            "members": LedgerFigure(value="53", unit="", year="2024", checked=True),
        },
        terms={"exclusion error": "exclusion-error", "exclusion-error": "exclusion-error"},
        countries={},
        actions=(),
    )
    return Renderer(context, Faults("a.md"), parameters)


def said(render: Renderer) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in render.fault.found]


COVERED = '<a class="fig" href="/sources#covered">53.6&nbsp;%</a>'
TERM = '<a class="term" href="/glossary#exclusion-error">'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("A *b* **c** `d`", "<p>A <em>b</em> <strong>c</strong> <code>d</code></p>"),
        ("{{fig:covered}} of", f"<p>{COVERED} (2023) of</p>"),
        ("{{ fig:covered short }}", f"<p>{COVERED}</p>"),
        ("{{fig:members}}", '<p><a class="fig" href="/sources#members">53</a> (2024)</p>'),
        ("{{fig:spent short}}", '<p><a class="fig unchecked" href="/sources#spent">1,200&nbsp;million &lt;people&gt;'
         '<sup title="not yet checked at the source">†</sup></a></p>'),
        ("[[Exclusion  error]]", f"<p>{TERM}Exclusion error</a></p>"),
        ("[[exclusion-error|*e* | f]]", f"<p>{TERM}*e* | f</a></p>"),
        ("*a [[exclusion error|b*c]] d*", f"<p><em>a {TERM}b*c</a> d</em></p>"),
        ("`{{fig:covered}} [[x]]` {{a}}", "<p><code>{{fig:covered}} [[x]]</code> {{a}}</p>"),
        ("[x](modules/why#end) [y](modules/why)",
         '<p><a href="/courses/sp/why/end">x</a> <a href="/courses/sp/why/">y</a></p>'),
        ('[x](https://ilo.org/a "t") <https://un.org>',
         '<p><a href="https://ilo.org/a">x</a> <a href="https://un.org">https://un.org</a></p>'),
        ("1 < 2 & 3 &amp; a_b_c #1", "<p>1 &lt; 2 &amp; 3 &amp; a_b_c #1</p>"),
        ("    no code", "<p>no code</p>"),
        ("#no heading", "<p>#no heading</p>"),
        ("[a]: https://x.org", "<p>[a]: https://x.org</p>"),
        ("```\n<b> {{fig:covered}}\n```", "<pre><code>&lt;b&gt; {{fig:covered}}</code></pre>"),
        ("a\n```\nb\n```\nc", "<p>a</p>\n<pre><code>b</code></pre>\n<p>c</p>"),
        ("- a\n    - b", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("- a\n\n2. c", '<ul>\n<li>a</li>\n</ul>\n<ol start="2">\n<li>c</li>\n</ol>'),
    ],
)  # fmt: skip
def test_blocks(text: str, html: str) -> None:
    render = renderer()
    assert render.block(text, 1) == html
    assert said(render) == []


def test_braces_that_nothing_fills_in_are_named_and_shown() -> None:
    render = renderer()
    assert render.block("a {{gap: <b> / *c*}}", 3) == "<p>a {{gap: &lt;b&gt; / *c*}}</p>"
    assert said(render) == [(3, "token")]


def test_a_table_is_a_named_region_with_column_heads() -> None:
    render = renderer()
    assert render.block("| A {{fig:covered short}} | B |\n|---|--:|\n| [[exclusion error|x]] | 2 |\n\nend", 1) == (
        '<div aria-label="Table: A 53.6&nbsp;%, B" class="table" role="region" tabindex="0"><table>\n<thead>\n<tr>\n'
        f'<th scope="col">A {COVERED}</th>\n<th class="number" scope="col">B</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n'
        f'<td>{TERM}x</a></td>\n<td class="number nowrap">2</td>\n</tr>\n</tbody>\n</table></div>\n<p>end</p>'
    )


def test_columns_stand_as_their_colons_say() -> None:
    html = renderer().block("| A | B | C |\n|:--|:-:|--:|\n| 1 | 2 | 3 |", 1)
    assert '<th scope="col">A</th>\n<th class="mid" scope="col">B</th>\n<th class="number" scope="col">C</th>' in html
    assert '<td>1</td>\n<td class="mid">2</td>\n<td class="number nowrap">3</td>' in html


def test_a_first_column_without_a_head_heads_the_rows() -> None:
    """An empty heading cell says nothing to somebody who hears the table."""
    assert renderer().block("| | 2021 |\n|---|--:|\n| Women | 40 |\n| Men | 50 |", 1) == (
        '<div aria-label="Table: 2021" class="table" role="region" tabindex="0"><table>\n<thead>\n<tr>\n<td></td>\n'
        '<th class="number" scope="col">2021</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<th scope="row">Women</th>\n<td class="number nowrap">40</td>\n</tr>\n'
        '<tr>\n<th scope="row">Men</th>\n<td class="number nowrap">50</td>\n</tr>\n</tbody>\n</table></div>'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("2. *Enrol*", "2. <em>Enrol</em>"),
        ("- {{fig:covered}}", '- <span class="fig">53.6&nbsp;%</span> (2023)'),
        ("[[exclusion error]]\n and {{a}}", "exclusion error and {{a}}"),
        ("> a | b", "&gt; a | b"),
    ],
)
def test_a_line_is_no_block_and_holds_no_links_of_ours(text: str, html: str) -> None:
    assert renderer().inline(text, 1) == html


def test_the_figures_of_a_text_are_remembered_in_order() -> None:
    render = renderer()
    render.block("{{fig:spent}} {{fig:covered}} {{fig:spent short}}", 1)
    assert list(render.figures) == ["spent", "covered"]
    assert render.plain("{{fig:covered}}, {{fig:members short}} {{a}} [[b]]") == "53.6\u00a0% (2023), 53 {{a}} [[b]]"


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ("53.6", "en", "53.6\u00a0%"),
        ("53.6", "fr", "53,6\u00a0%"),
        ("12,500.5", "fr", f"12{SPACE}500,5\u00a0%"),
        ("44 to 97", "fr", "44 to 97\u00a0%"),
    ],
)
def test_figures_are_written_as_readers_write_numbers(value: str, language: str, shown: str) -> None:
    assert amount(LedgerFigure(value=value, unit="%", year="", checked=True), language) == shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\n\n{{fig:none}}", [(7, "figure")]),
        ("{{fig:covered long}}", [(5, "figure")]),
        ("a\n[[no term]]", [(6, "term")]),
        ("a\n[x](modules/none)", [(6, "link")]),
        ("[x](modules/unlisted)", [(5, "link")]),
        ("[x](modules/why#none)", [(5, "link")]),
        ("[x](why#start)", [(5, "link")]),
        ("[x](http://ilo.org)", [(5, "link")]),
        ("[x](javascript:alert(1))", [(5, "link")]),
        ("[x](https://a@evil.org)", [(5, "link")]),
        ("[x](//evil.org)", [(5, "link")]),
        ("[a [[exclusion error]]](modules/why)", [(5, "link")]),
        ("a\n[a](https://x.org/{{a}})", [(5, "link")]),
        ("a\n![b](https://x.org/b.png)", [(6, "image")]),
        ("a\n<b>c</b> <!-- d -->", [(6, "raw-html"), (6, "raw-html"), (6, "raw-html")]),
        ("<script>a</script>", [(5, "raw-html"), (5, "raw-html")]),
        ("- a\n  - b", [(6, "list-indent")]),
        ("1. a\n   - b", [(6, "list-indent")]),
        ("Words\n---", [(6, "underline")]),
        ("a\n### b", [(6, "heading-level")]),
        ("a\n/// note | b", [(6, "box")]),
    ],
)
def test_what_is_refused_is_named_at_its_line(text: str, found: list[tuple[int, str]]) -> None:
    render = renderer()
    render.block(text, 5)
    assert said(render) == found


def test_a_parameter_has_no_place_in_a_module() -> None:
    render = renderer(parameters=False)
    render.block("{{fig:covered}} {{a}}", 1)
    assert said(render) == [(1, "token")]


PAYLOADS = (
    "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<iframe src=x>",
    "[x](java\nscript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>alert(1)</script>)",
    "[x](&#106;avascript:alert(1))", "![x](x\" onerror=\"alert(1))", "<https://x.org\" onclick=alert(1)>",
    "[[exclusion error|<img src=x onerror=alert(1)>]]", "{{<img src=x onerror=alert(1)>}}", "`<script>`",
    "| <script> |\n|---|\n| <b onclick=x> |", "[x](https://x.org \"><script>alert(1)</script>\")", "&lt;script&gt;",
    "\ue0000\ue001", "[x]({{fig:covered}})", "<a [[exclusion error]]>", "**<b**>", "\\<script>", "<scr<b>ipt>",
)  # fmt: skip


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_payload_gets_through(text: str) -> None:
    assert_harmless(renderer().block(text, 1))
    assert_harmless(renderer().inline(text, 1))


def assert_harmless(html: str) -> None:
    """Only tags and attributes of the allow-list, every address one of ours or https."""
    assert nh3.is_html(html) is False or CLEANER.clean(html) == html
    for tag in re.findall(r"<([^>]*)>", html):
        assert not re.search(r"\son|javascript:|data:", tag)
        for address in re.findall(r'href="([^"]*)"', tag):
            assert re.match(r"(https://|/courses/|/sources#|/glossary#|$)", address)


@settings(deadline=None)
@given(st.lists(st.sampled_from((*PAYLOADS, "\n", "\n\n", "- ", "> ", "| ", "*", "`", "[", "]", "(", ")", "{", "}"))))
def test_no_mixture_of_payloads_gets_through(parts: list[str]) -> None:
    text = "".join(parts)
    assert_harmless(renderer().block(text, 1))
    assert_harmless(renderer().inline(text, 1))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ue000\ue001")))
def test_any_text_is_rendered(text: str) -> None:
    assert_harmless(renderer().block(text, 1))


@given(st.text(LETTERS, max_size=40).map(lambda text: " ".join(text.split())).filter(PLAIN.fullmatch))
def test_plain_words_need_no_markdown(text: str) -> None:
    render = renderer()
    html = render._convert(render._inline, text, [(1, text)], links=False)
    assert html in (text, f"<p>{text}</p>")


def test_words_are_counted_as_read() -> None:
    assert words_in("<p>One isn't <b>two-fold</b>, 53.6&nbsp;% (2023) – &lt;</p>") == 5
    assert fold("  Exclusion \n Error ") == "exclusion error"
