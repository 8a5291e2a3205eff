"""Staff pages of one person's outcome star: all readings over time, closing, who works with them, and links."""

import base64
from datetime import date
from typing import Any, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import redirect
from contracts.feedback import InvitationChannel
from feedback.adapters import qr
from feedback.adapters.star_readings import Entry, Taken
from feedback.domain.stars import AnsweredBy, Aside, Point
from feedback.pages import link_files, star_chart
from feedback.pages.links_desk import CHANNELS as LINK_CHANNELS
from feedback.pages.links_desk import Desk, Errors, day, desk, language_name, moment, posted, tidy
from feedback.pages.stars_desk import (
    ANSWERED_BY,
    ASIDE,
    CHANNELS,
    PATH,
    POINTS,
    Practitioner,
    closed_words,
    due_words,
    errors_of,
    movement_words,
    places,
)
from feedback.use_cases.close_star import close_star, move_star, reopen_star
from feedback.use_cases.issue_links import look_told
from feedback.use_cases.see_stars import Seen, person
from feedback.use_cases.star_links import LinkWanted, issue_star_link

router = APIRouter(prefix=PATH, include_in_schema=False)

_HAPPENED = {
    "recorded": "Recorded", "aside": "Came by a link and was put aside", "corrected": "Corrected", "withdrawn": "Withdrawn",
    "closed": "Closed without an end star", "reopened": "Opened again", "moved": "Moved to another team or worker",
    "link": "Link issued",
}  # fmt: skip
_OF_THE_FORM = {Kind.MALFORMED, Kind.CONFLICT}


@router.get("/{star_id}")
async def person_page(request: Request, identity: Practitioner, star_id: UUID) -> HTMLResponse:
    """All readings of a person over time, and what can be done."""
    today = british_day(now())
    async with desk(request, identity) as at:
        seen = await person(at.transaction, at.context, identity, star_id, now())
        star, course = seen.line.star, seen.course
        counted = [each.reading() for each in course.counted]
        scales = [(each, course.scales[each.code]) for each in course.kind.scales if each.code in course.scales]
        names = {each.code: each.name for each, _ in scales}
        drawn = [(named, width, _moved(seen, named.code)) for named, width in scales]
        return at.show(
            "stars/person.html",
            title=f"{course.kind.name}: {star.reference}",
            href=f"{PATH}/{star_id}",
            known=_known(at, seen, today),
            scales=[each.name for each, _ in scales],
            rows=[_row(each, list(names), star_id) for each in course.taken],
            moved=[(named.name, _moved(seen, named.code)) for named, _ in scales],
            svg=star_chart.strips(drawn, counted) if counted else None,
            described=star_chart.in_words(names, counted),
            history=[_happened(each, names) for each in seen.history],
            waiting=[(POINTS[each.point], day(each.issued_on), day(each.expires_on)) for each in seen.waiting],
            possible=seen.possible,
            closed=star.closed is not None,
            by_end=star.closed is not None and star.closed.reason == "end-star",
            others=[(f"{PATH}/{each.id}", day(each.opened_on)) for each in seen.others],
        )


def _moved(seen: Seen, scale: str) -> str:
    return movement_words(seen.line.moved.get(scale))


def _known(at: Desk, seen: Seen, today: Any) -> list[tuple[str, str]]:
    star = seen.line.star
    area, team = at.profile.organisation.area(star.service_area), at.profile.organisation.team(star.team or "")
    known = [
        ("Reference", star.reference),
        ("How it stands", closed_words(star.closed, at.profile)),
        ("Service area", area.name if area else star.service_area),
        ("Team", team.name if team else star.team or "None"),
        ("Worker", star.worker or "Not said"),
    ]
    return [*known, ("Next star", due_words(seen.line.due, today))] if star.closed is None else known


