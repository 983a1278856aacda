"""Accounts: joining, finding, changing, and the last administrator."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.records import keys, learners, people, sign_ins, standing, tallies
from app.records.engine import open_session
from app.records.models import Organisation, Person
from tests.letters import LETTERS
from tests.records.samples import COURSE, LIBRARY, NOW, complete, join, later, read_all


def listed(session: Session, text: str, after: str | None = None) -> list[Person]:
    return [row.person for row in learners.search(session, text, after).rows]


def test_a_person_is_kept_as_she_joined(session: Session) -> None:
    person = people.get(session, join(session, "Ana@Example.org"))
    kept = {name: getattr(person, name) for name in ("login", "name", "name_latin", "country", "role", "demo", "email")}
    assert kept == {
        "login": "Ana@Example.org",
        "name": "Ana Moana",
        "name_latin": "Ana Moana",
        "country": "FJ",
        "role": "learner",
        "demo": False,
        "email": "ana@example.org",
    }
    assert people.organisation_name(session, person) == "Ministry of Employment"
    assert person.joined_at == NOW


def test_what_is_left_empty_is_kept_as_not_stated(session: Session) -> None:
    person = people.register(session, login="b", password_hash="h", name="Bo", now=NOW, country="", organisation=" ")
    assert (person.country, person.sex, person.organisation_id, person.email) == (None, None, None, None)


@pytest.mark.parametrize("other", ["ANA", "ana", "ａｎａ", " Ana "])
def test_a_sign_in_name_is_taken_in_any_case_and_width(session: Session, other: str) -> None:
    join(session, "Ana")
    with pytest.raises(people.Taken):
        join(session, other)
    found = people.find_login(session, other)
    assert found is not None
    assert found.login == "Ana"


def test_nobody_is_found_by_an_unknown_name_or_id(session: Session) -> None:
    assert people.find_login(session, "nobody") is None
    assert people.find(session, uuid.uuid4()) is None
    with pytest.raises(NoResultFound):
        people.get(session, uuid.uuid4())


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u2060"])
def test_a_name_that_cannot_be_printed_is_refused(session: Session, name: str) -> None:
    with pytest.raises(ValueError, match="a name that can be printed"):
        join(session, name=name)
    with pytest.raises(ValueError, match="a name that can be printed"):
        people.change_profile(session, join(session), {"name": name}, NOW)


def test_an_unknown_field_is_a_mistake_of_the_program(session: Session) -> None:
    with pytest.raises(TypeError, match="a person has no shoe"):
        join(session, shoe=43)
    with pytest.raises(TypeError, match="a profile has no role"):
        people.change_profile(session, join(session), {"role": "administrator"}, NOW)


def test_one_organisation_is_kept_once_in_each_country(session: Session) -> None:
    one, two = join(session, "a"), join(session, "b", organisation="  ministry of EMPLOYMENT ")
    other = join(session, "c", country="TO")
    ids = [people.get(session, person).organisation_id for person in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]
    assert session.query(Organisation).count() == 2


# Changing


def profile_cells(session: Session, measure: str) -> dict[tuple[str, ...], int]:
    """The tallies of a measure by country, sex, ministry type, age band and language; without empty ones."""
    counts = tallies.counted(session)
    return {(*key[3:6], *key[7:]): n for key, n in counts.items() if key[1] == measure}


def test_a_changed_profile_moves_enrolment_and_start_but_not_completion(session: Session) -> None:
    person = join(session)
    complete(session, person)
    people.change_profile(session, person, {"country": "TO", "sex": "", "age_band": "45-54"}, later(days=40))
    before, after = ("FJ", "woman", "labour", "35-44", "en"), ("TO", "", "labour", "45-54", "en")
    assert profile_cells(session, "enrolled") == {after: 1}
    assert profile_cells(session, "started") == {after: 1}
    assert profile_cells(session, "completion") == {before: 1}
    assert profile_cells(session, "certificate") == {before: 2}
    assert standing.compare(session) == []


def test_a_moved_person_keeps_the_organisation_under_its_new_country(session: Session) -> None:
    person = join(session)
    people.change_profile(session, person, {"country": "TO"}, NOW)
    changed = people.get(session, person)
    assert (changed.country, people.organisation_name(session, changed)) == ("TO", "Ministry of Employment")
    people.change_profile(session, person, {"organisation": ""}, NOW)
    assert people.get(session, person).organisation_id is None


def test_a_name_stays_once_a_certificate_carries_it(session: Session) -> None:
    person = join(session)
    people.change_profile(session, person, {"name": "Ana Moana Tui"}, NOW)
    read_all(session, person)
    for field in ("name", "name_latin"):
        with pytest.raises(people.NameFixed):
            people.change_profile(session, person, {field: "Another"}, NOW)
    people.change_profile(session, person, {"name": "Ana Moana Tui", "email": ""}, NOW)
    assert people.get(session, person).email is None


def test_a_changed_profile_is_found_by_its_new_words(session: Session) -> None:
    person = join(session)
    people.change_profile(session, person, {"name": "Sofía Tupou"}, NOW)
    assert [one.id for one in listed(session, "sofia")] == [person]
    assert listed(session, "moana tupou sofia ana@") == listed(session, "tupou")
    assert listed(session, "nobody") == []


# Roles


def test_the_last_administrator_stays(session: Session) -> None:
    one, two = (join(session, login, role="administrator") for login in ("one", "two"))
    people.disable(session, two, NOW)
    for act in (
        lambda: people.set_role(session, one, "learner"),
        lambda: people.disable(session, one, NOW),
        lambda: people.erase(session, one, NOW, keep_certificates=True),
    ):
        with pytest.raises(people.LastAdministrator):
            act()
    people.enable(session, two)
    people.set_role(session, one, "learner")
    assert people.get(session, one).role == "learner"


def test_an_unknown_role_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="no role 'king'"):
        people.set_role(session, join(session), "king")


def test_a_changed_role_and_a_closed_account_end_every_sign_in(session: Session) -> None:
    for change in (lambda id: people.set_role(session, id, "author"), lambda id: people.disable(session, id, NOW)):
        person = join(session, f"person{id(change)}")
        token = keys.hash_of(sign_ins.start(session, person, "own", NOW))
        change(person)
        assert sign_ins.find(session, token) is None


def test_two_administrators_who_leave_at_once_leave_one(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ids = [join(session, login, role="administrator") for login in ("one", "two")]
        session.commit()

    def leave(id: uuid.UUID) -> None:
        with open_session(engine, write=True) as session:
            people.set_role(session, id, "learner")
            session.commit()

    leave(ids[0])
    with pytest.raises(people.LastAdministrator):
        leave(ids[1])


# Searching


def test_people_are_found_in_any_script_and_page_by_page(session: Session) -> None:
    names = ["Ana", "ណារី សុខ", "Élodie", "မောင်မောင်", "नीमा शेर्पा"]
    ids = {name: join(session, f"login{place}", name, name_latin="", email="") for place, name in enumerate(names)}
    for name in names:
        assert [one.id for one in listed(session, name)] == [ids[name]]
    assert [one.id for one in listed(session, "elodie")] == [ids["Élodie"]]
    seen, after = [], None
    while True:
        page = learners.search(session, "login", after, 2)
        seen += [row.person.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == sorted(ids.values())
    assert len(seen) == 5


@pytest.mark.parametrize("text", ["%", "_", "\\", "100%"])
def test_signs_that_mean_something_to_sql_are_letters(session: Session, text: str) -> None:
    join(session)
    assert listed(session, text) == []


def test_a_page_after_somebody_unknown_is_the_first(session: Session) -> None:
    person = join(session)
    assert [one.id for one in listed(session, "", "no id")] == [person]


@given(st.text(LETTERS))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert people.fold(people.fold(text)) == people.fold(text)
    assert people.login_key(people.login_key(text)) == people.login_key(text)


# Their data


def test_what_is_handed_out_holds_everything_but_secrets(session: Session) -> None:
    person = join(session)
    numbers = complete(session, person)
    token = sign_ins.start(session, person, "own", NOW)
    sign_ins.make_code(session, person, "recovery", NOW, timedelta(days=1))
    data = people.export_data(session, person)
    assert data["person"]["login"] == "ana"
    assert {row["record"]["number"] for row in data["certificates"]} == set(numbers)
    assert [len(data[name]) for name in ("enrolments", "readings", "attempts", "grades", "sign_ins", "codes")] == [
        1,
        4,
        2,
        2,
        1,
        1,
    ]
    assert data["attempts"][0]["answers"]["1"]["language"] == "en"
    for secret in (keys.hash_of(token), "password_hash", '"hash"', "seed 1"):
        assert secret not in str(data)
    assert COURSE in LIBRARY.courses
