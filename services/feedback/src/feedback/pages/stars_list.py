"""Staff pages of outcome stars: people who have one, who is due, and what all of them add up to."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.days import british_day
from chassis.errors import DomainError
from chassis.outbox import now
from chassis.pages import redirect
from chassis.spreadsheet import CSV_TYPE, write_csv
from feedback.adapters import sealing, stars
from feedback.domain.star_profile import StarKind
from feedback.domain.star_summary import BYS, TOTAL, By, MovedRow
from feedback.domain.stars import When
from feedback.pages.links_desk import Desk, desk, download, posted, several, tidy
from feedback.pages.stars_desk import PATH, WHEN, Practitioner, Reader, row
from feedback.use_cases.count_stars import Summary, count_stars
from feedback.use_cases.see_stars import Asked, due, people

router = APIRouter(prefix=PATH, include_in_schema=False)

_NARROWED = ("kind", "team", "worker", "person", "stands")
_STANDS = (("open", "Goes on"), ("closed", "Closed"))
_BY_NAMES: dict[By, str] = {"scale": "Scale", "team": "Team", "quarter": "Quarter"}
_COLUMNS = (("people", "People with both"), ("improved", "Improved"), ("same", "The same"), ("worse", "Worse"))
_WITHHELD, _NOBODY = "[c]", "[x]"


def _asked(request: Request) -> tuple[dict[str, str], Asked]:
    typed = {name: tidy(request.query_params.get(name, ""))[:80] for name in _NARROWED}
    closed = {"open": False, "closed": True}.get(typed["stands"])
    return typed, Asked(typed["kind"], typed["team"], typed["worker"], typed["person"], closed)


async def _choices(at: Desk) -> dict[str, Any]:
    organisation = at.profile.organisation
    mine = [team for team in organisation.teams if not at.identity.areas or team.service_area in at.identity.areas]
    return {
        "kinds": [(each.code, each.name) for each in at.profile.stars.kinds],
        "teams": [(team.code, team.name) for team in mine],
        "workers": await stars.workers(at.transaction, at.context.secrets, at.identity.areas),
    }


@router.get("")
async def list_page(
    request: Request, identity: Practitioner, after: Annotated[str, Query(max_length=250)] = ""
) -> HTMLResponse:
    """People who have a star, the last begun first."""
    typed, asked = _asked(request)
    today = british_day(now())
    async with desk(request, identity) as at:
        found = await people(at.transaction, at.context, identity.areas, asked, _after(after))
        given = {name: value for name, value in typed.items() if value}
        more = f"{PATH}?{urlencode({**given, 'after': keyset.encode(found.next)})}" if found.next else None
        return at.show(
            "stars/list.html",
            title="Outcome stars",
            erased=request.query_params.get("erased") if (request.query_params.get("erased") or "")[:9].isdecimal() else None,
            given=typed,
            narrowed=bool(given),
            stands=_STANDS,
            rows=[row(line, at.profile, today) for line in found.lines],
            more=more,
            first=f"{PATH}?{urlencode(given)}" if after else None,
            **await _choices(at),
        )


@router.post("/find")
async def find(request: Request, identity: Practitioner) -> Response:
    """Find a person by their reference; it stands in no address, only its keyed hash does."""
    form = await posted(request, identity)
    reference = tidy(form.text("reference"))
    if not reference:
        return redirect(PATH)
    async with desk(request, identity) as at:
        person = sealing.person_key(at.context.secrets, at.transaction.org, reference)
        found = await people(at.transaction, at.context, identity.areas, Asked(person=person), None)
    if len(found.lines) == 1:
        return redirect(f"{PATH}/{found.lines[0].star.id}")
    return redirect(f"{PATH}?person={person}")


@router.get("/due")
async def due_page(request: Request, identity: Practitioner) -> HTMLResponse:
    """Who is due for the next one: overdue, today, this week, later."""
    typed, asked = _asked(request)
    today = british_day(now())
    async with desk(request, identity) as at:
        found = await due(at.transaction, at.context, identity.areas, asked, today)
        groups = [
            {"code": when.value, "words": WHEN[when][0], "rows": [row(line, at.profile, today) for line in found[when]]}
            for when in When
        ]
        return at.show(
            "stars/due.html",
            title="Stars that are due",
            given=typed,
            groups=[each for each in groups if each["rows"]],
            counts=[(len(found[when]), WHEN[when][0].lower()) for when in When],
            **await _choices(at),
        )


def _chosen(request: Request, at: Desk) -> tuple[StarKind | None, By, str]:
    kinds = at.profile.stars.kinds
    kind = at.profile.stars.kind(tidy(request.query_params.get("kind", ""))) or (kinds[0] if kinds else None)
    wanted = request.query_params.get("by", "")
    by: By = next((each for each in BYS if each == wanted), "scale")
    scale = tidy(request.query_params.get("scale", ""))
    if kind is not None and scale not in kind.scale_codes:
        scale = kind.scale_codes[0]
    return kind, by, scale


@router.get("/summary")
async def summary_page(request: Request, identity: Reader) -> HTMLResponse:
    """Movement by scale, team or quarter; small groups are withheld."""
    async with desk(request, identity) as at:
        kind, by, scale = _chosen(request, at)
        found = await count_stars(at.transaction, at.context, kind, by, scale, identity.areas, now()) if kind else None
        chosen = {"kind": kind.code if kind else "", "by": by, "scale": scale}
        return at.show(
            "stars/summary.html",
            title="What stars show",
            kinds=[(each.code, each.name) for each in at.profile.stars.kinds],
            bys=list(_BY_NAMES.items()),
            scales=[(each.code, each.name) for each in kind.scales] if kind else [],
            given=chosen,
            table=_table(found, kind, by, scale, at) if found and kind else None,
            only_start=_only_start(found) if found else "",
            file=f"{PATH}/summary.csv?{urlencode(chosen)}",
        )


@router.get("/summary.csv")
async def summary_csv(request: Request, identity: Reader) -> Response:
    """The same figures as CSV."""
    async with desk(request, identity) as at:
        kind, by, scale = _chosen(request, at)
        headings = [_BY_NAMES[by], *(label for _, label in _COLUMNS), "Improved (%)", "Mean change", "Began at the top"]
        lines: list[list[Any]] = []
        if kind is not None:
            found = await count_stars(at.transaction, at.context, kind, by, scale, identity.areas, now())
            for each in found.rows:
                none = _NOBODY if each.counts[0] == 0 else _WITHHELD
                figures = (*each.counts, each.improved_share, each.mean, each.at_top)
                lines.append([_label(each.group, kind, by, at), *(none if one is None else one for one in figures)])
    return download(write_csv(headings, lines), CSV_TYPE, f"stars-by-{by}.csv")


def _only_start(found: Summary) -> str:
    if found.only_start == 0:
        return "Nobody has only a start."
    if found.only_start is None:
        return "A few people have only a start so far."
    have = "has" if found.only_start == 1 else "have"
    return f"{several(found.only_start, 'person', 'people')} {have} only a start so far."


def _table(found: Summary, kind: StarKind, by: By, scale: str, at: Desk) -> dict[str, Any]:
    name = next(each.name for each in kind.scales if each.code == scale)
    columns = [{"code": code, "label": label, "unit": None} for code, label in _COLUMNS]
    columns += [
        {"code": "share", "label": "Improved (%)", "unit": "percent"},
        {"code": "mean", "label": "Mean change", "unit": None},
        {"code": "top", "label": "Began at the top", "unit": None},
    ]
    return {
        "code": "stars",
        "title": f"{kind.name}: change by scale" if by == "scale" else f"{kind.name}, {name}: change by {by}",
        "rows_label": _BY_NAMES[by],
        "columns": columns,
        "rows": [
            {"code": each.group or "none", "label": _label(each.group, kind, by, at), "total": each.group == TOTAL,
             "cells": _cells(each)}
            for each in found.rows
        ],
        "notes": [*_NOTES, *([_OF_QUARTERS] if by == "quarter" else [])],
    }  # fmt: skip


_NOTES = (
    "People with both have a start and a later star of the scale; the change is from the start to the last one.",
    "Nobody with only a start is in any figure. Those who began at the top of the scale cannot improve.",
    "Counts of 1 to 5, and others from which they could be worked out, are withheld; so are shares and means of fewer than 10.",
)
_OF_QUARTERS = (
    "A quarter shows how things stood at its end, of those whose last star was taken in it. A person can be in several."
)


def _cells(each: MovedRow) -> list[dict[str, Any]]:
    nobody = each.counts[0] == 0
    of_people = [_cell(each.improved_share), _cell(None), _cell(each.at_top)]
    if each.mean is not None:
        of_people[1] = {**_cell(1), "text": f"{each.mean:+}"}
    # Of nobody there is no share: that is not the same as one that is withheld.
    return [*map(_cell, each.counts), *({**cell, "state": "not-collected"} if nobody else cell for cell in of_people)]


def _cell(value: int | None) -> dict[str, Any]:
    state = "suppressed" if value is None else "value" if value else "zero"
    return {"state": state, "value": value, "n": None, "of": None}


def _label(group: str, kind: StarKind, by: By, at: Desk) -> str:
    if group == TOTAL:
        return "All"
    if by == "scale":
        return next(each.name for each in kind.scales if each.code == group)
    if by == "team":
        team = at.profile.organisation.team(group)
        return team.name if team else group or "No team"
    year, quarter = group[:7], group[-1]
    return f"Q{quarter} {year.replace('-', '/')}"


def _after(cursor: str) -> UUID | None:
    """Where the page before ended; from the beginning where the address does not say so rightly."""
    if not cursor:
        return None
    try:
        return UUID(str(keyset.decode(cursor, 1)[0]))
    except (ValueError, DomainError):
        return None
