"""Filters of the audit log, read from an address: a deed, a person, months."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date

from app.core import periods
from app.core.content import Struct
from app.core.filters import Unfit, months_of

COMMAND_LINE = "-"


class Sought(Struct, frozen=True):
    """`person`: an id as text, by whom or about whom; COMMAND_LINE: done by an operator. "" leaves a question open."""

    deed: str = ""
    person: str = ""
    period: str = ""

    def as_args(self) -> dict[str, str]:
        """The query of an address that `read` reads back."""
        found = {"deed": self.deed, "person": self.person, "period": self.period}
        return {name: value for name, value in found.items() if value}


def read(args: Mapping[str, str], deeds: Collection[str], today: date) -> Sought:
    """Read what is sought; a sign-in name was looked up before. Raises Unfit with every problem."""
    given = {name: value.strip() for name, value in args.items()}
    problems = {name: "unknown" for name in given if name not in Sought.__struct_fields__}
    period = periods.absolute(given.get("period", ""), today)
    if given.get("deed") and given["deed"] not in deeds:
        problems["deed"] = "unknown"
    person = given.get("person", "")
    if person and person != COMMAND_LINE:
        try:
            person = str(uuid.UUID(person))
        except ValueError:
            problems["person"] = "unknown"
    try:
        first, last = months_of(period)
        if first and last and first > last:
            problems["period"] = "contradiction"
    except ValueError:
        problems["period"] = "period"
    if problems:
        raise Unfit(problems)
    return Sought(deed=given.get("deed", ""), person=person, period=period)
