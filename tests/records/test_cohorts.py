"""Cohorts on both databases: lists of organisations, keys, invitations, imports, who sees whom."""

import uuid
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.invitees import Row
from app.core.tables import Refusal
from app.records import (
    cohorts,
    focal_people,
    focal_posts,
    identities,
    imports,
    invitations,
    listings,
    notes,
    organisations,
    people,
    roles,
    standing,
    wishes,
)
from app.records.cohort_tables import Cohort
from app.records.cohorts import Refused
from app.records.invitations import Invited
from tests.records.samples import COURSE, LIBRARY, NOW, complete, join, later

SECRET = b"a secret of the site"


def cohort(session: Session, **values: Any) -> Cohort:
    given = {"name": "Islands", "course": COURSE, "country": "FJ", "organisation_id": None}
    given |= {"wished_for": date(2027, 6, 30), "office": "", "confirmed": False}
    return cohorts.make(session, given | values, None, NOW)


def invite(session: Session, into: Cohort, name: str, email: str = "") -> Any:
    id = invitations.invite(session, SECRET, into, Invited(name, email=email), None, NOW)
    return invitations.find(session, id) if id else None


def standings(session: Session, into: Cohort) -> dict[str, str]:
    found, _after = cohorts.people_of(session, into.id, into.country)
    return {row.name: row.state for row in found}


# Organisations


def test_what_people_wrote_counts_with_the_listed_organisation(session: Session) -> None:
    person = join(session, "a", organisation="Min. of Labour")
    complete(session, person)
    listed = listings.put(session, "FJ", "ministry", {"en": "Ministry of Labour", "fr": "Ministère du travail"}, NOW)
    wrote = people.get(session, person).organisation_id
    assert wrote is not None
    assert [one.name for one in listings.written(session, "FJ")] == ["Min. of Labour"]
    assert listings.merge(session, wrote, listed, NOW) == 1
    session.expire_all()
    assert people.get(session, person).organisation_id == listed
    assert listings.written(session, "FJ") == []
    assert standing.compare(session, NOW.tzinfo) == []
    for name in ("min. of  LABOUR", "Ministère du travail", "Ministry of Labour"):
        assert organisations.named(session, name, "FJ", NOW) == listed
    assert organisations.named(session, "Ministry of Labour", "TV", NOW) != listed
    assert listings.countries(session) == {"FJ": (1, 0), "TV": (0, 1)}


def test_a_name_stands_in_a_list_once(session: Session) -> None:
    one = listings.put(session, "FJ", "agency", {"en": "FNPF"}, NOW)
    other = listings.put(session, "FJ", "agency", {"en": "Fund"}, NOW)
    for act in (
        lambda: listings.put(session, "FJ", "agency", {"en": "fnpf"}, NOW),
        lambda: listings.put(session, "FJ", "agency", {"en": "Fund", "fr": "FNPF"}, NOW, other),
    ):
        with pytest.raises(listings.Conflict):
            act()
    abroad = listings.put(session, "TV", "agency", {"en": "FNPF"}, NOW)
    for wrong in (abroad, one, uuid.UUID(int=1)):
        with pytest.raises(LookupError):
            listings.merge(session, wrong, one, NOW)
    for names, kind in (({}, "agency"), ({"en": " "}, "agency"), ({"en": "X"}, "club")):
        with pytest.raises(ValueError, match="needs a kind"):
            listings.put(session, "FJ", kind, names, NOW)
    listings.merge(session, other, one, NOW)
    assert [found.name for found in listings.of_country(session, "FJ")] == ["FNPF"]
    listings.unlist(session, one)
    assert listings.of_country(session, "FJ") == []


# Keys


def test_a_key_lets_in_until_it_does_not(session: Session) -> None:
    into, first, second = cohort(session), join(session, "a"), join(session, "b")
    key = cohorts.make_key(session, into.id, None, NOW, later(days=1), 1)
    assert cohorts.find_key(session, cohorts.readable(key.code).lower()) is key
    for _twice in range(2):
        cohorts.join(session, LIBRARY, key, first, NOW)
    session.refresh(key)
    assert (key.uses, standing.facts(session, first, COURSE).enrolled_at) == (1, NOW)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("full", {}),
        ("expired", {"most": None, "expires_at": NOW}),
        ("revoked", {"expires_at": None, "revoked_at": NOW}),
    ]
    for reason, changes in cases:
        for name, value in changes.items():
            setattr(key, name, value)
        session.flush()
        with pytest.raises(Refused, match=reason):
            cohorts.join(session, LIBRARY, key, second, NOW)
    assert standings(session, into) == {"Ana Moana": "registered"}
    assert cohorts.leave(session, into.id, first) is True
    assert cohorts.leave(session, into.id, first) is False
    assert standing.facts(session, first, COURSE).enrolled_at == NOW


