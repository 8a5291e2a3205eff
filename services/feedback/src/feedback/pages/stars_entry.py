"""Staff pages on which a reading of an outcome star is entered, corrected or withdrawn."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import Form, redirect
from feedback.adapters.star_readings import Taken
from feedback.adapters.stars import Star
from feedback.domain.star_profile import StarKind
from feedback.domain.stars import Aside, Point
from feedback.pages.links_desk import Desk, Errors, desk, posted, tidy
from feedback.pages.stars_desk import (
    ASIDE,
    PATH,
    POINTS,
    Practitioner,
    ReadingForm,
    errors_of,
    fields,
    fixed,
    kind_or_404,
    places,
    read_reading,
    today_typed,
)
from feedback.use_cases.correct_star import Correction, correct_star, withdraw_star
from feedback.use_cases.see_stars import person
from feedback.use_cases.take_star import StarEntry, begin_star, ranges, take_star

router = APIRouter(prefix=PATH, include_in_schema=False)

_STATUS = {Kind.CONFLICT: 409, Kind.STALE: 412}
_DIGITS = 9


@dataclass(frozen=True)
class Sheet:
    """A form of a reading on a page: of which star, for whom, and where it is sent."""

    kind: StarKind
    title: str
    action: str
    back: str
    back_words: str
    star: Star | None = None
    taken: Taken | None = None
    points: tuple[Point, ...] = tuple(Point)


def _show(at: Desk, sheet: Sheet, given: dict[str, Any], errors: Errors = (), status: int | None = None) -> HTMLResponse:
    scales = ranges(at.profile, sheet.kind)
    return at.show(
        "stars/reading.html",
        status or (422 if errors else 200),
        title=sheet.title,
        sheet=sheet,
        caption=sheet.star.reference if sheet.star else sheet.kind.name,
        aside=ASIDE[Aside(sheet.taken.aside_for)] if sheet.taken and sheet.taken.aside_for else None,
        revision=given.get("revision", sheet.taken.revision if sheet.taken else 0),
        errors=fixed(errors, scales),
        **fields(sheet.kind, scales, given, sheet.points),
        **places(at, sheet.kind),
    )


def _empty(**given: Any) -> dict[str, Any]:
    plain = dict.fromkeys(("reference", "service_area", "team", "worker"), "")
    return {**plain, "point": "", "answered_by": "self", "scores": {}, "taken_on": today_typed(british_day(now())), **given}


def _new(kind: StarKind) -> Sheet:
    points = tuple(Point(each) for each in kind.points)
    return Sheet(kind, "Record a star", f"{PATH}/new?kind={kind.code}", PATH, "All stars", points=points)


@router.get("/new")
async def new_page(request: Request, identity: Practitioner, kind: str = "") -> HTMLResponse:
    """The form for a person's star; which star comes first where there are several."""
    async with desk(request, identity) as at:
        kinds = at.profile.stars.kinds
        if not kind and len(kinds) != 1:
            ways = [(each.name, f"{PATH}/new?kind={each.code}") for each in kinds]
            return at.show("stars/kinds.html", title="Record a star", kinds=ways)
        return _show(at, _new(kind_or_404(at.profile, kind or kinds[0].code)), _empty(point="start"))


@router.post("/new")
async def new_form(request: Request, identity: Practitioner, kind: str = "") -> Response:
    """Record the star, and show the person's. A second click finds it recorded."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        sheet = _new(kind_or_404(at.profile, kind))
        read = read_reading(form, ranges(at.profile, sheet.kind))
        if form.text("do") == "link":
            return await _begin(request, identity, sheet, read)
        if read.errors or not read.given["reference"] or not read.given["service_area"]:
            return _show(at, sheet, read.given, [*_missing(read), *read.errors])
    entry = _entry(sheet.kind, read, read.given)
    return await _take(request, identity, sheet, entry, read)


async def _begin(request: Request, identity: Identity, sheet: Sheet, read: ReadingForm) -> Response:
    """Begin a star without a reading, and lead to the link by which the family gives the start."""
    given, today = read.given, british_day(now())
    place = (given["service_area"], given["team"] or None, given["worker"] or None)
    entry = StarEntry(given["reference"], sheet.kind.code, Point.START, today, {}, "self", *place)
    try:
        async with desk(request, identity) as at:
            star = await begin_star(at.transaction, at.context, identity, entry, now())
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        async with desk(request, identity) as at:
            return _show(at, sheet, given, errors_of(error, "reference"), _STATUS.get(error.kind))
    return redirect(f"{PATH}/{star.id}/link")


def _missing(read: ReadingForm) -> list[tuple[str, str]]:
    wrong = []
    if not read.given["reference"]:
        wrong.append(("reference", "Write the person’s reference in your case system"))
    if not read.given["service_area"]:
        wrong.append(("service_area", "Choose a service area"))
    return wrong


def _entry(kind: StarKind, read: ReadingForm, place: dict[str, Any]) -> StarEntry:
    if read.taken_on is None:  # pragma: no cover - the form was checked
        raise ValueError("taken_on")
    return StarEntry(
        place["reference"], kind.code, read.point, read.taken_on, read.scores, read.given["answered_by"],
        place["service_area"], place["team"] or None, place["worker"] or None,
    )  # fmt: skip


async def _take(request: Request, identity: Identity, sheet: Sheet, entry: StarEntry, read: ReadingForm) -> Response:
    try:
        async with desk(request, identity) as at:
            done = await take_star(at.transaction, at.context, identity, entry, now())
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        async with desk(request, identity) as at:
            return _show(at, sheet, read.given, errors_of(error, "point"), _STATUS.get(error.kind))
    return redirect(f"{PATH}/{done.star_id}")


async def _next(at: Desk, star_id: UUID) -> Sheet:
    seen = await person(at.transaction, at.context, at.identity, star_id, now())
    points = tuple(Point(each) for each in seen.course.kind.points)
    here = f"{PATH}/{star_id}"
    return Sheet(
        seen.course.kind, "Take the next star", f"{here}/take", here, "This person’s star", seen.line.star, None, points
    )


@router.get("/{star_id}/take")
async def take_page(request: Request, identity: Practitioner, star_id: UUID) -> HTMLResponse:
    """The form for the next reading of a person."""
    async with desk(request, identity) as at:
        sheet = await _next(at, star_id)
        seen = await person(at.transaction, at.context, identity, star_id, now())
        return _show(at, sheet, _empty(point=seen.possible[0].value if seen.possible else ""))


@router.post("/{star_id}/take")
async def take_form(request: Request, identity: Practitioner, star_id: UUID) -> Response:
    """Record the reading, and show the person's star."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        sheet = await _next(at, star_id)
        read = read_reading(form, ranges(at.profile, sheet.kind))
        if read.errors:
            return _show(at, sheet, read.given, read.errors)
    star = sheet.star
    if star is None:  # pragma: no cover - `_next` has found it
        raise not_found("star")
    place = {"reference": star.reference, "service_area": star.service_area, "team": star.team, "worker": star.worker}
    return await _take(request, identity, sheet, _entry(sheet.kind, read, place), read)


