"""Who is missed and who is reached by mistake: the table of two by two."""

from fractions import Fraction

from app.core.tools._frame import (
    N_,
    Cell,
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
    Words,
    percent,
    say,
)


def work(values: Values) -> Result:
    intended, recipients, both, everybody = (values[name] for name in ("intended", "recipients", "both", "all"))
    check(intended, recipients, both, everybody)
    missed, extra = intended - both, recipients - both
    words = [
        say(
            N_("Exclusion error: %(rate)s. Of %(intended)s who should receive, %(missed)s do not."),
            rate=percent(missed / intended),
            intended=Number(intended),
            missed=Number(missed),
        )
    ]
    if recipients:
        words.append(
            say(
                N_("Inclusion error: %(rate)s. Of %(recipients)s who receive, %(extra)s should not."),
                rate=percent(extra / recipients),
                recipients=Number(recipients),
                extra=Number(extra),
            )
        )
    else:
        words.append(Words(N_("Nobody receives, so there is no inclusion error to work out.")))
    if everybody:
        words.append(diluted(missed, intended, everybody))
    return Result(tuple(words), (cells(intended, recipients, both, everybody), rates(intended, recipients, both)))


def check(intended: Fraction, recipients: Fraction, both: Fraction, everybody: Fraction | None) -> None:
    """Raises Unfit where a part is larger than its whole."""
    if both > intended:
        raise Unfit({"both": say(MORE_THAN_INTENDED, intended=Number(intended))})
    if both > recipients:
        raise Unfit({"both": say(MORE_THAN_RECIPIENTS, recipients=Number(recipients))})
    if everybody is not None and everybody < intended + recipients - both:
        least = Number(intended + recipients - both)
        raise Unfit({"all": say(N_("The numbers above make at least %(least)s. All can't be fewer."), least=least)})


def diluted(missed: Fraction, intended: Fraction, everybody: Fraction) -> Words:
    """What a report says that divides by the wrong whole."""
    return say(
        N_(
            "Take care with the denominator: divided by all %(all)s, those missed look like only %(wrong)s. The right "
            "whole is the %(intended)s who should receive."
        ),
        all=Number(everybody),
        wrong=percent(missed / everybody),
        intended=Number(intended),
    )


def cells(intended: Fraction, recipients: Fraction, both: Fraction, everybody: Fraction | None) -> Table:
    def row(name: str, receive: Fraction, all: Fraction | None) -> tuple[Cell, ...]:
        rest = (Number(all - receive), Number(all)) if all is not None else (N_("not known"), N_("not known"))
        return (name, Number(receive), *rest)

    others = None if everybody is None else everybody - intended
    rows = (
        row(N_("Should receive"), both, intended),
        row(N_("Should not receive"), recipients - both, others),
        row(N_("Together"), recipients, everybody),
    )
    return Table(N_("The table of four cells"), ("", N_("Receive"), N_("Do not receive"), N_("Together")), rows)


def rates(intended: Fraction, recipients: Fraction, both: Fraction) -> Table:
    missed, extra = intended - both, recipients - both
    inclusion = percent(extra / recipients) if recipients else N_("none")
    rows = (
        (N_("Exclusion error"), Number(missed), Number(intended), percent(missed / intended)),
        (N_("Inclusion error"), Number(extra), Number(recipients), inclusion),
    )
    return Table(N_("The two errors"), ("", N_("Number"), N_("Out of"), N_("Rate")), rows)


MORE_THAN_INTENDED = N_("Only %(intended)s should receive, so no more of them can. Or are some counted twice?")
MORE_THAN_RECIPIENTS = N_("Only %(recipients)s receive in all. Enter how many of these should.")

TOOL = Tool(
    title=N_("Who is missed, who is reached by mistake"),
    summary=N_("Fills the table of four cells from three numbers and gives both errors with their denominators."),
    action="A2",
    purpose=(
        N_("Each way of choosing recipients makes two errors, and each error has its own whole to be divided by."),
        N_("Count persons, families or households, but the same in every box."),
    ),
    formulas=(
        Formula(
            N_("exclusion error = should receive but do not ÷ all who should receive × 100"),
            N_("Usual definition, as in S. Kidd and D. Athias, Hit and Miss (Development Pathways, 2019)."),
        ),
        Formula(N_("inclusion error = receive but should not ÷ all who receive × 100"), N_("Usual definition.")),
    ),
    asks=(
        Group(
            fields={
                "intended": Field(
                    label=N_("Should receive"),
                    hint=N_("All for whom the benefit is meant."),
                    required=True,
                    whole=True,
                    zero=False,
                ),
                "recipients": Field(label=N_("Receive"), hint=N_("All who are paid."), required=True, whole=True),
                "both": Field(
                    label=N_("Should receive and do"),
                    hint=N_("Those paid for whom the benefit is meant, for example from a survey."),
                    required=True,
                    whole=True,
                ),
                "all": Field(
                    label=N_("All in the country or district (if you know it)"),
                    hint=N_("Fills the rest of the table."),
                    whole=True,
                    zero=False,
                ),
            }
        ),
    ),
    work=work,
    example=Example(
        N_(
            "A grant on the fictional island of Belanu is meant for 200,000 of 500,000 families. 150,000 families "
            "receive it, and a survey finds that it is meant for 110,000 of these."
        ),
        {"intended": "200000", "recipients": "150000", "both": "110000", "all": "500000"},
    ),
)
