"""Every page in its states, with the people who see them: for looking at all of them in one go."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from app.core.limits import Allowed
from app.core.questions import KINDS
from app.core.tools import TOOLS
from app.ops import freezing, importing
from app.records import (
    allowances,
    announcements,
    answers,
    attempts,
    clocks,
    cohorts,
    drafts,
    editions,
    focal_posts,
    invitations,
    listings,
    models,
    notes,
    people,
    second_steps,
    sign_ins,
    surveys,
    tallies,
    wishes,
)
from app.records.engine import open_session
from tests import learners
from tests.core.pictures import png
from tests.learners import Learner
from tests.serving import ROOT, Server

COURSE = "social-protection"
LONG_NAME = "ကျော်စွာမြင့်မောင်ဦးဇေယျာလှိုင်ဝင်းထွန်းအောင်"


@dataclass(frozen=True)
class Place:
    """A page: what it shows, its address, who looks at it (None: a visitor), the status it answers."""

    name: str
    path: str
    who: Learner | None = None
    status: int = 200


def make(server: Server) -> list[Place]:
    """All places; makes their people and what they did."""
    makers = (frozen, public, of_newcomer, of_learner, of_limits, of_graduate, of_staff)
    return [place for make in makers for place in make(server)]


def frozen(server: Server) -> list[Place]:
    """A month of which enough people are counted for every table, small numbers among them."""
    month = freezing.month_of(datetime.now(UTC) - timedelta(days=31), server.config.zone)
    cells = {}
    for sex, ministry, country, n in (("woman", "labour", "FJ", 150), ("man", "health", "NP", 99), ("", "", "KH", 4)):
        profile = (country, sex, ministry, "", "25-34", "en")
        cells[tallies.cell(COURSE, "enrolled", datetime.fromisoformat(f"{month}-03"), profile)] = n
    with open_session(server.engine, write=True) as session:
        tallies.add(session, cells)
        session.commit()
    freezing.freeze_due(server.engine, server.config, server.library, datetime.now(UTC))
    return [
        Place("statistics of a month", f"/statistics/{COURSE}/{month}"),
        Place("statistics of a course", f"/statistics/{COURSE}"),
    ]


def public(server: Server) -> list[Place]:
    library = server.library
    course = library.courses[COURSE]
    pages = {
        "home": "/",
        "outline": f"/courses/{COURSE}/",
        "quiz for a visitor": f"/courses/{COURSE}/quizzes/why",
        "glossary": "/glossary",
        "sources": "/sources",
        "search": "/search",
        "search with hits": "/search?q=floor",
        "search without hits": "/search?q=zzzz",
        "help": "/help",
        "privacy": "/privacy",
        "accessibility": "/accessibility",
        "register": f"/register?next=/courses/{COURSE}/",
        "sign in": "/sign-in",
        "reset": "/reset",
        "verify": "/verify",
        "join": "/join",
        "statistics": "/statistics",
        "practice of a visitor": f"/courses/{COURSE}/why/practice",
        "practice question": f"/courses/{COURSE}/why/practice/7/1",
        "tools": f"/courses/{COURSE}/tools",
    }
    for tool in TOOLS:
        pages[f"tool {tool}"] = f"/courses/{COURSE}/tools/{tool}"
    for module in course.modules:
        pages[f"module {module}"] = f"/courses/{COURSE}/{module}/"
        pages[f"print {module}"] = f"/courses/{COURSE}/{module}/print"
        for one in library.modules[module].sections:
            pages[f"section {module} {one.id}"] = f"/courses/{COURSE}/{module}/{one.id}"
    wrong = [
        Place("not found", "/nowhere", status=404),
        Place("no such number", "/verify?number=12", status=404),
        Place("asked to sign in", "/account", status=401),
    ]
    return [*(Place(name, path) for name, path in pages.items()), *wrong]


def of_newcomer(server: Server) -> list[Place]:
    who = learners.enter(server.engine, server.secret, "newcomer", LONG_NAME, name_latin="Kyaw Swar")
    return [
        Place("home of a newcomer", "/", who),
        Place("outline of a newcomer", f"/courses/{COURSE}/", who),
        Place("account of a newcomer", "/account", who),
        Place("notes of a newcomer", "/notes", who),
        Place("quiz not begun", f"/courses/{COURSE}/quizzes/why", who),
        Place("final not open", f"/courses/{COURSE}/quizzes/final-assessment", who),
        Place("survey", f"/courses/{COURSE}/surveys/before", who),
        Place("entry check", f"/courses/{COURSE}/quizzes/entry-check", who),
        Place("survey not open", f"/courses/{COURSE}/surveys/after", who),
        Place("survey nobody asked for", f"/courses/{COURSE}/surveys/follow_up", who),
        Place("not allowed", "/admin", who, 403),
    ]


def of_learner(server: Server) -> list[Place]:
    """Somebody in the middle: a section read, quizzes failed and begun, and every type of question asked."""
    library = server.library
    who = learners.enter(server.engine, server.secret, "halfway", "ស៊ុន សុភា", name_latin="Sun Sophea", country="KH")
    with open_session(server.engine, write=True) as session:
        learners.read(session, library, who.id, COURSE, leave=9)
        entry = learners.sit(session, library, who.id, "entry-check")
        failed = learners.sit(session, library, who.id, "why", right=False)
        begun = learners.begin(session, library, who.id, "why", 2)
        learners.save(session, begun, dict(list(learners.right_values(session, library, begun).items())[:3]))
        learners.sit(session, library, who.id, "right", right=False)
        learners.sit(session, library, who.id, "right", right=False, number=2)
        waits = learners.sit(session, library, who.id, "right", right=False, number=3)
        session.commit()
    module = library.modules["why"]
    places = [
        Place("home halfway", "/", who),
        Place("outline halfway", f"/courses/{COURSE}/", who),
        Place("module halfway", f"/courses/{COURSE}/why/", who),
        Place("notes", "/notes", who),
        Place("account", "/account", who),
        Place("profile", "/account/profile", who),
        Place("password", "/account/password", who),
        Place("recovery", "/account/recovery", who),
        Place("my data", "/account/data", who),
        Place("erase", "/account/erase", who),
        Place("quiz begun", f"/courses/{COURSE}/quizzes/why", who),
        Place("quiz waiting", f"/courses/{COURSE}/quizzes/right", who),
        Place("review", f"/attempts/{begun.id}/review", who),
        Place("entry check taken", f"/courses/{COURSE}/quizzes/entry-check", who),
        Place("result of the entry check", f"/attempts/{entry.id}/result", who),
        Place("result failed", f"/attempts/{failed.id}/result", who),
        Place("result failed, waiting", f"/attempts/{waits.id}/result", who),
        Place("foreign attempt", f"/attempts/{uuid.UUID(int=1)}/review", who, 404),
    ]
    places += [Place(f"section {one.id}, signed in", f"/courses/{COURSE}/why/{one.id}", who) for one in module.sections]
    return places + every_kind(server)


def of_limits(server: Server) -> list[Place]:
    """Tries under rules that the shipped quizzes do not have: told after each question, and with a clock."""
    library = server.library
    ruled = replace(library.quizzes["why"], feedback="after_each", minutes=60, version="one by one, within an hour")
    changed = replace(library, quizzes={**library.quizzes, "why": ruled})
    who, late = (learners.enter(server.engine, server.secret, login, "Sione Taufa") for login in ("timed", "late"))
    now = datetime.now(UTC)
    with open_session(server.engine, write=True) as session:
        attempt = attempts.open_attempt(session, changed, who.id, "why", 1, "seed", now)
        values = learners.right_values(session, changed, attempt)
        learners.save(session, attempt, dict(list(values.items())[:3]))
        answers.check_answer(session, attempt.id, who.id, 1, values[1], "en", 9, now)
        over = attempts.open_attempt(session, changed, late.id, "why", 1, "seed", now - timedelta(hours=1, seconds=1))
        clocks.stop(session, over.id)  # so that the server does not hand it in before somebody has looked
        halfway = people.find_login(session, "halfway")
        assert halfway is not None
        allowances.give(session, halfway.id, COURSE, "", Allowed(extra=50), "reads on a small screen", None, now)
        session.commit()
    return [
        Place("question one by one, timed", f"/attempts/{attempt.id}/2", who),
        Place("question checked", f"/attempts/{attempt.id}/1", who),
        Place("review one by one, timed", f"/attempts/{attempt.id}/review", who),
        Place("quiz begun, timed", f"/courses/{COURSE}/quizzes/why", who),
        Place("time is over", f"/attempts/{over.id}/1", late),
    ]


def every_kind(server: Server) -> list[Place]:
    """A question of each type, from the attempts of several people."""
    library, found = server.library, {}
    with open_session(server.engine, write=True) as session:
        for who in learners.make(session, server.secret, [f"asker{number}" for number in range(12)], "Ana Tuilagi"):
            for quiz in ("why", "right"):
                attempt = learners.begin(session, library, who.id, quiz)
                items = learners.questions(session, library, attempt)
                for number, item in enumerate(items, 1):
                    found.setdefault(item.kind, Place(f"question {item.kind}", f"/attempts/{attempt.id}/{number}", who))
        session.commit()
    assert found.keys() <= KINDS.keys()
    return list(found.values())


def of_graduate(server: Server) -> list[Place]:
    library = server.library
    who = learners.enter(server.engine, server.secret, "graduate", "सुनीता श्रेष्ठ", name_latin="Sunita Shrestha")
    with open_session(server.engine, write=True) as session:
        learners.certify(session, library, who.id, COURSE)
        session.commit()
        editions.ask(session, who.id, "सुनीता श्रेष्ठ", "Sunita Shreshtha", "h is missing", datetime.now(UTC))
        results = {row.quiz: row.id for row in session.query(models.Attempt).filter_by(person_id=who.id).all()}
        numbers = {
            row.kind: row.number
            for row in session.query(models.Certificate.number, models.Completion.kind)
            .join(models.Completion, models.Completion.id == models.Certificate.completion_id)
            .filter(models.Completion.person_id == who.id)
        }
    return [
        *of_answerer(server),
        Place("survey at the end", f"/courses/{COURSE}/surveys/end", who),
        Place("survey too late", f"/courses/{COURSE}/surveys/before", who),
        Place("home finished", "/", who),
        Place("outline finished", f"/courses/{COURSE}/", who),
        Place("account with certificates", "/account", who),
        Place("name on certificates", "/account/name", who),
        Place("quiz passed", f"/courses/{COURSE}/quizzes/why", who),
        Place("final passed", f"/courses/{COURSE}/quizzes/final-assessment", who),
        Place("result passed", f"/attempts/{results['why']}/result", who),
        Place("practice", f"/courses/{COURSE}/why/practice", who),
        Place("result of the final", f"/attempts/{results['final-assessment']}/result", who),
        Place("certificate just issued", f"/certificates/{numbers['completion']}?new=1", who),
        *(Place(f"certificate of {kind}", f"/certificates/{number}") for kind, number in numbers.items()),
        *(Place(f"record of {kind}", f"/verify/{number}") for kind, number in numbers.items()),
    ]


def of_answerer(server: Server) -> list[Place]:
    """Somebody who has answered a survey and wants to be asked later, and somebody who is asked now."""
    who = learners.enter(server.engine, server.secret, "answerer", "Sione Taufa")
    asked = learners.enter(server.engine, server.secret, "asked", "อนงค์ ใจดี")
    with open_session(server.engine, write=True) as session:
        for one, ago in ((who, 0), (asked, 91)):
            learners.certify(session, server.library, one.id, COURSE)
            at = datetime.now(UTC) - timedelta(days=ago)
            surveys.answer(session, server.library, one.id, COURSE, "end", {}, "en", at, ask_later=True)
        session.commit()
    return [
        Place("survey answered", f"/courses/{COURSE}/surveys/end", who),
        Place("survey later", f"/courses/{COURSE}/surveys/follow_up", who),
        Place("account asked later", "/account", who),
        Place("home asked now", "/", asked),
        Place("survey after 90 days", f"/courses/{COURSE}/surveys/follow_up", asked),
    ]


def of_author(server: Server, author: Learner, admin: Learner) -> list[Place]:
    """Drafts, one that may be published and one with errors, and what stands around them."""
    why = (ROOT / "modules" / "why.md").read_text()
    words = f"{why.rstrip()}\n\nOne more sentence, and ![a map of an invented island](map.png)\n"
    files = {"modules/why.md": words.encode(), "modules/why/map.png": png(1200, 300)}
    files["quizzes/why.md"] = (ROOT / "quizzes" / "why.md").read_bytes()
    with open_session(server.engine, write=True) as session:
        remark = drafts.Remark("bank.xml", 12, "“Costs”: the embedded file song.mp3 is left out: no text shows it")
        good, bad = (drafts.add(session, author.id, name, False, [remark], datetime.now(UTC))
                     for name in ("why.md", "a-bank-with-a-long-name-and-errors.md"))  # fmt: skip
        drafts.put(session, good, files)
        drafts.put(session, bad, {"modules/why.md": b"# No front matter", "quizzes/x.md": b"\xff"})
        for who in learners.make(session, server.secret, [f"sitter{number}" for number in range(40)], "Ana Tuilagi"):
            learners.sit(session, server.library, who.id, "right")
        session.commit()
    library, kinds = server.library, {}
    for quiz in library.quizzes.values():
        for item in quiz.items:
            kinds.setdefault(item.kind, item.id)
    answered = {one.kind: one.id for one in library.quizzes["right"].items if one.graded and not one.questions}
    first, last = library.modules["why"].sections[0].id, library.modules["why"].sections[-1].id
    asked = next(one.id for one in library.quizzes["why"].items if one.graded)
    return [
        *(Place(f"author item {kind}", f"/author/items/{id}", author) for kind, id in kinds.items()),
        *(Place(f"author answers {kind}", f"/author/items/{id}/answers", author) for kind, id in answered.items()),
        Place("author answers of a quiz", "/author/quizzes/right/answers", author),
        Place("author draft section", f"/author/drafts/{good}/preview/why/{first}", author),
        Place("author draft picture", f"/author/drafts/{good}/preview/why/{last}", author),
        Place("author draft quiz", f"/author/drafts/{good}/quizzes/why", author),
        Place("author draft draws", f"/author/drafts/{good}/quizzes/why/draws", author),
        Place("author draft item", f"/author/drafts/{good}/items/{asked}", author),
        Place("author draft with errors, affected", f"/author/drafts/{bad}/affected", author),
        Place("author drafts", "/author/drafts", author),
        Place("author draft", f"/author/drafts/{good}", author),
        Place("author draft with errors", f"/author/drafts/{bad}", author),
        Place("author draft module", f"/author/drafts/{good}/preview/why", author),
        Place("author affected", f"/author/drafts/{good}/affected", author),
        Place("admin affected", f"/author/drafts/{good}/affected", admin),
        Place("admin drafts", "/author/drafts", admin),
        Place("author draws", "/author/quizzes/why/draws", author),
        Place("author translations", "/author/translations", author),
        Place("author releases", "/author/releases", author),
    ]


def of_staff(server: Server) -> list[Place]:
    author = learners.enter(server.engine, server.secret, "author", "Author", role="author")
    admin = learners.enter(server.engine, server.secret, "admin", "Admin", role="administrator")
    with open_session(server.engine, write=False) as session:
        person = people.find_login(session, "halfway")
        assert person is not None
    library = server.library
    section = library.modules["why"].sections[0].id
    graded = next(one for one in library.quizzes["why"].items if one.graded)
    return [
        *of_author(server, author, admin),
        *of_cohorts(server, admin),
        *of_guards(server, admin),
        Place("author overview", "/author", author),
        Place("author module", "/author/preview/why", author),
        Place("author section", f"/author/preview/why/{section}", author),
        Place("author quiz", "/author/quizzes/why", author),
        Place("author draws", "/author/quizzes/why/draws", author),
        Place("author item", f"/author/items/{library.quizzes['why'].items[0].id}", author),
        Place("author answers", "/author/quizzes/why/answers", author),
        Place("author item's answers", f"/author/items/{graded.id}/answers", author),
        Place("admin overview", "/admin", admin),
        Place("admin overview refused", "/admin?sex=cat&group=lldc&country=FJ&age_band=x", admin, 422),
        *(
            Place(f"admin overview {part}", f"/admin/overview/{part}", admin)
            for part in ("people", "learning", "surveys")
        ),
        Place("admin report to print", "/admin/overview/print", admin),
        Place("admin denominators", "/admin/denominators?country=FJ", admin),
        Place("admin learners", "/admin/learners", admin),
        Place("admin learner", f"/admin/learners/{person.id}", admin),
        Place("admin tries and time", f"/admin/learners/{person.id}/allowances", admin),
        Place("admin audit", "/admin/audit", admin),
        Place("admin exports", "/admin/exports?sex=woman&country=FJ&period=this-quarter", admin),
        Place("admin exports refused", "/admin/exports?sex=female&kind=attempts", admin, 422),
        Place("admin names", "/admin/names", admin),
        Place("admin tokens", "/admin/tokens", admin),
        Place("admin learners narrowed down", "/admin/learners?country=KH&status=started", admin),
        Place("admin person to erase", f"/admin/learners/{person.id}/erase", admin),
    ]


def of_guards(server: Server, admin: Learner) -> list[Place]:
    """Second steps, announcements (the home page has one from now on), settings and health."""
    careful = learners.enter(server.engine, server.secret, "careful", LONG_NAME, role="author")
    now = datetime.now(UTC)
    title = "The site rests on Friday evening while its machine is moved to another room"
    words = announcements.Words(title, "From 18:00 to 20:00.\n\nMore: https://status.example.org/a/rather/long/address")
    with open_session(server.engine, write=True) as session:
        second_steps.turn_on(session, server.secret, careful.id, second_steps.new_key(), 1, now)
        token = sign_ins.start(session, careful.id, "own", now)
        told = announcements.add(session, {"en": words}, (now.date(), None), admin.id, now)
        session.commit()
    who = Learner(careful.id, careful.login, token, careful.csrf)
    stop = wishes.stop_code(server.secret, admin.id)
    return [
        Place("second step to set up", "/account/second-step", admin),
        Place("second step", "/account/second-step", who),
        Place("admin announcements", "/admin/announcements", admin),
        Place("admin announcement", f"/admin/announcements/{told}", admin),
        Place("admin settings", "/admin/settings", admin),
        Place("admin health", "/admin/health", admin),
        Place("no more reminders", f"/reminders/{stop}/stop"),
        Place("no such reminders", "/reminders/nowhere/stop", status=404),
        Place("admin announcement to make", "/admin/announcements/new", admin),
        Place("admin reports", "/admin/reports", admin),
        Place("admin report", f"/admin/reports/{COURSE}/{freezing.month_of(now - timedelta(days=31), UTC)}", admin),
    ]


def of_cohorts(server: Server, admin: Learner) -> list[Place]:
    """A country with its list, a cohort with every kind of member, and its focal point."""
    focal = learners.enter(server.engine, server.secret, "focal", LONG_NAME, country="FJ")
    member = learners.enter(server.engine, server.secret, "member", "Litia Vakatawale", country="FJ")
    now, country = datetime.now(UTC), {"country": "FJ"}
    about = {"name": "Public Service induction of the first half of 2027", "course": COURSE, "country": "FJ"}
    about |= {"office": "Public Service Commission", "confirmed": True, "wished_for": date(2027, 6, 30)}
    with open_session(server.engine, write=True) as session:
        focal_posts.begin(session, focal.id, "FJ", admin.id, now)
        token = sign_ins.start(session, focal.id, "own", now)
        listed = listings.put(session, "FJ", "ministry", {"en": "Ministry of Employment and Productivity"}, now)
        people.register(
            session, login="wrote", name="A", password_hash="", now=now, organisation="Min. Empl.", **country
        )
        cohort = cohorts.make(session, about | {"organisation_id": listed}, focal.id, now)
        key = cohorts.make_key(session, cohort.id, focal.id, now, now + timedelta(days=30), 30)
        cohorts.join(session, server.library, key, member.id, now)
        for name, mail in ((LONG_NAME, "a.very.long.address.of.somebody@employment.gov.example"), ("ស៊ុន សុភា", "")):
            invited = invitations.Invited(name, "Kyaw Swar", mail, about=country)
            waits = invitations.invite(session, server.secret, cohort, invited, focal.id, now)
        module = server.library.modules["why"]
        parts = [part for one in module.sections for part in one.original.parts if part.kind == "activity"]
        for part in parts:
            notes.save_note(session, member.id, part.ref, "Ask the provident fund.", 1, now)
            wishes.share(session, member.id, part.ref, True, now)
        sheet = (
            "name,email,colour\nSione,sione@employment.gov.example,red\n=1+1,,\nSione,sione@employment.gov.example,\n"
        )
        run, table = importing.begin(
            session, sheet.encode(), f"{'a long name of a list ' * 4}.csv", cohort, focal.id, now
        )
        session.commit()
    bounds = importing.bounds_of(server.library, ("en",), "FJ")
    importing.look(server.engine, server.secret, run.id, table, bounds, lambda: now)
    code = invitations.code_of(server.secret, waits) if waits else ""
    who = Learner(focal.id, focal.login, token, focal.csrf)
    own = f"cohorts/{cohort.id}"
    return [
        Place("admin organisations", "/admin/organisations?country=FJ", admin),
        Place("admin organisation", f"/admin/organisations/{listed}", admin),
        Place("admin cohorts", "/admin/cohorts", admin),
        Place("focal denominators", "/focal/denominators", who),
        Place("admin cohort to make", "/admin/cohorts/new", admin),
        Place("admin cohort", f"/admin/{own}", admin),
        Place("admin cohort to change", f"/admin/{own}/change", admin),
        Place("admin invitation to make", f"/admin/{own}/invite", admin),
        Place("admin import", f"/admin/{own}/import", admin),
        Place("admin import looked at", f"/admin/imports/{run.id}", admin),
        Place("admin invitation", f"/admin/invitations/{waits}", admin),
        Place("admin focal points", "/admin/focal-points", admin),
        Place("focal overview", "/focal", who),
        Place("focal person", f"/focal/people/{member.id}", who),
        Place("focal notes", "/focal/notes", who),
        Place("focal organisations", "/focal/organisations", who),
        Place("focal cohorts", "/focal/cohorts", who),
        Place("focal cohort", f"/focal/{own}", who),
        Place("focal cohort to change", f"/focal/{own}/change", who),
        Place("focal invitation to make", f"/focal/{own}/invite", who),
        Place("focal import", f"/focal/{own}/import", who),
        Place("focal import looked at", f"/focal/imports/{run.id}", who),
        Place("focal cohort to make", "/focal/cohorts/new", who),
        Place("focal organisation", f"/focal/organisations/{listed}", who),
        Place("focal invitation", f"/focal/invitations/{waits}", who),
        Place("join by key", f"/join/{key.code}"),
        Place("join by invitation", f"/join/{code}"),
        Place("join by no code", "/join/NOWHERE", status=404),
        Place("no more mail", f"/join/{code}/stop"),
        Place("register by invitation", f"/register?group={code}"),
        Place("profile of a member", "/account/profile", member),
        Place("notes shared", "/notes", member),
    ]
