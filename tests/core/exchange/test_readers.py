"""What becomes of questions in GIFT, Moodle XML and Aiken: as our Markdown, or left out with a reason."""

import pytest

from app.core.worker import Worker
from tests.core.exchange.banks import bring

GIFT = {
    "one right answer": (
        "::Capital:: Where is it? {=Here#Yes ~There#No ####Reread}",
        "## Where is it? {#capital .single}\n\n- [x] Here\n  > Yes\n- [ ] There\n  > No\n\n> Reread\n",
    ),
    "unescaped signs in answers on lines of their own": (
        "Ratio 1:3 = what? {\n=x = 1:3\n~y~z=2\n}",
        "## Ratio 1:3 = what? {#ratio-1-3-what .single}\n\n- [x] x = 1:3\n- [ ] y\\~z=2\n".replace("\\~", "~"),
    ),
    "answers without spaces between them": ("Q {=a~b~c}", "## Q {#q .single}\n\n- [x] a\n- [ ] b\n- [ ] c\n"),
    "escaped signs": (r"::a\:b:: 1\=1 \{x\} {=\~a ~\#b}", "## 1=1 \\{x\\} {#a-b .single}\n\n- [x] ~a\n- [ ] #b\n"),
    "a blank line among the answers": ("Q {\n=a\n\n~b\n}", "## Q {#q .single}\n\n- [x] a\n- [ ] b\n"),
    "a blank line and braces within an answer": (
        "Q {\n=a\n\nwith x^{2}\n\n~b\n}",
        "## Q {#q .single}\n\n- [x] a with x^\\{2\\}\n- [ ] b\n",
    ),
    "weights of several answers": (
        "Q {~%50%a ~%50%b ~%-50%c ~%-50%d}",
        "## Q {#q .multiple}\n\n- [x] a\n- [x] b\n- [ ] c\n- [ ] d\n",
    ),
    "true, with feedback for the wrong answer first": (
        "Q {T#wrong#right}",
        "## Q {#q .true-false}\n\n- [x] True\n  > right\n- [ ] False\n  > wrong\n",
    ),
    "false in small letters": ("Q {false}", "## Q {#q .true-false}\n\n- [ ] True\n- [x] False\n"),
    "a number with a tolerance": ("Q {#2,5:0.1}", "## Q {#q .numeric}\n\n= 2.5 ± 0.1\n"),
    "a range": ("Q {#1..3}", "## Q {#q .numeric}\n\n= 2 ± 1\n"),
    "words": ("Q {=a =b c}", "## Q {#q .short}\n\n= a\n= b c\n"),
    "one word without a sign": ("Q {four}", "## Q {#q .short}\n\n= four\n"),
    "pairs with a wrong choice": (
        "Q {=a -> b =c -> d = -> e}",
        "## Q {#q .match}\n\n| Left | Right |\n|---|---|\n| a | b |\n| c | d |\n|  | e |\n",
    ),
    "an essay with a rubric": (
        "[html]Q {####<ul><li>one</li><li>two</li></ul><p>Why</p>}",
        "## Q {#q .reflection}\n\n- one\n- two\n\n> Why\n",
    ),
    "a missing word": (
        "A {=cat ~dog} sleeps.",
        "## A \\_\\_\\_\\_\\_ sleeps. {#a-sleeps .single}\n\n- [x] cat\n- [ ] dog\n",
    ),
    "an id and tags": (
        "// [id:my-id] [tag:level=apply] [tag:practice]\nQ {T}",
        "## Q {#my-id .true-false .practice level=apply}\n\n- [x] True\n- [ ] False\n",
    ),
    "formulas with braces": (
        "Solve \\(\\frac{1}{2}\\) {=\\(\\sqrt{4}\\) ~b}",
        "## Solve \\\\(\\\\frac\\{1\\}\\{2\\}\\\\) {#solve-frac-1-2 .single}\n\n"
        "- [x] \\\\(\\\\sqrt\\{4\\}\\\\)\n- [ ] b\n",
    ),
    "what would mean something to us": (
        "[html]<p>Look:</p><p>\\{\\{name\\}\\} [[term]] \\# x</p><p>/// note</p>"
        "<p>- x</p><p>1. y</p><p>\\= z</p> {=a ~b}",
        "## Look: {#look-name-term-x-note-x-1-y-z .single}\n\n\\{\\{name\\}\\} \\[\\[term\\]\\] # x\n\n"
        "&#47;// note\n\n\\- x\n\n1\\. y\n\n&#61; z\n\n- [x] a\n- [ ] b\n",
    ),
}


