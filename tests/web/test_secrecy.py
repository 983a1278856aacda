"""No byte of a page depends on the key before feedback is due: the keys are swapped, the pages stay the same."""

import re
import shutil
import uuid
from pathlib import Path

import pytest

from app.core.content import Library
from app.records import attempts
from app.records.engine import open_session
from tests.web.conftest import TINY, Build, Site, load_course
from tests.web.members import Member, member
from tests.web.story import answer_all, attempt_of, empty, take_quiz
from tests.web.visitor import Visitor

# Another key in each file: (file, as it stands, with another key). Texts, options and their order stay.
SWAPS = [
    ("one.md", "- [x] True\n  > Right.\n- [ ] False\n  > Without", "- [ ] True\n  > Right.\n- [x] False\n  > Without"),
    ("one.md", "- [x] True\n  > Right.\n- [ ] False\n  > The", "- [ ] True\n  > Right.\n- [x] False\n  > The"),
    (
        "one.md",
        "- [ ] A tax office\n  > It collects.\n- [x] An older",
        "- [x] A tax office\n  > It collects.\n- [ ] An older",
    ),
    (
        "one.md",
        "- [x] A sickness fund\n- [x] A pension\n- [ ] A road",
        "- [ ] A sickness fund\n- [x] A pension\n- [x] A road",
    ),
    ("one.md", "= (people - paid) / people * 100 ± 0.5 %", "= paid / people * 100 ± 2 %"),
    ("one.md", "= benefit / a benefit / benefits", "= contribution-based levy"),
    (
        "one.md",
        "| Pension | taxpayers |\n| Sickness fund | workers |",
        "| Pension | workers |\n| Sickness fund | taxpayers |",
    ),
    (
        "one.md",
        "{{gap: benefit / a benefit}} comes from a {{choose: *scheme /",
        "{{gap: x}} comes from a {{choose: scheme /",
    ),
    ("one.md", "river / road}}", "*river / road}}"),
    ("one.md", "- [x] The family\n- [ ] The fund", "- [ ] The family\n- [x] The fund"),
    ("one.md", "= 0 ± 0", "= 12345 ± 10"),
    (
        "one.md",
        "- [x] A pension\n  > Right: money that a person receives.\n- [ ] A tax",
        "- [ ] A pension\n  > No.\n- [x] A tax",
    ),
    ("two.md", "- [x] Ask\n- [ ] Answer", "- [ ] Ask\n- [x] Answer"),
    ("two.md", "- [x] The ministry\n- [ ] The river", "- [ ] The ministry\n- [x] The river"),
    ("two.md", "- [x] By when\n- [ ] The weather", "- [ ] By when\n- [x] The weather"),
    ("tiny-final.md", "- [ ] A benefit\n- [x] A levy", "- [x] A benefit\n- [ ] A levy"),
    ("tiny-final.md", "= 25 ± 0.1 %", "= 250000 ± 100 %"),
]

ONE_BY_ONE = ("one.md", "feedback: after_attempt", "feedback: after_each")


def course(folder: Path, swaps: list[tuple[str, str, str]]) -> Library:
    """The tiny course in its original language alone, asking all questions at once, one quiz telling
    after each of them, with these keys changed."""
    root = folder / "course"
    shutil.copytree(TINY, root)
    for path in root.rglob("*.fr.*"):
        path.unlink()
    for name, before, after in [
        ("one.md", "draw: 5", "draw: 10"),
        ("two.md", "draw: 2", "draw: 4"),
        ONE_BY_ONE,
        *swaps,
    ]:
        path = root / "quizzes" / name
        words = path.read_text()
        assert words.count(before) == 1, before
        path.write_text(words.replace(before, after))
    return load_course(root)


