"""The learning tracker: every action of audits, complaints and feedback, live or as it stood on a day; and its files."""

import asyncio
import csv
import io
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import british_today
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import page
from chassis.pages.headers import PAGE_HEADERS
from chassis.profile_store import ProfileStore
from chassis.spreadsheet import XLSX_TYPE
from chassis.spreadsheet.book import BookTable, Link, Value, write_book
from chassis.web import uow_of
from reporting.domain import dimensions
from reporting.domain.day_words import day_words
from reporting.domain.profile import Profile
from reporting.domain.tracker import SOURCES, TrackedAction
from reporting.domain.tracker_filters import SHOWN, SORTS
from reporting.pages import tracker_asked, tracker_view
from reporting.pages.routes import Staff
from reporting.pages.tracker_asked import Asked
from reporting.pages.ways import COMPLAINTS_OFFICER, OFFICER
from reporting.use_cases.follow_learning import Tracked, all_learning, follow_learning
from reporting.web.csv_table import guarded

PAGE_ROWS = 50
TITLE = "What was learned, and what became of it"


def router(store: ProfileStore[Profile]) -> APIRouter:
    """`/reporting/learning`, and the same as CSV and workbook."""
    routes = APIRouter(prefix="/reporting/learning", include_in_schema=False)

    @routes.get("")
    async def show_tracker(request: Request, identity: Staff) -> Response:
        """A page of the tracker, with the counts above it."""
        today, after = british_today(), request.query_params.get("after") or None
        errors: list[tuple[str, str]] = []
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = (await store.current(transaction)).profile
            try:
                asked = tracker_asked.read(request.query_params, profile, today, identity.areas)
            except DomainError as error:
                if error.slug != "invalid-filter":
                    raise
                errors = [(each.pointer.removeprefix("/"), each.detail) for each in error.errors]
                asked, after = tracker_asked.read({}, profile, today, identity.areas), None
            found = await follow_learning(transaction, asked.filters, PAGE_ROWS, after)
        context = _context(found, asked, profile, identity, request.query_params)
        return page(
            request, "learning.html", 422 if errors else 200, title=TITLE, organisation=profile.organisation.name,
            errors=errors, today=today, begun=after is not None, **context,
        )  # fmt: skip

    @routes.get("/actions.csv")
    async def save_csv(request: Request, identity: Staff) -> Response:
        """Every action that is shown, as CSV. Raises `too-many-rows`."""
        found, asked, profile = await read(request, identity)
        words, base = tracker_view.Words(profile, asked.filters.day), request.app.state.settings.public_url.rstrip("/")
        content = await asyncio.to_thread(_csv, found, words, base)
        return _file(content, "text/csv; charset=utf-8", f"learning-{asked.filters.day}.csv")

    @routes.get("/workbook")
    async def save_workbook(request: Request, identity: Staff) -> Response:
        """The same as a workbook, with the counts."""
        found, asked, profile = await read(request, identity)
        words, base = tracker_view.Words(profile, asked.filters.day), request.app.state.settings.public_url.rstrip("/")
        content = await asyncio.to_thread(_workbook, found, asked, profile, words, base)
        return _file(content, XLSX_TYPE, f"learning-{asked.filters.day}.xlsx")

    async def read(request: Request, identity: Identity) -> tuple[Tracked, Asked, Profile]:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = (await store.current(transaction)).profile
            asked = tracker_asked.read(request.query_params, profile, british_today(), identity.areas)
            return await all_learning(transaction, asked.filters), asked, profile

    return routes


