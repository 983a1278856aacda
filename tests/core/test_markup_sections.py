"""Sections: parts in reading order, boxes with headings, words and minutes."""

import pytest

from app.core.content import Part
from app.core.markup import Context, LedgerFigure, Renderer
from app.core.scan import Faults, numbered, scan_module
from app.core.sections import Reference, SectionDraft, compile_section


def section(text: str, language: str = "en") -> tuple[SectionDraft, list[tuple[int, str]]]:
    """The first section of a text, and what was said about it."""
    context = Context(
        language=language,
        courses={},
        sections={},
        figures={"covered": LedgerFigure(value="53.6", unit="%", year="2023", checked=True)},
        terms={},
        countries={"MN": "Mongolia", "XX": "A <b>"},
        actions=("A1",),
    )
    faults = Faults("a.md")
    source = scan_module(numbered(text), faults)[1][0]
    draft = compile_section(source, Renderer(context, faults, parameters=False))
    return draft, [(one.line, one.code) for one in faults.found]


def test_a_section_is_parts_in_reading_order() -> None:
    text = (
        "## A title {#a}\nOne {{fig:covered}}.\n### Sub *head*\n#### Deeper\n/// check | some-item\n///\n"
        "/// activity | A1 list-laws\n\n**Your laws**\n\nList {{fig:covered short}}.\n///\n```\nx\n```\n"
        "/// tool | cost\n///"
    )
    draft, said = section(text)
    assert said == []
    assert (draft.id, draft.line, draft.title, draft.figures) == ("a", 1, "A title", ("covered",))
    fig = '<a class="fig" href="/sources#covered">53.6&nbsp;%</a>'
    assert draft.parts == (
        Part(kind="html", html=f"<p>One {fig} (2023).</p>\n<h2>Sub <em>head</em></h2>\n<h3>Deeper</h3>"),
        Part(kind="check", ref="some-item"),
        Part(kind="activity", ref="list-laws", action="A1", title="Your laws", html=f"<p>List {fig}.</p>"),
        Part(kind="html", html="<pre><code>x</code></pre>"),
        Part(kind="tool", ref="cost"),
    )
    assert draft.references == (
        Reference(line=5, kind="check", target="some-item"),
        Reference(line=7, kind="activity", target="list-laws"),
        Reference(line=16, kind="tool", target="cost"),
    )
    assert draft.source.splitlines()[0] == "One 53.6\u00a0% (2023)."


def aside(kind: str, label: str, heading: str) -> str:
    return f'<aside class="box box-{kind}" role="note" aria-label="{label}">\n<h2>{heading}</h2>\n<p>a</p>\n</aside>'


def country(when: str) -> str:
    return aside("country", f"Mongolia, {when}", f'Mongolia <span class="as-of">{when}</span>')


@pytest.mark.parametrize(
    ("language", "box", "html"),
    [
        ("en", "country | MN 2025-06", country("as of June 2025")),
        ("en", "country | MN 2016-06 past", country("as it was in June 2016; ask what the rules are today")),
        ("fr", "country | MN 2025-12", country("situation en décembre 2025")),
        ("en", "key-points", aside("key-points", "Key points", "Key points")),
        ("fr", "reflection", aside("reflection", "À vous de réfléchir", "À vous de réfléchir")),
        ("km", "go-further", aside("go-further", "Go further", "Go further")),
        ("en", 'note | A "b" <i>', aside("note", "A &quot;b&quot; &lt;i&gt;", "A &quot;b&quot; &lt;i&gt;")),
    ],
)
def test_a_box_has_a_heading_in_the_language_of_the_page(language: str, box: str, html: str) -> None:
    draft, said = section(f"## A {{#a}}\n/// {box}\n\na\n\n///", language)
    assert said == []
    assert draft.parts == (Part(kind="html", html=html),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/// tools | a\na\n///", [(2, "box-kind"), (1, "empty")]),
        ("/// tool | none-such\n///", [(2, "tool"), (1, "empty")]),
        ("/// tool\n///", [(2, "tool"), (1, "empty")]),
        ("/// tool | cost\na\n///", [(2, "box-argument")]),
        ("/// key-points | a\na\n///", [(2, "box-argument")]),
        ("/// note\na\n///", [(2, "box-argument")]),
        ("/// country | Mongolia\na\n///", [(2, "box-argument"), (1, "empty")]),
        ("/// country | MN 2025-13\na\n///", [(2, "box-argument"), (1, "empty")]),
        ("/// country | ZW 2025-06\na\n///", [(2, "country"), (1, "empty")]),
        ("/// check | No Id\n///", [(2, "box-argument"), (1, "empty")]),
        ("/// check | a\ntext\n///", [(2, "box-argument")]),
        ("/// activity | list\n**T**\n\na\n///", [(2, "box-argument"), (1, "empty")]),
        ("/// activity | A2 list\n**T**\n\na\n///", [(2, "action")]),
        ("/// activity | A1 list\n\na\n///", [(4, "box-argument")]),
        ("/// activity | A1 tool-cost\n**T**\n\na\n///", [(2, "id-reserved")]),
        ("/// activity | A1 list\n**T**\n///", [(2, "empty")]),
        ("/// reflection\n\n///", [(2, "empty")]),
        ("", [(1, "empty")]),
        ("#### Deep", [(2, "heading-level")]),
        ("{{a}}", [(2, "token")]),
        ("/// note | a\n### b\n///", [(3, "heading-level")]),
        ("/// note | a\n\n\nb {{fig:none}}\n///", [(5, "figure")]),
    ],
)
def test_what_does_not_fit_is_named_at_its_line(text: str, found: list[tuple[int, str]]) -> None:
    assert section(f"## A {{#a}}\n{text}")[1] == found


@pytest.mark.parametrize("title", ["{{fig:covered}}", "a [[b]]", "a *b*", "`a`", "a <b>"])
def test_a_title_is_plain_words(title: str) -> None:
    assert section(f"## {title} {{#a}}\ntext")[1] == [(1, "heading")]


def test_a_section_heading_has_an_id_and_nothing_else() -> None:
    assert section("## A {#a .single}\ntext")[1] == [(1, "heading")]
    assert section("## A {#a module=b}\ntext")[1] == [(1, "heading")]


@pytest.mark.parametrize(
    ("text", "words", "minutes"),
    [
        ("word " * 110, 110, 1),
        ("word " * 111, 111, 2),
        ("word " * 220 + "\n\n| a | b |\n|---|---|\n| c | d |", 224, 4),
        ("word\n/// check | a\n///\n/// activity | A1 b\n**T u**\n\nv\n///", 4, 3),
        ("word\n/// tool | cost\n///", 1, 1),
        ("/// note | Two words\nthird\n///", 3, 1),
    ],
)
def test_minutes_are_words_and_one_for_each_table_check_and_activity(text: str, words: int, minutes: int) -> None:
    draft, _ = section(f"## A {{#a}}\n{text}")
    assert (draft.words, draft.minutes) == (words, minutes)