# Invitations


def test_an_office_may_say_later_that_it_knows_whom_it_invited(session: Session) -> None:
    into = cohort(session, office="Public Service Commission", confirmed=False)
    people_of = [join(session, login) for login in ("invited", "by-key", "doubted")]
    for number, person in enumerate(people_of):
        if number != 1:
            made = invite(session, into, f"Ana {number}", f"ana{number}@example.org")
            invitations.accept(session, LIBRARY, made, person, NOW)
    identities.confirm(session, people_of[2], COURSE, "Elsewhere", NOW.date(), None, NOW)
    identities.take_back(session, people_of[2], COURSE, None, NOW)
    cohorts.change(session, into, {name: getattr(into, name) for name in cohorts.FIELDS} | {"confirmed": True}, NOW)
    known = {"office": "Public Service Commission", "date": NOW.date().isoformat()}
    assert [identities.line(session, one, COURSE) for one in people_of] == [known, None, None]


def test_an_invitation_is_taken_up_once(session: Session) -> None:
    into = cohort(session, office="Public Service Commission", confirmed=True)
    person, other = join(session, "a"), join(session, "b")
    made = invite(session, into, "Ana", "ana@example.org")
    assert invite(session, into, " ANA ", "Ana@example.org") is None
    code = cohorts.readable(invitations.code_of(SECRET, made.id))
    assert code.count("-") == 2
    assert invitations.find_code(session, code.lower().replace("-", " ")) is made
    assert code.replace("-", "") not in str(session.execute(text("SELECT * FROM invitation")).all())
    assert standings(session, into) == {"Ana": "invited"}
    for _twice in range(2):
        invitations.accept(session, LIBRARY, made, person, NOW)
    with pytest.raises(Refused, match="used"):
        invitations.accept(session, LIBRARY, made, other, NOW)
    known = {"office": "Public Service Commission", "date": NOW.date().isoformat()}
    assert identities.line(session, person, COURSE) == known
    assert identities.line(session, other, COURSE) is None
    complete(session, person)
    assert standings(session, into) == {"Ana Moana": "completed"}
    people.get(session, person).country = "TV"
    session.flush()
    assert standings(session, into) == {}
    assert cohorts.counted(session, into.id, "FJ")["hidden"] == 1
    assert cohorts.counted(session, into.id, None)["completed"] == 1


def test_mail_goes_once_with_two_reminders_and_none_to_who_wants_none(session: Session) -> None:
    into = cohort(session)
    ana = invite(session, into, "Ana", "a@example.org")
    invite(session, into, "Ben", "b@example.org")
    invite(session, into, "Carl")
    sent = []
    for days, remind in ((0, False), (0, False), (6, True), (7, True), (8, True), (14, True), (30, True)):
        sent.append(len(invitations.take(session, into.id, remind, later(days=days), 10)))
        if days == 8:
            invitations.stop(session, ana, NOW)
    assert sent == [2, 0, 0, 2, 0, 1, 0]
    assert [row.name for row in invitations.addresses(session, into.id, 10)] == ["Ben"]
    slips, after = invitations.slips(session, SECRET, into.id, False, "", 10)
    assert ([name for name, _latin, _code in slips], after) == (["Carl"], "")
    first, after = invitations.slips(session, SECRET, into.id, True, "", 2)
    rest, end = invitations.slips(session, SECRET, into.id, True, after, 2)
    assert ([one[0] for one in first + rest], end) == (["Ana", "Ben", "Carl"], "")
    assert invitations.forget(session, SECRET, ana) is True
    invitations.tidy(session, later(days=366))
    assert standings(session, into) == {}


# Imports


