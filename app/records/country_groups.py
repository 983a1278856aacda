"""Under which group a country's answers are counted: its subregion in `course/countries.yml`, kept beside the counts so
that a recount needs no course."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.records.counting import CountryGroup
from app.records.sql import insertion, query, statement

ALL = query("SELECT country, region FROM country_group")
FORGET = statement("DELETE FROM country_group")
ADD = insertion(CountryGroup)


def of(session: Session) -> dict[str, str]:
    """Country -> group."""
    return {row.country: row.region for row in session.execute(ALL)}


def put(session: Session, groups: Mapping[str, str]) -> bool:
    """Count by these groups from now on, and all answers anew; says whether that changed anything."""
    from app.records import item_tallies  # not at every start

    if of(session) == groups:
        return False
    session.execute(FORGET)
    for country, region in sorted(groups.items()):
        session.execute(ADD, {"country": country, "region": region})
    item_tallies.rebuild(session)
    return True
