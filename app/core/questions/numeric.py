"""A number, with a tolerance and perhaps with parameters. The answer is {"text": as typed, "number": "620000"}."""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from html import escape
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.numbers import SPACE, exact, fraction, plain, readings, show, value_of
from app.core.papers import Drawn
from app.core.questions._formula import Formula, FormulaError, formula
from app.core.questions._parameters import Parameter, draw_values, many_draws, parse_parameters
from app.core.questions._shared import N_, NOTHING, Feedback, Fields, Lines, Unreadable, first, full, one

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

ANSWER = re.compile(r"=\s|vars:")
_PLUS_MINUS = re.compile(r"\+/?-")
_TOLERANCE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(?![0-9.,])\s*(.*)")


class Body(Struct):
    """`formula` over `parameters` (or a plain number), `tolerance` in the `unit` that stands beside the box."""

    formula: str
    tolerance: str
    unit: str = ""
    parameters: tuple[Parameter, ...] = ()


def begin(lines: Sequence[str]) -> int:
    return first(lines, ANSWER)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    parameters: tuple[Parameter, ...] = ()
    answers: Lines = []
    for number, text in lines:
        if text.startswith("vars:"):
            parameters += parse_parameters(source, number, text.removeprefix("vars:"))
        elif text.startswith("="):
            answers.append((number, text.removeprefix("=").strip()))
        elif text.strip():
            source.fault(number, "numeric", "This line is no part of the answer. Write `= 12.5 ± 0.5 %` or `vars: …`.")
    if len(answers) != 1:
        source.fault(source.line, "numeric", "A numeric question has one line `= value ± tolerance unit`.")
    return _answer(source, *answers[0], parameters) if answers else Body(formula="0", tolerance="0")


def key(body: Body) -> object:
    parameters = [[one.name, one.low, one.high, one.step, one.of] for one in body.parameters]
    return [body.formula, body.tolerance, parameters]


def wordings(body: Body) -> object:
    return None


def names(body: Body) -> frozenset[str]:
    return frozenset(parameter.name for parameter in body.parameters)


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn(values=draw_values(body.parameters, chance))


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> dict[str, str] | None:
    """One reading is taken; of two, the one sent as `<name>_reading`, else the learner is asked."""
    text = one(fields, name, longest=100)
    if not text:
        return None
    numbers = readings(text, body.unit)
    if not numbers:
        message = N_("We could not read “%(text)s” as a number. Write it in digits, without other words.")
        raise Unreadable(message, name, value={"text": text}, values={"text": text})
    if len(numbers) == 1:
        return {"text": text, "number": numbers[0]}
    meant = one(fields, f"{name}_reading")
    if meant not in numbers:
        message = N_("“%(text)s” can be read in two ways. Choose the number that you mean.")
        again = {"text": text, "choices": list(numbers)}
        raise Unreadable(message, f"{name}_reading", value=again, choices=numbers, values={"text": text})
    return {"text": text, "number": meant}


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    number = given(value)
    if number is None:
        return NOTHING
    target = _target(body, drawn)
    return full(number == target or abs(number - target) <= fraction(body.tolerance))


def right(body: Body, drawn: Drawn) -> dict[str, str]:
    number = _written(_target(body, drawn), body.tolerance)
    return {"text": number, "number": number}


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    key = show(right(body, drawn)["number"], language)
    if Fraction(body.tolerance):
        key += f" ± {show(body.tolerance, language)}"
    return Feedback(right=grade(body, drawn, value) == 1, key=_with_unit(key, body))


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return "" if given(value) is None else _with_unit(show(value["number"], language), body)


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(0)


def given(value: Any) -> Fraction | None:
    """The number in a stored answer; None for an empty answer or junk."""
    return value_of(value.get("number")) if isinstance(value, dict) else None


