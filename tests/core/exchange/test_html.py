"""HTML of other programs as our Markdown: what stays, what is lost by name, and that nothing of it comes alive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.exchange import html, tree
from app.core.markup import Renderer
from app.core.scan import Faults
from tests.core.banks import CONTEXT

TEXTS = {
    "<p>One</p><div>Two<br>lines</div>": "One\n\nTwo  \nlines",
    "a <b>bold</b>, <i> slanted </i>word": "a **bold**, *slanted* word",
    "<b><i>both</i></b> <em><strong>both</strong></em>": "**_both_** *__both__*",
    "2 * 3 * 4 _a_ `b` \\": "2 \\* 3 \\* 4 \\_a\\_ \\`b\\` \\\\",
    "snake_case": "snake_case",
    "a < b &amp;&amp; b > c, List<String>": "a &lt; b && b > c, List&lt;String>",
    "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>": "- a\n- b\n    - c",
    "<ol><li>a</li></ol><ol><li>b</li></ol>": "1. a\n1. b",
    "<ul><li>a</li><li></li><li><b></b></li><li>b</li></ul>": "- a\n- b",  # a mark alone would make a heading of a
    "<p>x</p><ol><li></li><li>a</li><li>b</li></ol><ul><li></li></ul>": "x\n\n1. a\n2. b",
    "<ul><li>a</li><li><ul><li>b</li><li>c</li></ul><p>d</p></li></ul>": "- a\n- b\n- c\n\n    d",
    "<ul><li>a</li><li><pre>x</pre></li></ul>": "- a\n- &#160;\n\n    ```\n    x\n    ```",
    "<table><tr><td>a</td><td>b|c</td></tr><tr><td>1</td></tr></table>": "| a | b&#124;c |\n|---|---|\n| 1 |  |",
    "<pre>x = 1\n  y</pre>": "```\nx = 1\n  y\n```",
    "<blockquote><p>a</p><p>b</p></blockquote>": "> a\n>\n> b",
    "<h2>Title</h2>text": "**Title**\n\ntext",
    '<a href="https://example.org/a b(c)">x</a>': "[x](https://example.org/a%20b%28c%29)",
    "m<sup>2</sup> CO<sub>2</sub>": "m² CO₂",
    "<p># no</p><p>&gt; no</p><p>--- </p><p>| no</p><p>~~~</p>": "\\# no\n\n\\> no\n\n\\---\n\n&#124; no\n\n&#126;~~",
    "<font color=red><p>old</p></font><o:p></o:p>": "old",
    "<style>p{}</style><script>alert(1)</script>x": "x",
}


@pytest.mark.parametrize("text", TEXTS)
def test_markdown(text: str) -> None:
    lost: list[str] = []
    assert (html.markdown(text, lost), lost) == (TEXTS[text], [])


LOST = {
    '<img src="a/b.png" alt="Map">': ("\\[Map\\]", "a picture is left out, since it did not come with the file: b.png"),
    '<a href="http://example.org/">x</a>': (
        "x (http://example.org/)",
        "a link that is not https:// is written as text: http://example.org/",
    ),
    '<a href="@@PLUGINFILE@@/f.pdf">x</a>': ("x", "a link is left out, its words stay: @@PLUGINFILE@@/f.pdf"),
    "<video><source src=a.mp4>words</video>": ("words", "a medium (video) is left out"),
    "\\(x^2\\)": ("\\\\(x^2\\\\)", "a formula in TeX is shown as it is typed"),
    "Of <math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>, say": (
        "Of , say",
        "an equation is left out; write it in words",
    ),
    '<p>See <SVG width="9"><text>t</text></SVG ></p>': ("See", "a drawing (svg) is left out"),
    "10<sup>ab</sup>": ("10^ab", "raised or lowered text (“ab”) is written behind ^"),
    "<table><tr><td colspan=2>a</td></tr></table>": (
        "| a |  |\n|---|---|",
        "a table cell that spanned several columns stands in one",
    ),
}


@pytest.mark.parametrize("text", LOST)
def test_losses_are_named(text: str) -> None:
    lost: list[str] = []
    assert (html.markdown(text, lost), lost[:1]) == (LOST[text][0], [LOST[text][1]])


@pytest.mark.parametrize(
    ("text", "reason"), [("x" * 60_001, "60001 characters"), ("<div>" * 70 + "x", "nested too deep")]
)
def test_what_is_too_much(text: str, reason: str) -> None:
    with pytest.raises(tree.TooMuch, match=reason):
        html.markdown(text, [])


SIGNS = st.text("aB1 \n<>&;\"'/=\\`*_{}[]()#+-.!|~?:", max_size=40)
PIECES = st.lists(
    st.one_of(
        SIGNS,
        st.sampled_from(
            (
                *(
                    "<p>",
                    "</p>",
                    "<b>",
                    "</b>",
                    "<ul><li>",
                    "<ol><li>",
                    "<pre>",
                    "<hr>",
                    "<td>",
                    "<svg onload=x>",
                    "<script>",
                    "</a>",
                ),
                *("<img src=x onerror=alert(1)>", '<a href="javascript:x">', "{{fig:x}}", "[[term]]", "&#60;"),
                *("/// note | x", "## x {#x .single}"),
            )
        ),
    ),
    max_size=8,
).map("".join)


@given(PIECES)
def test_nothing_of_it_comes_alive_and_no_word_is_lost(text: str) -> None:
    faults = Faults("x")
    shown = Renderer(CONTEXT, faults).block(html.markdown(text, []), 1)
    assert not re.search(r"<(?:script|img|svg)|onerror=|javascript:[^<]*\">|class=\"(?:fig|term)", shown)
    assert [one.message for one in faults.found if one.severity == "error"] == []
    plain = tree.plain(text)
    assert [word for word in re.findall(r"[a-zA-Z0-9]{3,}", plain) if word not in tree.plain(shown)] == []