def _row(taken: Taken, scales: list[str], star_id: UUID) -> dict[str, Any]:
    state = {"counted": "", "withdrawn": "Withdrawn"}.get(taken.state, "")
    if taken.state == "aside" and taken.aside_for in set(Aside):
        state = f"Does not count: {ASIDE[Aside(taken.aside_for)]}"
    return {
        "point": POINTS[taken.point],
        "day": day(taken.taken_on),
        "scores": [taken.scores.get(scale, "No answer") for scale in scales],
        "by": ANSWERED_BY.get(AnsweredBy(taken.answered_by), taken.answered_by),
        "channel": CHANNELS.get(taken.channel, taken.channel),
        "state": state,
        "aside": taken.state == "aside",
        "href": None if taken.state == "withdrawn" else f"{PATH}/{star_id}/readings/{taken.id}",
    }


def _happened(entry: Entry, names: dict[str, str]) -> dict[str, str]:
    return {
        "at": moment(entry.at),
        "what": _HAPPENED[entry.what],
        "by": entry.by or "The family, by a link",
        "before": _told(entry.before, names),
        "after": _told(entry.after, names),
    }


def _told(told: Any, names: dict[str, str]) -> str:
    """What stood or stands there, in words."""
    if not told:
        return ""
    if "scores" not in told:
        return "; ".join(str(value) for value in told.values() if value)
    given = told["scores"]
    scores = ", ".join(f"{name} {given[scale]}" for scale, name in names.items() if scale in given) or "no star"
    return f"{POINTS[Point(told['point'])]} of {day(date.fromisoformat(told['taken_on']))}: {scores}"


@router.get("/{star_id}/close")
async def close_page(request: Request, identity: Practitioner, star_id: UUID) -> HTMLResponse:
    """The form that closes a star without an end star."""
    async with desk(request, identity) as at:
        return await _close(at, star_id, "")


@router.post("/{star_id}/close")
async def close_form(request: Request, identity: Practitioner, star_id: UUID) -> Response:
    """Close it, and show it."""
    form = await posted(request, identity)
    reason = tidy(form.text("reason"))
    try:
        async with desk(request, identity) as at:
            await close_star(at.transaction, at.context, identity, star_id, reason, now())
    except DomainError as error:
        if error.kind not in _OF_THE_FORM:
            raise
        async with desk(request, identity) as at:
            return await _close(at, star_id, reason, errors_of(error, "reason"))
    return redirect(f"{PATH}/{star_id}")


async def _close(at: Desk, star_id: UUID, reason: str, errors: Errors = ()) -> HTMLResponse:
    seen = await person(at.transaction, at.context, at.identity, star_id, now())
    return at.show(
        "stars/close.html",
        422 if errors else 200,
        title="Close without an end star",
        href=f"{PATH}/{star_id}",
        reference=seen.line.star.reference,
        reasons=[(each.code, each.name, "") for each in at.profile.stars.closed_without],
        reason=reason,
        errors=errors,
    )


