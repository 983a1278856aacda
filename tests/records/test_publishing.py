"""Drafts, releases and the counts of who is affected, on both databases."""

import pytest
from sqlalchemy.orm import Session

from app.core.content import digest
from app.records import affected, attempts, drafts, people, reading, releases
from app.records.affected import Readers
from app.records.releases import Changes, Entry
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, QUIZ, complete, join, later


def test_a_draft_is_listed_changed_once_and_forgotten(session: Session) -> None:
    mine, other = join(session), join(session, "other")
    remark = drafts.Remark("bank.gift", 3, "“Odd”: no option", left_out=True)
    draft = drafts.add(session, mine, "bank.gift", False, [remark], NOW)
    drafts.put(session, draft, {"modules/one.md": b"\xff\x00", "quizzes/two.md": b"abc"})
    drafts.put(session, draft, {"quizzes/two.md": b"abcd"})
    [found] = drafts.of_person(session, mine)
    assert (found.id, found.name, found.files, found.size, bool(found.whole)) == (draft, "bank.gift", 2, 6, False)
    assert drafts.remarks(found) == [remark]
    assert drafts.files(session, draft) == {"modules/one.md": b"\xff\x00", "quizzes/two.md": b"abcd"}
    assert [one.id for one in drafts.of_others(session, other)] == [draft]
    assert drafts.of_person(session, other) == []
    assert drafts.change(session, found, True, [], later(minutes=1)) is True
    assert drafts.change(session, found, True, [], later(minutes=2)) is False
    drafts.remove(session, draft)
    assert drafts.find(session, draft) is None


def test_a_release_is_numbered_once_and_its_texts_are_found_again(session: Session) -> None:
    texts = {"modules/one.md": "A text.", "modules/two.md": "Another."}
    hashes = releases.remember(session, texts, NOW)
    assert releases.remember(session, texts, NOW) == hashes
    entry = Entry(1, NOW, None, "publish", 1, 0, "abc", hashes, Changes(changed=("modules/one.md",)))
    assert [releases.add(session, entry), releases.add(session, entry)] == [True, False]
    assert releases.newest(session) == releases.find(session, 1) == entry
    assert releases.texts(session, hashes) == texts
    assert releases.marked(session, digest("A text.")[:12]) == "A text."
    assert [releases.marked(session, mark) for mark in ("", "%" * 12, "0" * 12)] == [None, None, None]
    with pytest.raises(LookupError, match=r"modules/three\.md"):
        releases.texts(session, {"modules/three.md": "0" * 32})


def test_people_are_counted_whom_a_change_meets(session: Session) -> None:
    done = join(session)
    complete(session, done)
    halfway = join(session, "halfway")
    reading.mark_read(session, LIBRARY, halfway, COURSE, "rights", "law", NOW, "en", ISSUER)
    attempts.open_attempt(session, LIBRARY, halfway, QUIZ, 1, "seed", NOW)
    assert affected.running(session, [QUIZ, "none"]) == {QUIZ: 1}
    attempts.open_attempt(session, LIBRARY, done, QUIZ, 2, "seed", NOW)
    assert affected.takers(session, [QUIZ]) == {QUIZ: 2}
    law = LIBRARY.modules["rights"].sections[0]
    assert affected.readers(session, {"rights/law": "new"}) == {"rights/law": Readers(2, 2)}
    assert affected.readers(session, {"rights/law": law.version}) == {"rights/law": Readers(2, 0)}
    assert affected.readers(session, {"rights/law": ""}) == {"rights/law": Readers(2, 0)}
    gone = join(session, "gone")
    reading.mark_read(session, LIBRARY, gone, COURSE, "rights", "law", NOW, "en", ISSUER)
    assert affected.readers(session, {"rights/law": "new"}) == {"rights/law": Readers(3, 3)}
    people.erase(session, gone, NOW, keep_certificates=True)
    assert affected.readers(session, {"rights/law": "new"}) == {"rights/law": Readers(2, 2)}
    assert affected.under_way(session, [COURSE], "completion") == {COURSE: 1}
    assert affected.under_way(session, [], "completion") == {}
