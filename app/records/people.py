"""People's accounts: joining, finding, changing. What is erased or handed out to them stands in `personal`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.certificates import clean_name
from app.records import doubles, locks, organisations, tallies
from app.records.folding import fold, login_key
from app.records.keys import new_id
from app.records.locks import LastAdministrator
from app.records.models import Completion, Person
from app.records.personal import erase, export_data
from app.records.profiles import profile_of
from app.records.roles import disable, enable, set_role
from app.records.sql import insertion

__all__ = ["LastAdministrator", "disable", "enable", "erase", "export_data", "fold", "login_key", "set_role"]

NAMES = ("name", "name_latin")
PROFILE = ("country", "sex", "ministry_type", "age_band")
CHANGEABLE = (*NAMES, "email", *PROFILE, "organisation", "language")
ROW = {*CHANGEABLE, "role", "demo"} - {"organisation"}

ADD_PERSON = insertion(Person, "ON CONFLICT (login_key) DO NOTHING RETURNING id")


class Taken(Exception):
    """Somebody has this sign-in name already."""


class NameFixed(Exception):
    """A certificate carries this name, so it stays."""


def register(session: Session, *, login: str, password_hash: str, name: str, now: datetime, **profile: Any) -> Person:
    """A new person; raises Taken. `profile`: name_latin, email, country, sex, ministry_type, organisation (its name),
    age_band, language, role, demo; what is empty is kept as not stated."""
    named = organisations.named(session, profile.pop("organisation", None), profile.get("country"), now)
    values = new_row(
        new_id(), login=login, password_hash=password_hash, name=name, now=now, organisation_id=named, **profile
    )
    if session.execute(ADD_PERSON, values).first() is None:
        raise Taken(login)
    return get(session, values["id"])


def new_row(
    id: Any, *, login: str, password_hash: str, name: str, now: datetime, organisation_id: Any, **profile: Any
) -> dict[str, Any]:
    """The columns of a new person, as `register` takes them but for her organisation, which is found or made before."""
    unknown = profile.keys() - ROW
    if unknown:
        raise TypeError(f"a person has no {', '.join(sorted(unknown))}")
    if not clean_name(name):
        raise ValueError("a person needs a name that can be printed")
    values = {
        "id": id,
        "login": login,
        "login_key": login_key(login),
        "password_hash": password_hash,
        "name": name,
        "name_latin": profile.get("name_latin") or "",
        "email": profile.get("email") or None,
        **{field: profile.get(field) or None for field in PROFILE},
        "organisation_id": organisation_id,
        "language": profile.get("language") or "en",
        "role": profile.get("role") or "learner",
        "demo": bool(profile.get("demo")),
        "disabled_at": None,
        "same_as": None,
        "joined_at": now,
        "seen_at": None,
    }
    return values | {"search": searchable(values)}


def searchable(person: Mapping[str, Any]) -> str:
    return fold(" ".join(str(person[field] or "") for field in ("name", "name_latin", "login", "email")))


def organisation_name(session: Session, person: Person) -> str:
    return organisations.name_of(session, person.organisation_id)


def get(session: Session, person_id: uuid.UUID) -> Person:
    """The person of this id; raises NoResultFound."""
    return session.execute(select(Person).where(Person.id == person_id)).scalar_one()


def find(session: Session, person_id: uuid.UUID) -> Person | None:
    return session.execute(select(Person).where(Person.id == person_id)).scalar()


def find_login(session: Session, login: str) -> Person | None:
    """The person who signs in with this name, in any case or width."""
    return session.execute(select(Person).where(Person.login_key == login_key(login))).scalar()


def change_profile(session: Session, person_id: uuid.UUID, changes: Mapping[str, str | None], now: datetime) -> Person:
    """Change names, e-mail, language and what counts are made by; the tallies of enrolments move along.

    Raises NameFixed when a certificate carries the name that would change.
    """
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"a profile has no {', '.join(sorted(unknown))}")
    person = locks.person(session, person_id)
    wanted = {field: value or ("" if field == "name_latin" else None) for field, value in changes.items()}
    _check_names(session, person, wanted)
    before, organisation = profile_of(person), person.organisation_id
    if "organisation" in wanted or "country" in wanted:
        name = wanted.pop("organisation", organisation_name(session, person))
        person.organisation_id = organisations.named(session, name, wanted.get("country", person.country), now)
    for field, value in wanted.items():
        setattr(person, field, value)
    person.search = searchable(vars(person))
    session.flush()
    tallies.move(session, person_id, before, profile_of(person), now.tzinfo)
    doubles.settle(session, now.tzinfo)
    organisations.forget_unused(session, organisation)
    return person


def _check_names(session: Session, person: Person, wanted: Mapping[str, str | None]) -> None:
    if "name" in wanted and not clean_name(wanted["name"] or ""):
        raise ValueError("a person needs a name that can be printed")
    changed = [field for field in NAMES if field in wanted and wanted[field] != getattr(person, field)]
    if changed and name_fixed(session, person):
        raise NameFixed(str(person.id))


def name_fixed(session: Session, person: Person) -> bool:
    """Whether a certificate carries this person's name."""
    return session.execute(select(Completion.id).where(Completion.person_id == person.id).limit(1)).first() is not None


def set_password_hash(session: Session, person_id: uuid.UUID, password_hash: str) -> None:
    get(session, person_id).password_hash = password_hash
    session.flush()


def of_ids(session: Session, ids: Sequence[uuid.UUID]) -> list[Person]:
    """These people, in this order; who is not there is left out."""
    found = {one.id: one for one in session.execute(select(Person).where(Person.id.in_(ids))).scalars()}
    return [found[id] for id in ids if id in found]


def as_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
