"""Word documents: what becomes of each thing, what is named as lost, and what is refused."""

import zipfile
from io import BytesIO

import pytest

from app.core.drafts import ModuleDraft
from app.core.exchange.bank import Known
from app.core.exchange.model import Refused
from app.core.exchange.word import Found, read
from app.core.worker import Task, Worker
from tests.core.pictures import png

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MORE = (
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/></w:style>'
    for name in ("Title", "heading 1", "heading 2", "heading 3", "toc 1", "House Style")
)


def p(text: str, style: str = "") -> str:
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{kind}{text if text.startswith('<') else run(text)}</w:p>"


def run(text: str, props: str = "") -> str:
    return f'<w:r><w:rPr>{props}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(body: str, picture: bytes = b"not really a picture", **parts: str) -> bytes:
    """A document as Word writes it, with as few parts as it takes."""
    names = {"styles": STYLES, **parts}
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in names
    ) + f'<Relationship Id="rPic" Type="{OFFICE}/image" Target="media/map.png"/>' + (
        f'<Relationship Id="rWeb" Type="{OFFICE}/hyperlink" Target="https://www.ilo.org/a" TargetMode="External"/>'
    )  # fmt: skip
    types = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{WORD}.{name}+xml"/>' for name in names)
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>',
        "word/document.xml": f"<w:document {W} {MORE}><w:body>{body}</w:body></w:document>",
        **{f"word/{name}.xml": f"<w:{name} {W}>{text}</w:{name}>" for name, text in names.items()},
        "word/media/map.png": picture,
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


PICTURE = (
    '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="Map of Pala"/><a:graphic><a:graphicData>'
    '<pic:pic><pic:blipFill><a:blip r:embed="rPic"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
    "</w:drawing></w:r>"
)


def cell(text: str, props: str = "") -> str:
    return f"<w:tc><w:tcPr>{props}</w:tcPr>{p(text)}</w:tc>"