@pytest.fixture(scope="module")
def swapped(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return course(tmp_path_factory.mktemp("swapped"), SWAPS)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return course(tmp_path_factory.mktemp("original"), [])


def steady(body: str, *ids: object) -> str:
    """A page without what differs between two sign-ins of the same moment."""
    for place, id in enumerate(ids):
        body = body.replace(str(id), f"id-{place}")
    body = re.sub(r'name="issued" value="\d+"', 'name="issued"', body)
    return re.sub(r'name="csrf_token" value="[^"]+"', 'name="csrf_token"', body)


def opened(site: Site, hers: Member, quiz: str) -> uuid.UUID:
    """An attempt with a paper drawn from a seed that is the same in both courses."""
    with open_session(site.engine, write=True) as session:
        made = attempts.open_attempt(session, site.library, hers.id, quiz, 1, "the same seed", site.now)
        session.commit()
        return made.id


def pages(site: Site, login: str) -> dict[str, str]:
    """Every page of the course that opens before feedback is due, by its address without ids."""
    found: dict[str, str] = {}
    hers = member(site, login)
    public = ["/", "/courses/tiny/", "/courses/tiny/file", "/search?q=benefit", "/glossary", "/sources", "/healthz"]
    for module in site.library.modules.values():
        public += [f"/courses/tiny/{module.id}{rest}" for rest in ("/", "/print", "/file")]
        public += [f"/courses/tiny/{module.id}/{section.id}" for section in module.sections]
    public += [f"/courses/tiny/quizzes/{quiz}" for quiz in ("one", "two", "tiny-final")]
    visitors: list[tuple[str, Visitor]] = [("visitor", site.visitor()), ("learner", hers.visitor)]
    for who, visitor in visitors:
        found |= {f"{who} {path}": steady(visitor.get(path).html, login) for path in public}
    for quiz, asked in (("one", 10), ("two", 4)):
        attempt = opened(site, hers, quiz)
        for path in (*(str(number) for number in range(1, asked + 1)), "review"):
            page = hers.visitor.get(f"/attempts/{attempt}/{path}")
            found[f"{quiz} {path}"] = steady(page.html, attempt, login)
            assert page.headers.get("ETag") is None
        start = hers.visitor.get(f"/courses/tiny/quizzes/{quiz}")
        found[f"{quiz} begun"] = steady(start.html, attempt, login)
        wrong = hers.visitor.submit(hers.visitor.get(f"/attempts/{attempt}/1"), "/1", status=200)
        found[f"{quiz} after an empty answer"] = steady(wrong.html, attempt, login)
    return found


def test_the_same_pages_whatever_the_key(build: Build, original: Library, swapped: Library) -> None:
    assert {id for id, quiz in original.quizzes.items() if quiz == swapped.quizzes[id]} == set()
    one, other = pages(build(original), "litia"), pages(build(swapped), "salome")
    assert one.keys() == other.keys()
    assert [name for name, body in one.items() if body != other[name]] == []


def test_tags_and_lengths_tell_nothing_either(build: Build, original: Library, swapped: Library) -> None:
    told = []
    for library in (original, swapped):
        visitor = build(library).visitor()
        visitor.get("/help")
        replies = [
            visitor.get(path) for path in ("/courses/tiny/one/first", "/courses/tiny/two/plan", "/courses/tiny/")
        ]
        told.append([(one.headers["ETag"], one.headers["Content-Length"]) for one in replies])
    assert told[0] == told[1]


def test_the_result_of_the_final_tells_topics_and_no_key(build: Build, original: Library) -> None:
    """Whoever failed it sees none of the questions, options or right answers again."""
    site = build(original)
    hers = member(site)
    for quiz in ("one", "two"):
        take_quiz(hers.visitor, site, "tiny", quiz)
    attempt = opened(site, hers, "tiny-final")
    first = hers.visitor.get(f"/attempts/{attempt}/1")
    assert attempt_of(first) == attempt
    result = hers.visitor.submit(answer_all(hers.visitor, site, first, empty), "/hand-in", status=200)
    bank = original.quizzes["tiny-final"]
    texts = [item.original.heading for item in bank.items]
    texts += [option["text"] for item in bank.items for option in item.original.body.get("options", [])]
    assert [one for one in texts if one in result.main] == []