def test_a_list_is_imported_whole_or_not_at_all(session: Session) -> None:
    into = cohort(session)
    invite(session, into, "Known", "k@example.org")

    def look(*rows: tuple[int, Row | Refusal]) -> Any:
        run = imports.begin(session, into, "list.csv", len(rows), [("guessed", "")], None, NOW)
        imports.look(session, SECRET, run, rows[:3], NOW)
        imports.look(session, SECRET, run, rows[3:], NOW)
        return run

    def person(name: str, email: str = "", key: str = "") -> Row:
        return Row(name, "", email, "en", {}, key)

    rows = [(2, person("New", "n@x.y")), (3, person("Known", "k@example.org")), (4, person("new", "N@x.y"))]
    rows += [(5, Refusal("email", "nobody")), (6, person("Ana", key="7")), (7, person("Other name", key="7"))]
    run = look(*rows)
    told = [(row.number, row.fate, row.reason, row.detail) for row in imports.fates(session, run.id)]
    assert told == [
        (2, "new", "", ""),
        (3, "existing", "", ""),
        (4, "duplicate", "", "2"),
        (5, "refused", "email", "nobody"),
        (6, "new", "", ""),
        (7, "conflict", "listed-name", "6 Ana"),
    ]
    assert imports.confirm(session, run, None, NOW) is False  # it is still being read
    assert imports.forget_rows(session, run.id, 9) == 0
    assert imports.state_of(run, later(minutes=3)) == imports.BROKEN
    imports.finish(run, NOW)
    session.flush()
    assert imports.confirm(session, run, None, NOW) is True
    assert imports.confirm(session, run, None, NOW) is False
    assert standings(session, into) == dict.fromkeys(("Known", "New", "Ana"), "invited")
    assert [imports.forget_rows(session, run.id, 4) for _ in range(3)] == [4, 2, 0]
    assert imports.fates(session, run.id) == []
    again = look(*rows)
    assert imports.counts_of(again) == {"new": 0, "existing": 3, "duplicate": 1, "conflict": 1, "refused": 1}
    waits, done = again.id, run.id
    interrupted = look((2, person("Late")))
    imports.finish(interrupted, NOW)
    session.flush()
    imports.confirm(session, interrupted, None, NOW)
    assert imports.left(session) == [interrupted.id]
    imports.tidy(session, later(days=2))
    session.expire_all()
    assert (imports.find(session, waits), imports.find(session, done) is not None) == (None, True)
    assert imports.left(session) == []


ANA = ("Ana Moana", "ana@x.y")


@pytest.mark.parametrize(
    ("before", "row", "fate", "reason"),
    [
        (ANA, ANA, "same", ""),
        (ANA, ("ANÁ  Moana", "Ana@X.Y"), "same", ""),  # capitals, accents and spaces
        (ANA, ("Ana Moana", ""), "same", ""),  # no address is not another one
        (("Ana Moana", ""), ANA, "same", ""),
        (ANA, ("Ben Tui", "ben@x.y"), "conflict", "name"),
        (ANA, ("Ben Tui", "ana@x.y"), "conflict", "name"),
        (ANA, ("Ben Tui", ""), "conflict", "name"),
        (ANA, ("Ana Moana", "other@x.y"), "conflict", "address"),
    ],
)
def test_one_number_for_two_people_is_told(
    session: Session, before: tuple[str, str], row: tuple[str, str], fate: str, reason: str
) -> None:
    def person(name: str, email: str, key: str = "s-17") -> Row:
        return Row(name, "", email, "en", {}, key)

    def fates(into: Any, *parts: tuple[int, Row]) -> list[tuple[str, str, str]]:
        run = imports.begin(session, into, "list.csv", len(parts), [], None, NOW)
        for part in parts:  # each may be read in a transaction of its own
            imports.look(session, SECRET, run, [part], NOW)
        apart = [(one.fate, one.reason, one.detail) for one in imports.fates(session, run.id)]
        run = imports.begin(session, into, "list.csv", len(parts), [], None, NOW)
        imports.look(session, SECRET, run, parts, NOW)
        assert [(one.fate, one.reason, one.detail) for one in imports.fates(session, run.id)] == apart
        return apart

    into = cohort(session)
    listed = fates(into, (2, person(*before)), (3, person(*row, key="S-17")), (4, person(*before)))
    told = (fate, f"listed-{reason}", "2 Ana Moana") if reason else ("duplicate", "", "2")
    assert listed == [("new", "", ""), told, ("duplicate", "", "2")]
    invited = Invited(before[0], email=before[1], key="S-17")
    assert invitations.invite(session, SECRET, into, invited, None, NOW)
    told = (fate, f"invited-{reason}", "0 Ana Moana") if reason else ("existing", "", "")
    assert fates(into, (2, person(*row))) == [told]
    again = fates(into, (2, person(*row)), (3, person(*before)), (4, person(*row)))
    if reason:  # the row that conflicts with the invitation is nobody's first
        assert again == [told, ("existing", "", ""), (fate, f"listed-{reason}", "3 Ana Moana")]


