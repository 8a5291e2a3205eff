"""What the tracker shows, all of it, as a sheet: codes in the profile's words and dates, no narrative and nobody's name."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.spreadsheet.streaming import sheet_download
from chassis.spreadsheet.writing import Cell
from chassis.web import uow_of
from complaints.pages.labels import CLOCK_TAGS, ENDINGS, STANDINGS, Labels
from complaints.pages.routes import OFFICER, SENIOR_READER, Search
from complaints.use_cases.cursor import cursor_key, cursor_of
from complaints.use_cases.read_complaints import ItemView, list_complaints
from complaints.use_cases.setup import Setup

SHEET_ROWS = 500
HEADINGS = (
    *("Complaint", "Procedure", "Service area", "Team", "Received", "Points", "Stage", "Where it stands", "Clock"),
    *("Day", "Limit", "Due", "Answer by", "Working days over", "Working days suspended"),
)

Staff = Annotated[Identity, Depends(requires(OFFICER, SENIOR_READER))]
router = APIRouter(include_in_schema=False)


@router.get("/complaints/sheet.{kind}")
async def sheet(request: Request, identity: Staff, kind: Literal["csv", "xlsx"]) -> Response:
    """The complaints that the tracker's address with the same search shows."""
    return await sheet_download(kind, "complaints", HEADINGS, _pages(request, identity))


async def _pages(request: Request, identity: Identity) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    setup: Setup = request.app.state.setup
    after: str | None = None
    while True:
        # A transaction a page: a slow download holds no connection.
        async with uow_of(request).begin(org_of(identity)) as transaction:
            search = Search.of(request, (await setup.profiles.current(transaction)).profile)
            filters = search.filters(setup.today(), identity.areas)
            key = cursor_key(after)
            found = await list_complaints(transaction, setup, filters, limit=SHEET_ROWS, order=search.order, after=key)
        labels = Labels(found.profile)
        yield [_row(line, labels) for line in found.items]
        if not found.more:
            return
        after = cursor_of(found.items, search.order)


def _row(line: ItemView, labels: Labels) -> Sequence[Cell]:
    item, clock = line.item, line.clock
    state = (
        ENDINGS[clock.ending]
        if clock.ending in {"withdrawn", "discontinued", "passed-over", "made-in-error"}
        else CLOCK_TAGS[clock.state][0]
    )
    return (
        *(item.reference, labels.name("procedure", item.procedure), labels.name("area", item.service_area)),
        *(labels.name("team", item.team), item.received_on, item.points, item.stage, STANDINGS[item.phase.value], state),
        *(clock.day, clock.limit, clock.due_on, clock.answer_by, clock.days_over, clock.suspended_days),
    )
