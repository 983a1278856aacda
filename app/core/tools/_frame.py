"""What a tool is made of. Texts are marked with `N_` and translated where they are shown."""

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - the name that Babel looks for
    """Marks a text for translation where it is shown."""
    return text


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A page of every course. `summary` says in one sentence what it computes or holds; `action` is the national
    action under which a learner's note of it stands."""

    title: str
    summary: str
    action: str
