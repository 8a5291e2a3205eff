"""Routes: what interrupts, ends or corrects a stage, and what a stage heard by a panel waits for."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from complaints.use_cases.agree_statement import AgreeStatement, agree_statement
from complaints.use_cases.correct_date import CorrectDate, correct_date
from complaints.use_cases.end_stage import EndStage, end_stage
from complaints.use_cases.pass_over import PassOver, pass_over
from complaints.use_cases.pause_stage import ResumeStage, SuspendStage, resume_stage, suspend_stage
from complaints.use_cases.record_panel import HoldPanel, ReportPanel, hold_panel, report_panel
from complaints.use_cases.refer_early import ReferEarly, refer_early
from complaints.use_cases.take_step import Target
from complaints.web import present
from complaints.web.complaints import stage_names
from complaints.web.parts import IfMatch, Writer, do_once, responses, setup_of
from complaints.web.schemas import (
    AgreementIn,
    CorrectionIn,
    CorrectionOut,
    EarlyReferralIn,
    EndingIn,
    PanelIn,
    PassingOverIn,
    ReportIn,
    ResumptionIn,
    StepOut,
    SuspensionIn,
)
from complaints.web.stages import Later, Number, take

router = APIRouter(prefix="/complaints/v1/complaints/{complaint_id}/stages", tags=["stages"], route_class=StrictJsonRoute)


@router.post(
    "/{number}/suspension",
    status_code=201,
    summary="Suspend a stage",
    response_model=StepOut,
    responses=responses(StepOut, "suspension", stale=True),
)
async def post_suspension(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: SuspensionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The day to answer by moves by the working days that it stands still; the due date, and the days that pass, do not."""
    command = SuspendStage(Target(complaint_id, number, if_match), payload.suspended_on, payload.code, payload.reason)
    return await take(request, identity, key, payload, suspend_stage, command)


@router.post(
    "/{number}/resumption",
    status_code=201,
    summary="End the suspension of a stage",
    response_model=StepOut,
    responses=responses(StepOut, "resumption", stale=True),
)
async def post_resumption(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: ResumptionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The clock runs again from the next working day."""
    command = ResumeStage(Target(complaint_id, number, if_match), payload.resumed_on)
    return await take(request, identity, key, payload, resume_stage, command)


@router.post(
    "/{number}/agreement",
    status_code=201,
    summary="Record that the statement of complaint was agreed",
    response_model=StepOut,
    responses=responses(StepOut, "agreement", stale=True),
)
async def post_agreement(
    request: Request,
    complaint_id: UUID,
    number: Later,
    payload: AgreementIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Both days are kept, of the request and of the agreement; which of them is day 0 is a matter of the profile."""
    command = AgreeStatement(Target(complaint_id, number, if_match), payload.agreed_on)
    return await take(request, identity, key, payload, agree_statement, command)


@router.post(
    "/{number}/panel",
    status_code=201,
    summary="Record that the review panel met",
    response_model=StepOut,
    responses=responses(StepOut, "panel", stale=True),
)
async def post_panel(
    request: Request,
    complaint_id: UUID,
    number: Later,
    payload: PanelIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """For a stage heard by a panel; the limit for its report begins."""
    command = HoldPanel(Target(complaint_id, number, if_match), payload.panel_on)
    return await take(request, identity, key, payload, hold_panel, command)


@router.post(
    "/{number}/report",
    status_code=201,
    summary="Record that the panel's report was sent",
    response_model=StepOut,
    responses=responses(StepOut, "report", stale=True),
)
async def post_report(
    request: Request,
    complaint_id: UUID,
    number: Later,
    payload: ReportIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The limit for the authority's answer begins."""
    command = ReportPanel(Target(complaint_id, number, if_match), payload.reported_on)
    return await take(request, identity, key, payload, report_panel, command)


@router.post(
    "/{number}/ending",
    status_code=201,
    summary="Record that the complaint was withdrawn or is discontinued",
    response_model=StepOut,
    responses=responses(StepOut, "ending", stale=True),
)
async def post_ending(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: EndingIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The clock stops, each point gets `withdrawn` or `discontinued` as its finding, and no further stage can be asked for."""
    given = (payload.reason, payload.confirmed_on, payload.internal_review)
    command = EndStage(Target(complaint_id, number, if_match), payload.ended_on, payload.ending, *given)
    return await take(request, identity, key, payload, end_stage, command)


@router.post(
    "/1/passing-over",
    status_code=201,
    summary="Pass stage 1 over, and begin stage 2",
    response_model=StepOut,
    responses=responses(StepOut, "passing over", stale=True),
)
async def post_passing_over(
    request: Request,
    complaint_id: UUID,
    payload: PassingOverIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Where the procedure allows it and both agree that stage 1 is of no use. Stage 2 begins on that day."""
    command = PassOver(Target(complaint_id, 2, if_match), payload.passed_over_on, payload.agreed, payload.reason)
    return await take(request, identity, key, payload, pass_over, command)


@router.post(
    "/2/early-referral",
    status_code=201,
    summary="Refer a complaint to the Ombudsman without a review panel",
    response_model=StepOut,
    responses=responses(StepOut, "referral", stale=True),
)
async def post_early_referral(
    request: Request,
    complaint_id: UUID,
    payload: EarlyReferralIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """After stage 2, where it upheld most points, both agree, and the procedure allows it. Opens the Ombudsman's case."""
    command = ReferEarly(Target(complaint_id, 2, if_match), **vars(payload))
    return await take(request, identity, key, payload, refer_early, command)


@router.post(
    "/{number}/correction",
    status_code=201,
    summary="Correct a date",
    response_model=CorrectionOut,
    responses=responses(CorrectionOut, "correction", stale=True),
)
async def post_correction(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: CorrectionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Every clock is counted anew; `clocks` says what changed. Refused is what the steps would refuse with that day."""
    setup = setup_of(request)
    command = CorrectDate(Target(complaint_id, number, if_match), payload.date_of, payload.day, payload.reason)

    async def work(transaction: Transaction) -> Answer:
        taken = await correct_date(transaction, setup, identity, command)
        names = await stage_names(transaction, setup, taken)
        return present.correction_answer(taken, names, setup.today(), number=number)

    return await do_once(request, identity, key, payload, work)
