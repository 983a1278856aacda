"""Counts of people that are small enough to tell who they are, taken out before anybody sees them."""

from collections.abc import Collection, Sequence

Bounds = dict[int, tuple[int, int]]  # place of a hidden part -> the least and the most that it can be


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


def bounds(counts: Sequence[int], caps: Sequence[int], veiled: Collection[int], shared: Collection[int] = ()) -> Bounds:
    """The least and the most that each hidden part can be, for whoever knows all that is shown and every cap.

    The parts are whole numbers that add up; `caps` are the most that each can be. Of `shared` parts only the caps'
    sum is known. These are the bounds of Fréchet for one line of a table, so they are sharp: each value between them
    fits what is shown.
    """
    left = sum(counts[place] for place in veiled)
    together = sum(caps[place] for place in veiled if place in shared)
    several = sum(place in shared for place in veiled) > 1
    apart = sum(caps[place] for place in veiled if place not in shared)
    found = {}
    for place in veiled:
        if place in shared:
            most, others = together, apart + (together if several else 0)
        else:
            most, others = caps[place], apart - caps[place] + together
        found[place] = (max(0, left - others), min(left, most))
    return found


def veil(
    lines: Sequence[tuple[Sequence[int], Sequence[int]]],
    least: int,
    *,
    shared: Collection[int] = (),
    unfit: Collection[int] = (),
) -> frozenset[int]:
    """The places of the parts to hide, the same in every line of (counts, caps): who they are cannot be worked out.

    Hidden is what is under `least` in any line, what is `unfit` for other reasons, and then the smallest of the others
    until every hidden part has at least `least` + 1 possible values, or all that its cap leaves.
    """
    size = len(lines[0][0])
    veiled = {place for place in range(size) if place in unfit or any(counts[place] < least for counts, _ in lines)}
    while veiled and not all(_is_safe(counts, caps, veiled, shared, least) for counts, caps in lines):
        others = [place for place in range(size) if place not in veiled]
        if not others:
            break
        veiled.add(min(others, key=lambda place: (min(counts[place] for counts, _ in lines), place)))
    return frozenset(veiled)


def _is_safe(
    counts: Sequence[int], caps: Sequence[int], veiled: Collection[int], shared: Collection[int], least: int
) -> bool:
    found = bounds(counts, caps, veiled, shared)
    room = {place: least if place in shared else min(least, caps[place]) for place in veiled}
    return all(most - fewest >= room[place] for place, (fewest, most) in found.items())
