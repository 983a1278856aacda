"""What authors read about a question that can't be asked: every message, word for word."""

import pytest

from tests.core.banks import read

Told = list[tuple[int, str, str]]


def told(head: str, text: str) -> Told:
    """Line (the question's heading is 1, its text begins on 3), code and words of each problem."""
    return [(one.line - 4, one.code, one.message) for one in read(f"## Q {{#q .{head}}}\n\n{text}\n")[1]]


TASKS = "\n".join(f"- [{'x' if n == 1 else ' '}] {n}" for n in range(1, 28))
STRAY = "This line belongs to no option. Write `- [ ] text` or `- [x] text`."
FEW = "A question to choose from needs two options or more. Write `- [ ] text`."
NONE_RIGHT = "No answer is given. Write `= one wording / another`."

KINDS = (
    "“essay” is no kind of question. Write one of: cloze, match, multiple, numeric, order, reflection, scenario, "
    "short, single, survey, true-false."
)
HEADS = "| L | R |\n|---|---|\n"
PAIRS = HEADS + "\n".join(f"| {n} | {n} |" for n in range(1, 28))
NOWHERE = "“https://example.org/{{…}}” leads nowhere. Write `modules/<module>#<section>` or `https://…`."
PAIRLESS = "Matching needs two pairs or more, and two different right cells."


@pytest.mark.parametrize(
    ("head", "text", "found"),
    [
        ("essay", "", [(1, "kind", KINDS)]),
        (
            "reflection",
            "Of {{ all }}.\n\n- A point",
            [
                (
                    3,
                    "unknown-name",
                    "Nothing fills in {{all}}. Name a parameter of `vars:`, or write {{fig:all}}.",
                )
            ],
        ),
        ("single", "- [ ] A\n- [ ] B", [(1, "no-right-answer", "No option is marked [x]. Mark the right one.")]),
        (
            "single",
            "- [x] A\n- [x] B",
            [(1, "two-right-answers", "2 options are marked [x]. Mark one, or make it .multiple.")],
        ),
        (
            "single",
            "- [x] A b\n- [ ] a  B",
            [(4, "equal-options", "This option is the same as in line 7. Change one.")],
        ),
        ("single", "- [x] A", [(1, "options", FEW)]),
        ("single", "Only a stem.", [(1, "options", FEW)]),
        ("single", "- [x] A\n- [] B\n- [ ] C", [(4, "option", STRAY)]),
        ("single", "- [x] A\n- [ ] B\n  > Why.\n  More.", [(6, "option", STRAY)]),
        ("single", TASKS, [(29, "options", "Use at most 26 options.")]),
        ("single", TASKS.rpartition("\n")[0], []),
        (
            "true-false",
            "- [x] True\n- [ ] False\n- [ ] Maybe",
            [(1, "options", "A true-false question has two options. Take one away or make it .single.")],
        ),
        ("multiple", "- [ ] A\n- [ ] B", [(1, "no-right-answer", "No option is marked [x]. Mark the right ones.")]),
        (
            "multiple",
            "- [x] A\n- [x] B",
            [(1, "no-wrong-answer", "Every option is marked [x]. Add one that is wrong.")],
        ),
        ("multiple", "", [(1, "options", FEW)]),
        ("short", "Stem", [(1, "no-right-answer", NONE_RIGHT)]),
        ("short", "= .", [(1, "no-right-answer", NONE_RIGHT)]),
        (
            "short",
            "= a\nb",
            [(4, "short", "This line is no part of the answer. Write `= one wording / another`.")],
        ),
        (
            "short exact=case,spelling",
            "= a",
            [(1, "exact", "“spelling” can't be asked exactly. Write some of: case,accents,spaces,width.")],
        ),
        ("match", f"{HEADS}| a | 1 |", [(1, "match", PAIRLESS)]),
        ("match", f"{HEADS}| a | 1 |\n| b | 1 |", [(1, "match", PAIRLESS)]),
        ("match", f"{HEADS}| a | 1 |\n| | 2 |", [(1, "match", PAIRLESS)]),
        ("match", "", [(1, "match", PAIRLESS)]),
        (
            "match",
            f"{HEADS}| a | 1 |\n| a | 2 |",
            [(6, "equal-options", "The left cell is the same as in line 9. Change one.")],
        ),
        (
            "match",
            f"{HEADS}| a | 1 |\n| b | |\n| c | 3 |",
            [(6, "match", "The right cell is empty. Fill it, or take the row away.")],
        ),
        (
            "match",
            f"{HEADS}| a | 1 |\n| b | 2 | 3 |\n| c | 3 |",
            [(6, "match", "This row has 3 cells. Write two: `| left | right |`.")],
        ),
        (
            "match",
            f"{HEADS}| a | *x* y |\n| b | *X*  Y |",
            [(1, "equal-options", "Two right cells differ by case alone. Write them the same.")],
        ),
        (
            "match",
            f"{HEADS}| a | 1 |\n| b | 2 |\n\nmore",
            [(8, "match", "This line is no row of the table. Write `| left | right |`.")],
        ),
        ("match", PAIRS, [(1, "match", "More than 26 right cells are too many. Take some away.")]),
        ("match", PAIRS.rpartition("\n")[0], []),
        ("order", "1. a", [(1, "order", "Ordering needs from 2 to 26 steps `1. text`.")]),
        (
            "order",
            "\n".join(f"{n}. {n}" for n in range(1, 28)),
            [(1, "order", "Ordering needs from 2 to 26 steps `1. text`.")],
        ),
        ("order", "\n".join(f"{n}. {n}" for n in range(1, 27)), []),
        ("order", "1. a b\n2. A  b", [(1, "equal-options", "Two steps are the same. Change one.")]),
        ("order", "1. a\n2. b\n\n stray", [(6, "order", "This line belongs to no step. Write `1. text`.")]),
        (
            "cloze",
            "No gap.",
            [(1, "cloze", "There is no gap. Write `{{gap: word}}` or `{{choose: *right / wrong}}`.")],
        ),
        (
            "cloze",
            "A\nb {{gap: . }}.",
            [(4, "no-right-answer", "This gap accepts no word. Write `{{gap: word / other word}}`.")],
        ),
        ("cloze exact=spaces", "A {{gap: - }}.", []),
        (
            "cloze",
            "One {{gap: a}}.\n\nTwo {{choose: a / b}}.",
            [(5, "no-right-answer", "One choice of this gap is right. Write `{{choose: *right / wrong}}`.")],
        ),
        (
            "cloze",
            "A {{choose: *a / *b}}.",
            [(3, "no-right-answer", "One choice of this gap is right. Write `{{choose: *right / wrong}}`.")],
        ),
        (
            "cloze",
            "A {{choose: *a}}.",
            [(3, "options", "A gap to choose for needs two choices or more: `{{choose: *right / wrong}}`.")],
        ),
        (
            "cloze",
            f"A {{{{choose: *{' / '.join(str(n) for n in range(27))}}}}}.",
            [(3, "options", "A gap to choose for needs two choices or more: `{{choose: *right / wrong}}`.")],
        ),
        ("cloze", f"A {{{{choose: *{' / '.join(str(n) for n in range(26))}}}}}.", []),
        (
            "cloze",
            "A {{choose: *a / A}}.",
            [(3, "equal-options", "Two choices of this gap are the same. Change one.")],
        ),
        (
            "cloze",
            "A [link](https://example.org/{{gap: a}}).",
            [
                (3, "link", NOWHERE),
                (3, "cloze", "A gap stands where none can be shown. Take it out of code and links."),
            ],
        ),
        (
            "reflection",
            "Think.",
            [(1, "reflection", "There is nothing to compare an answer with. Add points `- text`.")],
        ),
        (
            "reflection",
            "- a\n- b\n\n stray",
            [(6, "reflection", "This line belongs to no point of the rubric. Write `- text`.")],
        ),
        (
            "scenario",
            "Once.",
            [(1, "scenario", "A scenario has questions under it. Add `### Question {#id .single}`.")],
        ),
        (
            "scenario",
            "Once.\n\n### In it {#t .scenario}\n\nText.",
            [
                (5, "scenario", "A scenario can't stand in a scenario. Choose another kind."),
                (5, "scenario", "A scenario has questions under it. Add `### Question {#id .single}`."),
            ],
        ),
    ],
)
def test_authors_read_what_is_wrong(head: str, text: str, found: Told) -> None:
    assert told(head, text) == found


