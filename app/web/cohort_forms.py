"""The forms about cohorts, keys and invited people."""

from datetime import date, datetime, time, timedelta
from typing import Any

import wtforms
from wtforms import validators

from app.core.content import in_language
from app.records import listings
from app.web import db, forms
from app.web.areas import Area
from app.web.fields import choice, country_choices, needed, text
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library

LONGEST_KEY = 100_000  # uses


class CohortForm(forms.Form):
    """A cohort; a focal point's is of her own country, and organisations are those of the country that is saved."""

    name = text(N_("Name of the cohort"), needed(N_("Give the cohort a name.")))
    course = choice(N_("Course"), {})
    country = choice(N_("Country (optional)"), {})
    organisation = choice(N_("Organisation (optional)"), {})
    wished_for = text(N_("Date by which you wish them to finish (optional)"), most=10)
    office = text(N_("The office that invites (optional)"))
    confirmed = wtforms.BooleanField(N_("We know the persons whom we invite"))

    def __init__(self, here: Area, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag = spoken().language.tag
        self.course.choices = {one.id: in_language(one.title, tag)[1] for one in library().courses.values()}
        self.course.data = self.course.data or next(iter(self.course.choices))
        if here.country:
            del self.country
        else:
            self.country.choices = country_choices() | {"": _("No one country")}
        self.at = here.country or (self["country"].data or "")
        listed = listings.of_country(db.reading(), self.at)
        if listed:
            none = {"": _("No one organisation")}
            self.organisation.choices = none | {str(one.id): one.in_language(tag) for one in listed}
            if self.organisation.data not in self.organisation.choices:
                self.organisation.data = ""
        else:
            del self.organisation

    def validate_wished_for(self, field: wtforms.Field) -> None:
        day_of(field.data)

    def validate_confirmed(self, field: wtforms.Field) -> None:
        if field.data and not self["office"].data:
            raise validators.ValidationError(_("Name the office that knows these persons."))

    @property
    def values(self) -> dict[str, Any]:
        chosen = self["organisation"].data if "organisation" in self else ""
        return {
            "name": self["name"].data,
            "course": self["course"].data,
            "country": self.at or None,
            "organisation_id": db.as_id(chosen or ""),
            "wished_for": day_of(self["wished_for"].data),
            "office": self["office"].data or "",
            "confirmed": bool(self["confirmed"].data),
        }


class KeyForm(forms.Form):
    """How long a key works, and for how many people."""

    ends = text(N_("Last day (optional)"), most=10)
    most = text(N_("For how many people (optional)"), most=10)

    def validate_ends(self, field: wtforms.Field) -> None:
        day = day_of(field.data)
        if day and day < db.now().date():
            raise validators.ValidationError(_("This day has passed. Choose a later one."))

    def validate_most(self, field: wtforms.Field) -> None:
        given = field.data or ""
        if given and not (given.isascii() and given.isdigit() and 0 < int(given) <= LONGEST_KEY):
            raise validators.ValidationError(_("Write a whole number, or leave it empty."))

    @property
    def until(self) -> datetime | None:
        """The end of the last day, in the site's time zone."""
        day = day_of(self["ends"].data)
        return datetime.combine(day + timedelta(days=1), time(), db.settings().zone) if day else None

    @property
    def uses(self) -> int | None:
        return int(self["most"].data) if self["most"].data else None


class InvitedForm(forms.Form):
    """One person to invite."""

    name = text(N_("Name, as the person writes it"), needed(N_("Write the name of the person.")))
    name_latin = text(N_("Name in Latin letters (optional)"))
    email = text(N_("E-mail address (optional)"), most=254)

    def validate_name(self, field: wtforms.Field) -> None:
        if not any(one.isalpha() for one in field.data):
            raise validators.ValidationError(_("Write the name of the person."))

    def validate_email(self, field: wtforms.Field) -> None:
        if field.data and ("@" not in field.data[1:-1] or set(field.data) & set(" ,;<>")):
            raise validators.ValidationError(_("Write the address like name@example.org, or leave it empty."))


class NamesForm(forms.Form):
    """The names of a person, to be corrected."""

    name = text(N_("Name, as the person writes it"), needed(N_("Write the name of the person.")))
    name_latin = text(N_("Name in Latin letters (optional)"))

    def validate_name(self, field: wtforms.Field) -> None:
        if not any(one.isalpha() for one in field.data):
            raise validators.ValidationError(_("Write the name of the person."))


def day_of(given: str | None) -> date | None:
    """The day as a browser sends it; raises ValidationError for anything else."""
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise validators.ValidationError(_("Write the day like 2027-06-30.")) from None
