"""The columns of every export: name, kind, and what it counts or names, as the about file and the guide say it."""

from app.core.formats import Column


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, kind="text", meaning=meaning)


def _integer(name: str, meaning: str) -> Column:
    return Column(name=name, kind="integer", meaning=meaning)


def _decimal(name: str, meaning: str) -> Column:
    return Column(name=name, kind="decimal", meaning=meaning)


def _moment(name: str, meaning: str) -> Column:
    return Column(name=name, kind="moment", meaning=meaning)


LEARNER_ID = _text("learner_id", "The learner's id in this database; it stays the same.")
NAMES = (
    _text("name", "The name in the learner's own script, as the learner gave it."),
    _text("name_latin", "The name in Latin letters, where given."),
)
COUNTRY_CODE = _text("country_code", "ISO 3166-1 alpha-2 code; ZZ: other or not listed; empty: not stated.")
COUNTRY = _text("country", "The United Nations' short name of that country or area.")
SEX = _text("sex", "woman, man or other; empty: not stated.")
MINISTRY_TYPE = _text(
    "ministry_type",
    "labour, social-welfare, finance-planning, health, education, local-government, statistics or other; "
    "empty: not stated.",
)
ORGANISATION_ID = _text("organisation_id", "The organisation's id in this database; it stays the same.")
ORGANISATION = _text(
    "organisation", "The organisation: the listed name, or as the learner wrote it; empty: not stated."
)
AGE_BAND = _text("age_band", "under-25, 25-34, 35-44, 45-54 or 55-over; empty: not stated.")
PROFILE = (COUNTRY_CODE, COUNTRY, SEX, MINISTRY_TYPE, ORGANISATION_ID, ORGANISATION, AGE_BAND)
COURSE = _text("course", "The course's id.")

COMPLETIONS = (
    LEARNER_ID,
    *NAMES,
    *PROFILE,
    COURSE,
    _text("version", "The version of the course: the one that was completed, or the present one before completion."),
    _moment("enrolled", "When the learner joined the course."),
    _moment("last_seen", "When the learner last used the site; empty: not since it was asked."),
    _integer("sections_read", "Sections of the course, as it is now, that are marked as read."),
    _integer("quizzes_passed", "Module quizzes of the course, as it is now, that are passed."),
    _decimal(
        "final_score",
        "The result of the final assessment that counts, in per cent, rounded down; empty: none handed in.",
    ),
    _moment("completed", "When the rule of the certificate of completion became true."),
    _text("certificate_number", "The number of the certificate of completion, newest edition."),
    _text(
        "status",
        "enrolled: nothing read or tried yet; started: not completed yet; afterwards the certificate's own: "
        "valid, expired, revoked, demonstration, sample or trial.",
    ),
)

ATTEMPTS = (
    LEARNER_ID,
    *PROFILE,
    COURSE,
    _text("quiz", "The quiz's id."),
    _text("version", "The hash of the quiz, its rules and questions, as it stood when the try began."),
    _integer("number", "Which try at this quiz: 1 is the first."),
    _moment("opened", "When the try began."),
    _moment("handed_in", "When it was handed in; empty: still open."),
    _text("language", "The language of the page on which it was handed in; empty: still open."),
    _text("points", "The points that were earned, exact, as a whole number or a fraction such as 17/2."),
    _integer("possible", "The points that could be earned."),
    _decimal("score", "The result in per cent, rounded down; empty: still open."),
    _text("passed", "yes or no; empty: still open, or an entry check, which is neither passed nor failed."),
    _integer("judged", "How often it was judged: 1 at hand-in, more after a key was corrected; the newest counts."),
)

ITEMS = (
    COURSE,
    _text("quiz", "The quiz's id."),
    _text("item", "The question's id."),
    _text("version", "The hash of what decides the points: question, options and key."),
    _text("present", "yes: the question as it is asked now; no: as it was before."),
    _text("type", "The type of the question, such as single or numeric; empty: no longer known."),
    _integer("points", "The points that it is worth; empty: no longer known."),
    _integer("answers", "Answers in first tries, left empty ones included; the figures are about these alone."),
    _integer("later_answers", "Answers in further tries."),
    _decimal("facility", "The mean share of the points, in per cent; empty: under 10 answers, as all that follows."),
    _decimal("standard_error", "The standard error of the facility, in per cent."),
    _decimal("discrimination", "The facility of the best 27 % minus that of the weakest 27 %, from -1 to 1."),
    _decimal("correlation", "The correlation of the question with the rest of the paper, from -1 to 1."),
    _decimal("guess", "The share of the points that guessing earns, in per cent; empty: no longer known."),
    _decimal("seconds", "The mean time for an answer, in seconds."),
)

STATISTICS = (
    COURSE,
    _text(
        "measure",
        "What is counted: enrolled, started, participation and completion are people; certificate is the certificates "
        "of both kinds together.",
    ),
    _text("month", "The month in the site's time zone, such as 2026-11."),
    *PROFILE,
    _text("language", "The language that the learner chose, such as en."),
    _integer("count", "How many; people who erased their account since are in it."),
)

LEARNERS = (
    LEARNER_ID,
    *NAMES,
    *PROFILE,
    _text("language", "The language that the learner chose, such as en."),
    _text("role", "learner, focal, author or administrator."),
    _moment("joined", "When the account was made."),
    _moment("last_seen", "When the learner last used the site; empty: not since it was asked."),
    _moment("disabled", "When an administrator closed the account; empty: it is open."),
    _text("demo", "yes: a demonstration person, made by an operator; no: everybody else."),
)

ACTS = (
    _integer("number", "The number of the row; the first is 1, and none is left out of the log."),
    _moment("at", "When it was done."),
    _text("by", "The id of the account that did it; empty: the command line."),
    _text("deed", "What was done, as a short word that stays the same."),
    _text("subject", "To what: the id of an account, cohort or organisation, or what else it was."),
    _text("detail", "More about it; ids, never names."),
    _text("before", "The checksum of the row before; empty in the first."),
    _text("hash", "The checksum of this row and of the one before."),
)
