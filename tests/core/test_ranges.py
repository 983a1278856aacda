"""Where problems stand in their lines, as editors count."""

import pytest

from app.core.content import Problem
from app.core.ranges import range_of

TEXT = "---\r\ntitle: 𐍈 [[levy]] twice [[levy]]  \n  - indented\n"


@pytest.mark.parametrize(
    ("line", "message", "found"),
    [
        (2, "The glossary has no “levy”. Write “a”.", ((1, 12), (1, 16))),  # 𐍈 is two units
        (2, "“none” stands here, “twice” does.", ((1, 19), (1, 24))),
        (2, "Nothing is quoted.", ((1, 0), (1, 33))),
        (3, "Nothing is quoted.", ((2, 2), (2, 12))),
        (0, "“title” speaks of the whole file.", ((0, 0), (0, 3))),
        (99, "a line that is gone", ((3, 0), (3, 0))),
    ],
)
def test_ranges(line: int, message: str, found: object) -> None:
    problem = Problem(path="a.md", line=line, severity="error", code="term", message=message)
    assert range_of(problem, TEXT) == found


def test_a_file_without_text() -> None:
    problem = Problem(path="course", line=0, severity="error", code="folder", message="“course” is missing.")
    assert range_of(problem, "") == ((0, 0), (0, 0))
