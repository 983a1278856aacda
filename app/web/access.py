"""Who may call what: one row an endpoint. A route that is missing here fails the tests and answers 404 to everybody."""

from flask import abort
from flask.typing import ResponseReturnValue

from app.web import sessions

PUBLIC = "public"
LEARNER = "learner"
AUTHOR = "author"
ADMINISTRATOR = "administrator"

# What a role may do includes what stands left of it; authors and administrators learn, too.
MAY = {
    LEARNER: {"learner", "author", "administrator"},
    AUTHOR: {"author", "administrator"},
    ADMINISTRATOR: {"administrator"},
}

ACCESS = {
    "pages.asset": PUBLIC,
    "pages.icon": PUBLIC,
    "pages.robots": PUBLIC,
    "pages.help": PUBLIC,
    "pages.privacy": PUBLIC,
    "pages.accessibility": PUBLIC,
    "pages.health": PUBLIC,
    "pages.metrics": PUBLIC,
    "learn.home": PUBLIC,
    "learn.outline": PUBLIC,
    "learn.module": PUBLIC,
    "learn.section": PUBLIC,
    "learn.check": PUBLIC,
    "learn.glossary": PUBLIC,
    "learn.sources": PUBLIC,
    "learn.search": PUBLIC,
    "learn.print_module": PUBLIC,
    "learn.keep_module": PUBLIC,
    "learn.keep_course": PUBLIC,
    "tools.overview": PUBLIC,
    "tools.page": PUBLIC,
    "tools.calculate": PUBLIC,
    "tools.file": PUBLIC,
    "tools.open_part": PUBLIC,
    "tools.save": LEARNER,
    "learn.start": LEARNER,
    "learn.mark_read": LEARNER,
    "learn.changed": LEARNER,
    "learn.notes": LEARNER,
    "learn.save_note": LEARNER,
    "quiz.start": PUBLIC,
    "quiz.open": LEARNER,
    "quiz.question": LEARNER,
    "quiz.save": LEARNER,
    "quiz.review": LEARNER,
    "quiz.hand_in": LEARNER,
    "quiz.result": LEARNER,
    "survey.page": LEARNER,
    "survey.answer": LEARNER,
    "survey.dismiss": LEARNER,
    "survey.ask_later": LEARNER,
    "account.register": PUBLIC,
    "account.sign_in": PUBLIC,
    "account.reset": PUBLIC,
    "account.sign_out": LEARNER,
    "account.overview": LEARNER,
    "account.profile": LEARNER,
    "account.password": LEARNER,
    "account.recovery": LEARNER,
    "account.data": LEARNER,
    "account.erase": LEARNER,
    "certificates.verify_form": PUBLIC,
    "certificates.verify": PUBLIC,
    "certificates.page": PUBLIC,
    "certificates.pdf": PUBLIC,
    "credentials.credential": PUBLIC,
    "credentials.status": PUBLIC,
    "credentials.did": PUBLIC,
    "credentials.offline": PUBLIC,
    "author.overview": AUTHOR,
    "author.preview": AUTHOR,
    "author.preview_section": AUTHOR,
    "author.quiz": AUTHOR,
    "author.item": AUTHOR,
    "author.draws": AUTHOR,
    "admin.overview": ADMINISTRATOR,
    "admin.learners": ADMINISTRATOR,
    "admin.learner": ADMINISTRATOR,
    "admin.make_code": ADMINISTRATOR,
    "admin.disable": ADMINISTRATOR,
    "admin.enable": ADMINISTRATOR,
    "admin.export": ADMINISTRATOR,
    "admin.audit": ADMINISTRATOR,
}


def guard(endpoint: str | None) -> ResponseReturnValue | None:
    """Refuse a request that its endpoint's row does not allow; visitors are asked to sign in."""
    if endpoint is None:
        return None  # Flask answers 404 or 405
    needed = ACCESS.get(endpoint)
    if needed == PUBLIC:
        return None
    if needed is None:
        abort(404)
    person = sessions.person()
    if person is None:
        return sessions.ask_to_sign_in()
    if person.role not in MAY[needed]:
        abort(403)
    return None
