"""Routes: complaints received, listed and read."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.domain.listing import Filters
from complaints.use_cases.cursor import cursor_key, cursor_of
from complaints.use_cases.points import NewPoint
from complaints.use_cases.read_complaints import list_complaints, read_complaint
from complaints.use_cases.receive_complaint import ReceiveComplaint, receive_complaint
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, etag
from complaints.web import present
from complaints.web.fields import Code, Day
from complaints.web.parts import OFFICER, WRITE, Reader, Writer, do_once, responses, setup_of
from complaints.web.schemas import ComplaintIn, ComplaintOut, ListOut, StepOut

router = APIRouter(prefix="/complaints/v1", tags=["complaints"], route_class=StrictJsonRoute)

On = Annotated[Day | None, Query(description="The day for which clocks are read; today if left out.")]


async def stage_names(transaction: Transaction, setup: Setup, taken: Taken) -> dict[int, str]:
    """The names of the stages of a complaint's procedure, by number."""
    profile = (await setup.profiles.current(transaction)).profile
    return profile.stage_names(taken.record.procedure)


@router.post(
    "/complaints",
    status_code=201,
    summary="Record a complaint",
    response_model=StepOut,
    responses=responses(StepOut, "complaint"),
)
async def post_complaint(request: Request, payload: ComplaintIn, identity: Writer, key: IdempotencyKey) -> Response:
    """Stage 1 begins at once and its clock runs from the day of receipt (or acknowledgement, as the procedure says).

    `reference` is unique in the organisation: the same complaint again is answered 200, another one under it 409. Days in the
    past are normal; codes must be in use on the day of receipt.
    """
    setup = setup_of(request)
    points = tuple(NewPoint(**vars(point)) for point in payload.points)
    command = ReceiveComplaint(**{**vars(payload), "points": points})

    async def work(transaction: Transaction) -> Answer:
        taken = await receive_complaint(transaction, setup, identity, command)
        return present.step_answer(taken, await stage_names(transaction, setup, taken), setup.today())

    return await do_once(request, identity, key, payload, work)


@router.get("/complaints", summary="List complaints, newest first")
async def get_complaints(  # noqa: PLR0913 - one parameter a filter
    request: Request,
    identity: Reader,
    *,
    procedure: Annotated[Code | None, Query()] = None,
    state: Annotated[Literal["open", "closed"] | None, Query(description="As it was on the day `on`.")] = None,
    service_area: Annotated[Code | None, Query()] = None,
    overdue: Annotated[bool, Query(description="Only those that are overdue on the day `on`.")] = False,
    on: On = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> ListOut:
    """Complaints received up to the day `on`, with the clock as it stood on it."""
    setup = setup_of(request)
    today = setup.today()
    filters = Filters(
        on=on or today,
        past=on is not None and on < today,
        procedure=procedure,
        open=None if state is None else state == "open",
        service_area=service_area,
        overdue=overdue,
        areas=identity.areas,
    )
    async with uow_of(request).begin(org_of(identity)) as transaction:
        page = await list_complaints(transaction, setup, filters, limit=limit, after=cursor_key(after))
    more = cursor_of(page.items, "received") if page.more else None
    return ListOut(on=filters.on, items=[present.item_out(view) for view in page.items], next=more)


@router.get("/complaints/{complaint_id}", summary="Read a complaint with its clocks")
async def get_complaint(
    request: Request,
    response: Response,
    complaint_id: UUID,
    identity: Reader,
    *,
    on: On = None,
    known: Annotated[bool, Query(description="By what had been recorded at the end of the day `on`.")] = False,
) -> ComplaintOut:
    """With `on`, the complaint as it stood at the end of that day: what had not happened yet is left out.

    With `known`, by what had been recorded by then: what its clock said on that day, before anything was recorded late or
    corrected.
    """
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_complaint(
            transaction, setup_of(request), identity, complaint_id, on, reasons=may_read_reasons(identity), known=known
        )
    response.headers["ETag"] = etag(view.record.version)
    return present.complaint_out(view)


def may_read_reasons(identity: Identity) -> bool:
    """Whether the caller may read reasons in free text: those who write them."""
    return identity.may(WRITE, OFFICER)
