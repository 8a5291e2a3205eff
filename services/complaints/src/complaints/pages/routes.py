"""Staff pages: the tracker, and the record of one complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from chassis.access import org_of, requires
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.pages import csrf_token, page, staff_chrome
from chassis.web import uow_of
from complaints.adapters.agenda import waiting_intake
from complaints.adapters.saved_views import SavedViews
from complaints.domain.listing import Due, Filters, Order
from complaints.domain.profile import Profile
from complaints.domain.stages import possible
from complaints.pages.as_at import AsAt, read_as_at
from complaints.pages.labels import (
    ACTIONS,
    CLOCK_TAGS,
    CORRECTIONS,
    DUE,
    ENDINGS,
    PHASES,
    POINT_STEPS,
    STEPS,
    Labels,
    day_words,
)
from complaints.pages.learning_view import part
from complaints.pages.letter_list import letters_of
from complaints.pages.point_words import acts_now, became_words, point_words
from complaints.use_cases.cursor import cursor_key, cursor_of
from complaints.use_cases.learn import learning_of, to_show
from complaints.use_cases.read_complaints import count_due, count_overdue, list_complaints
from complaints.use_cases.setup import Setup

OFFICER = "role:complaints-officer"
SENIOR_READER = "role:senior-reader"
PAGE_SIZE = 50

Staff = Annotated[Identity, Depends(requires(OFFICER, SENIOR_READER))]
router = APIRouter(include_in_schema=False)


def chrome(request: Request) -> dict[str, Any]:
    """What stands around every page; also around error pages, which do not know the organisation's name."""
    if request.url.path.startswith("/c/"):
        # The public form; an error page of it speaks the sender's language where that is known.
        return {"language": getattr(request.state, "language", "en")}
    around = staff_chrome(request)
    organisation = getattr(request.state, "organisation", None)
    return {**around, "organisation": organisation} if around and organisation else around


@dataclass(frozen=True)
class Search:
    """What the form of the tracker asks for. Anything that is not understood is left aside and said so."""

    state: str | None
    procedure: str | None
    service_area: str | None
    overdue: bool
    due: Due | None
    on: date | None
    typed: str
    errors: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, request: Request, profile: Profile) -> "Search":
        """Read the address."""
        return cls.asked(request.query_params, profile)

    @classmethod
    def asked(cls, asked: Mapping[str, str], profile: Profile) -> "Search":
        """Read what is asked for."""
        errors = []
        on = None
        if asked.get("on"):
            try:
                on = date.fromisoformat(asked["on"])
            except ValueError:
                errors.append(("on", "Enter the day as year-month-day, for example 2022-04-28"))
        areas = {area.code for area in profile.organisation.service_areas}
        procedures = {procedure.code for procedure in profile.complaints.procedures}
        # A letter that did not arrive is mostly of a complaint that counts as answered.
        state = asked.get("state", "all" if asked.get("due") == "letters" else "open")
        return cls(
            state=state if state in {"open", "closed"} else None,
            procedure=asked["procedure"] if asked.get("procedure") in procedures else None,
            service_area=asked["service_area"] if asked.get("service_area") in areas else None,
            overdue=asked.get("overdue") == "true",
            due=cast("Due", asked["due"]) if asked.get("due") in get_args(Due) and not on else None,
            on=on,
            typed=asked.get("on", "")[:40],
            errors=tuple(errors),
        )

    @property
    def order(self) -> Order:
        """Open ones by what is due first, which puts the overdue on top; others, and past days, newest first."""
        return "due" if self.state == "open" and self.on is None else "received"

    @property
    def narrowed(self) -> bool:
        """Whether it asks for anything but what is open today."""
        return self.state != "open" or self.overdue or any((self.due, self.procedure, self.service_area, self.on))

    def filters(self, today: date, areas: frozenset[str]) -> Filters:
        """As the list takes them."""
        return Filters(
            on=self.on or today,
            past=self.on is not None and self.on < today,
            procedure=self.procedure,
            open=None if self.state is None else self.state == "open",
            service_area=self.service_area,
            overdue=self.overdue,
            due=self.due,
            areas=areas,
        )

    def address(self, **more: str) -> str:
        """The tracker's address for this search."""
        parts = {
            "state": self.state or "all",
            "procedure": self.procedure,
            "service_area": self.service_area,
            "overdue": "true" if self.overdue else None,
            "due": self.due,
            "on": self.on.isoformat() if self.on else None,
            **more,
        }
        return "/complaints/?" + urlencode({name: value for name, value in parts.items() if value})