async def _correcting(at: Desk, star_id: UUID, reading_id: UUID) -> Sheet:
    seen = await person(at.transaction, at.context, at.identity, star_id, now())
    taken = next((each for each in seen.course.taken if each.id == reading_id and each.state != "withdrawn"), None)
    if taken is None:
        raise not_found("reading")
    here = f"{PATH}/{star_id}"
    title = "Decide what becomes of it" if taken.state == "aside" else f"Correct the {POINTS[taken.point].lower()}"
    points = tuple(Point(each) for each in seen.course.kind.points)
    return Sheet(
        seen.course.kind, title, f"{here}/readings/{reading_id}", here, "This person’s star", seen.line.star, taken, points
    )


@router.get("/{star_id}/readings/{reading_id}")
async def correct_page(request: Request, identity: Practitioner, star_id: UUID, reading_id: UUID) -> HTMLResponse:
    """The form that corrects a reading, or decides what becomes of one that was put aside."""
    async with desk(request, identity) as at:
        sheet = await _correcting(at, star_id, reading_id)
        taken = sheet.taken
        if taken is None:  # pragma: no cover - `_correcting` has found it
            raise not_found("reading")
        scores = {scale: str(score) for scale, score in taken.scores.items()}
        given = {
            "point": taken.point.value, "answered_by": taken.answered_by, "taken_on": today_typed(taken.taken_on),
            "scores": scores,
        }  # fmt: skip
        return _show(at, sheet, _empty(**given))


@router.post("/{star_id}/readings/{reading_id}")
async def correct_form(request: Request, identity: Practitioner, star_id: UUID, reading_id: UUID) -> Response:
    """Correct the reading; what somebody else did in between is shown with what was typed."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        sheet = await _correcting(at, star_id, reading_id)
        read = read_reading(form, ranges(at.profile, sheet.kind))
        given = {**read.given, "revision": tidy(form.text("revision"))[:_DIGITS]}
        if read.errors or read.taken_on is None:
            return _show(at, sheet, given, read.errors)
    wanted = Correction(read.point, read.taken_on, read.scores, read.given["answered_by"], _revision(form))
    try:
        async with desk(request, identity) as at:
            await correct_star(at.transaction, at.context, identity, reading_id, wanted, now())
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT, Kind.STALE}:
            raise
        async with desk(request, identity) as at:
            sheet = await _correcting(at, star_id, reading_id)
            # The page shows how it stands now, so that sending it again is a decision about that.
            given["revision"] = sheet.taken.revision if sheet.taken else 0
            return _show(at, sheet, given, errors_of(error, "point"), _STATUS.get(error.kind))
    return redirect(f"{PATH}/{star_id}")


@router.post("/{star_id}/readings/{reading_id}/withdraw")
async def withdraw_form(request: Request, identity: Practitioner, star_id: UUID, reading_id: UUID) -> Response:
    """Withdraw a reading that was recorded by mistake."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        await person(at.transaction, at.context, identity, star_id, now())
        await withdraw_star(at.transaction, at.context, identity, reading_id, _revision(form), now())
    return redirect(f"{PATH}/{star_id}")


def _revision(form: Form) -> int:
    """The revision that the page showed; -1, which none has, where the field does not hold one."""
    seen = form.text("revision")[:_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1
