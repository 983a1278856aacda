"""The authors' page for drafts: dropped, checked, looked at, replaced, published by an administrator, taken back."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from app.core.compiled import KEPT
from app.core.content import Library, digest
from app.core.load import load
from app.ops import converting, dropping, planning, releases, serving, trying
from tests.core.exchange.test_word import PICTURE, docx, p
from tests.core.pictures import SVG, png
from tests.serving import ROOT
from tests.web.conftest import START, TINY, Build, Site
from tests.web.visitor import Page, Visitor, X

MODULE = (TINY / "modules" / "two.md").read_text()
QUIZ = (TINY / "quizzes" / "one.md").read_text()
GIFT = "::Who pays:: Who pays? {=The state ~The moon}\n\n::Odd:: {}\n"


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the tiny course is turned into, so that sites need not read it again."""
    kept = tmp_path_factory.mktemp("kept") / KEPT
    load(TINY, today=START.date(), kept=kept)
    return kept


@pytest.fixture
def site(build: Build, tiny: Library, tmp_path: Path, warm: Path) -> Site:
    content = Path(shutil.copytree(TINY, tmp_path / "content"))
    shutil.copyfile(warm, tmp_path / KEPT)
    site = build(tiny, content=content)
    serving.prepare(site.config)
    return site


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Without the child processes, whose start costs more than these small files; they have tests of their own."""
    if "in_children" not in request.fixturenames:
        monkeypatch.setattr(releases, "in_child", lambda order: trying.work(order))
        monkeypatch.setattr(dropping, "_in_child", converting.convert)


@pytest.fixture
def in_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the child processes, which have little time here."""
    monkeypatch.setattr(planning, "SECONDS", 1.0)
    monkeypatch.setattr(trying, "GRACE", 1)


def drop(visitor: Visitor, *files: tuple[str, bytes], path: str = "/author/drafts", **fields: str) -> Page:
    token = visitor.get("/author/drafts").form("/author/drafts").fields["csrf_token"]
    return send(visitor, path, *files, csrf_token=token[0], **fields)


def send(visitor: Visitor, path: str, *files: tuple[str, bytes], **fields: str) -> Page:
    """A form with files, as a browser packs it."""
    head = '--~~\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    parts = [head.format(name, "").encode() + value.encode() for name, value in fields.items()]
    parts += [head.format("files", f'; filename="{name}"').encode() + data for name, data in files]
    kind = "multipart/form-data; boundary=~~"
    return visitor.post(path, b"\r\n".join([*parts, b"--~~--\r\n"]), **{"Content-Type": kind})


