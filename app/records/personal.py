"""What is one person's: handed out as data, or erased."""

import uuid
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.orm import Session

from app.records import doubles, item_tallies, locks, organisations, steps, tallies
from app.records.access_tables import ApiToken, Intervention
from app.records.certifying import IdentityCheck, NameCorrection, Reissue
from app.records.cohort_tables import FocalPost, Invitation, Membership, SharedNote, Wish
from app.records.guarding import SecondStep, SpareCode
from app.records.models import (
    Attempt,
    Base,
    Certificate,
    Code,
    Completion,
    Enrolment,
    Erasure,
    Grade,
    Note,
    Organisation,
    Outbox,
    Person,
    Reading,
    Response,
    Revocation,
    SavedAnswer,
    SignIn,
    SurveyChoice,
    Tombstone,
)
from app.records.publishing import Draft, DraftFile
from app.records.report_tables import LastAct
from app.records.sitting import Allowance, Checked
from app.records.sql import insertion, statement

SECRETS = (
    *("password_hash", "login_key", "search", "token_hash", "hash", "seed", "body"),  # a mail may hold a code
    *("code_hash", "row_key", "email_hash", "sealed"),
)
PACKED = ("paper", "answers", "value", "detail", "rule", "evidence", "record", "remarks", "about")

ENROLMENTS = statement("SELECT course FROM enrolment WHERE person_id = :person_id ORDER BY course")
ERASE = insertion(Erasure, "ON CONFLICT DO NOTHING")
BURY = insertion(Tombstone, "ON CONFLICT DO NOTHING")
OF_HER_ATTEMPTS = "attempt_id IN (SELECT id FROM attempt WHERE person_id = :person_id)"
OF_HER_COMPLETIONS = "completion_id IN (SELECT id FROM completion WHERE person_id = :person_id)"
FORGET_REISSUES = (  # an administrator's words about her
    f"DELETE FROM reissue WHERE certificate_id IN (SELECT id FROM certificate WHERE {OF_HER_COMPLETIONS})"
)
FORGET_CERTIFICATES = (
    f"DELETE FROM revocation WHERE certificate_id IN (SELECT id FROM certificate WHERE {OF_HER_COMPLETIONS})",
    f"DELETE FROM certificate WHERE {OF_HER_COMPLETIONS}",
)
FORGET = (
    "DELETE FROM session WHERE person_id = :person_id",
    "DELETE FROM code WHERE person_id = :person_id",
    "DELETE FROM second_step WHERE person_id = :person_id",
    "DELETE FROM spare_code WHERE person_id = :person_id",
    "DELETE FROM outbox WHERE person_id = :person_id",
    "DELETE FROM note WHERE person_id = :person_id",
    "DELETE FROM standing WHERE person_id = :person_id",
    "DELETE FROM last_act WHERE person_id = :person_id",
    "DELETE FROM draft_file WHERE draft_id IN (SELECT id FROM draft WHERE person_id = :person_id)",
    "DELETE FROM draft WHERE person_id = :person_id",
    "DELETE FROM survey_choice WHERE person_id = :person_id",
    "DELETE FROM response WHERE person_id = :person_id",
    "DELETE FROM invitation WHERE person_id = :person_id",
    "DELETE FROM membership WHERE person_id = :person_id",
    "DELETE FROM wish WHERE person_id = :person_id",
    "DELETE FROM shared_note WHERE person_id = :person_id",
    "DELETE FROM focal_post WHERE person_id = :person_id",
    f"DELETE FROM answer WHERE {OF_HER_ATTEMPTS}",
    f"DELETE FROM checked WHERE {OF_HER_ATTEMPTS}",
    f"DELETE FROM timer WHERE {OF_HER_ATTEMPTS}",
    "DELETE FROM allowance WHERE person_id = :person_id",
    f"DELETE FROM grade WHERE {OF_HER_ATTEMPTS}",
    "DELETE FROM attempt WHERE person_id = :person_id",
    "DELETE FROM reading WHERE person_id = :person_id",
    "DELETE FROM name_correction WHERE person_id = :person_id",
    "DELETE FROM identity_check WHERE person_id = :person_id",
    "DELETE FROM enrolment WHERE person_id = :person_id",
    "DELETE FROM intervention WHERE person_id = :person_id",
    "DELETE FROM api_token WHERE person_id = :person_id",
    "DELETE FROM completion WHERE person_id = :person_id",
    *(
        f'UPDATE {table} SET "by" = NULL WHERE "by" = :person_id'
        for table in (
            *("cohort", "enrolment_key", "invitation", "focal_post", "import_run"),
            *("announcement", "denominator", "saved_export"),
        )
    ),
    "UPDATE person SET same_as = NULL WHERE same_as = :person_id",
    "DELETE FROM person WHERE id = :person_id",
)


