"""Counts of answers: kept with the hand-in, taken out with the person, always what the facts say."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.records import country_groups, item_tallies, people, standing
from tests.records.samples import COURSE, NOW, QUIZ, join, later, take


def counted(session: Session, columns: str, where: str = "TRUE") -> list[tuple[object, ...]]:
    """The tallies by these columns, and how many."""
    sql = f"SELECT {columns}, sum(n), sum(seconds) FROM item_tally WHERE {where} GROUP BY {columns} ORDER BY {columns}"
    return [tuple(row) for row in session.execute(text(sql))]


def test_a_hand_in_counts_every_answer_by_who_gave_it(session: Session) -> None:
    country_groups.put(session, {"FJ": "Pacific", "KH": "South-East Asia"})
    ana, boran = join(session), join(session, "boran", country="KH", sex="man")
    take(session, ana, QUIZ, 1)
    take(session, ana, QUIZ, 2, right=False)
    take(session, boran, QUIZ, 1, right=False)
    take(session, join(session, "c", country="", sex=""), QUIZ, 1)
    assert counted(session, "later, sex, region") == [
        (0, "", "", 4, 20),
        (0, "man", "South-East Asia", 4, 0),
        (0, "woman", "Pacific", 4, 20),
        (1, "woman", "Pacific", 4, 0),
    ]
    assert counted(session, "key_hash, option, band", f"later = 0 AND item = '{QUIZ}-1'") == [
        (f"key-{QUIZ}-1", "", 0, 1, 0),
        (f"key-{QUIZ}-1", "B", 19, 2, 10),
    ]
    assert standing.compare(session) == []


def test_a_corrected_profile_leaves_them_and_an_erased_person_takes_hers_along(session: Session) -> None:
    ana, bela = join(session), join(session, "bela", sex="man")
    for person in (ana, bela):
        take(session, person, QUIZ, 1)
    people.change_profile(session, ana, {"sex": "other", "country": "TO"}, later(days=1))
    assert [row[0] for row in counted(session, "sex")] == ["man", "woman"]
    people.erase(session, ana, NOW, keep_certificates=False)
    assert counted(session, "sex") == [("man", 4, 20)]
    assert session.execute(text("SELECT count(*), sum(n) FROM item_sum")).one() == (4, 4)
    assert standing.compare(session) == []


def test_other_groups_and_lost_counts_are_counted_anew(session: Session) -> None:
    take(session, join(session), QUIZ, 1)
    assert counted(session, "region") == [("", 4, 20)]
    assert country_groups.put(session, {"FJ": "Pacific"}) is True
    assert country_groups.put(session, {"FJ": "Pacific"}) is False
    assert counted(session, "region") == [("Pacific", 4, 20)]
    session.execute(text("DELETE FROM item_tally"))
    session.execute(text(f"UPDATE item_sum SET n = 7 WHERE item = '{QUIZ}-0'"))
    assert item_tallies.missing(session) is True
    differences = standing.compare(session)
    assert (len(differences), differences[-1]) == (
        5,
        f"the count of answers {QUIZ}-0 key-{QUIZ}-0 0 A 19 is 7 in 5 s, the facts say 1 in 5 s",
    )
    standing.rebuild(session)
    assert (standing.compare(session), item_tallies.missing(session)) == ([], False)
    assert standing.facts(session, people.find_login(session, "ana").id, COURSE).results.keys() == {QUIZ}
