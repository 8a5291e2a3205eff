"""Invitations: what may be asked for, and the state that one is in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import FieldError, unknown_code
from contracts.base import Code
from contracts.feedback import InvitationChannel
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import channel_of, read_address, wrong_address
from feedback.domain.words import Language

DEFAULT_DAYS = 90
MOST_DAYS = 731
"""A link lives two years at most: longer than any letter is kept in a drawer, shorter than for ever."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""The caller's own name for something; no control characters."""

State = Literal["open", "answered", "expired", "withdrawn"]


class InvitationRequest(BaseModel):
    """One link to issue."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "questionnaire": "new-ehcp",
                    "service_area": "send",
                    "team": "send-north",
                    "channel": "letter",
                    "reusable": False,
                    "about_on": "2022-05-12",
                    "reference": "EHCP-2022-0417",
                }
            ]
        },
    )

    questionnaire: Code = Field(description="Code of a questionnaire of the profile.")
    service_area: Code = Field(description="Service area in whose figures the answers count.")
    team: Code | None = Field(default=None, description="Team of that service area.")
    channel: InvitationChannel = Field(description="How the link reaches people.")
    reusable: bool = Field(default=False, strict=True, description="true for a poster: many may answer by the same link.")
    about_on: date | None = Field(
        default=None,
        description="Day of what the survey is about; answers count in its quarter. Without one: the day of answering.",
    )
    expires_on: date | None = Field(
        default=None, description=f"Last day on which the link works; without one {DEFAULT_DAYS} days from today."
    )
    reference: Reference | None = Field(
        default=None,
        description="Your own name for it, once for each thing: asking again with the same reference issues nothing new. "
        "Use no names of people.",
    )
    language: Language | None = Field(
        default=None,
        description="Language in which the survey begins, one of the questionnaire's. Without one: its first.",
    )
    # Left out of everything that is dumped: an address is kept sealed, apart, and compared by a keyed hash.
    send_to: Annotated[str, StringConstraints(min_length=1, max_length=320)] | None = Field(
        default=None,
        exclude=True,
        repr=False,
        description="Let us send the link, and its reminders: the mobile number (channel `text`) or mail address (`email`) of "
        "whom it is for. Kept encrypted until it is of no more use, shown to nobody, told in no answer and no event. "
        "Without one you bring the link to them.",
    )


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it stands; nothing in it tells what was answered."""

    id: UUID
    reference: str | None
    questionnaire: str
    version: int
    profile_number: int
    channel: InvitationChannel
    reusable: bool
    service_area: str
    team: str | None
    about_on: date | None
    issued_on: date
    expires_on: date
    withdrawn_on: date | None
    used_on: date | None
    language: str | None = None

    def state(self, today: date) -> State:
        """The state on a day. The last day still counts."""
        if self.withdrawn_on is not None:
            return "withdrawn"
        if self.used_on is not None:
            return "answered"
        return "expired" if self.expires_on < today else "open"


def expiry(request: InvitationRequest, today: date) -> date:
    """The last day on which a link works."""
    return request.expires_on or today + timedelta(days=DEFAULT_DAYS)


def faults(profile: FeedbackProfile, request: InvitationRequest, today: date, areas: Collection[str]) -> Iterator[FieldError]:
    """What the profile says against an invitation. `areas` are those the caller is limited to, empty for all."""
    questionnaire = profile.questionnaire(request.questionnaire)
    if questionnaire is None:
        yield unknown_code("/questionnaire", request.questionnaire, [each.code for each in profile.questionnaires])
    elif questionnaire.in_force(today) is None:
        yield FieldError("/questionnaire", f"'{request.questionnaire}' has no version that is in force yet")
    if questionnaire is not None and request.language is not None and request.language not in questionnaire.languages:
        yield unknown_code("/language", request.language, questionnaire.languages)
    yield from place_faults(profile, request.service_area, request.team, request.about_on or today, areas)
    if request.about_on is not None and request.about_on > today + timedelta(days=MOST_DAYS):
        yield FieldError("/about_on", f"expected a day within {MOST_DAYS} days")
    yield from _sending_faults(request)
    last = today + timedelta(days=MOST_DAYS)
    if not today <= expiry(request, today) <= last:
        yield FieldError("/expires_on", f"expected a day from {today} to {last}")


def _sending_faults(request: InvitationRequest) -> Iterator[FieldError]:
    if request.send_to is None:
        return
    channel = channel_of(request.channel)
    if channel is None:
        yield FieldError("/send_to", "Only a link by `text` or `email` is sent by us. Leave it out, or change the channel")
    elif request.reusable:
        yield FieldError("/send_to", "A poster's link is for many and is sent to nobody. Leave it out, or issue a letter each")
    elif read_address(channel, request.send_to) is None:
        yield FieldError("/send_to", wrong_address(channel))


def place_faults(
    profile: FeedbackProfile, service_area: str, team: str | None, day: date, areas: Collection[str]
) -> Iterator[FieldError]:
    """What is wrong with a service area and team on a day: unknown, not for this caller, or not in use."""
    organisation = profile.organisation
    mine = [each.code for each in organisation.service_areas if not areas or each.code in areas]
    area = organisation.area(service_area)
    if area is None or service_area not in mine:
        yield unknown_code("/service_area", service_area, mine)
    elif area.used_for.feedback is None or not area.used_for.feedback.holds(day):
        yield FieldError("/service_area", f"'{service_area}' is not in use for feedback on {day}")
    if team is None:
        return
    known = organisation.team(team)
    if known is None or known.service_area != service_area:
        teams = [each.code for each in organisation.teams if each.service_area == service_area]
        yield unknown_code("/team", team, teams)
    elif not known.holds(day):
        yield FieldError("/team", f"'{team}' is not in use on {day}")
