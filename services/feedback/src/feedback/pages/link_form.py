"""What the forms that issue links hold: read, checked, and shown again."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from chassis.pages import Form
from chassis.pages.days import typed_day
from contracts.feedback import InvitationChannel
from feedback.domain.invitation import InvitationRequest
from feedback.domain.letter_sheet import Settings
from feedback.domain.sending import channel_of, read_address, wrong_address
from feedback.domain.words import LANGUAGE_TAG
from feedback.pages.links_desk import Errors, day_in, tidy

_CHANNELS = get_args(InvitationChannel)
_FIELDS = ("questionnaire", "service_area", "team", "channel", "language", "reference", "address")
_REFERENCE = 100
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)
_LANGUAGE = re.compile(LANGUAGE_TAG, re.ASCII)


@dataclass(frozen=True)
class LinkForm:
    """A form as it was sent; `errors` beside its fields are what can be seen without the profile."""

    given: dict[str, Any]
    about_on: date | None
    expires_on: date | None
    errors: Errors
    address: str | None = field(default=None, repr=False)

    def request(self) -> InvitationRequest:
        """The request of a form without errors: a poster may be used by many."""
        given = self.given
        return InvitationRequest(
            questionnaire=given["questionnaire"],
            service_area=given["service_area"],
            team=given["team"] or None,
            channel=given["channel"],
            reusable=given["channel"] == "poster",
            language=given["language"] or None,
            about_on=self.about_on,
            expires_on=self.expires_on,
            reference=given["reference"] or None,
        )

    def settings(self) -> Settings:
        """What holds for all letters of a sheet, of a form without errors."""
        given = self.given
        return Settings(
            questionnaire=given["questionnaire"],
            service_area=given["service_area"],
            channel=given["channel"],
            team=given["team"] or None,
            language=given["language"] or None,
            about_on=self.about_on,
            expires_on=self.expires_on,
            replace=given["known"] == "replace",
        )


def read_link_form(form: Form, *, posters: bool) -> LinkForm:
    """Read a form; `posters`: a link that many may use can be chosen."""
    given: dict[str, Any] = {name: tidy(form.text(name)) for name in _FIELDS}
    given |= {name: typed_day(form, name) for name in ("about_on", "expires_on")}
    given["known"] = "replace" if form.text("known") == "replace" else "keep"
    errors: list[tuple[str, str]] = []
    for name, words in (("questionnaire", "Choose a questionnaire"), ("service_area", "Choose a service area")):
        if not _CODE.fullmatch(given[name]):
            errors.append((name, words))
    if given["channel"] not in _CHANNELS or (given["channel"] == "poster" and not posters):
        errors.append(("channel", "Choose how the link reaches people"))
    for name, form_of in (("team", _CODE), ("language", _LANGUAGE)):
        if given[name] and not form_of.fullmatch(given[name]):
            errors.append((name, "Choose one of the list"))
    days: dict[str, date | None] = {}
    for name in ("about_on", "expires_on"):
        try:
            days[name] = day_in(form, name)
        except (ValueError, OverflowError):
            days[name] = None
            errors.append((name, "Write a real day in numbers, like 27 3 2027"))
    if len(form.text("reference")) > _REFERENCE:
        errors.append(("reference", f"Make it {_REFERENCE} characters or fewer"))
    address, wrong = _address(given)
    return LinkForm(given, days["about_on"], days["expires_on"], [*errors, *wrong], address)


def _address(given: dict[str, Any]) -> tuple[str | None, Errors]:
    """Where a link is to be sent, and what is wrong with it."""
    if not given["address"]:
        return None, []
    channel = channel_of(given["channel"])
    if channel is None:
        return None, [("address", "Only a text message or an e-mail has an address. Choose one above, or empty this")]
    address = read_address(channel, given["address"])
    return address, [] if address else [("address", wrong_address(channel))]


def empty() -> dict[str, Any]:
    """What a fresh form holds."""
    return {**dict.fromkeys(_FIELDS, ""), "channel": "letter", "about_on": {}, "expires_on": {}, "known": "keep"}
