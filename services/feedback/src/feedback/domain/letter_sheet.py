"""A sheet of letters to issue: its columns, and its rows as requests."""

from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from chassis.errors import FieldError
from chassis.spreadsheet.layout import CellError, Choice, Column, Layout, Limits, Sheet, SheetRow
from contracts.feedback import InvitationChannel
from feedback.domain.invitation import InvitationRequest
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import channel_of, read_address, wrong_address

MOST_LETTERS = 5000
LIMITS = Limits(rows=MOST_LETTERS)
COLUMNS = {
    "reference": "reference",
    "address": "address",
    "language": "language",
    "team": "team",
    "about_on": "about on",
    "expires_on": "last day",
}
"""The fields of a request, and the columns in which they stand."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every row that says nothing else. `replace`: a reference that has an open link gets a new one."""

    questionnaire: str
    service_area: str
    channel: InvitationChannel
    team: str | None = None
    language: str | None = None
    about_on: date | None = None
    expires_on: date | None = None
    replace: bool = False

    def request(self, reference: str | None = None) -> InvitationRequest:
        """A request with nothing of its own but its reference."""
        return InvitationRequest(
            questionnaire=self.questionnaire,
            service_area=self.service_area,
            channel=self.channel,
            team=self.team,
            language=self.language,
            about_on=self.about_on,
            expires_on=self.expires_on,
            reference=reference,
        )


def layout_of(profile: FeedbackProfile) -> Layout:
    """The columns of a list of letters."""
    languages = sorted({language for each in profile.questionnaires for language in each.languages})
    teams = tuple(Choice(team.code, team.name) for team in profile.organisation.teams)
    return Layout(
        "Letters",
        (
            Column(
                name="reference",
                help="Your own name for the letter, such as a case number. Once for each questionnaire. No names of people.",
                required=True,
                example="EHCP-2022-0417",
                aliases=("case", "case number", "case reference", "ref"),
            ),
            Column(
                name="language",
                help="Language of the letter and the survey. Empty: what you choose on the page.",
                example="en",
                choices=tuple(Choice(language, language) for language in languages),
            ),
            Column(
                name="team",
                help="Team in whose figures the answers count. Empty: what you choose on the page.",
                choices=teams,
            ),
            Column(
                name="about on",
                help="Day of what the survey is about, such as the day of the plan. Answers count in its quarter.",
                kind="day",
                example="2022-05-12",
                aliases=("about",),
            ),
            Column(
                name="last day",
                help="Last day on which the link works. Empty: what you choose on the page.",
                kind="day",
                aliases=("expires on", "expires"),
            ),
            Column(
                name="address",
                help="Where to send it: a mail address or a mobile number, as you choose on the page. Empty: you send it.",
                aliases=("mobile", "mobile number", "phone", "telephone", "email", "e-mail", "email address", "e-mail address"),
            ),
        ),
    )


def request_of(row: SheetRow, settings: Settings) -> InvitationRequest | list[FieldError]:
    """The request of a row, or what is wrong with its form."""
    try:
        return InvitationRequest(
            questionnaire=settings.questionnaire,
            service_area=settings.service_area,
            channel=settings.channel,
            reference=row.text("reference"),
            language=row.text("language") or settings.language,
            team=row.text("team") or settings.team,
            about_on=row.day("about on") or settings.about_on,
            expires_on=row.day("last day") or settings.expires_on,
        )
    except ValidationError as error:
        fields = dict.fromkeys(str(each["loc"][0]) for each in error.errors())
        return [FieldError(f"/{field}", _FORM.get(field, "This does not have the right form.")) for field in fields]


def address_of(row: SheetRow, settings: Settings) -> str | FieldError | None:
    """Where a row is to be sent; None where it is not sent by us, or what is wrong with the address."""
    typed = row.text("address")
    if not typed:
        return None
    channel = channel_of(settings.channel)
    if channel is None:
        return FieldError("/address", "Only a text message or an e-mail has an address. Choose one on the page, or empty this.")
    return read_address(channel, typed) or FieldError("/address", wrong_address(channel))


_FORM = {"reference": "A reference has at most 100 characters, in one line."}


def cell_of(sheet: Sheet, row: SheetRow, error: FieldError) -> CellError:
    """What is wrong with a request, by the cell that it came from."""
    return sheet.error(row.number, COLUMNS.get(error.pointer.strip("/").split("/")[0], ""), error.detail)
