"""Rules across files: each spoils one thing in the tiny course and expects exactly what is said about it."""

from datetime import date

import pytest

from app.core.check import oldest
from app.core.content import Problem
from tests.core.contents import Content

Said = list[tuple[str, int, str]]
ONE, TWO = "modules/one.md", "modules/two.md"
QUIZ, SECOND, FINAL = "quizzes/one.md", "quizzes/two.md", "quizzes/tiny-final.md"
OUTLINE, FIGURES, GLOSSARY = "course/tiny.yml", "course/figures.yml", "course/glossary.yml"
OPTIONS, COVERAGE = "course/options.yml", "course/coverage.yml"

NEW_ITEM = "## New {#new .single}\n\n- [x] a\n- [ ] b\n"


def test_nothing_is_said_about_a_good_course(content: Content) -> None:
    assert content.said() == []


OUTLINES = [
    ("modules: [one, two]", "modules: [one, two, three]", [(6, "module")]),
    ("modules: [one, two]", "modules: [one, two, one]", [(6, "module")]),
    ("final: tiny-final", "final: none-such", [(7, "quiz")]),
    ("final: tiny-final", "final: one", [(7, "quiz")]),
    ("final: tiny-final", "", [(8, "rule")]),
    ("{every_section_read: true}", "{every_section_read: no}", [(8, "rule")]),
    ("every_quiz_passed: true, final_passed: true", "every_quiz_passed: no", [(8, "rule")]),
    ("hours: 1", "hour: 1", [(3, "key-unknown"), (1, "key-missing")]),
]


@pytest.mark.parametrize(("old", "new", "found"), OUTLINES)
def test_outlines(content: Content, old: str, new: str, found: list[tuple[int, str]]) -> None:
    content.change(OUTLINE, old, new)
    said = [(line, code) for path, line, code in content.said() if path == OUTLINE]
    assert said == sorted(found)


def test_there_must_be_a_course(content: Content) -> None:
    content.path(OUTLINE).unlink()
    assert ("course", 0, "course") in content.said()


def test_a_course_needs_modules_and_quizzes_to_be_completed(content: Content) -> None:
    content.change(OUTLINE, "modules: [one, two]", "modules: []")
    said = [(path, line, code) for path, line, code in content.said() if path == OUTLINE]
    assert said == [(OUTLINE, 6, "module"), (OUTLINE, 8, "rule")]


def test_courses_share_their_first_language_and_no_module(content: Content) -> None:
    text = content.path(OUTLINE).read_text()
    content.path("course/zweiter.yml").write_text(text.replace("[en]", "[de, en]").replace("one, two", "two"))
    said = [one for one in content.said() if one[0] == "course/zweiter.yml"]
    assert said == [("course/zweiter.yml", 4, "languages"), ("course/zweiter.yml", 6, "module")]


MODULES = [
    ("quiz: one", "quiz: none-such", [(ONE, 4, "quiz"), (QUIZ, 0, "unused")]),
    ("quiz: one", "quiz: two", [(TWO, 4, "quiz"), (QUIZ, 0, "unused")]),
    ("actions: [A1]", "actions: [A1, A3]", [(ONE, 3, "action")]),
    ("actions: [A1]", "actions: [A13]", [(ONE, 3, "value")]),
    ("{#second}", "{#print}", [(ONE, 14, "link"), (ONE, 47, "id-reserved")]),
    ("{#second}", "{#first}", [(ONE, 14, "link"), (ONE, 47, "id-double")]),
    ("/// check | check-second", "/// check | none-such", [(ONE, 70, "check")]),
    ("/// check | check-second", "/// check | one-single", [(ONE, 70, "check")]),
    ("A1 list-of-laws", "A1 first-step", [(TWO, 24, "id-double")]),
    ("MN 2025-06", "MN 2024-10", [(ONE, 33, "old")]),
    ("MN 2025-06", "MN 2024-10 past", []),
    ("/// check | check-second", "/// tool | none-such", [(ONE, 47, "section-length"), (ONE, 70, "tool")]),
    ("- say what a benefit is (remember)", "- say what a benefit is", [(ONE, 5, "objective")]),
    ("Two short sections about [[benefit|benefits]].", "", [(ONE, 2, "empty")]),
    ("title: The first module", "title: [a]", [(ONE, 2, "value")]),
]


@pytest.mark.parametrize(("old", "new", "found"), MODULES)
def test_modules(content: Content, old: str, new: str, found: Said) -> None:
    content.change(ONE, old, new)
    assert content.said() == found


