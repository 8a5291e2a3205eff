"""Staff pages of learning: what still asks for an action, actions by how they stand, one's own; and the list as a sheet."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis import keyset
from chassis.access import org_of
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.quarters import Quarter
from chassis.spreadsheet.streaming import sheet_download
from chassis.spreadsheet.writing import Cell
from chassis.web import uow_of
from complaints.adapters.learning import KeptAction, LearningRepository, plain_name
from complaints.adapters.learning_list import LearningList
from complaints.domain.learning_filters import Colour, LearningFilters, Show
from complaints.domain.profile import Profile
from complaints.pages import learning_view as view
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_desk import Desk, Overseer, Staff, desk
from complaints.use_cases.change_learning import OFFICER
from complaints.use_cases.learning_cursor import key_of
from complaints.use_cases.setup import Setup

router = APIRouter(prefix="/complaints/learning", include_in_schema=False)

PAGE_ROWS = 50
SHEET_ROWS = 500
_QUARTERS_BACK = 8
_FINISHED: tuple[Show, ...] = ("to-review", "reviewed")
HEADINGS = (
    "Action", "Complaint", "Point's finding", "Stage", "Service area", "Team", "Themes", "What is to be done", "Who", "Due",
    "Set first for", "How it stands", "Done", "What shows it", "Reviewed", "Made a difference", "Recorded",
)  # fmt: skip


@dataclass(frozen=True)
class Search:
    """What the form of the list asks for; what is not understood is left aside, and said where it is a quarter."""

    show: str
    service_area: str | None
    theme: str | None
    colour: str | None
    owner: str
    quarter: Quarter | None
    errors: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, request: Request, profile: Profile) -> "Search":
        """Read the address."""
        asked = request.query_params
        areas = {area.code for area in profile.organisation.service_areas}
        quarter, errors = None, []
        if asked.get("quarter"):
            try:
                quarter = Quarter.parse(asked["quarter"])
            except DomainError:
                errors.append(("quarter", "Choose a quarter from the list"))
        return cls(
            show=asked["show"] if asked.get("show") in dict(view.SHOWS) else "asks",
            service_area=asked["service_area"] if asked.get("service_area") in areas else None,
            theme=asked["theme"] if asked.get("theme") in view.theme_names(profile) else None,
            colour=asked["colour"] if asked.get("colour") in dict(view.RAGS) else None,
            owner=asked.get("owner", "").strip()[:200],
            quarter=quarter,
            errors=tuple(errors),
        )

    def filters(self, setup: Setup, repository: LearningRepository, identity: Identity) -> LearningFilters:
        """As the list of actions takes them. An owner is found by name or by sign-in."""
        owners = (repository.owner_key(self.owner), repository.owner_key(plain_name(self.owner))) if self.owner else ()
        return LearningFilters(
            today=setup.today(),
            show=cast("Show", self.show if self.show != "asks" else "all"),
            service_area=self.service_area,
            theme=self.theme,
            colour=cast("Colour | None", self.colour),
            owners=owners,
            since=self.quarter.first if self.quarter else None,
            until=self.quarter.last if self.quarter else None,
            areas=identity.areas,
        )

    def query(self, **more: str) -> str:
        """The query of the list's address for this search."""
        parts = {
            "show": self.show,
            "service_area": self.service_area,
            "theme": self.theme,
            "colour": self.colour,
            "owner": self.owner,
            "quarter": self.quarter.code if self.quarter else None,
            **more,
        }
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether it asks for anything but a kind of list."""
        return bool(self.service_area or self.theme or self.colour or self.owner or self.quarter or self.errors)


@router.get("")
async def learning_page(request: Request, identity: Overseer) -> HTMLResponse:
    """What still asks for an action, and actions by how they stand."""
    after = request.query_params.get("after")
    async with desk(request, identity) as at:
        search, today = Search.of(request, at.profile), at.setup.today()
        counts = await LearningList(at.transaction, at.setup.secrets).counts(identity.areas, today)
        lines, further = await _lines(at, search, key_of(after))
        return at.show(
            "learning.html",
            422 if search.errors else 200,
            title="Learning",
            counts=counts,
            search=search,
            lines=lines,
            heading=dict(view.SHOWS)[search.show],
            shows=view.SHOWS,
            rags=view.RAGS,
            areas=[(area.code, area.short_name) for area in at.profile.organisation.service_areas],
            themes=list(view.theme_names(at.profile).items()),
            quarters=_quarters(today),
            sheets=search.query(),
            further=search.query(after=further) if further else None,
            first=search.query() if after else None,
            may_set=identity.may(OFFICER),
            errors=search.errors,
        )


@router.get("/mine")
async def own_page(request: Request, identity: Staff) -> HTMLResponse:
    """The actions that somebody who signed in sees to: what is open first, and what they finished."""
    async with desk(request, identity) as at:
        repository = LearningRepository(at.transaction, at.setup.secrets)
        filters = LearningFilters(today=at.setup.today(), owners=(repository.owner_key(identity.subject),))
        listed = LearningList(at.transaction, at.setup.secrets)
        # Their own, wherever they lie.
        async with at.transaction.whole_organisation():
            open_ = await listed.page(filters, SHEET_ROWS)
            done = [kept for show in _FINISHED for kept in await listed.page(replace(filters, show=show), PAGE_ROWS)]
        labels, today = at.labels, at.setup.today()
        return at.show(
            "learning-mine.html",
            title="Your actions",
            open=[view.line(kept, labels, today) for kept in open_],
            done=[view.line(kept, labels, today) for kept in done],
        )


@router.get("/sheet.{kind}")
async def sheet(request: Request, identity: Overseer, kind: Literal["csv", "xlsx"]) -> Response:
    """The actions that the list shows, all of them, as a sheet. Points that still ask for one are no actions."""
    setup: Setup = request.app.state.setup
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup.profiles.current(transaction)).profile
    search = Search.of(request, profile)
    return await sheet_download(kind, "learning", HEADINGS, _rows(request, identity, search, profile))


async def _rows(
    request: Request, identity: Identity, search: Search, profile: Profile
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    setup: Setup = request.app.state.setup
    labels, themes = Labels(profile), view.theme_names(profile)
    after: tuple[date, UUID] | None = None
    while True:
        # A transaction a page: a slow download holds no connection.
        async with uow_of(request).begin(org_of(identity)) as transaction:
            repository = LearningRepository(transaction, setup.secrets)
            filters = search.filters(setup, repository, identity)
            page = await LearningList(transaction, setup.secrets).page(filters, SHEET_ROWS, after)
        yield [_row(kept, labels, themes, setup.today()) for kept in page]
        if len(page) < SHEET_ROWS:
            return
        after = (page[-1].action.plan.due_on, page[-1].id)


def _row(kept: KeptAction, labels: Labels, themes: dict[str, str], today: date) -> Sequence[Cell]:
    action, plan = kept.action, kept.action.plan
    return (
        kept.name, kept.reference, labels.name("finding", kept.found.finding), kept.found.stage,
        labels.name("area", plan.service_area), labels.name("team", plan.team),
        ", ".join(themes.get(code, code) for code in plan.themes), plan.what, view.owner_of(plan, labels), plan.due_on,
        kept.first_due_on, view.tag_of(kept, today)[0], action.done_on, action.evidence, action.reviewed_on,
        view.DIFFERENCES[action.difference] if action.difference else "", kept.recorded_on,
    )  # fmt: skip


async def _lines(at: Desk, search: Search, after: tuple[date, UUID] | None) -> tuple[list[dict[str, Any]], str | None]:
    listed, labels, today = LearningList(at.transaction, at.setup.secrets), at.labels, at.setup.today()
    if search.show == "asks":
        asking = await listed.asking(at.identity.areas, search.service_area, PAGE_ROWS + 1, after)
        lines = [
            {
                "href": f"/complaints/{each.complaint_id}/points/{each.point_id}",
                "record": f"/complaints/{each.complaint_id}#learning",
                "name": f"{each.reference}, point {each.point}",
                "category": labels.name("category", each.category),
                "area": labels.name("area", each.service_area),
                "finding": f"{labels.name('finding', each.finding)}, stage {each.stage}",
                "since": day_words(each.responded_on),
            }
            for each in asking[:PAGE_ROWS]
        ]
        final = asking[PAGE_ROWS - 1] if len(asking) > PAGE_ROWS else None
        return lines, keyset.encode(final.responded_on, final.point_id) if final else None
    repository = LearningRepository(at.transaction, at.setup.secrets)
    page = await listed.page(search.filters(at.setup, repository, at.identity), PAGE_ROWS + 1, after)
    lines = [view.line(kept, labels, today) for kept in page[:PAGE_ROWS]]
    last = page[PAGE_ROWS - 1] if len(page) > PAGE_ROWS else None
    return lines, keyset.encode(last.action.plan.due_on, last.id) if last else None


def _quarters(today: date) -> list[tuple[str, str]]:
    now = Quarter.of(today)
    quarters = [now.moved(-back) for back in range(_QUARTERS_BACK)]
    return [(each.code, f"{each.first:%B} to {each.last:%B %Y}") for each in quarters]
