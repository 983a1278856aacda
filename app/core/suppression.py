"""Counts of people that are small enough to tell who they are, taken out before anybody sees them."""

from collections.abc import Sequence


def hidden(counts: Sequence[int], least: int) -> tuple[int | None, ...]:
    """The counts of the parts of one whole, None for those under `least`.

    Where the hidden ones are fewer than two, or together under `least`, they could be found by subtraction from the
    whole; then the smallest of the others are hidden, too, until that is over.
    """
    shown: list[int | None] = [n if n >= least else None for n in counts]
    for n, place in sorted((n, place) for place, n in enumerate(counts) if n >= least):
        veiled = [n for n, one in zip(counts, shown, strict=True) if one is None]
        if not veiled or (len(veiled) > 1 and sum(veiled) >= least):
            break
        shown[place] = None
    return tuple(shown)


def hidden_share(n: int, whole: int, least: int) -> int | None:
    """The count of one part that stands alone, None where it or the rest of the whole is under `least`."""
    return n if n >= least and whole - n >= least else None