@router.post("/{star_id}/reopen")
async def reopen_form(request: Request, identity: Practitioner, star_id: UUID) -> Response:
    """Let a star that was closed without an end star go on."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await reopen_star(at.transaction, at.context, identity, star_id, now())
    return redirect(f"{PATH}/{star_id}")


@router.get("/{star_id}/move")
async def move_page(request: Request, identity: Practitioner, star_id: UUID) -> HTMLResponse:
    """The form that says who works with the person now."""
    async with desk(request, identity) as at:
        star = (await person(at.transaction, at.context, identity, star_id, now())).line.star
        given = {"service_area": star.service_area, "team": star.team or "", "worker": star.worker or ""}
        return await _move(at, star_id, given)


@router.post("/{star_id}/move")
async def move_form(request: Request, identity: Practitioner, star_id: UUID) -> Response:
    """Move it, and show it."""
    form = await posted(request, identity)
    given = {name: tidy(form.text(name)) for name in ("service_area", "team", "worker")}
    try:
        async with desk(request, identity) as at:
            place = (given["service_area"], given["team"] or None, given["worker"] or None)
            await move_star(at.transaction, at.context, identity, star_id, place, now())
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _move(at, star_id, given, errors_of(error, "service_area"))
    return redirect(f"{PATH}/{star_id}")


async def _move(at: Desk, star_id: UUID, given: dict[str, str], errors: Errors = ()) -> HTMLResponse:
    seen = await person(at.transaction, at.context, at.identity, star_id, now())
    return at.show(
        "stars/move.html",
        422 if errors else 200,
        title="Who works with them now",
        href=f"{PATH}/{star_id}",
        reference=seen.line.star.reference,
        given=given,
        errors=errors,
        **places(at, seen.course.kind),
    )


@router.get("/{star_id}/link")
async def link_page(request: Request, identity: Practitioner, star_id: UUID) -> HTMLResponse:
    """The form for a link by which the family gives the stars."""
    async with desk(request, identity) as at:
        return await _link(at, star_id, {"point": "", "channel": "handed-over", "language": "", "answered_by": "self"})


@router.post("/{star_id}/link")
async def link_form(request: Request, identity: Practitioner, star_id: UUID) -> Response:
    """Issue the link and lead to where it is told."""
    form = await posted(request, identity)
    given = {name: tidy(form.text(name)) for name in ("point", "channel", "language", "answered_by")}
    errors: list[tuple[str, str]] = []
    if given["point"] not in set(Point):
        errors.append(("point", "Choose at which point the star is taken"))
    if given["channel"] not in get_args(InvitationChannel) or given["channel"] == "poster":
        errors.append(("channel", "Choose how the link reaches the family"))
    if given["answered_by"] not in set(AnsweredBy):
        errors.append(("answered_by", "Choose who will give the stars"))
    if not errors:
        channel: Any = given["channel"]
        wanted = LinkWanted(Point(given["point"]), channel, given["language"] or None, AnsweredBy(given["answered_by"]))
        try:
            async with desk(request, identity) as at:
                set_id = await issue_star_link(at.transaction, at.context, identity, star_id, wanted, now())
        except DomainError as error:
            if error.kind not in _OF_THE_FORM:
                raise
            errors = errors_of(error, "point")
        else:
            return redirect(f"{PATH}/{star_id}/link/{set_id}")
    async with desk(request, identity) as at:
        return await _link(at, star_id, given, errors)


async def _link(at: Desk, star_id: UUID, given: dict[str, str], errors: Errors = ()) -> HTMLResponse:
    seen = await person(at.transaction, at.context, at.identity, star_id, now())
    questionnaire = at.profile.questionnaire(seen.course.kind.questionnaire)
    possible = [(each.value, POINTS[each], "") for each in seen.possible]
    return at.show(
        "stars/link.html",
        422 if errors else 200,
        title="Let the family answer by a link",
        href=f"{PATH}/{star_id}",
        reference=seen.line.star.reference,
        given={**given, "point": given["point"] or (possible[0][0] if possible else "")},
        points=possible,
        waiting=[(POINTS[each.point], day(each.issued_on), day(each.expires_on)) for each in seen.waiting],
        channels=[(code, words) for code, words in LINK_CHANNELS if code != "poster"],
        languages=[(code, language_name(code)) for code in (questionnaire.languages if questionnaire else ())],
        answered_by=[(who.value, words, "") for who, words in ANSWERED_BY.items() if who is not AnsweredBy.WORKER],
        errors=errors,
    )


@router.get("/{star_id}/link/{set_id}")
async def link_issued_page(request: Request, identity: Practitioner, star_id: UUID, set_id: UUID) -> HTMLResponse:
    """The link, told to whoever issued it, for some hours."""
    async with desk(request, identity) as at:
        seen = await person(at.transaction, at.context, identity, star_id, now())
        upload, told = await look_told(at.transaction, at.context, identity, set_id)
        link = told.links[0]
        return at.show(
            "stars/link_issued.html",
            title="The link is issued",
            href=f"{PATH}/{star_id}",
            reference=seen.line.star.reference,
            one=link,
            code="data:image/svg+xml;base64," + base64.b64encode(qr.svg(link.url).encode()).decode(),
            typed=link_files.address_to_type(at.context.public_url),
            last=day(link.expires_on),
            until=moment(upload.expires_at),
        )