def export_data(session: Session, person_id: uuid.UUID) -> dict[str, Any]:
    """All that is kept of a person, as plain JSON; hashes of secrets and seeds are left out. Raises NoResultFound."""
    person = session.execute(select(Person).where(Person.id == person_id)).scalar_one()
    attempts = select(Attempt.id).where(Attempt.person_id == person_id)
    completions = select(Completion.id).where(Completion.person_id == person_id)
    drafts = select(Draft.id).where(Draft.person_id == person_id)
    certificates = select(Certificate.id).where(Certificate.completion_id.in_(completions))
    return {
        "person": _plain(person),
        "organisation": _rows(session, Organisation, Organisation.id == person.organisation_id),
        "enrolments": _rows(session, Enrolment, Enrolment.person_id == person_id),
        "readings": _rows(session, Reading, Reading.person_id == person_id),
        "attempts": _rows(session, Attempt, Attempt.person_id == person_id),
        "grades": _rows(session, Grade, Grade.attempt_id.in_(attempts)),
        "answers_of_open_attempts": _rows(session, SavedAnswer, SavedAnswer.attempt_id.in_(attempts)),
        "answers_that_were_checked": _rows(session, Checked, Checked.attempt_id.in_(attempts)),
        "allowances": _rows(session, Allowance, Allowance.person_id == person_id),
        "last_acts": _rows(session, LastAct, LastAct.person_id == person_id),
        "survey_answers": _rows(session, Response, Response.person_id == person_id),
        "survey_choices": _rows(session, SurveyChoice, SurveyChoice.person_id == person_id),
        "notes": _rows(session, Note, Note.person_id == person_id),
        "drafts": _rows(session, Draft, Draft.person_id == person_id),
        "draft_files": _rows(session, DraftFile, DraftFile.draft_id.in_(drafts)),
        "shared_notes": _rows(session, SharedNote, SharedNote.person_id == person_id),
        "wishes": _rows(session, Wish, Wish.person_id == person_id),
        "cohorts": _rows(session, Membership, Membership.person_id == person_id),
        "invitations": _rows(session, Invitation, Invitation.person_id == person_id),
        "focal_posts": _rows(session, FocalPost, FocalPost.person_id == person_id),
        "completions": _rows(session, Completion, Completion.person_id == person_id),
        "certificates": _rows(session, Certificate, Certificate.id.in_(certificates)),
        "revocations": _rows(session, Revocation, Revocation.certificate_id.in_(certificates)),
        "reissues": _rows(session, Reissue, Reissue.certificate_id.in_(certificates)),
        "identity_checks": _rows(session, IdentityCheck, IdentityCheck.person_id == person_id),
        "name_corrections": _rows(session, NameCorrection, NameCorrection.person_id == person_id),
        "changes_by_others": _rows(session, Intervention, Intervention.person_id == person_id),
        "api_tokens": _rows(session, ApiToken, ApiToken.person_id == person_id),
        "sign_ins": _rows(session, SignIn, SignIn.person_id == person_id),
        "codes": _rows(session, Code, Code.person_id == person_id),
        "second_steps": _rows(session, SecondStep, SecondStep.person_id == person_id),
        "spare_codes": _rows(session, SpareCode, SpareCode.person_id == person_id),
        "mail_waiting": _rows(session, Outbox, Outbox.person_id == person_id),
    }


def _rows(session: Session, model: type[Base], hers: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = session.scalars(select(model).where(hers).order_by(*inspect(model).primary_key))
    return [_plain(row) for row in rows]


def _plain(row: Base) -> dict[str, Any]:
    names = [column.key for column in inspect(type(row)).columns if column.key not in SECRETS]
    return {name: _json(name, getattr(row, name)) for name in names}


def _json(name: str, value: Any) -> Any:
    if name in PACKED and value is not None:
        return msgspec.json.decode(value)
    return msgspec.to_builtins(value)


def erase(session: Session, person_id: uuid.UUID, now: datetime, keep_certificates: bool) -> None:
    """Forget a person: every row of hers goes and her answers leave the counts of answers; the counts of people stay,
    and so does the public record of a certificate where she keeps it, else its number alone. Raises
    LastAdministrator, NoResultFound.

    What the database's files still hold is wiped by `app.records.engine.scrub`.
    """
    values = {"person_id": person_id}
    locks.administrators(session, leaving=person_id)
    for course in session.execute(ENROLMENTS, values).scalars().all():
        locks.enrolment(session, person_id, course)
    person = locks.person(session, person_id)
    organisation = person.organisation_id
    # In the order in which a hand-in counts: people, steps, answers.
    doubles.settle(session, now.tzinfo)
    steps.erase(session, person_id)
    tallies.keep(session, tallies.of_person(session, person_id, now.tzinfo))
    item_tallies.forget(session, person_id)
    session.execute(ERASE, {"person_id": person_id, "at": now})
    for sql in (FORGET_REISSUES, *(() if keep_certificates else _bury(session, person_id, now))):
        session.execute(statement(sql), values)
    session.expunge(person)
    for sql in FORGET:
        session.execute(statement(sql), values)
    doubles.forget(session, now.tzinfo)
    organisations.forget_unused(session, organisation)


def _bury(session: Session, person_id: uuid.UUID, now: datetime) -> tuple[str, ...]:
    """Put a tombstone for each certificate number; returns what deletes the certificates."""
    completions = select(Completion.id).where(Completion.person_id == person_id)
    for number in session.execute(
        select(Certificate.number).where(Certificate.completion_id.in_(completions))
    ).scalars():
        session.execute(BURY, {"number": number, "at": now})
    return FORGET_CERTIFICATES
