"""What counts of people are made by: the profile of a person as she is, or as it was when she completed."""

from typing import Any

Profile = tuple[str, str, str, str, str, str]  # in the order of `app.core.filters.DIMENSIONS`; "" is not stated

COLUMNS = ("country", "sex", "ministry_type", "organisation_id", "age_band", "language")  # of a person, in that order


def profile_of(row: Any) -> Profile:
    """The profile of a person, of a completion or of a row of either."""
    organisation = row.organisation_id
    return (
        row.country or "",
        row.sex or "",
        row.ministry_type or "",
        organisation.hex if organisation else "",
        row.age_band or "",
        row.language,
    )
