"""The tiny course with surveys for every occasion and an entry check, for tests of what is offered and kept."""

import shutil
from pathlib import Path

TINY = Path(__file__).parent / "courses" / "tiny"
NAMED = "entry: entrance\nsurveys: {before: rating, after: rating, end: ending, follow_up: used}\n"
FILES = {
    "rating": """\
---
title: Rate yourself
---

## Can you say what a benefit is? {#rate-benefit .survey}

1. Not yet
2. With help
3. On my own

## Can you say who pays a levy? {#rate-levy .survey}

1. Not yet
2. With help
3. On my own
""",
    "ending": """\
---
title: At the end
---

## Which module was the hardest? {#end-hardest .survey}

- ( ) The first module
- ( ) The second module
- ( ) None

## What was missing? {#end-missing .survey}

Choose **all** that fit.

- [ ] Examples
- [ ] Exercises
- [ ] Nothing
""",
    "used": """\
---
title: What have you used?
---

## Right and law {#used-law .survey actions=A1}

1. Not used
2. I talked about it
""",
    "entrance": """\
---
title: Entry check
attempts: 1
feedback: by_topic
---

## Who pays the levy of Pala? {#enter-who .single module=one level=remember}

- [x] Its workers, QZKEY
- [ ] Its birds

## What ends a year of work well? {#enter-end .single module=two level=understand}

- [ ] A journey
- [x] A report, QZKEY
""",
}


def make(root: Path) -> Path:
    """The content root of that course, in English alone."""
    shutil.copytree(TINY, root, dirs_exist_ok=True)
    for translation in root.glob("*/*.fr.*"):
        translation.unlink()
    outline = root / "course" / "tiny.yml"
    outline.write_text(outline.read_text().replace("[en, fr]", "[en]") + NAMED)
    for name, text in FILES.items():
        (root / "quizzes" / f"{name}.md").write_text(text)
    return root
