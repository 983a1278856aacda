"""Authors' formulas, read by a parser of our own and worked out in exact fractions: + - * / ( ) round(x, n) min max."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from app.core.numbers import plain

Values = Mapping[str, Fraction]
Node = Callable[[Values], Fraction]

LONGEST = 300
DEEPEST = 20
FUNCTIONS = ("round", "min", "max")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,15}(?:\.[0-9]{1,9})?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[-+*/(),×÷−·]))"
)
_SAME = {"×": "*", "·": "*", "÷": "/", "−": "-"}


class FormulaError(ValueError):
    """A formula that can't be read or worked out; the message is for its author."""


class Formula:
    """A formula: `names` of the parameters in it, `rest` of the text behind it, `value(...)` for given parameters."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise FormulaError(f"The formula is longer than {LONGEST} characters.")
        self._text, self._at, self._depth = text, 0, 0
        self.names: set[str] = set()
        self._node = self._sum()
        self.rest = text[self._at :].strip()

    def value(self, values: Values) -> Fraction:
        """The exact result; raises ZeroDivisionError, and FormulaError for a rounding that makes no sense."""
        return self._node(values)

    def _peek(self) -> tuple[str, str]:
        """The next token as (kind, text); ("", "") where none is left that a formula knows."""
        found = _TOKEN.match(self._text, self._at)
        if not found:
            return "", ""
        kind = str(found.lastgroup)
        return kind, _SAME.get(found[kind], found[kind])

    def _take(self) -> tuple[str, str]:
        token, found = self._peek(), _TOKEN.match(self._text, self._at)
        if not found:
            raise FormulaError(
                f"A number or a name is missing in the formula before “{self._text[self._at :].strip()}”."
            )
        self._at = found.end()
        return token

    def _skip(self, sign: str) -> None:
        if self._peek() != ("sign", sign):
            raise FormulaError(f"A “{sign}” is missing in the formula before “{self._text[self._at :].strip()}”.")
        self._take()

    def _sum(self) -> Node:
        node = self._product()
        while self._peek() in (("sign", "+"), ("sign", "-")):
            node = _joined(node, self._take()[1], self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while self._peek() in (("sign", "*"), ("sign", "/")):
            node = _joined(node, self._take()[1], self._signed())
        return node

    def _signed(self) -> Node:
        negative = False
        while self._peek() == ("sign", "-"):
            self._take()
            negative = not negative
        node = self._atom()
        return (lambda values: -node(values)) if negative else node

    def _atom(self) -> Node:
        kind, text = self._take()
        if kind == "number":
            number = Fraction(text)
            return lambda values: number
        if kind == "name":
            return self._call(text) if text in FUNCTIONS else self._parameter(text)
        if text != "(":
            raise FormulaError(f"A number or a name is missing in the formula before “{text}”.")
        node = self._inside()
        self._skip(")")
        return node

    def _inside(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"The formula has more than {DEEPEST} brackets inside one another.")
        node = self._sum()
        self._depth -= 1
        return node

    def _parameter(self, name: str) -> Node:
        self.names.add(name)
        return lambda values: values[name]

    def _call(self, name: str) -> Node:
        self._skip("(")
        nodes = [self._inside()]
        while self._peek() == ("sign", ","):
            self._take()
            nodes.append(self._inside())
        self._skip(")")
        if name == "round":
            return _rounding(nodes)
        pick = min if name == "min" else max
        return lambda values: pick(node(values) for node in nodes)


def _joined(left: Node, sign: str, right: Node) -> Node:
    if sign == "+":
        return lambda values: left(values) + right(values)
    if sign == "-":
        return lambda values: left(values) - right(values)
    if sign == "*":
        return lambda values: left(values) * right(values)
    return lambda values: left(values) / right(values)


def _rounding(nodes: list[Node]) -> Node:
    if len(nodes) > 2:
        raise FormulaError("Write round(x) or round(x, decimals).")

    def rounded(values: Values) -> Fraction:
        decimals = nodes[1](values) if len(nodes) == 2 else Fraction(0)
        if decimals.denominator != 1 or not 0 <= decimals <= 9:
            raise FormulaError("The decimals of round(x, decimals) are a whole number from 0 to 9.")
        return Fraction(plain(nodes[0](values), int(decimals)))

    return rounded


@lru_cache(maxsize=1024)
def formula(text: str) -> Formula:
    """The formula at the beginning of `text`, read as far as it goes; raises FormulaError."""
    return Formula(text)
