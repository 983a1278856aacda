"""Where a country stands on the 12 national actions, in the words of `course/actions.yml`."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from app.core.content import Action, Library
from app.core.tools._frame import (
    N_,
    Cell,
    Field,
    Formula,
    Group,
    Number,
    Quoted,
    Result,
    Step,
    Table,
    Tool,
    Typed,
    Unfit,
    Values,
    Words,
    say,
)

OWN = "own"  # not applicable, or the country's own choice
LOWEST = 3
HIGHEST = 4


def made(library: Library) -> Tool:
    """The self-check over the actions that have levels."""
    actions = {id: one for id, one in library.actions.items() if one.levels}
    return replace(TOOL, asks=tuple(asked(one) for one in actions.values()), work=partial(work, actions))


def name(action: Action) -> Words:
    return say(N_("%(id)s: %(title)s"), id=Typed(action.id), title=Quoted(action.title))


def level(action: Action, number: int) -> Quoted:
    """The words of one level."""
    return Quoted({language: words[number] for language, words in action.levels.items()})


def asked(action: Action) -> Group:
    scored = tuple(
        (str(number), say(N_("%(level)s: %(words)s"), level=Number(number), words=level(action, number)))
        for number in range(HIGHEST + 1)
    )
    own = ((OWN, N_("Not applicable, or our country’s own choice")),) if action.by_choice else ()
    return Group(
        legend=name(action),
        hint=Quoted(action.hint) if action.hint else "",
        fields={
            f"level-{action.id}": Field(
                label=N_("Level"), kind="choice", choices=(("", N_("Not scored")), *scored, *own)
            ),
            f"evidence-{action.id}": Field(label=N_("Evidence that you can show"), kind="text", longest=300),
            f"confirm-{action.id}": Field(label=N_("Who else should confirm it"), kind="text", longest=100),
        },
    )


def work(actions: Mapping[str, Action], values: Values) -> Result:
    """The table and the three lowest: no sum and no average, for the actions are different things."""
    levels = {id: values[f"level-{id}"] for id in actions}
    scored = {id: int(chosen) for id, chosen in levels.items() if chosen not in (None, "", OWN)}
    if not scored:
        raise Unfit({f"level-{next(iter(actions))}": N_("Choose a level for at least one action.")})
    begin = lowest(scored)
    words = [say(N_("You scored %(n)s of %(all)s actions."), n=Number(len(scored)), all=Number(len(actions)))]
    if begin:
        words.append(say(N_("Lowest now, and a place to begin: %(actions)s."), actions=listed(begin)))
    else:
        words.append(say(N_("Every action that you scored is at the highest level. Ask others to confirm it.")))
    tied = [id for id in scored if begin and id not in begin and scored[id] == scored[begin[-1]]]
    if tied:
        words.append(
            say(
                N_("Also at level %(level)s: %(actions)s. Choose what your country can do first."),
                level=Number(scored[tied[0]]),
                actions=listed(tied),
            )
        )
    steps = tuple(Step(id, next_step(actions[id], scored[id])) for id in begin)
    return Result(tuple(words), (table(actions, values),), steps, tuple(checks(levels, scored, values)))


def lowest(scored: Mapping[str, int]) -> list[str]:
    """The actions to begin with: at most three, the lowest first, none that is at the highest level."""
    return sorted((id for id in scored if scored[id] < HIGHEST), key=lambda id: scored[id])[:LOWEST]


def next_step(action: Action, now: int) -> Words:
    values: dict[str, Cell] = {
        "action": name(action),
        "now": Number(now),
        "next": Number(now + 1),
        "words": level(action, now + 1),
        "begin": Quoted(action.begin),
    }
    if not action.begin:
        return Words(N_("%(action)s. You are at level %(now)s. Level %(next)s means: %(words)s"), values)
    return Words(
        N_("%(action)s. You are at level %(now)s. Level %(next)s means: %(words)s Begin here: %(begin)s"), values
    )


def checks(levels: Mapping[str, str | None], scored: Mapping[str, int], values: Values) -> list[Words]:
    """What is missing: levels without evidence, actions not yet scored."""
    bare = [id for id, number in scored.items() if number and not values[f"evidence-{id}"]]
    left = [id for id, chosen in levels.items() if not chosen]
    found = []
    if bare:
        found.append(say(N_("No evidence yet: %(actions)s. Score only what you can show."), actions=listed(bare)))
    if left:
        found.append(say(N_("Not scored: %(actions)s."), actions=listed(left)))
    return found


def listed(ids: list[str]) -> Typed:
    return Typed(", ".join(ids))


def table(actions: Mapping[str, Action], values: Values) -> Table:
    head = ("", N_("Level"), N_("What it means"), N_("Evidence that you can show"), N_("Who else should confirm it"))
    rows = tuple(
        (name(one), *scored_as(one, chosen), Typed(values[f"evidence-{id}"]), Typed(values[f"confirm-{id}"]))
        for id, one in actions.items()
        if (chosen := values[f"level-{id}"])
    )
    return Table(N_("Your self-check"), head, rows)


def scored_as(action: Action, chosen: str) -> tuple[Cell, Cell]:
    """The level as a number, and its words."""
    if chosen == OWN:
        return Typed("–"), N_("Not applicable, or our country’s own choice")
    return Number(int(chosen)), level(action, int(chosen))


TOOL = Tool(
    title=N_("Readiness for the 12 national actions"),
    summary=N_("Lets you score each of the 12 actions from 0 to 4 with evidence, and names the three to begin with."),
    action="A12",
    purpose=(
        N_(
            "Open an action, choose the sentence that describes your country best, and write down what shows it. You "
            "need not score all of them at once."
        ),
        N_("It is for your own work: no sum, no rank, and administrators of this site never see it."),
    ),
    formulas=(
        Formula(
            N_("0 nothing yet; 1 first ideas; 2 in part; 3 nationwide, with gaps; 4 established, reviewed, corrected"),
            N_(
                "A scale made for this course. The actions are those of the ESCAP Action Plan of October 2020, told in "
                "our words; the scale is no method of ESCAP."
            ),
        ),
    ),
    template="public/readiness.html",
    echoes=False,
    made=made,
)
