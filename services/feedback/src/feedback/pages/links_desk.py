"""What the staff pages about links have in common: the open transaction, who is looking, forms, days, words for codes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of, requires
from chassis.days import british_time
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import PAGE_HEADERS, Form, csrf_token, grouped_ways, page, read_form
from chassis.pages.forms import require_token
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from feedback.context import Context, context_of
from feedback.domain.profile import FeedbackProfile
from feedback.pages.view import NAMES
from feedback.use_cases.see_contacts import may_look

OFFICER, READER = "role:qa-officer", "role:senior-reader"
CALLER, MANAGER = "role:caller", "role:manager"
Officer = Annotated[Identity, Depends(requires(OFFICER))]
Staff = Annotated[Identity, Depends(requires(OFFICER, READER))]

FORMS = "feedback/staff-forms"
CHANNELS = (
    ("letter", "Letter"),
    ("email", "E-mail"),
    ("text", "Text message"),
    ("handed-over", "Handed over"),
    ("poster", "Poster"),
)
CHANNEL_NAMES = dict(CHANNELS)
WAYS = (
    ("Overview", (("Overview", "/feedback/", (OFFICER, READER)),)),
    (
        "Links",
        (
            ("Links and who has answered", "/feedback/links", (OFFICER, READER)),
            ("Issue one link", "/feedback/links/new", (OFFICER,)),
            ("Issue letters from a list", "/feedback/links/batch", (OFFICER,)),
            ("Response rates", "/feedback/rates", (OFFICER, READER)),
        ),
    ),
    ("Questionnaires", (("Questionnaires", "/feedback/questionnaires", (OFFICER, READER)),)),
    (
        "Calls and visits",
        (
            ("Calls", "/feedback/calls", (OFFICER, CALLER)),
            ("Enter answers", "/feedback/entry", (OFFICER, CALLER, MANAGER)),
            ("Families to contact", "/feedback/contacts", ()),
        ),
    ),
    (
        "Outcome stars",
        (
            ("Stars", "/feedback/stars", (OFFICER, MANAGER)),
            ("Record a star", "/feedback/stars/new", (OFFICER, MANAGER)),
            ("Stars due", "/feedback/stars/due", (OFFICER, MANAGER)),
            ("What stars show", "/feedback/stars/summary", (OFFICER, READER, MANAGER)),
        ),
    ),
    (
        "What families said",
        (
            ("Comments", "/feedback/comments", (OFFICER,)),
            ("Quotes", "/feedback/quotes", (OFFICER, READER)),
            ("You said, we did", "/feedback/changes", (OFFICER,)),
        ),
    ),
)
"""Ways between these pages in groups, for those who may go them; to families to contact may go whom the profile names."""

# What the API says of a field for a machine, as a person can use it.
_IN_WORDS = {
    "questionnaire": "Choose a questionnaire that is in use",
    "service_area": "Choose a service area that is in use for feedback on that day",
    "team": "Choose a team of that service area, in use on that day",
    "language": "Choose a language that this questionnaire has",
    "about_on": "Write a day that is not more than two years ahead",
    "expires_on": "Write a day from today up to two years ahead",
}

Errors = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Desk:
    """A page at work: its request, transaction, profile, and who is looking."""

    request: Request
    transaction: Transaction
    context: Context
    profile: FeedbackProfile
    identity: Identity

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        return page(
            self.request,
            template,
            status,
            organisation=self.profile.organisation.name,
            token=csrf_token(*session(self.request, self.identity)),
            ways=ways(self.request, self.identity, self.profile),
            officer=self.identity.may(OFFICER),
            **{"errors": [], **context},
        )


def ways(request: Request, identity: Identity, profile: FeedbackProfile) -> list[dict[str, Any]]:
    """The groups of pages that somebody may open, each with its pages; the one they are on, and its group, marked."""
    groups = [
        (name, [(text, href) for text, href, grants in pages if _open((text, href, grants), identity, profile)])
        for name, pages in WAYS
    ]
    return grouped_ways(request.url.path, groups)


def _open(way: tuple[str, str, tuple[str, ...]], identity: Identity, profile: FeedbackProfile) -> bool:
    _, _, grants = way
    return identity.may(*grants) if grants else may_look(profile, identity)


def session(request: Request, identity: Identity) -> tuple[bytes, str]:
    """Key and session of the tokens in forms."""
    return context_of(request).secrets.key(org_of(identity), FORMS), identity.subject


@asynccontextmanager
async def desk(request: Request, identity: Identity) -> AsyncIterator[Desk]:
    """Open a transaction for a page; it commits when the page is made."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await context.profiles.current(transaction)).profile
        yield Desk(request, transaction, context, profile, identity)


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was posted from a page of ours, read before a transaction is opened."""
    form = await read_form(request)
    require_token(form, *session(request, identity))
    return form


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved. Nothing keeps a copy on the way."""
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def errors_of(error: DomainError) -> list[tuple[str, str]]:
    """What is wrong, beside its fields, in words for people; the refusal itself where it names none."""
    found = []
    for each in error.errors:
        field = each.pointer.strip("/")
        found.append((field, each.detail if field == "reference" else _IN_WORDS.get(field, each.detail)))
    return found or [("main-content", error.detail)]


def choices_of(profile: FeedbackProfile, identity: Identity) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen: questionnaires, service areas of this person, teams by area, channels, languages."""
    organisation = profile.organisation
    areas = [area for area in organisation.service_areas if area.used_for.feedback is not None]
    mine = [area for area in areas if not identity.areas or area.code in identity.areas]
    names = {area.code: area.name for area in mine}
    teams = [team for team in organisation.teams if team.service_area in names]
    languages = dict.fromkeys(language for each in profile.questionnaires for language in each.languages)
    return {
        "questionnaires": [(each.code, each.name) for each in profile.questionnaires],
        "areas": [(area.code, area.name) for area in mine],
        "teams": [(team.code, f"{team.name} ({names[team.service_area]})") for team in teams],
        "channels": list(CHANNELS),
        "languages": [(code, language_name(code)) for code in languages],
    }


def language_name(code: str) -> str:
    """A language as it calls itself."""
    return NAMES.get(code.partition("-")[0], code)


def day_in(form: Form, name: str) -> date | None:
    """A day typed as day, month and year; None where nothing was typed. Raises ValueError for what is no day."""
    parts = [form.text(f"{name}-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):  # noqa: PLR2004 - digits of a year
        raise ValueError(name)
    return date(*(int(part) for part in parts))


def tidy(value: str) -> str:
    """What was typed, as far as a page may show it again."""
    return "".join(letter if letter.isprintable() else "?" for letter in value[:250].strip())


def day(on: date | None) -> str:
    """A day as people write it: 6 July 2022."""
    return f"{on.day} {on:%B %Y}" if on else "–"


def moment(value: datetime) -> str:
    """A moment in the United Kingdom's time: 6 July 2022 at 14:05."""
    local = british_time(value)
    return f"{day(local.date())} at {local:%H:%M}"


def several(number: int, one: str, more: str | None = None) -> str:
    """So many of something: 1 letter, 1,200 letters."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"