@router.get("/complaints/")
async def tracker(request: Request, identity: Staff) -> HTMLResponse:
    """The tracker: what is overdue, what is due next, filtered."""
    setup: Setup = request.app.state.setup
    after = request.query_params.get("after")
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup.profiles.current(transaction)).profile
        search = Search.of(request, profile)
        filters = search.filters(setup.today(), identity.areas)
        order, key = search.order, cursor_key(after)
        found = await list_complaints(
            transaction, setup, filters, limit=PAGE_SIZE, order=order, after=key, forecasts=order == "due"
        )
        overdue = await count_overdue(transaction, filters)
        counts = None if search.on else await count_due(transaction, setup, identity.areas)
        waiting = (await waiting_intake(transaction, identity.areas)).number if identity.may(OFFICER) else 0
        views = await SavedViews(transaction, identity.subject).all()
    request.state.organisation = profile.organisation.name
    labels = Labels(profile)
    return page(
        request,
        "tracker.html",
        status=422 if search.errors else 200,
        title="Complaints",
        found=found,
        search=search,
        on=filters.on,
        overdue=overdue,
        overdue_address=search.address(overdue="true"),
        due_lists=[(text, getattr(counts, due), f"/complaints/?due={due}") for due, text in DUE.items()] if counts else [],
        further=search.address(after=cursor_of(found.items, order)) if found.more else None,
        first=search.address() if after else None,
        views=views,
        waiting=waiting,
        query=search.address().partition("?")[2],
        token=csrf_token(setup.form_key(org_of(identity)), identity.subject),
        sheet=search.address().replace("/complaints/?", "/complaints/sheet.{}?"),
        errors=search.errors,
        **_words(labels),
    )


@router.get("/complaints/{complaint_id}")
async def record(request: Request, identity: Staff, complaint_id: str) -> HTMLResponse:
    """The record of a complaint: points with findings side by side, stages with their clocks, what was done and by whom."""
    setup: Setup = request.app.state.setup
    try:
        ident = UUID(complaint_id)
    except ValueError:
        raise not_found("complaint") from None
    async with uow_of(request).begin(org_of(identity)) as transaction:
        asked = AsAt.of(request, setup.today())
        as_at, view = await read_as_at(transaction, setup, identity, ident, asked, reasons=identity.may(OFFICER))
        learned = await learning_of(transaction, setup, view.record)
        letters = await letters_of(transaction, setup, view)
    request.state.organisation = view.profile.organisation.name
    complaint = view.record
    kind = "Complaint" if complaint.formality == "formal" else "Informal complaint"
    return page(
        request,
        "record.html",
        422 if as_at.errors else 200,
        title=f"{kind} {complaint.reference}",
        as_at=as_at,
        errors=as_at.errors,
        view=view,
        complaint=complaint,
        steps_now=possible(view.case) if identity.may(OFFICER) and as_at.on is None else (),
        points_now=acts_now(view.case) if identity.may(OFFICER) and as_at.on is None else (),
        officer=identity.may(OFFICER),
        actions=ACTIONS,
        endings=ENDINGS,
        corrections=CORRECTIONS,
        learning=[part(each, Labels(view.profile), view.on) for each in to_show(learned)],
        may_set=identity.may(OFFICER),
        letters=letters,
        **_words(Labels(view.profile)),
    )


def _words(labels: Labels) -> dict[str, Any]:
    points = {"point_steps": POINT_STEPS, "point_words": point_words, "became": became_words}
    return {**points, "labels": labels, "day": day_words, "clock_tags": CLOCK_TAGS, "phases": PHASES, "steps": STEPS}
