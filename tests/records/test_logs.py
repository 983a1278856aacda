"""Notes, the audit log and the outbox."""

import itertools
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.records import audit, notes, outbox
from tests.records.samples import NOW, join, later


def test_a_note_keeps_the_text_of_the_newest_form(session: Session) -> None:
    forms = [(1, "first"), (2, "second"), (2, "second again"), (3, "third")]
    for place, order in enumerate(itertools.permutations(forms)):
        person = join(session, f"person{place}")
        said = [notes.save_note(session, person, "plan", text, issued, NOW) for issued, text in order]
        newest = max(issued for issued, _ in order)
        assert notes.notes(session, person) == {"plan": [text for issued, text in order if issued == newest][-1]}
        highest = 0
        for (issued, _), answer in zip(order, said, strict=True):
            assert answer == ("saved" if issued >= highest else "older")
            highest = max(highest, issued)


def test_notes_are_ones_own(session: Session) -> None:
    one, two = join(session, "one"), join(session, "two")
    notes.save_note(session, one, "plan", "mine", 1, NOW)
    notes.save_note(session, one, "law", "", 1, NOW)
    assert notes.notes(session, two) == {}
    assert notes.texts(session, one, ["plan", "other"]) == {"plan": "mine"}
    assert notes.texts(session, one, []) == {}


ADDED = [
    ([], ("b", 5), "saved", "b"),
    ([("", 1)], ("b", 5), "saved", "b"),
    ([("a", 1)], ("b", 5), "saved", "a\n\nb"),
    ([("a", 5)], ("b", 5), "saved", "a\n\nb"),
    ([("a", 6)], ("b", 5), "older", "a"),
    ([("a\n\nb", 6)], ("b", 5), "saved", "a\n\nb"),  # a second press
    ([("x" * 97, 1)], ("b", 5), "saved", "x" * 97 + "\n\nb"),
    ([("x" * 98, 1)], ("b", 5), "full", "x" * 98),
]


@pytest.mark.parametrize(("before", "added", "said", "kept"), ADDED)
def test_what_is_added_to_a_note_stands_below_it_once(
    session: Session, before: list[tuple[str, int]], added: tuple[str, int], said: str, kept: str
) -> None:
    one, two = join(session, "one"), join(session, "two")
    for text_, issued in before:
        notes.save_note(session, one, "tool-cost", text_, issued, NOW)
    assert notes.add_to_note(session, one, "tool-cost", *added, NOW, 100) == said
    assert notes.notes(session, one) == {"tool-cost": kept}
    assert notes.notes(session, two) == {}


def test_the_audit_log_is_a_chain(session: Session) -> None:
    by = uuid.uuid4()
    for deed in ("add", "role", "export"):
        audit.record(session, by, deed, "subject", '{"n": 1}', NOW)
    audit.record(session, None, "erase", "subject", "", later(hours=1))
    assert audit.verify_chain(session) is None
    assert [(row.number, row.by, row.deed, row.at) for row in audit.latest(session, limit=2)] == [
        (4, None, "erase", later(hours=1)),
        (3, by, "export", NOW),
    ]
    assert [row.number for row in audit.latest(session, before=3)] == [2, 1]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE act SET deed = 'nothing' WHERE number = 2", 2),
        ("UPDATE act SET hash = 'x' WHERE number = 3", 3),
        ("DELETE FROM act WHERE number = 1", 1),
        ("DELETE FROM act WHERE number = 2", 2),
    ],
)
def test_a_slipped_in_change_breaks_the_chain(session: Session, tampering: str, broken: int) -> None:
    for number in range(3):
        audit.record(session, None, "add", str(number), "", NOW)
    for trigger in ("act_unchanged", "act_kept"):
        session.execute(text(f"DROP TRIGGER {trigger}"))
    session.execute(text(tampering))
    assert audit.verify_chain(session) == broken


def test_a_mail_is_taken_by_one_sender_and_forgotten_when_sent(session: Session) -> None:
    id = outbox.add(session, join(session), "ana@example.org", "Hello", "Text", NOW)
    taken = outbox.take(session, NOW)
    assert [(one.id, one.recipient, one.subject, one.body) for one in taken] == [
        (id, "ana@example.org", "Hello", "Text")
    ]
    assert outbox.take(session, later(minutes=9)) == []
    assert outbox.waiting(session) == 1
    outbox.sent(session, id, NOW)
    assert outbox.waiting(session) == 0
    row = session.execute(text("SELECT recipient, subject, body FROM outbox")).one()
    assert tuple(row) == ("", "", "")


def test_a_mail_whose_sender_died_goes_to_the_next(session: Session) -> None:
    outbox.add(session, None, "ana@example.org", "Hello", "Text", NOW)
    outbox.take(session, NOW)
    assert len(outbox.take(session, later(minutes=10))) == 1


def test_a_mail_that_fails_is_tried_eight_times_ever_more_slowly(session: Session) -> None:
    id = outbox.add(session, None, "ana@example.org", "Hello", "Text", NOW)
    moment, waits = NOW, []
    while outbox.take(session, moment):
        outbox.failed(session, id, "SMTPServerDisconnected", moment)
        wait = next(minutes for minutes in (1, 2, 4, 8, 16, 32, 64, 128) if minutes not in waits)
        assert outbox.take(session, moment + (later(seconds=wait * 60 - 1) - NOW)) == []
        waits.append(wait)
        moment += later(minutes=wait) - NOW
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    assert tuple(session.execute(text("SELECT recipient, body, tries FROM outbox")).one()) == ("", "", 8)
