"""Staff pages of links that were issued: who has not answered, one link, withdraw, issue again."""

import asyncio
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer, fingerprint, once
from chassis.outbox import now
from chassis.pages import redirect
from chassis.spreadsheet import CSV_TYPE, write_csv
from feedback.adapters.invitation_list import Listed
from feedback.domain.letter_sheet import MOST_LETTERS
from feedback.domain.link_list import SENTS, STANDS, Narrowed, month_of, months_back
from feedback.domain.profile import FeedbackProfile
from feedback.pages import message_view
from feedback.pages.links_desk import (
    CHANNEL_NAMES,
    CHANNELS,
    Officer,
    Staff,
    choices_of,
    day,
    desk,
    download,
    errors_of,
    language_name,
    posted,
    tidy,
)
from feedback.pages.links_issue import ISSUED
from feedback.use_cases.find_links import find_link, find_links
from feedback.use_cases.issue_links import issue_again
from feedback.use_cases.withdraw_invitation import withdraw_invitation

LIST = "/feedback/links"
PAGE = 50
_FILE = (
    ("questionnaire", "questionnaire"),
    ("team", "team"),
    ("channel", "how it reaches people"),
    ("stands", "stands"),
    ("message", "messages"),
)
STANDS_NAMES = {
    "waiting": "Not answered yet",
    "begun": "Begun, not sent",
    "answered": "Answered",
    "ended": "Ended without an answer",
    "withdrawn": "Withdrawn",
    "poster": "Posters in use",
}

router = APIRouter(prefix=LIST, include_in_schema=False)

_FILTERS = ("stands", "questionnaire", "team", "channel", "month", "reference", "sent")


@router.get("")
async def listing(request: Request, identity: Staff, after: Annotated[str, Query(max_length=250)] = "") -> HTMLResponse:
    """Links, newest first, narrowed by what stands in the address."""
    typed, narrowed = _narrowed(request)
    moment = now()
    today = british_day(moment)
    async with desk(request, identity) as at:
        found, more = await find_links(at.transaction, narrowed, _after(after), PAGE, identity.areas, moment)
        given = {name: value for name, value in typed.items() if value}
        choices = choices_of(at.profile, identity)
        return at.show(
            "links/list.html",
            title="Links",
            given=typed,
            narrowed=bool(given),
            stands=list(STANDS_NAMES.items()),
            sents=list(message_view.SENT_NAMES.items()),
            questionnaires=choices["questionnaires"],
            teams=choices["teams"],
            channels=CHANNELS,
            months=[(f"{each:%Y-%m}", f"{each:%B %Y}") for each in months_back(today)],
            rows=[_row(each, at.profile, today) for each in found],
            more=f"{LIST}?{urlencode({**given, 'after': keyset.encode(more)})}" if more else None,
            first=f"{LIST}?{urlencode(given)}" if after else None,
            file=f"{LIST}.csv?{urlencode(given)}" if given else f"{LIST}.csv",
        )


def _narrowed(request: Request) -> tuple[dict[str, str], Narrowed]:
    """What was typed or chosen, and what of it is meant."""
    typed = {name: tidy(request.query_params.get(name, "")) for name in _FILTERS}
    narrowed = Narrowed(
        next((each for each in STANDS if each == typed["stands"]), None),
        typed["questionnaire"],
        typed["team"],
        typed["channel"],
        month_of(typed["month"]),
        typed["reference"],
        next((each for each in SENTS if each == typed["sent"]), None),
    )
    return typed, narrowed


@router.get(".csv")
async def listing_csv(request: Request, identity: Staff) -> Response:
    """The same list as CSV, for a mail merge to those who have not answered: the newest, as many as a sheet may have."""
    moment = now()
    today = british_day(moment)
    _, narrowed = _narrowed(request)
    async with desk(request, identity) as at:
        found, _ = await find_links(at.transaction, narrowed, None, MOST_LETTERS, identity.areas, moment)
        rows = [_row(each, at.profile, today) for each in found]
    cells = ([row["own"], *(row[name] for name, _ in _FILE), link.invitation.issued_on, link.invitation.expires_on]
             for row, link in zip(rows, found, strict=True))  # fmt: skip
    headings = ["reference", *(heading for _, heading in _FILE), "issued", "last day"]
    return download(write_csv(headings, cells), CSV_TYPE, "survey-links-standing.csv")


