"""The forms about people: what is asked, what it is for, and what makes an answer unfit."""

from functools import lru_cache
from typing import Any

import wtforms
from flask import current_app
from wtforms import validators

from app.core.content import in_language
from app.core.names import JOINERS
from app.core.passwords import weakness
from app.records import listings, people
from app.web import db, forms, sessions
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library

SEXES = {"woman": N_("Woman"), "man": N_("Man"), "other": N_("Other")}
MINISTRY_TYPES = {
    "labour": N_("Labour"),
    "social-welfare": N_("Social welfare"),
    "finance-planning": N_("Finance or planning"),
    "health": N_("Health"),
    "education": N_("Education"),
    "local-government": N_("Local government"),
    "statistics": N_("Statistics"),
    "other": N_("Other"),
}
AGE_BANDS = {
    "under-25": N_("Under 25"),
    "25-34": "25–34",
    "35-44": "35–44",
    "45-54": "45–54",
    "55-over": N_("55 and over"),
}
NOT_SAID = {"": N_("Prefer not to say")}
UNLISTED = "other"
DEVICES = {
    sessions.SHARED: N_("A shared computer: sign me out after 12 hours without use"),
    sessions.OWN: N_("My own device: keep me signed in for 60 days"),
}


def trimmed(value: str | None) -> str:
    """One line of text as a person meant it: no control characters, no spaces around, single spaces within.

    Joiners stay: names in Sinhala, Persian and other scripts are misspelt without them.
    """
    kept = (one if one.isprintable() or one in JOINERS else " " for one in value or "")
    return " ".join("".join(kept).split())


def text(label: str, *checks: Any, most: int = 200) -> wtforms.StringField:
    long = validators.Length(max=most, message=N_("This is too long. Write it shorter."))
    return wtforms.StringField(label, [*checks, long], filters=[trimmed])


def needed(message: str) -> validators.DataRequired:
    """Something must be left when the spaces are taken off."""
    return validators.DataRequired(message)


def password(label: str, message: str) -> wtforms.PasswordField:
    return wtforms.PasswordField(label, [needed(message)])


def choice(label: str, choices: dict[str, str]) -> wtforms.SelectField:
    """One of a list; a form without the field leaves it as it was, or not said."""
    unlisted: dict[str, Any] = {"invalid_choice_message": N_("Choose one of the list.")}  # not yet in its types
    return wtforms.SelectField(label, choices=choices, default="", **unlisted)


