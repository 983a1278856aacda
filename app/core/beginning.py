"""The files with which authors begin: a course, a module, a quiz, a translation; commented, and clean for the check."""

import json
import re
from typing import Any

import msgspec

from app.core.content import digest
from app.core.drafts import SHARED
from app.core.scan import Lines, fenced, numbered
from app.core.yamltext import Node, read_yaml

NOT_TRANSLATED = re.compile(r" (?:(?:module|level|actions|points)=[^\s}]+|\.practice)")
HEADING = re.compile(r"#{2,3} .*\{#")
BY_ID = ("actions", "figures", "glossary", "options")
LEFT_TO_THE_ORIGINAL = ("of", "value", "by_choice")

COURSE = """\
# The outline of a course. Lines that begin with # are for authors alone.
title: {title}
version: "0.1"              # printed on certificates; raise it with each release
hours: 1                    # study time, printed on certificates
languages: [{language}]             # the first is the original; others follow when there are translations
licence: CC BY 4.0
modules: [{id}-start]       # in the order that is recommended; `lontar new module NAME` begins another
# final: {id}-final         # a quiz that opens when every module quiz is passed
certificates:
  participation: {{every_section_read: true}}
  completion: {{every_quiz_passed: true, valid_years: null}}
"""

MODULE = """\
---
# What stands between the two lines --- is the front matter. Lines that begin with # are for authors alone.
title: {title}
# actions: [A1]             # national actions of actions.yml
{quiz}
objectives:                 # each ends in its verb: remember, understand, apply, analyse, evaluate or create
  - say what this module is for (understand)
---

This paragraph opens the module, above its sections. Say in two sentences what the reader will be able to do afterwards.

## A first section {{#first-section}}

A section is one idea and one page that takes four to nine minutes to read. Replace this text by yours. The name in
the braces of the heading is the id of the section: choose it once and never change it, since the progress of
learners hangs on it. The title may change at any time.

Write for somebody who reads on an old phone, in a second language, after a working day. Use short sentences, one
thought in each. Say first what is so, then why, then what follows from it. Give an example from a place that your
readers know, and a number where it helps. Numbers stand in the ledger, with their source, and are printed from
there; so a number that was corrected once is right everywhere.

A list is better than a long sentence:

1. What does the reader know already?
2. What is new?
3. What will she do differently tomorrow?

A table needs a header row. It is the right form when two things are compared:

| You want to | You write |
|---|---|
| stress a word | `*word*`, or `**word**` for more |
| link to a section | a link to `modules/` with the names of the module and of the section |
| explain a term | the term in double square brackets, and its definition in the glossary |

Then ask a question, so that the reader finds out what she has understood. A check shows a practice question of a
quiz file, answered at once, without a grade. A box at the end names what to remember. Read the section aloud before
you go on: where you stumble, the reader stumbles, too.
{check}
/// key-points

- Say in one line each what should stay.

///
"""

QUIZ = """\
---
# The rules of the quiz. Lines that begin with # are for authors alone; every key has a default.
title: {title}
pass: 70                    # the pass mark in per cent
draw: 3                     # how many of the questions below one try asks
attempts: unlimited         # or a number
wait: {{after: 3, minutes: 60}}    # from the third failed try on, an hour
feedback: after_attempt     # or by_topic, which never shows the key, or score_only
---

## What is right, if only one answer is? {{#{id}-one .single{module} level=remember}}

- [x] This one
  > What stands below an answer is told to those who choose it.
- [ ] That one
  > Say why it is wrong, kindly.
- [ ] Another one
- [ ] None of these {{.fixed}}

> What stands at the end explains, and names the section to reread.

## Which of these are right? {{#{id}-several .multiple{module} level=understand points=2}}

- [x] This
- [x] And this
- [ ] But not this
- [ ] Nor this

## How many people receive nothing? {{#{id}-number .numeric{module} level=apply}}

An invented island has {{{{people}}}} people; {{{{paid}}}} of them receive a benefit.

? A line like this is a hint.

vars: people = 2000..9000 step 500; paid = 10%..60% of people step 10
= people - paid ± 0 people

## What belongs together? {{#{id}-pairs .match{module} level=understand}}

| This | That |
|---|---|
| Day | light |
| Night | dark |
|  | loud |

## Put the steps in order. {{#{id}-steps .order{module} level=remember}}

1. Read
2. Think
3. Answer

## A question for practice, never asked for a grade {{#{id}-practice .single .practice{module} level=remember}}

- [x] Right
- [ ] Wrong
"""