@pytest.mark.parametrize("name", GIFT)
def test_gift(name: str, worker: Worker) -> None:
    text, expected = GIFT[name]
    bank = bring(text, "gift", worker)
    assert [one.text for one in bank.remarks if one.left_out] == []
    assert "".join(bank.files).partition("---\n\n")[2] == expected


LEFT_OUT = {
    ("gift", "Q {=a ~b"): (1, "its { is not closed"),
    ("gift", "Only a text"): (1, "it has no answers in { }: a text alone is no question here"),
    ("gift", "Q {=a =b ~c}"): (1, "it has no option, or several, that earn 100 % where one is asked"),
    ("gift", "Q {~a ~b}"): (1, "no option earns anything"),
    ("gift", "Q {=a ~A}"): (1, "two options are the same (“A”)"),
    ("gift", "Q {#many}"): (1, "“many” is no number"),
    ("gift", "Q {#1,234}"): (1, "“1,234” can be read as two numbers"),
    ("gift", "\n\nQ {=ru*}"): (3, "no answer earns all points without a wildcard"),
    ("gift", "Q {~%150%a ~b}"): (1, "a weight of 150 % is more than everything"),
    ("gift", "Q {=a " + " ".join(f"~{n}" for n in range(26)) + "}"): (1, "it has 27 options, not 2 to 26"),
    ("gift", "Q {=a -> b}"): (1, "Matching needs two pairs or more, and two different right cells."),
    ("aiken", "Q?\nA. x\nB. y\nANSWER: C"): (1, "it has 2 options, and its answer is C"),
    ("aiken", "Q?\nA. x\nB. y"): (1, "a line “ANSWER: B” is missing below it"),
    ("moodle-xml", "<quiz><question type='calculated'><name><text>Q</text></name></question></quiz>"): (
        1,
        "questions of the type “calculated” have no place here",
    ),
    (
        "moodle-xml",
        "<quiz>\n<question type='cloze'><questiontext><text>{1:NEW:=a}</text></questiontext></question></quiz>",
    ): (
        2,
        "it has a gap of the kind NEW",
    ),
    (
        "moodle-xml",
        "<quiz><question type='truefalse'><answer fraction='100'><text>yes</text></answer></question></quiz>",
    ): (
        1,
        "it has not the two answers true and false",
    ),
}


@pytest.mark.parametrize(("format", "text"), LEFT_OUT)
def test_what_can_not_come_along_is_named_with_line_and_reason(format: str, text: str, worker: Worker) -> None:
    bank = bring(text, format, worker)
    assert ([(one.line, one.text) for one in bank.remarks if one.left_out], bank.files) == (
        [LEFT_OUT[format, text]],
        [],
    )


CHANGED = {
    "Q {=a ~%50%b ~c}": "options that earn a part of the points, or cost some, earn nothing here",
    "Q {~%100%a ~%-20%b}": "weights are left out: right choices minus wrong ones, over the number right, counts here",
    "Q {=a =%50%b}": "the answer “b” is left out: it earns 50%, and here all or nothing",
    "Q {=a =b*}": "the answer “b*” is left out: it is a pattern with *",
    "Q {=a / b}": "the wording “a / b” became “a/b”, since a slash parts wordings here",
    "Q {#1:0 =%50%2:0}": "",
    "Q {}": "it has nothing to compare an answer with; write the points of a good answer",
    "// [tag:week 1]\nQ {T}": "the tag “week 1” is left out",
    "// [tag:module=nowhere]\nQ {T}": "there is no module “nowhere” here",
    "// [tag:actions=A7]\nQ {T}": "there is no action A7 here",
    "// [id:Ä 1]\nQ {T}": "its id “Ä 1” became “a-1”",
    "$CATEGORY: top/Week 1\n\nQ {T}": "categories have no place here: the questions below it come along",
    "[html]Q <img src='a/map.png'> {T}": "a picture is left out, since it did not come with the file: map.png",
    "Q {=a#why}": "feedback on single answers stands in the explanation",
}


def test_a_question_whose_brace_is_not_closed_takes_no_other_with_it(worker: Worker) -> None:
    for other in ("Two {=c ~d}", "Two {T}", "Two\n{\n~c\n=d\n}", "::t:: Two {=c ~d}"):
        bank = bring(f"One {{=a ~b\n\n{other}\n\nThree {{F}}", "gift", worker)
        assert [(one.line, one.text) for one in bank.remarks] == [(1, "its { is not closed")], other
        assert bank.imported == 2, other


@pytest.mark.parametrize("text", [text for text, note in CHANGED.items() if note])
def test_what_changes_on_the_way_is_named(text: str, worker: Worker) -> None:
    bank = bring(text, "gift", worker)
    assert (bank.imported, [(one.text, one.left_out) for one in bank.remarks]) == (1, [(CHANGED[text], False)])