class About(forms.Form):
    """The optional questions: what counts are made by."""

    country = choice(N_("Country"), {})
    sex = choice(N_("Sex"), NOT_SAID | SEXES)
    ministry_type = choice(N_("Kind of ministry"), NOT_SAID | MINISTRY_TYPES)
    listed = choice(N_("Organisation"), {})
    listed_for = wtforms.HiddenField(N_("Country of the list"))
    organisation = text(N_("Organisation"))
    age_band = choice(N_("Age"), NOT_SAID | AGE_BANDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
        for field in (self.country, self.sex, self.ministry_type, self.age_band):
            field.data = field.data or ""
        self.offered = {str(one.id): one for one in listings.of_country(db.reading(), self.country.data)}
        self.offer_list()

    def offer_list(self) -> None:
        """Let her choose from the list of her country, where it has one; what she chose for another one is dropped."""
        if not self.offered:
            del self.listed, self.listed_for
            return
        named = {id: one.in_language(spoken().language.tag) for id, one in self.offered.items()}
        not_said, unlisted = NOT_SAID[""], _("Not listed: I write it below")
        self.listed.choices = {"": _(not_said)} | named | {UNLISTED: unlisted}
        self.organisation.label.text = _("Organisation, if it is not listed")
        known = {"", UNLISTED, *named}
        if self.listed_for.data not in (None, "", self.country.data) or self.listed.data not in known:
            self.listed.data = UNLISTED if self.organisation.data else ""
        if self.listed.data in named:
            self.organisation.data = ""
        self.listed_for.data = self.country.data

    @property
    def profile(self) -> dict[str, str]:
        """What she said; an organisation of the list goes by its name."""
        said = {name: self[name].data or "" for name in ("country", "sex", "ministry_type", "organisation", "age_band")}
        chosen = self.offered.get(self["listed"].data) if "listed" in self else None
        return said | ({"organisation": chosen.name} if chosen else {})


class Names(About):
    name = text(
        N_("Your name, as you write it in your own script"),
        needed(N_("Write your name. It will be printed on your certificate.")),
    )
    name_latin = text(N_("Your name in Latin letters (optional)"))
    email = text(N_("E-mail address (optional)"), most=254)

    def validate_name(self, field: wtforms.Field) -> None:
        if not any(one.isalpha() for one in field.data):
            raise validators.ValidationError(_("Write your name. It will be printed on your certificate."))

    def validate_email(self, field: wtforms.Field) -> None:
        if field.data and ("@" not in field.data[1:-1] or set(field.data) & set(" ,;<>")):
            raise validators.ValidationError(_("Write the address like name@example.org, or leave it empty."))


class Registration(Names):
    group = text(N_("Code of your group or invitation (optional)"), most=40)
    login = text(
        N_("Sign-in name"),
        needed(N_("Choose a sign-in name. It can be your e-mail address.")),
        most=100,
    )
    password = password(N_("Password"), N_("Choose a password of 12 characters or more."))
    device = wtforms.RadioField(N_("This device is"), choices=DEVICES, default=sessions.SHARED)

    def validate_password(self, field: wtforms.Field) -> None:
        refuse_weak(field.data, self["login"].data or "", self["name"].data or "")


class Profile(Names):
    language = choice(N_("Language of messages to you"), {})
    remind = wtforms.BooleanField(N_("Remind me by mail when I was away for a month, once a month at most"))
    seen = wtforms.BooleanField(N_("The focal point of my country may see my name and how far I am"))

    def validate_remind(self, field: wtforms.Field) -> None:
        if field.data and not self["email"].data:
            raise validators.ValidationError(_("Reminders need your e-mail address. Write it above."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = {one.tag: one.autonym for one in current_app.extensions["interface"].languages}


class SignIn(forms.Form):
    login = text(N_("Sign-in name"), needed(N_("Write your sign-in name.")))
    password = password(N_("Password"), N_("Write your password."))
    device = wtforms.RadioField(N_("This device is"), choices=DEVICES, default=sessions.SHARED)


class NewPassword(forms.Form):
    old = password(N_("Your password now"), N_("Write the password you have now."))
    password = password(N_("New password"), N_("Choose a password of 12 characters or more."))

    def validate_password(self, field: wtforms.Field) -> None:
        person = people.get(db.reading(), sessions.required().id)
        refuse_weak(field.data, person.login, person.name)


class Reset(forms.Form):
    login = text(N_("Sign-in name"), needed(N_("Write your sign-in name.")))
    code = text(N_("Recovery code or one-time code"), needed(N_("Write the code.")))
    password = password(N_("New password"), N_("Choose a password of 12 characters or more."))

    def validate_password(self, field: wtforms.Field) -> None:
        refuse_weak(field.data, self["login"].data or "")


class Confirming(forms.Form):
    """What only the owner of the account may do: an open session on a shared computer is not enough."""

    password = password(N_("Your password"), N_("Write your password."))


class Erasing(Confirming):
    certificates = wtforms.RadioField(
        N_("Your certificates"),
        choices={
            "keep": N_("Keep them valid: name, course and date stay on the public verify page"),
            "forget": N_("Forget them too: the number will say that the record was withdrawn"),
        },
        validators=[needed(N_("Choose what happens to your certificates."))],
    )


def refuse_weak(secret: str | None, *about: str) -> None:
    words = (*about, db.settings().site_name)
    reason = weakness(secret or "", tuple(word for part in words for word in (part, *part.split())))
    messages = {
        "short": _("The password is too short. Use 12 characters or more; a few words in a row are good."),
        "long": _("The password is too long. Use 128 characters at most."),
        "common": _("This password is easy to guess. Choose a few words that do not belong together."),
        "personal": _("The password holds your name or sign-in name. Choose something others cannot know."),
    }
    if reason:
        raise validators.ValidationError(messages[reason])


def country_choices() -> dict[str, str]:
    """Country code -> name in the reader's language, in the order of that; "" first, and what is none of them last."""
    prefer_not = NOT_SAID[""]
    return {"": _(prefer_not)} | dict(countries(library().release, spoken().language.tag))


@lru_cache(maxsize=64)
def countries(release: str, tag: str) -> tuple[tuple[str, str], ...]:
    """The countries of what is served, of which `release` is the hash; pages with tables ask for each row."""
    named = {one.code: in_language(one.name, tag)[1] for one in library().countries.values()}
    other = {code: name for code, name in named.items() if code == "ZZ"}
    listed = sorted(named.items() - other.items(), key=lambda one: people.fold(one[1]))
    return (*listed, *other.items())