def _answer(source: "ItemSource", line: int, text: str, parameters: tuple[Parameter, ...]) -> Body:
    target, mark, rest = (part.strip() for part in _PLUS_MINUS.sub("±", text).partition("±"))
    tolerance = _TOLERANCE.fullmatch(rest) if mark else None
    if mark and not tolerance:
        source.fault(line, "tolerance", f"“{rest}” is no tolerance. Write a number and then the unit: `± 0.5 %`.")
    working, _, target = target.rpartition("=")
    target = target.strip()
    try:
        read = formula(target)
        if working:
            _agree(source, line, formula(working.strip()), read, tolerance[1] if tolerance else "0")
    except FormulaError as problem:
        source.fault(line, "formula", str(problem))
        return Body(formula="0", tolerance="0", parameters=parameters)
    unit = tolerance[2] if tolerance else "" if mark else read.rest
    written = target.removesuffix(read.rest).strip()
    body = Body(formula=written, tolerance=tolerance[1] if tolerance else "0", unit=unit, parameters=parameters)
    if (mark and read.rest) or re.match(r"[0-9.,]", read.rest):
        source.fault(line, "formula", f"“{read.rest}” is no part of a formula. Write the unit behind the tolerance.")
    elif unknown := read.names - names(body):
        source.fault(
            line, "formula", f"“{min(unknown)}” is no parameter. Name it in a line `vars: {min(unknown)} = 1..9`."
        )
    else:
        _try(source, line, body, read)
    return body


def _agree(source: "ItemSource", line: int, working: Formula, key: Formula, tolerance: str) -> None:
    """The key must be what its working gives, rounded as it is written: `= 78.5 - 63.3 = 15.2 ± 0.05`."""
    if working.rest or working.names or key.names:
        source.fault(
            line, "formula", "The working before the key is a formula of numbers alone: `= 78.5 - 63.3 = 15.2`."
        )
        return
    try:
        given, worked = key.value({}), working.value({})
    except ZeroDivisionError:
        source.fault(line, "division-by-zero", "The working divides by zero. Correct it.")
        return
    if abs(given - worked) > Fraction(tolerance):
        shown = _written(worked, tolerance)
        source.fault(line, "key", f"The working gives {shown}, the key says {plain(given, 9)}. Correct one of them.")


def _try(source: "ItemSource", line: int, body: Body, read: Formula) -> None:
    """Works the formula out for the draws that an attempt may meet, and reports the first that goes wrong."""
    wide = ""
    for values in many_draws(body.parameters):
        if isinstance(values, str):
            source.fault(
                line, "vars", f"“{values}” has no value in some draw. Widen its range or make its step smaller."
            )
            return
        try:
            target = read.value(values)
        except ZeroDivisionError:
            source.fault(line, "division-by-zero", f"The formula divides by zero{_when(values)}. Change the ranges.")
            return
        except FormulaError as problem:
            source.fault(line, "formula", str(problem))
            return
        if not _reachable(target, body.tolerance):
            message = f"The answer{_when(values)} has more decimals than anyone writes. Add a tolerance: `± 0.01`."
            source.fault(line, "tolerance", message)
            return
        if 0 < abs(target) <= Fraction(body.tolerance):
            wide = wide or _when(values) or " itself"
    if wide:
        message = f"The tolerance is as large as the answer{wide}, so that 0 is right, too. Make it smaller."
        source.fault(line, "tolerance", message, "warning")


def _reachable(target: Fraction, tolerance: str) -> bool:
    """Whether the number as one would write it lies within the tolerance."""
    return abs(Fraction(_written(target, tolerance)) - target) <= Fraction(tolerance)


def _when(values: dict[str, Fraction]) -> str:
    shown = ", ".join(f"{name} = {exact(value)}" for name, value in values.items())
    return f" for {shown}" if shown else ""


def _target(body: Body, drawn: Drawn) -> Fraction:
    return _worked(body.formula, tuple(drawn.values.items()))


@lru_cache(maxsize=4096)
def _worked(text: str, values: tuple[tuple[str, str], ...]) -> Fraction:
    """What a formula gives for these values: the same draws come again and again."""
    return formula(text).value({name: fraction(value) for name, value in values})


def _written(target: Fraction, tolerance: str) -> str:
    """The number as one would write it: exact where it is short, else one decimal more than the tolerance has."""
    return exact(target) or plain(target, max(2, len(tolerance.partition(".")[2]) + 1))


def _with_unit(number: str, body: Body) -> str:
    return f"{number}{SPACE}{escape(body.unit)}" if body.unit else number