def xml(kind: str, text: str, rest: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz><question type="{kind}"><name><text>N</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{rest}</question></quiz>'
    )


MOODLE = {
    "several answers with plug-in grading": (
        xml(
            "multichoiceset",
            "<p>Q</p>",
            "<answer fraction='100'><text>a</text></answer><answer fraction='0'><text>b</text></answer>",
        ),
        "## Q {#n .multiple partial=none}\n\n- [x] a\n- [ ] b\n",
    ),
    "options that keep their order": (
        xml(
            "multichoice",
            "Q",
            "<single>true</single><shuffleanswers>false</shuffleanswers><defaultgrade>3.0</defaultgrade>"
            "<answer fraction='0'><text>a</text></answer><answer fraction='100'><text>b&nbsp;c</text></answer>",
        ),
        "## Q {#n .single points=3}\n\n- [ ] a {.fixed}\n- [x] b\u00a0c {.fixed}\n",
    ),
    "case counts": (
        xml("shortanswer", "Q", "<usecase>1</usecase><answer fraction='100'><text>Suva</text></answer>"),
        "## Q {#n .short exact=case}\n\n= Suva\n",
    ),
    "a number with its unit": (
        xml(
            "numerical",
            "Q",
            "<answer fraction='100'><text>5</text><tolerance>0.5</tolerance></answer>"
            "<units><unit><multiplier>1</multiplier><unit_name>km</unit_name></unit></units>",
        ),
        "## Q {#n .numeric}\n\n= 5 ± 0.5 km\n",
    ),
    "steps by their place": (
        xml(
            "ordering",
            "Q",
            "<answer fraction='2.0000000'><text>b</text></answer><answer fraction='1.0000000'><text>a</text></answer>",
        ),
        "## Q {#n .order}\n\n1. a\n2. b\n",
    ),
    "gaps": (
        xml("cloze", "<p>Q</p><p>A {1:SA:=cat~%100%kitten} and a {1:MC:dog~=bird}.</p>", ""),
        "## Q {#n .cloze}\n\nA {{gap: cat / kitten}} and a {{choose: dog / *bird}}.\n",
    ),
    "words to select": (
        xml(
            "gapselect",
            "<p>A [[2]] sings.</p>",
            "<selectoption><text>dog</text><group>1</group></selectoption>"
            "<selectoption><text>bird</text><group>1</group></selectoption>",
        ),
        "## N {#n .cloze}\n\nA {{choose: dog / *bird}} sings.\n",
    ),
    "an essay and what its grader looks for": (
        xml(
            "essay",
            "Q",
            "<graderinfo format='html'><text>&lt;ol&gt;&lt;li&gt;a&lt;/li&gt;&lt;/ol&gt;</text></graderinfo>",
        ),
        "## Q {#n .reflection}\n\n- a\n",
    ),
    "hints": (
        xml(
            "truefalse",
            "Q",
            "<answer fraction='100'><text>true</text></answer><answer fraction='0'><text>false</text></answer>"
            "<hint format='html'><text>&lt;p&gt;Think.&lt;/p&gt;</text></hint>",
        ),
        "## Q {#n .true-false}\n\n? Think.\n\n- [x] True\n- [ ] False\n",
    ),
}


@pytest.mark.parametrize("name", MOODLE)
def test_moodle_xml(name: str, worker: Worker) -> None:
    text, expected = MOODLE[name]
    bank = bring(text, "moodle-xml", worker)
    assert [one.text for one in bank.remarks if one.left_out] == []
    assert "".join(bank.files).partition("---\n\n")[2] == expected


AIKEN = "What is it,\nin one word?\n\na) A cat\nb) A dog\nAnswer: b\n\nWhich?\nA. x\nB. y\nC. z\nANSWER: A, C\n"


def test_aiken(worker: Worker) -> None:
    bank = bring(AIKEN, "aiken", worker)
    assert bank.remarks == []
    assert bank.files[0].partition("---\n\n")[2] == (
        "## What is it, in one word? {#what-is-it-in-one-word .single}\n\n- [ ] A cat\n- [x] A dog\n\n"
        "## Which? {#which .multiple}\n\n- [x] x\n- [ ] y\n- [x] z\n"
    )


def test_ids_are_given_once() -> None:
    from app.core.exchange.bank import Ids, slug
    from app.core.exchange.model import Question, Words

    ids = Ids({"q-2"})
    named = [Question("short", name, "", Words(())) for name in ("Q", "q!", "Q", "ខ្មែរ", "ខ")]
    assert [ids.of(one) for one in named] == ["q", "q-3", "q-4", "question", "question-2"]
    assert slug("Überall " + "x" * 60 + " end") == "uberall"