def packed(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def test_a_draft_from_the_drop_to_its_release_and_back(site: Site) -> None:
    author, boss, other = site.staff("author"), site.administrator(), site.staff("author")
    page = drop(author, ("two.md", MODULE.replace("A plan says", "A good plan says").encode()))
    assert page.h1 == "Draft: two.md"
    assert "No errors" in page.main
    path = page.path
    assert "A good plan says" in author.get(f"{path}/preview/two/plan").main
    assert "A good plan says" not in author.get("/courses/tiny/two/plan").main
    affected = author.get(f"{path}/affected")
    assert "Changed two/plan Read by: nobody" in affected.main
    assert not [form for form in affected.forms() if form.action.endswith("/publish")]
    assert author.post(f"{path}/publish", {"csrf_token": page.form("/discard").fields["csrf_token"]}).status == 403
    for address in (path, f"{path}/affected", f"{path}/files.zip", f"{path}/preview/two"):
        other.get(address, status=404)
    assert other.post(f"{path}/discard", {"csrf_token": tokens(other)}).status == 404
    sheet = boss.get(f"{path}/affected")
    stale = boss.get(f"{path}/affected")
    done = boss.submit(sheet, "/publish")
    assert "Release 1 is published." in done.main
    assert boss.submit(stale, "/publish", status=404).status == 404
    author.get(path, status=404)
    assert "A good plan says" in serving.root(site.config).joinpath("modules/two.md").read_text()
    listed = boss.get("/author/releases")
    assert "Release 1 in force" in listed.main
    assert "Changed modules/two.md" in listed.main
    assert "By: an administrator" in author.get("/author/releases").main
    assert "Course files published" in boss.get("/admin/audit").main
    undone = boss.submit(listed, "/undo")
    assert "Served now: the content root of the site." in undone.main
    assert "meanwhile" in boss.submit(listed, "/undo", status=409).main


def tokens(visitor: Visitor) -> list[str]:
    return visitor.get("/author/drafts").form("/author/drafts").fields["csrf_token"]


def test_errors_stand_with_their_lines_and_a_second_drop_mends_them(site: Site) -> None:
    author = site.staff("author")
    broken = QUIZ.replace("- [x] An older person", "- [ ] An older person")
    page = drop(author, ("one.md", broken.encode()))
    assert "errors to mend" in page.main  # its translation has another key, too
    line = broken.splitlines().index(next(one for one in broken.splitlines() if "{#one-single" in one)) + 1
    assert f"quizzes/one.md 1 finding Error, line {line}, no-right-answer" in page.main
    author.get(f"{page.path}/preview/one", status=404)
    assert "Mend them first" in author.get(f"{page.path}/affected").main
    mended = drop(author, ("one.md", QUIZ.encode()), path=f"{page.path}/files")
    assert "No errors" in mended.main
    draws = author.get(f"{page.path}/quizzes/one/draws")
    assert draws.html.count("<summary><h2") == 10
    assert author.get(f"{page.path}/items/one-single").h1 == "Question one-single"
    with zipfile.ZipFile(io.BytesIO(author.get(f"{page.path}/files.zip").body)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {"quizzes/one.md": QUIZ}
    gone = author.submit(mended, "/discard")
    assert "You have no draft yet." in gone.main


def test_banks_and_archives_become_drafts(site: Site) -> None:
    author = site.staff("author")
    page = drop(author, ("<b>100%.gift", GIFT.encode()))
    assert page.h1 == "Draft: <b>100%.gift"
    page = drop(author, ("bank.gift", GIFT.encode()))
    assert "quizzes/bank.md" in page.main
    assert "What was changed or left out" in page.main
    page = drop(author, ("new.zip", packed({"mine/modules/three.md": MODULE.replace("#plan", "#three"),
                                               "mine/readme.txt": "x", "mine/modules/three/a.png": "x",
                                               "mine/pics/a.png": "x"})))  # fmt: skip
    assert "left out: it stands in none of the three folders" in page.main
    assert "left out: it is no PNG, JPEG, GIF or WebP" in page.main
    assert "left out: a picture is a .png, .jpg, .gif or .webp in a folder with the name of its module" in page.main
    assert "No course lists this module" in page.main


def renewed(site: Site) -> None:
    """As the server's workers do when a release was made."""
    library = serving.compiled(site.config)
    assert library
    site.app.extensions["shelf"].put(library)


def test_pictures_go_from_a_draft_to_the_learners_and_stay_when_it_is_undone(site: Site) -> None:
    author, boss, visitor = site.staff("author"), site.administrator(), site.visitor()
    text = MODULE.replace("## A plan {#plan}\n", "## A plan {#plan}\n\n![A map of Pala](map.png)\n")
    page = drop(author, ("two.md", text.encode()), ("map.png", png(10, 10)))
    page = drop(author, ("map.png", png(40, 30)), path=f"{page.path}/files")
    assert "No errors" in page.main
    assert "modules/two/map.png" in page.main
    shown = author.get(f"{page.path}/preview/two/plan")
    [address] = re.findall(r'<img src="(/pictures/[^"]+)" alt="A map of Pala" width="40" height="30"', shown.html)
    mine = author.get(address)
    assert (mine.body, mine.headers["Content-Type"], mine.headers["Cache-Control"]) == (
        *(png(40, 30), "image/png"),
        "private, max-age=3600",
    )
    assert boss.get(address).body == mine.body
    for stranger in (visitor, site.staff("author"), site.learner()):
        stranger.get(address, status=404)
    boss.submit(boss.get(f"{page.path}/affected"), "/publish")
    renewed(site)
    section = visitor.get("/courses/tiny/two/plan")
    assert f'<img src="{address}" alt="A map of Pala"' in section.html
    assert "modules/two/map.png" in drop(author, ("map.png", png(50, 30))).main  # a better one, by itself
    public = visitor.get(address)
    assert (public.body, public.headers["Content-Type"]) == (png(40, 30), "image/png")
    assert public.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in public.headers["Cache-Control"]
    assert "default-src 'none'" in public.headers["Content-Security-Policy"]
    assert 'src="data:image/png;base64,' in visitor.get("/courses/tiny/two/file").body.decode()
    boss.submit(boss.get("/author/releases"), "/undo")
    renewed(site)
    assert "A map of Pala" not in visitor.get("/courses/tiny/two/plan").html
    assert visitor.get(address).body == png(40, 30)  # what learners saw stays to be seen
    secret = digest((serving.root(site.config) / "quizzes" / "one.md").read_text())
    for other in (f"/pictures/{secret}.png", address.replace(".png", ".gif"), "/pictures/x.png", "/pictures/..png"):
        visitor.get(other, status=404)


def test_a_word_document_becomes_a_module_with_its_pictures(site: Site) -> None:
    author = site.staff("author")
    page = drop(author, ("My draft.docx", docx(p("Who pays?", "heading1") + p(PICTURE), picture=png(4, 4))))
    assert "modules/my-draft.md" in page.main
    assert "modules/my-draft/picture-1" in page.main


WINDOWS = {"File", "Save as", "Save as type", "Encoding", "All files", "UTF-8", "View", "File name extensions"}
WINDOWS |= {"Notepad", "Send to", "Compressed (zipped) folder", "Download raw file"}


def test_the_guide_calls_everything_what_the_pages_call_it(site: Site) -> None:
    """Each name in bold or italics stands on the pages to which the guide leads, letter by letter."""
    boss, guide = site.administrator(), (ROOT / "docs" / "guide.md").read_text()
    told = guide.partition("## Let it be checked")[2].partition("## With git")[0]
    quoted = set(re.findall(r"\*\*([^*]+)\*\*|\*([^*\n]+)\*", told))
    names = {one or other for one, other in quoted} - WINDOWS - {"error", "warning"}
    [first] = re.findall(r"^```markdown quizzes/first-questions.md\n(.*?)^```$", guide, re.M | re.S)
    page = drop(boss, ("first-questions.md", first.encode()))
    pages = [boss.get("/author"), boss.get("/author/drafts"), page, boss.get(f"{page.path}/affected")]
    trees = [one.tree for one in pages if one.tree is not None]
    parts = [part for tree in trees for tag in ("a", "button", "label", "option") for part in tree.iter(f"{X}{tag}")]
    seen = {" ".join("".join(part.itertext()).split()) for part in parts}
    assert names >= {"Authors", "Drafts", "Check these files", "Ten draws of this quiz", "Publish now"}
    assert names - seen == set()


Files = list[tuple[str, bytes | dict[str, str]]]
SIXTY = b"x" * 60


def bad_files() -> list[tuple[str, Files, int, str]]:
    """What each is, the files (those of an archive by their names), the status, and words of the answer."""
    return [
        ("no file", [], 422, "Choose a file first."),
        ("empty", [("one.md", b"")], 422, "is empty"),
        ("a program", [("one.exe", b"MZ")], 422, "is not read here"),
        ("path escape", [("a.zip", {"../../etc/x.md": "x"})], 422, "leads out of the archive"),
        ("absolute path", [("a.zip", {"/etc/modules/x.md": "x"})], 422, "leads out of the archive"),
        ("drive", [("a.zip", {"C:\\modules\\x.md": "x"})], 422, "leads out of the archive"),
        ("bomb", [("a.zip", {"modules/x.md": "\0" * 5_000_000})], 413, "more than 1 MB"),
        ("bombs", [("a.zip", {f"modules/x{n}.md": " " * 1_000_000 for n in range(20)})], 413, "more than 16 MB"),
        ("many", [("a.zip", {f"modules/x{n}.md": "x" for n in range(500)})], 413, "more than 400 files"),
        ("broken archive", [("a.zip", b"PK\x03\x04" + SIXTY)], 422, "can't be unpacked"),
        ("a picture that nothing shows", [("a.png", png())], 422, "No file shows a.png."),
        (
            "a picture of two",
            [("one.md", b"![x](a.png)"), ("two.md", b"![x](a.png)"), ("a.png", png())],
            422,
            "modules/one.md and modules/two.md show a picture a.png.",
        ),
        ("a picture with a name from Windows", [("My map.PNG", png())], 422, "name pictures in lower-case letters"),
        ("a script as picture", [("one.md", MODULE.encode()), ("a.png", SVG)], 422, "it is SVG, which can hold"),
        ("no Word", [("a.docx", b"PK\x03\x04" + SIXTY)], 422, "this is no .docx"),
        ("nothing in it", [("a.zip", {"readme.txt": "x"})], 422, "no course file"),
        ("twice", [("one.md", b"x"), ("sub/one.md", b"y")], 422, "comes twice"),
        (
            "entities",
            [("q.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><quiz><question/></quiz>')],
            422,
            "document type",
        ),
        ("broken XML", [("q.xml", b"<quiz><question type='essay'><name>")], 422, "no question could be read"),
        ("20 MB", [("one.md", b"x" * 20_000_000)], 413, "(8 MB at most)"),
    ]


def test_bad_files_are_refused_in_words_and_nothing_is_kept(site: Site) -> None:
    author = site.staff("author")
    wrong = []
    for name, files, status, words in bad_files():
        page = drop(author, *((file, packed(data) if isinstance(data, dict) else data) for file, data in files))
        if page.status != status or words not in page.main:
            wrong.append((name, page.status, page.main[:300]))
    assert wrong == []
    assert "You have no draft yet." in author.get("/author/drafts").main


@pytest.mark.usefixtures("in_children")
def test_files_that_cost_too_much_are_named_and_do_not_stop_the_server(site: Site) -> None:
    author = site.staff("author")
    fat = "\n".join(f"## Q{n} {{#q-{n} .single}}\n\n- [x] a\n- [ ] b\n" for n in range(15_000))
    page = drop(author, ("fat.md", f"---\ntitle: Fat\n---\n\n{fat}".encode()))
    assert "render-limit" in page.main
    many = "".join(f"Question {n}?\nA. a\nB. b\nANSWER: A\n\n" for n in range(50_000))
    page = drop(author, ("many.txt", many.encode()))
    assert (page.status, "more than 2000 questions" in page.main) == (413, True)


def test_files_that_only_the_check_refuses_are_kept_with_its_report(site: Site) -> None:
    author = site.staff("author")
    mixed = "modules/two.md", MODULE.encode() + "é".encode("latin-1")
    page = drop(author, mixed)
    line = MODULE.count("\n") + 1
    assert f"Error, line {line}, encoding This line is not UTF-8." in page.main


def test_strangers_drop_nothing(site: Site) -> None:
    author, large = site.staff("author"), ("one.md", b"x" * 400_000)
    assert send(site.visitor(), "/author/drafts", large).h1 == "Sign in"
    assert send(site.learner(), "/author/drafts", large).status == 403
    assert send(author, "/author/drafts", large).status == 422
    assert "You have no draft yet." in author.get("/author/drafts").main


def test_the_second_publisher_sees_that_the_course_moved(site: Site) -> None:
    boss = site.administrator()
    pages = [drop(boss, ("two.md", MODULE.replace("A plan says", f"A {word} plan says").encode()))
             for word in ("good", "bad")]  # fmt: skip
    first, second = [boss.get(f"{page.path}/affected") for page in pages]
    boss.submit(first, "/publish")
    refused = boss.submit(second, "/publish", status=409)
    assert "somebody published meanwhile" in refused.main
    assert "A good plan says" in (serving.root(site.config) / "modules" / "two.md").read_text()
    assert "Release 2 is published." in boss.submit(refused, "/publish").main


def test_the_matrix_tells_missing_stale_and_done_and_what_changed_since(site: Site) -> None:
    boss = site.administrator()
    table = boss.get("/author/translations").main
    assert "modules/one.mddone" in table
    assert "modules/two.mdmissing" in table
    changed = (TINY / "modules" / "one.md").read_text().replace("That cost", "All of that cost")
    page = drop(boss, ("one.md", changed.encode()))
    affected = boss.get(f"{page.path}/affected")
    assert "modules/one.fr.md" in affected.main.partition("older than their originals")[2]
    boss.submit(affected, "/publish")
    assert "modules/one.mdolder than the original" in boss.get("/author/translations").main
    told = boss.get("/author/translations/modules/one/fr").main
    assert "Gone: In the islands" in told
    assert "All of that cost" in told
    assert "There is no file modules/two.fr.md." in boss.get("/author/translations/modules/two/fr").main
    boss.get("/author/translations/modules/two/km", status=404)


def test_who_is_affected_is_counted_and_rounded_for_authors(site: Site) -> None:
    author, boss, learner = site.staff("author"), site.administrator(), site.learner()
    read = learner.get("/courses/tiny/two/plan")
    learner.submit(read, "/two/plan/read")
    learner.submit(learner.get("/courses/tiny/quizzes/one"), "/courses/tiny/quizzes/one")
    text = MODULE.replace("## A plan {#plan}", "## A plan {#the-plan}").replace("two#plan", "two#the-plan")
    page = drop(author, ("two.md", text.encode()), ("one.md", QUIZ.replace("pass: 70", "pass: 60").encode()))
    told = author.get(f"{page.path}/affected").main
    assert "Gone two/plan: perhaps called two/the-plan now" in told
    assert "Read by: fewer than 10 people" in told
    assert "A try is under way: fewer than 10 people; they keep their paper." in told
    exact = boss.get(f"{page.path}/affected").main
    assert "Read by: 1 person" in exact
    assert "The rules change: Pass mark." in exact
    assert "The confirmation of participation asks for other things." in exact