def _context(
    found: Tracked, asked: Asked, profile: Profile, identity: Identity, params: Mapping[str, str]
) -> dict[str, object]:
    """What the template is given."""
    filters, words = asked.filters, tracker_view.Words(profile, asked.filters.day)
    areas = [(code, words.of("service_area", code)) for code in _areas(profile, identity)]
    teams = [(each.code, each.name) for each in profile.organisation.teams if each.service_area in dict(areas)]
    themes = sorted((code, words.of("theme", code)) for code in dimensions.codes(profile, "theme"))
    typed = {part: params.get(f"on-{part}", "")[:8] for part in ("day", "month", "year")}
    past = filters.day != british_today()
    shown = {"day": str(filters.day.day), "month": str(filters.day.month), "year": str(filters.day.year)} if past else {}
    return {
        "lines": [tracker_view.line(each, words) for each in found.actions],
        "counts": found.counts,
        "asked": asked,
        "filters": filters,
        "narrowed": any(value for name, value in asked.given.items() if name != "show"),
        "more": asked.address(after=found.following) if found.following else None,
        "files": asked.address(),
        "shows": list(SHOWN.items()),
        "sorts": list(SORTS.items()),
        "sources": list(SOURCES.items()),
        "areas": areas,
        "teams": teams,
        "themes": sorted(themes, key=lambda each: each[1]),
        "periods": tracker_asked.periods_offered(profile, filters.day, asked.period),
        "on": typed if any(typed.values()) else shown,
        "past": day_words(filters.day) if past else "",
        "may_miss_days": profile.reports.tracker.may_miss_days,
        "limited": sorted(identity.areas),
        "writes": identity.may(OFFICER, COMPLAINTS_OFFICER),
    }


def _areas(profile: Profile, identity: Identity) -> list[str]:
    return [each.code for each in profile.organisation.service_areas if not identity.areas or each.code in identity.areas]


def _about(asked: Asked, profile: Profile) -> list[str]:
    filters, words = asked.filters, tracker_view.Words(profile, asked.filters.day)
    narrowed = [
        f"Shown: {SHOWN[filters.show]}.",
        *([f"From: {SOURCES[filters.source]}."] if filters.source else []),
        *([f"Service area: {words.of('service_area', filters.service_area)}."] if filters.service_area else []),
        *([f"Team: {words.of('team', filters.team)}."] if filters.team else []),
        *([f"Theme: {words.of('theme', filters.theme)}."] if filters.theme else []),
        *([f"Set in {asked.period.label}."] if asked.period else []),
        *(["Only your service areas."] if filters.areas else []),
    ]
    return [
        profile.organisation.name,
        f"As it stood at the end of {day_words(filters.day)}.",
        *narrowed,
        f"Open: may miss its day from {profile.reports.tracker.may_miss_days} days before it, and misses it when that is over.",
        "What is to be done, and by whom, stands on the page of each.",
    ]


def _csv(found: Tracked, words: tracker_view.Words, base: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(tracker_view.HEADINGS)
    for each in found.actions:
        row = tracker_view.sheet_row(each, words, base)
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in row])
    return out.getvalue().encode()


def _workbook(found: Tracked, asked: Asked, profile: Profile, words: tracker_view.Words, base: str) -> bytes:
    counts = found.counts
    summary = (
        ("On track", counts.on_track), ("May miss", counts.may_miss), ("Missed", counts.missed),
        ("Completed", counts.completed), ("Not needed", counts.dropped),
        ("Completed, of audits and complaints", counts.to_review), ("Of those, reviewed since", counts.reviewed),
        ("Reviews that say whether it made a difference", counts.asked), ("Of those, yes or partly", counts.difference),
    )  # fmt: skip
    tables = [
        BookTable("Counts, whichever standing is shown", ("What", "Actions"), summary),
        BookTable("Actions", tracker_view.HEADINGS, tuple(_book_row(each, words, base) for each in found.actions)),
    ]
    return write_book(TITLE, _about(asked, profile), tables)


def _book_row(action: TrackedAction, words: tracker_view.Words, base: str) -> tuple[Value, ...]:
    *row, address = tracker_view.sheet_row(action, words, base)
    return (*row, Link(f"Page of {action.name}", str(address)))


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
