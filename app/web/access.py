"""Who may call what: one row an endpoint. A route that is missing here fails the tests and answers 404 to everybody."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from app.core.api import ENDPOINTS
from app.records import second_steps
from app.web import db, sessions

PUBLIC = "public"
LEARNER = "learner"
FOCAL = "focal"
AUTHOR = "author"
ADMINISTRATOR = "administrator"
TOKEN = "token"  # sessions give no right: `app.web.api` asks for a token

# All learn; an administrator may do what authors do. A focal point's pages are of one country: hers alone.
MAY = {
    LEARNER: {"learner", "focal", "author", "administrator"},
    FOCAL: {"focal"},
    AUTHOR: {"author", "administrator"},
    ADMINISTRATOR: {"administrator"},
}

ACCESS = {
    "pages.asset": PUBLIC,
    "pages.icon": PUBLIC,
    "pages.picture": PUBLIC,
    "pages.robots": PUBLIC,
    "pages.help": PUBLIC,
    "pages.privacy": PUBLIC,
    "pages.accessibility": PUBLIC,
    "pages.health": PUBLIC,
    "pages.metrics": PUBLIC,
    "statistics.overview": PUBLIC,
    "statistics.newest": PUBLIC,
    "statistics.month": PUBLIC,
    "statistics.json_file": PUBLIC,
    "statistics.csv_file": PUBLIC,
    "statistics.one_file": PUBLIC,
    "learn.home": PUBLIC,
    "learn.outline": PUBLIC,
    "learn.module": PUBLIC,
    "learn.section": PUBLIC,
    "learn.check": PUBLIC,
    "learn.practice": PUBLIC,
    "learn.practise": PUBLIC,
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
    "learn.share_note": LEARNER,
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
    "account.sign_in_code": PUBLIC,
    "account.reset": PUBLIC,
    "account.sign_out": LEARNER,
    "account.overview": LEARNER,
    "account.profile": LEARNER,
    "account.password": LEARNER,
    "account.recovery": LEARNER,
    "account.second_step": LEARNER,
    "account.confirm_second_step": LEARNER,
    "account.new_spare_codes": LEARNER,
    "account.turn_off_second_step": LEARNER,
    "account.data": LEARNER,
    "account.erase": LEARNER,
    "certificates.verify_form": PUBLIC,
    "certificates.verify": PUBLIC,
    "certificates.check_file": PUBLIC,
    "certificates.page": PUBLIC,
    "certificates.pdf": PUBLIC,
    "credentials.credential": PUBLIC,
    "credentials.status": PUBLIC,
    "credentials.did": PUBLIC,
    "credentials.offline": PUBLIC,
    "editions.ask": LEARNER,
    "editions.take_back": LEARNER,
    "editions.names": ADMINISTRATOR,
    "editions.decide": ADMINISTRATOR,
    "editions.identity": ADMINISTRATOR,
    "editions.revoke": ADMINISTRATOR,
    "joining.ask": PUBLIC,
    "joining.invited": PUBLIC,
    "joining.stop": PUBLIC,
    "joining.stop_reminders": PUBLIC,
    "joining.join": LEARNER,
    "joining.leave": LEARNER,
    "author.overview": AUTHOR,
    "author.preview": AUTHOR,
    "author.preview_section": AUTHOR,
    "author.quiz": AUTHOR,
    "author.item": AUTHOR,
    "author.answers": AUTHOR,
    "author.item_answers": AUTHOR,
    "author.draws": AUTHOR,
    "drafts.overview": AUTHOR,
    "drafts.drop": AUTHOR,
    "drafts.page": AUTHOR,
    "drafts.add": AUTHOR,
    "drafts.download": AUTHOR,
    "drafts.discard": AUTHOR,
    "drafts.preview": AUTHOR,
    "drafts.preview_section": AUTHOR,
    "drafts.quiz": AUTHOR,
    "drafts.item": AUTHOR,
    "drafts.draws": AUTHOR,
    "drafts.affected": AUTHOR,
    "drafts.publish": ADMINISTRATOR,
    "translations.overview": AUTHOR,
    "translations.difference": AUTHOR,
    "releases.overview": AUTHOR,
    "releases.undo": ADMINISTRATOR,
    "admin.overview": ADMINISTRATOR,
    "admin.overview_part": ADMINISTRATOR,
    "admin.overview_numbers": ADMINISTRATOR,
    "admin.overview_print": ADMINISTRATOR,
    "admin.learners": ADMINISTRATOR,
    "admin.learner": ADMINISTRATOR,
    "admin.allowances": ADMINISTRATOR,
    "admin.make_code": ADMINISTRATOR,
    "admin.disable": ADMINISTRATOR,
    "admin.enable": ADMINISTRATOR,
    "admin.take_off_second_step": ADMINISTRATOR,
    "admin.announcements": ADMINISTRATOR,
    "admin.new_announcement": ADMINISTRATOR,
    "admin.announcement": ADMINISTRATOR,
    "admin.withdraw_announcement": ADMINISTRATOR,
    "admin.settings": ADMINISTRATOR,
    "admin.doctor": ADMINISTRATOR,
    "admin.audit": ADMINISTRATOR,
    "admin.correct_name": ADMINISTRATOR,
    "admin.link_accounts": ADMINISTRATOR,
    "admin.unlink_accounts": ADMINISTRATOR,
    "admin.erase_learner": ADMINISTRATOR,
    "admin.tokens": ADMINISTRATOR,
    "admin.make_token": ADMINISTRATOR,
    "admin.revoke_token": ADMINISTRATOR,
    "admin.reports": ADMINISTRATOR,
    "admin.freeze": ADMINISTRATOR,
    "admin.correct_report": ADMINISTRATOR,
    "admin.report": ADMINISTRATOR,
    "admin.report_file": ADMINISTRATOR,
    "admin.exports": ADMINISTRATOR,
    "admin.export_rows": ADMINISTRATOR,
    "admin.save_export": ADMINISTRATOR,
    "admin.run_export": ADMINISTRATOR,
    "admin.rename_export": ADMINISTRATOR,
    "admin.delete_export": ADMINISTRATOR,
    "admin.export_audit": ADMINISTRATOR,
    "admin.focal_points": ADMINISTRATOR,
    "admin.add_focal_point": ADMINISTRATOR,
    "admin.end_focal_point": ADMINISTRATOR,
    "focal.overview": FOCAL,
    "focal.learner": FOCAL,
    "focal.correct_name": FOCAL,
    "focal.export": FOCAL,
    "focal.notes": FOCAL,
}

# The same views under /admin and, for one country, under /focal.
SHARED = (
    *("organisations", "add_organisations", "merge_organisations", "organisation"),
    *("cohorts", "new_cohort", "cohort", "change_cohort", "close_cohort", "make_key", "revoke_key"),
    *("invite", "mail_invitations", "slips", "addresses", "invitation", "import_people", "import_run"),
    *("denominators", "remove_denominator", "import_denominators"),
)
ACCESS |= {f"admin.{name}": ADMINISTRATOR for name in SHARED} | {f"focal.{name}": FOCAL for name in SHARED}


ACCESS |= {f"api.{one.name}": PUBLIC if one.scope is None else TOKEN for one in ENDPOINTS}


def allows(endpoint: str | None, role: str) -> bool:
    """Whether a person of this role (visitors: none) may call an endpoint."""
    needed = ACCESS.get(endpoint or "", "")
    return needed == PUBLIC or role in MAY.get(needed, ())


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
    if needed != LEARNER and lacks_second_step(person):
        return redirect(url_for("account.second_step"), 303)
    return None


def lacks_second_step(person: sessions.SignedIn) -> bool:
    """Whether the site asks a second step of this person's role, and she has not set one up yet."""
    asked = db.settings().require_totp
    of_her = asked == "staff" or (asked == "administrators" and person.role == ADMINISTRATOR)
    return of_her and not second_steps.is_on(db.reading(), person.id)
