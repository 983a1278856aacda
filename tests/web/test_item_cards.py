"""What the answers say, as authors see it; and what learners read where a key was corrected."""

import pytest

from app.core.content import Library
from app.records import regrades
from app.records.engine import open_session
from tests import learners
from tests.web.conftest import Build, Site
from tests.web.story import person_id, take_quiz
from tests.web.visitor import X, words

ITEM = "one-single"


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    return build(tiny)


def test_cards_are_hidden_at_first_and_name_the_worst_later(site: Site) -> None:
    author = site.staff("author")
    page = author.get("/author/quizzes/one/answers")
    assert page.h1 == "What the answers say: The first module"
    assert "No question has 10 answers yet." in page.main
    assert "0 answers so far. From 10 on the card shows what they say." in page.main
    with open_session(site.engine, write=True) as session:
        who = learners.make(session, b"secret", [f"l{number}" for number in range(40)])
        for one in who:
            learners.sit(session, site.library, one.id, "one", right=False)
        session.commit()
    page = author.get("/author/quizzes/one/answers")
    assert page.tree is not None
    verdicts = [words(one) for one in page.tree.iterfind(f".//{X}ul[@class='verdicts']")]
    assert verdicts[0].startswith("Learners do no better than by guessing: 0 % of the points.")
    page = author.get(f"/author/items/{ITEM}/answers")
    assert "Compared are groups of at least 100 answers each. There are not two such groups yet." in page.main
    assert page.links()[f"/author/items/{ITEM}"] == "The question as learners see it"
    assert "What was matched" not in page.main
    matched = author.get("/author/items/one-match/answers").main
    assert "What was matched with what From the newest first tries, 1,000 at most." in matched
    ordered = author.get("/author/items/one-order/answers").main
    assert "What was put where" in ordered
    assert "Place 1 key" in ordered
    author.get("/author/items/check-first/answers", status=404)
    author.get("/author/quizzes/none/answers", status=404)


def test_a_learner_reads_which_key_was_corrected_and_how_the_result_rose(site: Site) -> None:
    learner = site.learner()
    asked: list[str] = []

    def choose(item, question):
        asked.append(item.id)
        return {}

    result = take_quiz(learner, site, "tiny", "one", choose)
    assert "was corrected" not in result.main
    with open_session(site.engine, write=True) as session:
        quiz = site.library.quizzes["one"]
        planned = regrades.plan(session, site.library, quiz, [asked[0]], False, site.now)
        done = regrades.apply(session, site.library, planned, "unclear", site.now, learners.ISSUER)
        session.commit()
        assert [one.person for one in done.shown] == [person_id(site, "learner1")]
    page = learner.get(result.path)
    assert "Question 1 was taken out: everybody has its points. Your result rose from 0 % to " in page.main