@pytest.mark.parametrize(("extra", "minutes"), [("", 4), ("word " * 550, 9), ("word " * 680, 10)])
def test_a_section_takes_4_to_9_minutes(content: Content, extra: str, minutes: int) -> None:
    content.change(ONE, "These islands are invented.", f"These islands are invented. {extra}")
    assert content.said() == ([(ONE, 47, "section-length")] if minutes > 9 else [])


def test_a_short_section_is_named(content: Content) -> None:
    content.change(ONE, "/// check | check-second\n///\n", "")
    assert content.said() == [(ONE, 47, "section-length")]
    content.change(TWO, "## A report {#report}\n", "## So little {#little}\n\nSo little.\n\n## A report {#report}\n")
    told = {one.message for one in content.load()[1] if one.code == "section-length"}
    assert "The section takes 1 minute, not 4 to 9. Join it to another." in told


@pytest.mark.parametrize(("first", "second"), [(ONE, ONE), (ONE, TWO)])
def test_a_course_shows_a_tool_in_one_section(content: Content, first: str, second: str) -> None:
    content.change(first, "/// check | check-first" if second == ONE else "/// check | check-second", "/// tool | cost")
    content.change(second, "/// check | check-second" if second == ONE else "/// check | check-plan", "/// tool | cost")
    said = [(path, code) for path, _, code in content.said() if code == "tool"]
    assert said == [(second, "tool")]


def test_a_heavy_page_is_an_error_in_the_original(content: Content) -> None:
    words = " ".join(f"w{number * 7919 % 100_003:x}" for number in range(3000))
    content.change(ONE, "These islands are invented.", words)
    assert content.said() == [(ONE, 47, "page-weight"), (ONE, 47, "section-length")]


def test_reserved_names_of_modules(content: Content) -> None:
    for name in ("modules/one.md", "modules/two.md"):
        content.path(name).write_text(content.path(name).read_text().replace("modules/one", "modules/quizzes"))
    for name in (QUIZ, FINAL):
        text = content.path(name).read_text()
        content.path(name).write_text(
            text.replace("module=one", "module=quizzes").replace("modules/one", "modules/quizzes")
        )
    content.change(FINAL, "{module: one, level: [remember]", "{module: quizzes, level: [remember]")
    content.change(FINAL, "{module: one, level: [apply]", "{module: quizzes, level: [apply]")
    content.change(OUTLINE, "[one, two]", "[quizzes, two]")
    content.change(GLOSSARY, "module: one", "module: quizzes")
    content.path(ONE).rename(content.path("modules/quizzes.md"))
    assert content.said() == [("modules/quizzes.md", 0, "id-reserved")]


QUIZZES = [
    (QUIZ, "{#one-single .single module=one", "{#one-single .single module=nowhere", [(QUIZ, 28, "module")]),
    (QUIZ, "level=remember actions=A1", "level=know actions=A1,B", [(QUIZ, 28, "value"), (QUIZ, 28, "value")]),
    (QUIZ, "level=remember actions=A1", "level=remember actions=A7", [(QUIZ, 28, "action")]),
    (QUIZ, "level=remember actions=A1", "level=remember weight=2", [(QUIZ, 28, "key-unknown")]),
    (QUIZ, "{#one-single ", "{#one-true ", [(QUIZ, 39, "id-double")]),
    (QUIZ, "{#one-single ", "{#two-first ", [(SECOND, 17, "id-double")]),
    (QUIZ, "{#one-single .single", "{#one-single .choice", [(QUIZ, 28, "kind")]),
    (QUIZ, "How many of 100 people receive", "How many of 100 people in Fiji receive", [(QUIZ, 56, "real-place")]),
    (QUIZ, "draw: 5", "draw: 11", [(QUIZ, 4, "blueprint")]),
    (QUIZ, "draw: 5", "draw: 10", [(QUIZ, 4, "overlap")]),
    (QUIZ, "draw: 5", "draw: [{n: 2, type: [cloze]}]", [(QUIZ, 4, "blueprint")]),
    (QUIZ, "draw: 5", "draw: [{n: 1, type: [essay]}]", [(QUIZ, 4, "blueprint"), (QUIZ, 4, "blueprint")]),
    (QUIZ, "draw: 5", "draw: [{n: 1, module: two}]", [(QUIZ, 4, "blueprint")]),
    (QUIZ, "draw: 5", "draw: [{n: 5, level: [remember, understand, apply]}]", [(QUIZ, 90, "never-drawn")]),
    (
        FINAL,
        "{module: one, level: [apply], n: 1}",
        "{module: one, level: [apply], type: [scenario], n: 1}",
        [(FINAL, 4, "blueprint")],
    ),
    (SECOND, "draw: 2", "draw: 1", [(SECOND, 4, "guessing")]),
    (
        FINAL,
        "{#final-pay .single module=one",
        "{#final-pay .single",
        [(FINAL, 19, "module"), (FINAL, 19, "never-drawn")],
    ),
    (
        FINAL,
        "{#final-plan .single module=two",
        "{#final-plan .single",
        [(FINAL, 33, "module"), (FINAL, 33, "never-drawn")],
    ),
    (FINAL, "{module: one, level: [apply], n: 1}", "{module: one, level: [apply], n: 3}", [(FINAL, 4, "blueprint")]),
]