@router.get("/{invitation_id}")
async def link_page(request: Request, identity: Staff, invitation_id: UUID) -> HTMLResponse:
    """One link: what it is for, and how it stands."""
    today = british_day(now())
    async with desk(request, identity) as at:
        found = await find_link(at.transaction, at.context, identity, invitation_id)
        invitation = found.listed.invitation
        row = _row(found.listed, at.profile, today)
        state = invitation.state(today)
        return at.show(
            "links/link.html",
            title=invitation.reference or ("Poster" if invitation.reusable else "Link without a reference"),
            row=row,
            known=[
                ("Questionnaire", row["questionnaire"]),
                ("Service area", _area(at.profile, invitation.service_area)),
                ("Team", row["team"]),
                ("How it reaches people", row["channel"]),
                ("Language", language_name(invitation.language) if invitation.language else "The questionnaire’s first"),
                ("What it is about happened on", day(invitation.about_on)),
                ("Issued", day(invitation.issued_on)),
                ("Last day", day(invitation.expires_on)),
            ],
            messages=message_view.facts(found),
            undelivered=message_view.undelivered(found) and state == "open",
            address=f"{LIST}/{invitation_id}",
            poster=invitation.reusable,
            next=f"{LIST}/{found.next}" if found.next else None,
            before=f"{LIST}/{found.before}" if found.before else None,
            can_withdraw=state in {"open", "expired"},
            can_issue=state != "answered" and found.next is None,
        )


@router.post("/{invitation_id}/withdraw")
async def withdraw(request: Request, identity: Officer, invitation_id: UUID) -> Response:
    """Withdraw a link. Twice changes nothing."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await withdraw_invitation(at.transaction, invitation_id, now(), identity.areas)
    return redirect(f"{LIST}/{invitation_id}")


@router.post("/{invitation_id}/issue-again")
async def again(request: Request, identity: Officer, invitation_id: UUID) -> Response:
    """Issue a link again, and lead to where the new one is told. A second click finds the same one."""
    await posted(request, identity)
    print_ = fingerprint("POST /feedback/links/issue-again", str(invitation_id))
    for turn in range(25):
        try:
            async with desk(request, identity) as at:

                async def work() -> Answer:
                    set_id = await issue_again(at.transaction, at.context, identity, invitation_id, now())
                    return Answer(201, {"set": str(set_id)})

                answer = await once(at.transaction, identity.subject, f"page:again:{invitation_id}", print_, work)
            return redirect(f"{ISSUED}/{answer.body['set']}")
        except DomainError as error:
            if error.errors:
                words = ". ".join(each for _, each in errors_of(error))
                raise DomainError(error.slug, f"Nothing was changed: {words}.", Kind.CONFLICT) from None
            if error.slug != "request-in-flight" or turn == 24:  # noqa: PLR2004 - the last turn
                raise
            await asyncio.sleep(0.2)
    return redirect(f"{LIST}/{invitation_id}")


def _row(each: Listed, profile: FeedbackProfile, today: date) -> dict[str, Any]:
    invitation = each.invitation
    questionnaire = profile.questionnaire(invitation.questionnaire)
    team = profile.organisation.team(invitation.team) if invitation.team else None
    words, colour = _stands(each, today)
    message, message_colour = message_view.in_short(each.messages)
    return {
        "href": f"{LIST}/{invitation.id}",
        "own": invitation.reference,
        "reference": invitation.reference or ("Poster" if invitation.reusable else "Without a reference"),
        "questionnaire": questionnaire.name if questionnaire else invitation.questionnaire,
        "team": team.name if team else invitation.team or "–",
        "channel": CHANNEL_NAMES[invitation.channel],
        "stands": words,
        "colour": colour,
        "message": message,
        "message_colour": message_colour,
        "issued": day(invitation.issued_on),
        "last": day(invitation.expires_on),
    }


def _stands(each: Listed, today: date) -> tuple[str, str]:
    """How a link stands, and the colour of the word. Of an answer only that there is one: not when, and not what."""
    state = each.invitation.state(today)
    if state == "open" and each.invitation.reusable:
        return "In use", "blue"
    if state == "open":
        return ("Begun", "yellow") if each.begun else ("Not answered", "yellow")
    return {"answered": ("Answered", "green"), "expired": ("Ended", "grey"), "withdrawn": ("Withdrawn", "grey")}[state]


def _area(profile: FeedbackProfile, code: str) -> str:
    area = profile.organisation.area(code)
    return area.name if area else code


def _after(cursor: str) -> UUID | None:
    if not cursor:
        return None
    try:
        return UUID(str(keyset.decode(cursor, 1)[0]))
    except ValueError:
        raise keyset.malformed() from None
