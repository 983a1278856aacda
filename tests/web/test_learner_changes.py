"""Administrators and one learner: filters of the list, name, linked accounts, erasing, and two of them at once."""

import uuid

import pytest

from app.records import certificates, people
from app.records.engine import open_session
from app.records.models import Person
from tests.web.conftest import PASSWORD, Site
from tests.web.members import Member, member, set_role
from tests.web.test_admin import FIJI, TUVALU, acts, complete, person, read_one
from tests.web.visitor import Visitor, X, words


@pytest.fixture
def boss(site: Site) -> Member:
    found = member(site, "boss", "Ana Tuilagi")
    set_role(site, found.id, "administrator")
    return member_again(site, found)


def member_again(site: Site, found: Member) -> Member:
    """The same person on a new browser: a changed role ended her session."""
    return Member(site.browser(found.id), found.id, found.login)


def administrator(site: Site, login: str) -> Member:
    found = member(site, login)
    set_role(site, found.id, "administrator")
    return member_again(site, found)


def kept(site: Site, id: uuid.UUID) -> Person | None:
    with open_session(site.engine, write=False) as session:
        return people.find(session, id)


def names(visitor: Visitor, query: str, status: int = 200) -> list[str]:
    page = visitor.get(f"/admin/learners?{query}", status)
    assert page.tree is not None
    return sorted(words(one) for one in page.tree.iterfind(f".//{X}tbody//{X}th//{X}a"))


FILTERS = [
    ("country=FJ", ["Ana", "Eve"]),
    ("country=-&status=not-started", ["Boss", "Dora"]),
    ("group=sids&q=a", ["Ana", "Carl"]),
    ("sex=woman&country=FJ&country=TV", ["Ana"]),
    ("status=completed", ["Ana"]),
    ("status=started", ["Carl", "Eve"]),
    ("status=started&q=ev", ["Eve"]),
    ("ministry_type=health&age_band=&language=en", ["Carl"]),
    ("language=fr", []),
]


def test_the_list_is_filtered_as_every_report(site: Site) -> None:
    found = member(site, "boss", "Boss")
    set_role(site, found.id, "administrator")
    boss = member_again(site, found).visitor
    person(site, "ana", "Ana", complete, **FIJI)
    person(site, "carl", "Carl", read_one, **TUVALU)
    person(site, "dora", "Dora")
    person(site, "eve", "Eve", read_one, country="FJ")
    for query, expected in FILTERS:
        assert names(boss, query) == expected, query
    unfit = {
        "country=XX": "There is no such choice.",
        "country=FJ&group=ldc": "This country is not in the group.",
        "period=2026": "A list of people has no period.",
        "colour=red": "There is no such choice.",
        f"organisation={'ab' * 16}": "There is no such choice.",
    }
    for query, said in unfit.items():
        page = boss.get(f"/admin/learners?{query}", 422)
        assert (page.errors, "Nobody" in page.main) == ([said], False)


def test_a_name_is_corrected_and_the_timeline_tells_why(site: Site, boss: Member) -> None:
    ana = person(site, "ana", "Ana Moana", read_one)
    page = boss.visitor.get(f"/admin/learners/{ana}")
    empty = boss.visitor.submit(page, "/name", **{"names-name": "Anna", "names-reason": ""}, status=422)
    assert empty.errors == ["Write why. It stays in the records, and this person can read it."]
    wanted = {"names-name": "Anna Moana", "names-reason": "a slip, she says by phone"}
    done = boss.visitor.submit(empty, "/name", **wanted)
    assert "The name is corrected." in done.main
    assert "Before: Ana Moana. Reason: a slip, she says by phone" in done.main
    assert acts(site) == [("name corrected", str(ana))]
    person_with = person(site, "cert", "Cy Moana", complete)
    assert "A certificate carries this name." in boss.visitor.get(f"/admin/learners/{person_with}").main
    late = {"csrf_token": boss.csrf, **{f"names-{name}": "Cy Moana" for name in ("name", "was", "reason")}}
    refused = boss.visitor.post(f"/admin/learners/{person_with}/name", late | {"names-name": "Cyan"}, 422)
    assert refused.errors == ["A certificate carries this name, so it stays. Its holder asks for a correction."]


def test_who_did_something_is_told_by_id_once_she_is_erased(site: Site, boss: Member) -> None:
    other, ana = administrator(site, "other"), person(site, "ana", "Ana Moana")
    wanted = {"names-name": "Anna Moana", "names-reason": "a slip"}
    other.visitor.submit(other.visitor.get(f"/admin/learners/{ana}"), "/name", **wanted)
    hers = f"/admin/learners/{other.id}"
    assert hers in boss.visitor.get(f"/admin/learners/{ana}").links()
    with open_session(site.engine, write=True) as session:
        people.erase(session, other.id, site.now, keep_certificates=False)
        session.commit()
    page = boss.visitor.get(f"/admin/learners/{ana}")
    assert f"By: {other.id}. Before: Ana Moana. Reason: a slip" in page.main
    assert hers not in page.links()  # it would lead nowhere