@pytest.mark.parametrize(("name", "old", "new", "found"), QUIZZES)
def test_quizzes(content: Content, name: str, old: str, new: str, found: Said) -> None:
    content.change(name, old, new)
    assert content.said() == found


def test_a_quiz_must_hold_graded_questions(content: Content) -> None:
    for name in (SECOND, FINAL):
        content.path(name).write_text(content.path(name).read_text().replace(" .single ", " .single .practice "))
    content.change(SECOND, "{#two-order .order", "{#two-order .order .practice")
    content.change(FINAL, "{#final-order .order", "{#final-order .order .practice")
    content.change(FINAL, "{#final-match .match", "{#final-match .match .practice")
    content.path(FINAL).write_text(content.path(FINAL).read_text().replace(" .numeric ", " .numeric .practice "))
    assert content.said() == [(OUTLINE, 7, "pass-mark"), (TWO, 4, "pass-mark")]


def test_an_empty_quiz_is_named(content: Content) -> None:
    content.change("quizzes/three.md", "", "---\ntitle: a\n---\n")
    assert content.said() == [("quizzes/three.md", 0, "empty")]


def test_a_quiz_that_nobody_can_take_is_named(content: Content) -> None:
    content.change("quizzes/three.md", "", f"---\ntitle: a\npass: 70\nattempts: 1\n---\n\n{NEW_ITEM}")
    assert content.said() == [("quizzes/three.md", 0, "unused"), ("quizzes/three.md", 1, "guessing")]


def test_a_check_keeps_off_the_final(content: Content) -> None:
    content.change(FINAL, "{#final-pay .single", "{#final-pay .single .practice")
    content.change(ONE, "/// check | check-second", "/// check | final-pay")
    assert content.said() == [(ONE, 70, "check")]


def test_a_check_shows_no_scenario(content: Content) -> None:
    content.change(QUIZ, "{#one-scenario .scenario", "{#one-scenario .scenario .practice")
    content.change(ONE, "/// check | check-second", "/// check | one-scenario")
    assert content.said() == [(ONE, 70, "check")]


SHARED = [
    (FIGURES, "value: 1,200\n", "value: 1,200\n  currency: shell\n", [(FIGURES, 13, "key-unknown")]),
    (FIGURES, "status: secondary", "status: unverified", [(FIGURES, 11, "figure-unverified")]),
    (FIGURES, '  source: "Office of the islands, Yearbook 2024"\n  url', "  source: a\n  url", []),
    (GLOSSARY, "see: [scheme]", "see: [scheme, tax]", [(GLOSSARY, 1, "term")]),
    (GLOSSARY, "module: one", "module: financing", []),
    (GLOSSARY, "term: scheme", "term: Benefit", [(GLOSSARY, 6, "id-double")]),
    (GLOSSARY, "from a [[scheme]]", "from a [[tax]]", [(GLOSSARY, 1, "term")]),
    ("course/countries.yml", "  MN: {", "  XM: {", [(ONE, 33, "country")]),
    ("course/actions.yml", "A2:", "A4:", [(TWO, 3, "action"), (TWO, 24, "action"), (TWO, 50, "action")]),
    ("course/actions.yml", "[No law., ", "[", [("course/actions.yml", 1, "levels")]),
    ("course/actions.yml", "[Nothing., A list., A draft., A strategy., A system.]", "[]", []),
    (OPTIONS, "actions: [A1]", "actions: [A7]", [(OPTIONS, 1, "action")]),
    (OPTIONS, "two#report", "two#nowhere", [(OPTIONS, 1, "link")]),
    (OPTIONS, "two#report", "nowhere#report", [(OPTIONS, 1, "link")]),
    (OPTIONS, "two#report", "two", [(OPTIONS, 9, "value")]),
    (OPTIONS, "{{fig:covered-2023 short}}", "{{fig:nothing}}", [(OPTIONS, 1, "figure")]),
    (OPTIONS, "stages: [old-age]", "stages: [youth]", [(OPTIONS, 3, "value")]),
    (COVERAGE, "  TV:", "  XT:", [(COVERAGE, 8, "country")]),
    (COVERAGE, "total 58.9", "total 101", [(COVERAGE, 6, "value")]),
    (COVERAGE, "total 58.9", "", [(COVERAGE, 6, "value")]),
    (COVERAGE, "    mothers:", "    fathers:", [(COVERAGE, 7, "value")]),
]


