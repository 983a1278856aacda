"""Payments in time, people reached, records counted twice."""

from collections.abc import Mapping
from fractions import Fraction

from app.core.tools._frame import (
    N_,
    Example,
    Field,
    Formula,
    Group,
    Number,
    Result,
    Table,
    Tool,
    Unfit,
    Values,
    percent,
    say,
)

# each share: the field of its part, of its whole, its name, the sentence, and what is wrong with too large a part
SHARES: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "in-time",
        "due",
        N_("Payments in time"),
        N_("%(share)s of payments are made in time; %(rest)s of %(whole)s come late or not at all."),
        N_("Only %(whole)s payments were due. Count each payment once."),
    ),
    (
        "receiving",
        "eligible",
        N_("Take-up"),
        N_("%(share)s of those eligible receive; %(rest)s of %(whole)s do not."),
        N_("Only %(whole)s persons are eligible. Leave out who receives without being eligible, or is counted twice."),
    ),
    (
        "double",
        "records",
        N_("Double records"),
        N_("%(share)s of records are double: %(part)s of %(whole)s. Without them %(rest)s are left."),
        N_("There are only %(whole)s records."),
    ),
)


def work(values: Values) -> Result:
    words, rows = [], []
    problems = {}
    for part_field, whole_field, name, sentence, too_many in SHARES:
        part, whole = values[part_field], values[whole_field]
        if part is None and whole is None:
            continue
        if part is None or whole is None:
            problems[part_field if part is None else whole_field] = say(N_("Fill in both numbers, or neither."))
        elif part > whole:
            problems[part_field] = say(too_many, whole=Number(whole))
        else:
            numbers = {"share": percent(part / whole), **counts(part, whole)}
            words.append(say(sentence, **numbers))
            rows.append((name, Number(part), Number(whole), percent(part / whole)))
    if problems:
        raise Unfit(problems)
    if not rows:
        raise Unfit({"due": N_("Fill in at least one of the three pairs.")})
    table = Table(N_("The shares"), ("", N_("Number"), N_("Out of"), N_("Rate")), tuple(rows))
    return Result(tuple(words), (table,))


def counts(part: Fraction, whole: Fraction) -> Mapping[str, Number]:
    return {"part": Number(part), "whole": Number(whole), "rest": Number(whole - part)}


TOOL = Tool(
    title=N_("In time and without gaps"),
    summary=N_("Gives the shares of payments made in time, of eligible people who receive, and of double records."),
    action="A4",
    purpose=(
        N_("Three shares show how well a scheme serves people. Watch them by place and by sex as well as in all."),
        N_("Fill in one pair, two or all three."),
    ),
    formulas=(
        Formula(
            N_("payments in time = payments made within the set days ÷ payments due × 100"),
            N_("Usual definition. ESCAP's platform SPOT has the share of payments in time as an example of a target."),
        ),
        Formula(N_("take-up = eligible persons who receive ÷ all eligible persons × 100"), N_("Usual definition.")),
        Formula(
            N_("double records = records of persons already recorded ÷ all records × 100"), N_("Usual definition.")
        ),
    ),
    asks=(
        Group(
            legend=N_("Payments"),
            fields={
                "due": Field(label=N_("Payments due"), whole=True, zero=False),
                "in-time": Field(label=N_("Of these, made in time"), whole=True),
            },
        ),
        Group(
            legend=N_("Persons"),
            fields={
                "eligible": Field(label=N_("Persons eligible"), whole=True, zero=False),
                "receiving": Field(label=N_("Of these, receiving"), whole=True),
            },
        ),
        Group(
            legend=N_("Records"),
            fields={
                "records": Field(label=N_("Records in the register"), whole=True, zero=False),
                "double": Field(
                    label=N_("Of these, double"), hint=N_("Records of persons who stand there already."), whole=True
                ),
            },
        ),
    ),
    work=work,
    example=Example(
        N_(
            "On the fictional island of Nerimo 190,000 payments were due and 182,400 were made within the ten days "
            "of the service standard. Of 90,000 eligible persons 63,000 receive. The register has 225,000 records; "
            "a match by name and date of birth finds 4,500 double ones."
        ),
        {
            "due": "190000",
            "in-time": "182400",
            "eligible": "90000",
            "receiving": "63000",
            "records": "225000",
            "double": "4500",
        },
    ),
)