def test_the_second_of_two_administrators_is_told_what_the_first_did(site: Site, boss: Member) -> None:
    other = administrator(site, "other")
    ana, twin = person(site, "ana", "Ana Moana"), person(site, "twin", "Ana Moana")
    forms = {
        "/name": {"names-name": "Hanna", "names-reason": "heard it"},
        "/link": {"link-other": "twin", "link-reason": "the same passport"},
        "/disable": {},
    }
    for action, fields in forms.items():
        stale = other.visitor.get(f"/admin/learners/{ana}")
        before = kept(site, ana)
        boss.visitor.submit(boss.visitor.get(f"/admin/learners/{ana}"), "/name", **{
            "names-name": f"Anna {len(acts(site))}", "names-reason": "asked"
        })  # fmt: skip
        told = other.visitor.submit(stale, action, **fields, status=409)
        assert "somebody else has worked on this account" in told.main
        assert "Name corrected before a certificate was issued (Ana Tuilagi)" in told.main
        after = kept(site, ana)
        assert before
        assert after
        assert after.name.startswith("Anna")
        assert (after.same_as, after.disabled_at) == (before.same_as, before.disabled_at)
        done = other.visitor.submit(other.visitor.get(f"/admin/learners/{ana}"), action, **fields)
        assert done.status == 200
        assert "By: Ana Tuilagi. Before:" in done.main
    closed = kept(site, ana)
    assert closed
    assert closed.disabled_at
    assert closed.same_as == twin
    stale = boss.visitor.get(f"/admin/learners/{twin}")
    with open_session(site.engine, write=True) as session:
        people.change_profile(session, twin, {"name": "Litia"}, site.now)  # the learner herself
        session.commit()
    told = boss.visitor.submit(stale, "/name", **{"names-name": "Hanna", "names-reason": "heard it"}, status=409)
    assert told.errors == ["The name was changed meanwhile, it is now: Litia. Look at it again."]
    boss.visitor.submit(told, "/name")
    found = kept(site, twin)
    assert found
    assert found.name == "Hanna"


def test_accounts_are_linked_and_the_link_is_taken_back(site: Site, boss: Member) -> None:
    ana, twin = person(site, "ana", "Ana Moana", read_one), person(site, "twin", "Ana Moana", read_one)
    refused = {
        "": "Write the sign-in name or the id.",
        "ana": "This is the account itself. Write the other one.",
        "nobody": "No account has this sign-in name or id.",
        str(uuid.UUID(int=5)): "No account has this sign-in name or id.",
    }
    for other, said in refused.items():
        page = boss.visitor.get(f"/admin/learners/{ana}")
        told = boss.visitor.submit(page, "/link", **{"link-other": other, "link-reason": "x"}, status=422)
        assert told.errors == [said]
    fields = {"link-other": str(twin), "link-reason": "the same passport"}
    done = boss.visitor.submit(boss.visitor.get(f"/admin/learners/{ana}"), "/link", **fields)
    assert "This account belongs to the same person as twin and is counted with it, once." in done.main
    assert "Reason: the same passport" in done.main
    assert "ana, Ana Moana" in boss.visitor.get(f"/admin/learners/{twin}").main
    assert "All100" not in boss.visitor.get("/admin").main
    boss.visitor.submit(done, "/unlink", **{"unlink-reason": ""}, status=422)
    back = boss.visitor.submit(done, "/unlink", **{"unlink-reason": "a namesake"})
    assert "The link is taken back." in back.main
    assert [deed for deed, _ in acts(site)] == ["unlink", "link"]


def test_a_person_is_erased_in_two_steps(site: Site, boss: Member) -> None:
    ana = person(site, "ana", "Ana Moana", complete)
    with open_session(site.engine, write=False) as session:
        numbers = [one.number for one in certificates.of_person(session, ana, site.now)]
    first = boss.visitor.get(f"/admin/learners/{ana}/erase")
    assert first.form("/erase").fields["certificates"] == ["keep"]
    assert boss.visitor.submit(first, "/erase", status=422).errors == ["Choose one of the list."]
    sure = boss.visitor.submit(first, "/erase", reason="asked")
    assert (sure.h1, kept(site, ana) is None) == ("Are you sure?", False)
    wrong = boss.visitor.submit(sure, "/erase", password="not mine at all", status=422)
    assert wrong.errors == ["This is not your password."]
    gone = boss.visitor.submit(wrong, "/erase", password=PASSWORD)
    assert "The account is erased." in gone.main
    assert kept(site, ana) is None
    assert acts(site) == [("erase learner", str(ana))]
    assert [site.visitor().get(f"/verify/{number}").status for number in numbers] == [200, 200]
    assert "erase learner" not in boss.visitor.get("/admin/audit").main


def test_nobody_erases_the_own_account_here_nor_what_another_just_changed(site: Site, boss: Member) -> None:
    own = boss.visitor.get(f"/admin/learners/{boss.id}/erase")
    assert "This is your own account." in own.main
    sent = {"csrf_token": boss.csrf, "reason": "asked", "certificates": "keep", "password": PASSWORD}
    assert boss.visitor.post(f"/admin/learners/{boss.id}/erase", sent, 422).h1 == "Erase a person"
    other = administrator(site, "other")
    first = boss.visitor.get(f"/admin/learners/{other.id}/erase")
    with open_session(site.engine, write=True) as session:
        people.disable(session, boss.id, site.now)  # then the other is the last one who can sign in
        session.commit()
    assert boss.visitor.submit(first, "/erase", status=401, reason="asked").h1 == "Sign in"
    ana = person(site, "ana", "Ana Moana")
    stale = other.visitor.get(f"/admin/learners/{ana}/erase")
    with open_session(site.engine, write=True) as session:
        people.enable(session, boss.id)
        session.commit()
    again = member_again(site, boss)
    again.visitor.submit(again.visitor.get(f"/admin/learners/{ana}"), "/disable")
    told = other.visitor.submit(stale, "/erase", reason="asked", status=409)
    assert "Account closed" in told.main
    assert kept(site, ana) is not None