@pytest.mark.parametrize(("name", "old", "new", "found"), SHARED)
def test_shared_files(content: Content, name: str, old: str, new: str, found: Said) -> None:
    content.change(name, old, new)
    assert content.said() == found


def test_figures_grow_old(content: Content) -> None:
    found = [(FIGURES, 1, "old"), (FIGURES, 11, "old"), (ONE, 33, "old")]
    assert content.said(date(2028, 11, 21)) == [(ONE, 33, "old")]
    assert content.said(date(2028, 11, 22)) == found
    content.path(FIGURES).write_text(content.path(FIGURES).read_text().replace("2026-11-21", "2026-02-31"))
    assert content.said() == [(FIGURES, 1, "value"), (FIGURES, 11, "value")]


def test_one_number_has_one_value(content: Content) -> None:
    text = content.path(FIGURES).read_text()
    again = text.split("spending-2022")[0].replace("covered-2023", "again").replace("53.6", "54.0")
    content.path(FIGURES).write_text(text + again)
    assert content.said() == [(FIGURES, 22, "figure-conflict")]


@pytest.mark.parametrize(
    ("today", "months", "day"),
    [
        (date(2026, 11, 22), 24, "2024-11-22"),
        (date(2026, 1, 5), 1, "2025-12-05"),
        (date(2026, 12, 31), 0, "2026-12-31"),
    ],
)
def test_the_oldest_day(today: date, months: int, day: str) -> None:
    assert oldest(today, months) == day


