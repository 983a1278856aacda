"""What is written for other programs, sign by sign, and what is named because the format has no place for it."""

import csv
import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.core.content import Item, Quiz
from app.core.exchange import write
from app.core.questions import KINDS
from tests.core.banks import BANK, one, read
from tests.core.exchange.banks import sent

NODE = Path(__file__).parents[2] / "node"

SINGLE = """\
## Is 1:3 = {a}? {#ratio .single level=apply points=2}

With **words** and `a = b`.

? Think.

- [x] Yes, \\# ~ 1 {.fixed}
  > Right: see *this*.
- [ ] %50 off

> Because.
"""


def test_gift_escapes_every_sign_and_names_what_it_has_no_place_for() -> None:
    text, said = sent((one(SINGLE.replace("{a}", "a")),), "gift")
    assert text == (
        "// [id:ratio] [tag:level=apply] [tag:fixed=A]\n"
        "::Is 1\\:3 \\= a?::[html]<p>Is 1\\:3 \\= a?</p><p>With <strong>words</strong> and <code>a \\= b</code>.</p>{\n"
        "\t=Yes, \\# \\~ 1#<p>Right\\: see <em>this</em>.</p>\n"
        "\t~&\\#37;50 off\n"
        "\t####<p>Because.</p>\n"
        "}\n\n"
    )
    assert [(one.question, one.reason) for one in said] == [
        (False, "without its hint"),
        (False, "without its 2 points"),
        (False, "Moodle does not keep single options in their place"),
    ]


def bank() -> tuple[Item, ...]:
    items, problems = read(BANK)
    assert problems == []
    return items


def test_moodle_xml_is_xml_and_has_every_kind_that_moodle_knows() -> None:
    text, said = sent(bank(), "moodle-xml")
    kinds = [one.get("type") for one in ElementTree.fromstring(text.encode())]
    assert set(kinds) >= {"multichoice", "truefalse", "shortanswer", "matching", "ordering", "cloze", "essay"}
    assert {one.reason for one in said if one.question} == {
        "its numbers are drawn anew for each learner (vars:), which other formats do not know",
        "questions of the kind .survey have no place in other formats",
    }


def test_every_question_is_written_or_named() -> None:
    for format in ("gift", "moodle-xml", "aiken"):
        pieces = list(write(Quiz(id="q", title={"en": "Q"}, items=bank()), format, "en", "https://x.org"))
        asked = [one for item in bank() for one in (item.questions or (item,))]
        frame = 2 if format == "moodle-xml" else 0
        left = [one for one in pieces if not isinstance(one, str) and one.question]
        assert sum(isinstance(one, str) for one in pieces) - frame + len(left) == len(asked)


def test_aiken_has_words_alone() -> None:
    text, said = sent((one(SINGLE.replace("{a}", "a")),), "aiken")
    assert text == "Is 1:3 = a? With words and a = b.\nA. Yes, # ~ 1\nB. %50 off\nANSWER: A\n\n"
    assert [one.reason for one in said] == [
        "without what stands below the option as feedback, the explanation, the hint, the points, "
        "id, level, module and actions"
    ]


def test_the_table_has_a_row_for_each_question_of_every_kind_and_no_formula() -> None:
    items = (*bank(), one("## =1+1 {#sum .single}\n\n- [x] =2\n- [ ] @3\n"))
    text, said = sent(items, "csv")
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))
    assert said == []
    assert {row["kind"] for row in rows} >= set(KINDS) - {"scenario", "survey"}
    assert rows[-1]["question"] == "'=1+1"
    assert rows[0]["answer"] == "Second"


def strangers() -> str:
    """Why the parser of others can't be asked; "" where it can."""
    if not shutil.which("node"):
        return "Node.js is not installed"
    return "" if (NODE / "node_modules" / "gift-pegjs").is_dir() else "run: npm ci --prefix tests/node"


@pytest.mark.skipif(bool(strangers()), reason=strangers())
def test_a_parser_of_others_reads_all_gift_that_is_written() -> None:
    nasty = "".join(
        f"## Is it {sign * 3} or {sign}? {{#sign-{number} .single}}\n\n- [x] {sign} a\n- [ ] b{sign}\n  > {sign}why\n\n"
        for number, sign in enumerate([":", "=", "~", "\\#", "\\\\", "\\{", "\\}", "%", "-&gt;", "//", "“", "é", "漢"])
    )
    items = (*bank(), *read(nasty)[0])
    text, said = sent(items, "gift")
    run = subprocess.run(["node", NODE / "gift.cjs"], input=text, capture_output=True, text=True, timeout=60)
    assert run.stderr == ""
    questions = json.loads(run.stdout)
    asked = [one for item in items for one in (item.questions or (item,))]
    assert len(questions) == len(asked) - sum(one.question for one in said)
    assert [one["id"] for one in questions if one["id"].startswith("sign")] == [
        f"sign-{number}" for number in range(13)
    ]
    first = next(one for one in questions if one["id"] == "sign-1")
    assert [(choice["isCorrect"], choice["text"]["text"]) for choice in first["choices"]] == [
        (True, "= a"),
        (False, "b="),
    ]
