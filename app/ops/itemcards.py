"""The cards of a quiz for the command line: as Markdown for a pull request, CSV or JSON."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.core.cells import guard
from app.core.itemcards import LEAST, Card, Verdict
from app.core.statistics import Fairness
from app.ops import serving
from app.ops.serving import Stopped, checked_course
from app.records import item_reports
from app.records.engine import open_session
from config import Config

COLUMNS = (
    *("item", "file", "line", "answers", "later_answers", "other_key_answers", "facility", "standard_error"),
    *("discrimination", "correlation", "guess", "seconds", "options", "verdict", "fairness"),
)
HEADING = re.compile(r"#+ .*\{#([\w-]+)")


def cards(engine: Engine, config: Config, name: str) -> list[dict[str, Any]]:
    """One row for each question of a quiz, the worst first. Raises Stopped for a quiz that is not there."""
    library = checked_course(config)
    quiz = library.quizzes.get(name)
    if quiz is None:
        raise Stopped(f"there is no quiz {name}; there are: {', '.join(sorted(library.quizzes))}")
    lines = lines_of(serving.root(config), name)
    with open_session(engine, write=False) as session:
        report = item_reports.report(session, quiz)
        return [_row(one, name, lines, item_reports.fair(session, one.item)) for one in report.cards]


def lines_of(root: Path, quiz: str) -> dict[str, int]:
    """Item id -> the line of its heading in the quiz file; empty where the file can't be read."""
    try:
        text = (root / "quizzes" / f"{quiz}.md").read_text(encoding="utf-8")
    except OSError:
        return {}
    headings = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.startswith("#"))
    return {found[1]: number for number, line in headings if (found := HEADING.match(line))}


def _row(card: Card, quiz: str, lines: dict[str, int], fair: Mapping[str, Sequence[Fairness]]) -> dict[str, Any]:
    place = {"item": card.item.id, "file": f"quizzes/{quiz}.md", "line": lines.get(card.item.id)}
    row = place | {"answers": card.n, "later_answers": card.later, "other_key_answers": card.others}
    guess = round(float(card.guess), 4)
    if card.figures is None:
        return {**dict.fromkeys(COLUMNS), **row, "guess": guess, "options": [], "verdict": [_few()], "fairness": []}
    figures = card.figures
    return row | {
        "facility": round(figures.facility, 4),
        "standard_error": _round(figures.error),
        "discrimination": _round(figures.discrimination),
        "correlation": _round(figures.correlation),
        "guess": guess,
        "seconds": round(figures.seconds, 1),
        "options": [
            {
                "option": line.choice.option,
                "right": line.right,
                "n": line.choice.n,
                "share": round(line.choice.share, 4),
                "upper": round(line.choice.upper, 4),
                "lower": round(line.choice.lower, 4),
            }
            for line in card.lines
        ],
        "verdict": [words(one) for one in card.verdicts],
        "fairness": [
            {"by": by, "reference": one.reference, "group": one.group, "delta": round(one.delta, 2), "class": one.kind}
            for by, found in fair.items()
            for one in found
        ],
    }


def _few() -> str:
    return f"Under {LEAST} answers: nothing is shown."


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def words(verdict: Verdict) -> str:
    """A verdict in English."""
    shares = {name: f"{share // 100} %" for name, share in verdict.shares.items()}
    return verdict.message % {**verdict.values, **shares}


def write(rows: Sequence[dict[str, Any]], style: str, quiz: str) -> str:
    """The rows as `md`, `csv` or `json`."""
    if style == "json":
        return json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n"
    return _csv(rows) if style == "csv" else _markdown(rows, quiz)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        told = row | {
            "options": " ".join(f"{_option(one)}:{one['n']}" for one in row["options"]),
            "verdict": " ".join(row["verdict"]),
            "fairness": " ".join(f"{one['by']}:{one['group']}:{one['class']}" for one in row["fairness"]),
        }
        table.writerow([guard(cell) if isinstance(cell := told[name], str) else cell for name in COLUMNS])
    return file.getvalue()


def _option(one: Mapping[str, Any]) -> str:
    return str(one["option"]).removeprefix("=") or "empty"


def _markdown(rows: Sequence[dict[str, Any]], quiz: str) -> str:
    lines = [f"## Item statistics: {quiz}", "", "First handed-in attempts alone; the worst first."]
    for row in rows:
        place = f"{row['file']}:{row['line']}" if row["line"] else row["file"]
        lines += ["", f"### {row['item']} ({place})", "", *(f"- **{one}**" for one in row["verdict"])]
        if row["facility"] is None:
            continue
        figures = [
            f"{row['answers']:,} answers",
            f"facility {row['facility']:.0%} ± {row['standard_error'] or 0:.1%} (by guessing {row['guess']:.0%})",
            f"discrimination {_shown(row['discrimination'])}",
            f"point-biserial {_shown(row['correlation'])}",
            f"{row['seconds']:.0f} s",
        ]
        lines += ["", "; ".join(figures) + ".", "", "| option | key | chosen | upper 27 % | lower 27 % |"]
        lines += ["|---|---|--:|--:|--:|"]
        for one in row["options"]:
            key = {True: "key", False: "", None: "part"}[one["right"]]
            shares = f"{one['share']:.0%} | {one['upper']:.0%} | {one['lower']:.0%}"
            lines.append(f"| {_option(one)} | {key} | {one['n']:,}: {shares} |")
        lines += [
            f"\nFairness by {one['by']}: {one['group']} against {one['reference']}: class {one['class']},"
            f" delta {one['delta']}."
            for one in row["fairness"]
        ]
    return "\n".join(lines) + "\n"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