def outline(id: str, title: str, language: str) -> str:
    return COURSE.format(id=id, title=quoted(title), language=language)


def module(title: str, quiz: str = "") -> str:
    """A module; its `quiz`, where one is named, holds the practice question that `quiz` writes."""
    check = f"\n/// check | {quiz}-practice\n///\n" if quiz else ""
    line = f"quiz: {quiz}" if quiz else "# quiz: name            # `lontar new quiz NAME` begins one"
    return MODULE.format(title=quoted(title), quiz=line, check=check)


def quiz(id: str, title: str, module: str = "") -> str:
    return QUIZ.format(id=id, title=quoted(title), module=f" module={module}" if module else "")


def quoted(text: str) -> str:
    """A text as YAML reads it back unchanged."""
    return json.dumps(text, ensure_ascii=False)


def translated_page(text: str) -> str:
    """A module's or quiz's translation to be written over: same ids and marks, the original's words."""
    lines = numbered(text)
    end = next(index for index, (_, line) in enumerate(lines[1:], 1) if line.rstrip() == "---")
    front = read_yaml("\n".join(line for _, line in lines[1:end]), lambda *_: None)
    told = front.value if front and isinstance(front.value, dict) else {}
    objectives = told["objectives"].value if "objectives" in told else []
    head = [
        "---",
        "# Write over the words; keep ids, marks, numbers and the order. This line may go.",
        f"title: {quoted(_words(told.get('title')))}",
        f"of: {digest(text)[:12]}            # the state of the original that this translates",
        *(["objectives:"] if objectives else []),
        *(f"  - {quoted(_words(one))}" for one in objectives if isinstance(one, Node)),
        "---",
    ]
    return "\n".join([*head, *_kept_lines(lines[end + 1 :])])


def _kept_lines(lines: Lines) -> list[str]:
    """The lines, headings without what only the original says."""
    return [
        NOT_TRANSLATED.sub("", line) if not code and HEADING.match(line) else line for _, line, code in fenced(lines)
    ]


def translated_file(kind: str, text: str) -> str:
    """The same for a file of YAML: its texts, by id."""
    node = read_yaml(text, lambda *_: None)
    words = SHARED[f"{kind}-words"]
    told = _plain(node) if node else {}
    if kind in BY_ID:
        words = words.__args__[1]
        kept: Any = {id: _only(entry, words) for id, entry in told.items()}
    elif kind == "countries":
        kept = {"countries": {code: {"name": one.get("name", "")} for code, one in told.get("countries", {}).items()}}
    else:
        kept = _only(told, words)
    return "\n".join(["# Write over the words; keep the ids. This line may go.", *_yaml(kept, "")]) + "\n"


def _only(entry: Any, words: Any) -> dict[str, Any]:
    names = {one.encode_name for one in msgspec.structs.fields(words)} - set(LEFT_TO_THE_ORIGINAL)
    return {key: value for key, value in entry.items() if key in names} if isinstance(entry, dict) else {}


def _yaml(value: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, one in value.items():
        if isinstance(one, dict):
            lines += [f"{indent}{key}:", *_yaml(one, indent + "  ")]
        elif isinstance(one, list):
            lines += [f"{indent}{key}:", *(f"{indent}  - {quoted(str(part))}" for part in one)]
        else:
            lines.append(f"{indent}{key}: {quoted(one)}")
    return lines


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(one) for key, one in node.value.items()}
    return [_plain(one) for one in node.value] if isinstance(node.value, list) else node.value


def _words(node: Node | None) -> str:
    return node.value if node and isinstance(node.value, str) else ""
