"""What an organisation says about reaching families: when messages go out and remind, and who calls those who ask for it.

The profile's file `families.yaml` (docs/guides/profiles.md); it is the feedback service's own, so an unknown key is an error.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.calendar import WorkingDays
from chassis.days import british_time
from chassis.errors import FieldError
from contracts.base import Code
from feedback.domain.words import Texts
from feedback.domain.worry_clock import reads_on
from feedback.domain.worry_profile import ReadingHours

CallerRole = Literal["family-contact", "qa-officer", "complaints-officer", "manager", "safeguarding-duty"]
ROLES: tuple[CallerRole, ...] = get_args(CallerRole)

Days = Annotated[int, Field(ge=1, le=60)]


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Messages(Part):
    """Text messages and e-mails with a link. `remind_after` are days after the link went out, two at most."""

    send: ReadingHours = ReadingHours()
    remind_after: tuple[Days, ...] = Field(default=(), max_length=2)
    signed: Annotated[str, StringConstraints(min_length=2, max_length=40)] | None = None

    def may_send(self, now: datetime, calendar: WorkingDays) -> bool:
        """Whether messages go out at a moment: no telephone rings at night, nor at a weekend unless the profile says so."""
        local = british_time(now)
        return reads_on(local.date(), self.send, calendar) and self.send.begins <= local.time() < self.send.ends


class Caller(Part):
    """Who calls families back: a role, for all service areas and teams or for those that are named."""

    role: CallerRole
    service_areas: tuple[Code, ...] = Field(default=(), max_length=100)
    teams: tuple[Code, ...] = Field(default=(), max_length=200)
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    who: Texts

    def calls_for(self, service_area: str, team: str | None) -> bool:
        """Whether a request of a service area and team is theirs."""
        return (not self.service_areas or service_area in self.service_areas) and (not self.teams or team in self.teams)


class Contact(Part):
    """Families who ask to be contacted. Without this part nobody is offered it."""

    within_days: int = Field(default=2, ge=1, le=20)
    keep_days: int = Field(default=30, ge=1, le=90)
    by: tuple[Caller, ...] = Field(min_length=1, max_length=100)

    def caller(self, service_area: str, team: str | None) -> Caller | None:
        """Who calls for a service area and team: the first that fits."""
        return next((each for each in self.by if each.calls_for(service_area, team)), None)


class Families(Part):
    """families.yaml."""

    messages: Messages = Messages()
    contact: Contact | None = None


def check_families(
    families: Families, areas: Sequence[str], teams: Sequence[str], address: re.Pattern[str]
) -> Iterator[FieldError]:
    """What is wrong with the file beside its form. `address` is what a mail address looks like."""
    messages = families.messages
    if messages.send.begins >= messages.send.ends:
        yield FieldError("/families/messages/send/until", f"expected a time after {messages.send.from_}")
    if list(messages.remind_after) != sorted(set(messages.remind_after)):
        yield FieldError("/families/messages/remind_after", "expected rising numbers of days, such as [10, 20]")
    for place, caller in enumerate(families.contact.by if families.contact else ()):
        at = f"/families/contact/by/{place}"
        for name, known in (("service_areas", areas), ("teams", teams)):
            for index, code in enumerate(getattr(caller, name)):
                if code not in known:
                    yield FieldError(f"{at}/{name}/{index}", f"'{code}' is not in organisation.yaml")
        if caller.email is not None and not address.fullmatch(caller.email):
            yield FieldError(f"{at}/email", "expected one mail address, or null")