# Who sees whom


def test_a_focal_point_sees_who_agreed_and_nobody_of_another_country(session: Session) -> None:
    def learner(login: str, country: str | None, seen: bool = False, cohort_of: str = "") -> uuid.UUID:
        person = join(session, login, login, country=country)
        if seen:
            wishes.keep(session, person, wishes.Wishes(seen=True), NOW)
        if cohort_of:
            key = cohorts.make_key(session, cohort(session, country=cohort_of).id, None, NOW, None, None)
            cohorts.join(session, LIBRARY, key, person, NOW)
        for activity in ("plan", "kept"):
            notes.save_note(session, person, activity, f"{activity} of {login}", 1, NOW)
        wishes.share(session, person, "plan", True, NOW)
        return person

    ids = {
        "ticked": learner("ticked", "FJ", seen=True),
        "joined": learner("joined", "FJ", cohort_of="FJ"),
        "nowhere": learner("nowhere", None, cohort_of="FJ"),
        "silent": learner("silent", "FJ"),
        "abroad": learner("abroad", "TV", seen=True),
        "abroad-joined": learner("abroad-joined", "TV", cohort_of="FJ"),
        "nowhere-ticked": learner("nowhere-ticked", None, seen=True),
        "other-cohort": learner("other-cohort", "FJ", cohort_of="TV"),
    }
    complete(session, ids["ticked"])
    found, _after = focal_people.people_of(session, "FJ", COURSE)
    assert {row.name: row.state for row in found} == {
        "joined": "registered",
        "nowhere": "registered",
        "ticked": "completed",
    }
    assert focal_people.counted(session, "FJ", COURSE) == {"registered": 2, "started": 0, "completed": 1}
    seen = {name for name, id in ids.items() if focal_people.find(session, "FJ", COURSE, id)}
    assert (
        seen == {"joined", "nowhere", "ticked"} == {row.name for row in focal_people.everybody(session, "FJ", COURSE)}
    )
    shared = {(row.name, row.text) for row in focal_people.notes_of(session, "FJ")}
    assert shared == {(name, f"plan of {name}") for name in ("ticked", "joined", "silent", "other-cohort")}


def test_a_post_is_handed_over_and_its_history_stays(session: Session) -> None:
    first, second, author = join(session, "a"), join(session, "b"), join(session, "c")
    roles.set_role(session, author, "author")
    post = focal_posts.begin(session, first, "FJ", None, NOW)
    assert (focal_posts.country_of(session, first), focal_posts.country_of(session, second)) == ("FJ", None)
    for unfit in (first, author):
        with pytest.raises(focal_posts.Unfit):
            focal_posts.begin(session, unfit, "TV", None, NOW)
    focal_posts.hand_over(session, post.id, second, None, later(days=1))
    assert (focal_posts.country_of(session, first), focal_posts.country_of(session, second)) == (None, "FJ")
    assert [(one.login, one.ended_at) for one in focal_posts.all_posts(session)] == [("b", None), ("a", later(days=1))]
    assert people.get(session, first).role == "learner"
    with pytest.raises(LookupError):
        focal_posts.end(session, post.id, NOW)


def test_reminders_are_monthly_and_for_who_wishes_them(session: Session) -> None:
    into = cohort(session)
    key = cohorts.make_key(session, into.id, None, NOW, None, None)
    ids = [join(session, login) for login in ("wishes", "silent", "done", "closed")]
    ids.append(join(session, "demo", demo=True))
    for id in ids:
        cohorts.join(session, LIBRARY, key, id, NOW)
    for id in (ids[0], *ids[2:]):
        wishes.keep(session, id, wishes.Wishes(remind=True, seen=True), NOW)
    complete(session, ids[2])
    people.disable(session, ids[3], NOW)
    due = [[row.id for row in wishes.take_due(session, [COURSE], later(days=day))] for day in (20, 31, 40, 62)]
    assert due == [[], [ids[0]], [], [ids[0]]]
    secret = b"of this site"
    code = wishes.stop_code(secret, ids[0])
    others = f"{ids[1].hex}-{code.partition('-')[2]}"
    stopped = [wishes.stop_reminders(session, secret, one, NOW) for one in ("", "x-y", code[:-1], others, code, code)]
    assert stopped == [False, False, False, False, True, True]
    assert wishes.take_due(session, [COURSE], later(days=99)) == []
    assert wishes.of_person(session, ids[0]) == (False, True)
