import pytest

from app.core.passwords import weakness


@pytest.mark.parametrize(
    ("password", "verdict"),
    [
        ("eleven char", "short"),
        ("x" * 129, "long"),
        ("twelve chars!", None),
        ("correct horse battery", None),
        ("ខ្មែរភាសាល្អណាស់", None),
        ("123456789012", "common"),
        ("abcdefghijklmnop", "common"),
        ("qwertyuiop123", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abababababab", "common"),
        ("Password1234!", "common"),
        ("passwordpassword", "common"),
        ("social protection works", None),
        ("litia.vakata2026", "personal"),
        ("litia.vakata1", "personal"),
        ("LITIA.VAKATA!", "personal"),
    ],
)
def test_a_new_password_is_judged_by_length_and_guessability(password: str, verdict: str | None) -> None:
    assert weakness(password, about=("litia.vakata", "Litia")) == verdict


def test_a_password_in_full_width_letters_is_the_same_password() -> None:
    assert weakness("ｐａｓｓｗｏｒｄ1234") == "common"
