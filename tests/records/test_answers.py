"""Saving answers: in whatever order forms arrive, the newest form's newest value stays."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.papers import Answer
from app.records import attempts
from app.records.engine import open_session
from app.records.models import Attempt
from tests.letters import LETTERS
from tests.records.samples import LIBRARY, NOW, QUIZ, join

FORMS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4), st.sampled_from("ABCD")), min_size=1, max_size=8)


@pytest.fixture
def attempt(session: Session) -> Attempt:
    """An open attempt, the same for all examples of a property: each takes the answers of the one before away."""
    return attempts.open_attempt(session, LIBRARY, join(session), QUIZ, 1, "seed", NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(forms=FORMS)
def test_the_newest_form_wins_in_any_order(
    session: Session, attempt: Attempt, forms: list[tuple[int, int, str]]
) -> None:
    """Each form is (question, when it was made, choice); they arrive in the order of the list."""
    session.execute(text("DELETE FROM answer"))
    model: dict[int, tuple[int, str]] = {}
    for question, issued, choice in forms:
        said = attempts.save_answer(session, attempt.id, attempt.person_id, question, choice, "en", 1, issued, NOW)
        newest = model.get(question, (-1, ""))[0]
        assert said == ("saved" if issued >= newest else "older")
        if issued >= newest:
            model[question] = (issued, choice)
    kept = attempts.answers(session, attempt)
    assert kept == {question: Answer(value=choice, language="en", seconds=1) for question, (_, choice) in model.items()}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(LETTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(LETTERS), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_any_answer_comes_back_as_it_was_given(session: Session, attempt: Attempt, value: object) -> None:
    session.execute(text("DELETE FROM answer"))
    attempts.save_answer(session, attempt.id, attempt.person_id, 1, value, "en", 1, 1, NOW)
    assert attempts.answers(session, attempt)[1].value == value


@pytest.mark.parametrize("value", ["x" * 5000, {"gap": "ˈkʰmaːe ភាសាខ្មែរ"}])
def test_long_answers_and_any_script_are_kept(engine: Engine, value: object) -> None:
    with open_session(engine, write=True) as session:
        person = join(session)
        attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 1, "seed", NOW)
        attempts.save_answer(session, attempt.id, person, 1, value, "km", 1, 1, NOW)
        assert attempts.answers(session, attempt) == {1: Answer(value=value, language="km", seconds=1)}