FR, QUIZ_FR = "modules/one.fr.md", "quizzes/one.fr.md"
TRANSLATIONS = [
    (FR, "of: ac80cad844f2\n", "", [(FR, 1, "translation-old")]),
    (FR, "of: ac80cad844f2", "of: ac80cad844f3", [(FR, 3, "translation-old")]),
    (FR, "of: ac80cad844f2", "of: soon", [(FR, 3, "value")]),
    (FR, "{#second}", "{#deuxieme}", [(FR, 1, "translation-missing"), (FR, 46, "translation-id")]),
    (FR, "(analyse)", "(apply)", [(FR, 4, "translation-differs")]),
    (FR, "/// check | check-second\n///\n", "", [(FR, 46, "translation-differs")]),
    (FR, "A1 list-of-laws", "A1 autres-lois", [(FR, 11, "translation-differs")]),
    (FR, "{{fig:covered-2023 short}}", "53,6 %", [(FR, 46, "translation-figures")]),
    (QUIZ_FR, "- [x] Une personne âgée", "- [ ] Une personne âgée",
     [(QUIZ_FR, 22, "no-right-answer"), (QUIZ_FR, 22, "translation-key")]),
    (QUIZ_FR, "- [ ] Une banque\n", "", [(QUIZ_FR, 22, "translation-key")]),
    (QUIZ_FR, "= 0 ± 0", "= 1 ± 0", [(QUIZ_FR, 94, "translation-key")]),
    (QUIZ_FR, "- [x] La famille\n- [ ] La caisse", "- [ ] La caisse\n- [x] La famille",
     [(QUIZ_FR, 88, "translation-key")]),
    (QUIZ_FR, "{#one-short .short}", "{#one-short .numeric}",
     [(QUIZ_FR, 62, "translation-differs"), (QUIZ_FR, 64, "formula")]),
    (QUIZ_FR, "{#one-order .order}", "{#one-autre .order}",
     [(QUIZ_FR, 1, "translation-missing"), (QUIZ_FR, 74, "translation-id")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "found"), TRANSLATIONS)
def test_translations(content: Content, name: str, old: str, new: str, found: Said) -> None:
    content.translate(FR, QUIZ_FR, "course/glossary.fr.yml")
    content.change(name, old, new)
    said = [one for one in content.said() if one[0] in (FR, QUIZ_FR)]
    assert said == found


def test_a_translation_keeps_the_order(content: Content) -> None:
    content.translate(FR, "course/glossary.fr.yml")
    before, second = content.path(FR).read_text().split("## Qui paie")
    front, first = before.split("## Ce qu'est")
    content.path(FR).write_text(f"{front}## Qui paie{second}\n## Ce qu'est{first}")
    said = [(path, code) for path, _, code in content.said() if path == FR]
    assert said == [(FR, "translation-order")]


def test_translations_of_nothing_and_into_nothing(content: Content) -> None:
    content.change("modules/none.fr.md", "", "---\ntitle: a\n---\n\nb\n")
    assert content.said() == [("modules/none.fr.md", 0, "unused")]
    content.translate("course/tiny.fr.yml")
    content.change("course/figures.fr.yml", "", "nothing: {text: rien}")
    said = [(path, code) for path, _, code in content.said() if path != QUIZ and code != "translation-missing"]
    assert said == [("course/figures.fr.yml", "translation-id"), ("modules/none.fr.md", "translation-id")]


def test_what_is_not_translated_is_named_once_a_file(content: Content) -> None:
    content.translate("course/tiny.fr.yml", "course/countries.fr.yml")
    content.change("course/countries.fr.yml", "  TV: {name: Tuvalu}\n", "")
    found = [(one.path, one.severity) for one in content.load()[1]]
    assert found == [
        (name, "warning")
        for name in (
            "course/countries.fr.yml", "modules/one.fr.md", "modules/two.fr.md",
            "quizzes/one.fr.md", "quizzes/tiny-final.fr.md", "quizzes/two.fr.md",
        )
    ]  # fmt: skip


def test_all_problems_come_at_once_sorted_and_tell_what_to_do(content: Content) -> None:
    content.change(ONE, "{{fig:covered-2023 short}}", "{{fig:none}}")
    content.change(ONE, "[[scheme]]", "[[tax]]")
    content.change(QUIZ, "- [x] A pension\n  >", "- [ ] A pension\n  >")
    library, problems = content.load()
    assert library is None
    assert problems == sorted(problems)
    assert str(problems[0]) == f"{ONE}:23: error[term]: The glossary has no “tax”. Write a term or id of glossary.yml."
    assert [(one.path, one.line, one.code) for one in problems[1:]] == [
        (ONE, 53, "figure"),
        (QUIZ, 12, "no-right-answer"),
    ]


def test_warnings_alone_do_not_stop_a_course(content: Content) -> None:
    content.change(ONE, "MN 2025-06", "MN 2020-06")
    library, problems = content.load()
    assert library
    assert problems == [
        Problem(
            path=ONE,
            line=33,
            severity="warning",
            code="old",
            message="This country box is as of 2020-06. Look whether it still holds, then write the new month, "
            "or say that it tells of the past: `2020-06 past`.",
        )
    ]


ECHOES = [
    (FIGURES, "covered-2023:", "covered-2023", [(FIGURES, 2, "yaml")]),
    (FIGURES, "year: 2023", "year: soon", [(FIGURES, 5, "value")]),
    (GLOSSARY, "see: [scheme]", "see: [scheme", [(GLOSSARY, 6, "yaml")]),
    ("course/countries.yml", "  MN: {", "  MN: {{", [("course/countries.yml", 6, "yaml")]),
    (OUTLINE, "version:", "vrsion:", [(OUTLINE, 2, "key-unknown"), (OUTLINE, 1, "key-missing")]),
    (ONE, "title: The first module", "title: *a", [(ONE, 2, "yaml-alias")]),
    (QUIZ, "pass: 70", "pass: 700", [(QUIZ, 3, "value")]),
    (FINAL, "pass: 70", "pass: 700", [(FINAL, 3, "value")]),
]


@pytest.mark.parametrize(("name", "old", "new", "found"), ECHOES)
def test_one_mistake_is_told_once(content: Content, name: str, old: str, new: str, found: Said) -> None:
    """What refers to a file that can't be read is not named as well."""
    content.change(name, old, new)
    assert content.said() == sorted(found)