OPTIONS = "A survey's question needs two options or more. Write `- ( ) text`."
TWO_WAYS = "The options are written in two ways. Write all as `1.`, as `- ( )` or `- [ ]`."
NO_MARK = "In a survey nothing is right or wrong. Take the mark out of the brackets."
NO_OPTION = "This line is no option. Write `1. text`, `- ( ) text` or `- [ ] text`."
NOBODY = "Nobody is told anything after an answer. Move this text above the options."


@pytest.mark.parametrize(
    ("head", "text", "found"),
    [
        ("", "", [(1, "options", OPTIONS)]),
        ("", "1. A", [(1, "options", OPTIONS)]),
        ("", "\n".join(f"{n}. {n}" for n in range(1, 28)), [(29, "options", "Use at most 26 options.")]),
        ("", "\n".join(f"{n}. {n}" for n in range(1, 27)), []),
        ("", "- ( ) A  b\n- ( ) a B", [(4, "equal-options", "This option is the same as in line 7. Change one.")]),
        ("", "1. A\n- ( ) B", [(4, "survey", TWO_WAYS)]),
        ("", "- [ ] A\n- ( ) B", [(4, "survey", TWO_WAYS)]),
        ("", "- ( ) A\n- (x) B", [(4, "survey", NO_MARK)]),
        ("", "- [ ] A\n- [ ] B\n\n stray", [(6, "survey", NO_OPTION)]),
        ("", "1. A\n2. B\n\n> Read on.", [(6, "survey", NOBODY)]),
        *(
            (f" {name}={value}", "1. A\n2. B", [(1, "survey", f"A survey is not graded, so `{name}=` says nothing. "
             "Take it out.")])
            for name, value in {"points": 2, "partial": "none", "level": "apply", "exact": "case"}.items()
        ),
        (" .practice", "1. A\n2. B", [(1, "survey", "A survey is no practice. Take `.practice` out.")]),
    ],
)  # fmt: skip
def test_authors_read_what_is_wrong_in_a_survey(head: str, text: str, found: Told) -> None:
    assert told(f"survey{head}", text) == found
