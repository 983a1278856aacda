"""Items from Markdown, read as the loader reads them, and one bank with every type of question."""

from typing import Any

from app.core.content import Item, Problem
from app.core.drafts import draft_quiz
from app.core.markup import Context
from app.core.scan import Faults

CONTEXT = Context(
    language="en", courses={}, sections={}, figures={}, terms={"term": "term"}, countries={}, actions=("A1",)
)


def read(markdown: str) -> tuple[tuple[Item, ...], list[Problem]]:
    """The items under a quiz's front matter, with `version` = id, and the problems found in them."""
    faults = Faults("quiz.md")
    draft = draft_quiz("---\ntitle: Quiz\n---\n\n" + markdown, True, CONTEXT, faults)
    assert draft is not None
    return draft.items, faults.found


def one(markdown: str) -> Item:
    """The only item of a text without problems."""
    items, problems = read(markdown)
    assert problems == []
    assert len(items) == 1
    return items[0]


def codes(markdown: str) -> list[tuple[int, str]]:
    """Line, counted from the item's heading as 1, and code of each problem."""
    return [(problem.line - 4, problem.code) for problem in read(markdown)[1]]


def fields(**values: Any) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in values.items()}


BANK = """\
## Who is {#single .single}

A stem with **words**.

? Think of *it*.

- [ ] First
  > Not the first.
- [x] Second
  > Right.
- [ ] Third
- [ ] None of these {.fixed}

> Reread.

## It is so {#true-false .true-false}

- [ ] True
- [x] False

## Which ones {#multiple .multiple points=2}

- [x] One
- [ ] Two
  > Not two.
- [x] Three
- [ ] Four
- [ ] Five

## Which ones exactly {#strict .multiple partial=none}

- [x] One
- [ ] Two
- [x] Three

## How many of {{all}} {#numeric .numeric points=3}

vars: all = 2000..9000 step 500; missed = 10%..60% of all step 10
= missed / all * 100 ± 0.5 %

## Six times seven {#plain .numeric}

= 6 * 7

## What is the word {#short .short}

= Missing middle / the gap

## What belongs together {#match .match}

| Left | Right |
|---|---|
| a | one |
| b | two |
| c | one |
| | three |

## In which order {#order .order}

1. Assess
2. Enrol
3. Provide
4. Manage

## In which order exactly {#strict-order .order partial=none}

1. Assess
2. Enrol
3. Provide

## Fill in {#cloze .cloze}

The {{gap: missing middle / middle}} falls between {{choose: *formal / informal / poorest}} workers.

## Think {#reflection .reflection}

What would you do?

- It names a person
- It names a date

## How sure are you {#scale .survey}

Today.

1. Not yet
2. A **little**
3. Quite

## Which one {#either .survey actions=A1}

- ( ) This
- ( ) That
- ( ) Something else,
  or nothing

## Which of them {#several .survey}

? All that fit.

- [ ] Red
- [ ] Green
- [ ] Blue
"""

ITEMS = {item.id: item for item in read(BANK)[0]}
GRADED = {id: item for id, item in ITEMS.items() if item.graded}
