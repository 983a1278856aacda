"""Regrading a quiz from the command line: what would change in words, then all of it or nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Engine

from app.core.content import Library, Quiz
from app.core.regrading import KEY
from app.ops import serving
from app.ops.issuing import issuer_of
from app.ops.itemcards import lines_of
from app.ops.serving import Stopped, checked_course, running
from app.records import regrades
from app.records.engine import open_session
from app.records.regrades import Outcome, Plan
from config import Config

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def quiz_of(config: Config, name: str) -> tuple[Library, Quiz]:
    """The course as the files say it now, and one of its quizzes. Raises Stopped."""
    library = checked_course(config)
    if name not in library.quizzes:
        raise Stopped(f"there is no quiz {name}; there are: {', '.join(sorted(library.quizzes))}")
    return library, library.quizzes[name]


def plan(
    engine: Engine, config: Config, name: str, void: tuple[str, ...], lower: bool, now: datetime, bar: Bar
) -> tuple[Library, Plan]:
    """What a regrade would do. Raises Stopped, also while the server would still ask by the old key."""
    library, quiz = quiz_of(config, name)
    served = running(config) and serving.served(config)
    if served and name in served.quizzes and served.quizzes[name].version != quiz.version:
        raise Stopped(f"the server still asks {name} with the old key; run `lontar reload` first")
    with open_session(engine, write=False) as session, bar("Judging", regrades.count(session, quiz)) as step:
        try:
            return library, regrades.plan(session, library, quiz, void, lower, now, step)
        except LookupError as error:
            raise Stopped(str(error.args[0])) from error


def apply(
    engine: Engine, config: Config, library: Library, planned: Plan, reason: str, now: datetime, bar: Bar
) -> Plan:
    """Do it in one transaction; interrupted, nothing has happened."""
    with open_session(engine, write=True) as session, bar("Writing", len(planned.outcomes)) as step:
        at = now.astimezone(config.zone)
        done = regrades.apply(session, library, planned, reason, at, issuer_of(config), step)
        session.commit()
    return done


def describe(config: Config, planned: Plan) -> Iterator[str]:
    """A plan in words: how the questions differ, then each result that changes, then the sums."""
    lines = lines_of(serving.root(config), planned.quiz.id)
    for item, kind, reason in sorted({(one.item, one.kind, one.reason) for one in planned.changes}):
        place = f"quizzes/{planned.quiz.id}.md" + (f":{lines[item]}" if item in lines else "")
        if item in planned.void:
            continue
        if kind == KEY:
            yield f"{place}: {item}: another key, tolerance, points or partial credit: judged anew"
        else:
            yield f"{place}: {item}: {reason}: left as it is (or give --void {item})"
    for item in sorted(planned.void):
        yield f"{item}: taken out: everybody who was asked it gets its points"
    shown = planned.shown
    for one in shown:
        yield f"  {told(one)}"
    for effect in planned.effects:
        got = [*(["passes the quiz"] if effect.passed else []), *(f"gets the certificate of {k}" for k in effect.due)]
        if got:
            yield f"  learner {effect.person}: {', '.join(got)}"
    yield sums(planned)


def told(one: Outcome) -> str:
    """One result in numbers; the learner by her id."""
    old, new = one.before, one.after
    questions = ", ".join(map(str, one.questions))
    turned = "" if old.passed == new.passed else "; passed now" if new.passed else "; not passed any more"
    return (
        f"learner {one.person}, try {one.number}, question {questions}: {old.points} of {old.possible} ->"
        f" {new.points} of {new.possible} points ({old.score / 100:.2f} % -> {new.score / 100:.2f} %){turned}"
    )


def sums(planned: Plan) -> str:
    shown = planned.shown
    learners = len({one.person for one in shown})
    passes = sum(one.passed for one in planned.effects)
    due = sum(len(one.due) for one in planned.effects)
    kept = len(planned.outcomes) - len(shown)
    text = (
        f"{len(planned.seen)} attempt(s) looked at: {len(shown)} result(s) of {learners} learner(s) change,"
        f" {passes} learner(s) pass, {due} certificate(s) fall due; {kept} judged anew with the same result"
    )
    if planned.waiting:
        text += f". {planned.waiting} open attempt(s) keep their paper and are judged by the new key when handed in"
    return text + "."