ROWS = (
    cell("Scheme") + cell("Who pays") + cell("Who receives"),
    cell("Pension", '<w:vMerge w:val="restart"/>') + cell("all", '<w:gridSpan w:val="2"/>'),
    cell("", "<w:vMerge/>") + cell("b") + cell("c"),
)
TABLE = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in ROWS) + "</w:tbl>"
FULL = docx(
    p("Who pays?", "Title")
    + p("Contents ... 1", "toc1")
    + p("Somebody always pays: {{not a token}} and [[no term]].")
    + p("Two ways *to* pay", "heading1")
    + p(run("Bold ", "<w:b/>") + run("and italic", "<w:i/>") + run(" and under", '<w:u w:val="single"/>'))
    + p(f'<w:hyperlink r:id="rWeb">{run("the ILO")}</w:hyperlink>' + '<w:r><w:footnoteReference w:id="2"/></w:r>')
    + TABLE
    + p("A levy", "heading2")
    + p('<w:ins w:id="1" w:author="x">' + run("new ") + '</w:ins><w:del w:id="2" w:author="x"><w:r><w:delText>old words'
        "</w:delText></w:r></w:del>" + run("text"), "HouseStyle")
    + p("Druck", "heading1")
    + p(PICTURE)
    + p("<m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>" + run("/// note"))
    + p("Druck", "heading1"),
    footnotes=f'<w:footnote w:type="separator" w:id="0">{p("")}</w:footnote>'
              f'<w:footnote w:id="2">{p("See the law.")}</w:footnote>',
    comments=f'<w:comment w:id="0" w:author="Litia">{p("Is that so?")}</w:comment>',
    header1=p("Ministry of Pala"),
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Found:
    return read(FULL, "draft", None, Known())


def test_the_module_of_a_document(found: Found) -> None:
    assert found.text == (
        '---\ntitle: "Who pays?"\n# objectives:\n#   - say … (understand)\n---\n\n'
        "Somebody always pays: \\{\\{not a token\\}\\} and \\[\\[no term\\]\\].\n\n"
        "## Two ways to pay {#two-ways-to-pay}\n\n"
        "**Bold** *and italic* and under\n\n[the ILO](https://www.ilo.org/a)\n\n"
        "| Scheme | Who pays | Who receives |\n|---|---|---|\n| Pension | all |  |\n|  | b | c |\n\n"
        "### A levy\n\nnew text\n\n"
        "## Druck {#druck}\n\n\\[Map of Pala\\]\n\n&#47;// note\n\n"
        "## Druck {#druck-2}\n\nWrite this part.\n"
    )
    assert found.sections == 4


def test_everything_that_is_lost_is_named(found: Found) -> None:
    assert sorted(found.lost) == sorted(
        [
            "an equation is left out; write it in words, or as a block of code",
            "text is no longer underlined",
            "a tracked change was accepted: “old words” is deleted",
            "tracked insertions were accepted",
            "a comment is left out: “Is that so?”",
            "a footnote is left out: “See the law.”",
            "the header of the pages is left out: “Ministry of Pala”",
            "a table cell that spanned several rows stands in one",
            "a table cell that spanned several columns stands in one",
            "the picture picture-1.png is left out: it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as"
            " one of these",
            "the style “House Style” means nothing here; its text is plain",
        ]
    )


def test_the_check_finds_no_error_in_it(found: Found, worker: Worker) -> None:
    task = Task(path="modules/draft.md", kind="module", text=found.text, language="en")
    [(draft, problems)] = worker.run([task], {"en": Known().context("en")})
    assert isinstance(draft, ModuleDraft)
    assert [one for one in problems if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("body", "title", "headings"),
    [
        (p("only text"), None, ["## draft {#draft}"]),
        (p("a", "heading1") + p("b", "heading2") + p("c", "heading2"), None, ["## b {#b}", "## c {#c}"]),
        (p("a", "heading1") + p("b", "heading3") + p("c", "heading1"), None, ["## a {#a}", "### b", "## c {#c}"]),
        (p("សេចក្តី", "heading1") + p("print", "heading1"), "t", ["## សេចក្តី {#section-1}", "## print {#print-section}"]),
    ],
)
def test_headings(body: str, title: str | None, headings: list[str]) -> None:
    text = read(docx(body), "draft", title, Known()).text
    assert [line for line in text.split("\n") if line.startswith("##")] == headings


def bomb() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:document>" + b" " * (17 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"hello", "this is no .docx; save it from Word or LibreOffice as .docx"),
        (b"\xd0\xcf\x11\xe0rest",
         "this is an old .doc or has a password; open it in Word and save it as .docx without one"),
        (bomb(), "unpacked, its text is over 16 MB; divide the document"),
        (docx("", notes="").replace(b"word/document.xml", b"work/document.xml"),
         "this archive holds no Word document; save it from Word or LibreOffice as .docx"),
        (docx("<!DOCTYPE x>"), "its XML declares entities, which no word processor writes"),
        (docx("<w:p>"), "the document can't be read (ExpatError); save it again from Word"),
        (docx(""), "the document holds no text"),
        (docx("<w:p>" * 400 + "</w:p>" * 400), "the document can't be read (RecursionError); save it again from Word"),
        (docx(p("a" * 60_000)),
         "a part of the document can't be read: one of its texts has 60007 characters, more than 60000; "
         "divide it by headings"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)  # fmt: skip
def test_refusals(data: bytes, told: str) -> None:
    with pytest.raises(Refused, match="^" + told.replace("(", "\\(").replace(")", "\\)") + "$"):
        read(data, "draft", None, Known())


def test_a_picture_comes_along() -> None:
    found = read(docx(p("Who pays?", "heading1") + p(PICTURE), picture=png(4, 4)), "draft", None, Known())
    [name] = found.pictures
    assert (found.pictures[name], found.lost) == (png(4, 4), [])
    assert f"![Map of Pala]({name})" in found.text
