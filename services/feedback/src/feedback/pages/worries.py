"""Staff pages of worries: the queue and each worry for the duty team, counts for those who must see that they are looked at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import Form, page, redirect
from chassis.web import uow_of
from feedback.adapters.worries import Record
from feedback.context import context_of
from feedback.domain.profile import FeedbackProfile
from feedback.domain.worry import Asked, Step, possible, take
from feedback.domain.worry_mails import due_words, reference
from feedback.pages import worry_view as view
from feedback.pages.step_form import posted, revision_in, token_for
from feedback.use_cases.see_worries import count_worries, held, look_up_origin, queue, read_worry
from feedback.use_cases.take_worry_step import take_worry_step

router = APIRouter(prefix="/feedback/worries", include_in_schema=False)

DUTY = "role:safeguarding-duty"
Duty = Annotated[Identity, Depends(requires(DUTY))]
Counter = Annotated[Identity, Depends(requires(DUTY, "role:qa-officer", "role:senior-reader"))]


@router.get("")
async def queue_page(request: Request, identity: Duty) -> HTMLResponse:
    """What is to be done, the first due first, and what was closed last."""
    moment = now()
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await queue(transaction, context_of(request), identity, moment)
    return page(
        request,
        "worries.html",
        title="Worries",
        organisation=found.profile.organisation.name,
        standing=found.standing,
        told=found.told,
        hours=found.profile.worries.read,
        lines=[view.line(each, found.profile, moment) for each in found.to_do],
        closed=[view.line(each, found.profile, moment) for each in found.closed],
    )


@router.get("/counts")
async def counts_page(request: Request, identity: Counter) -> HTMLResponse:
    """Counts and lateness; no word, nobody."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await count_worries(transaction, context_of(request), identity, now())
    return page(
        request,
        "worry-counts.html",
        title="Worries in counts",
        organisation=found.profile.organisation.name,
        standing=found.standing,
        table=view.month_table(found.months) if found.months else None,
        duty=identity.may(DUTY),
    )


@router.get("/{worry_id}")
async def worry_page(request: Request, identity: Duty, worry_id: UUID) -> HTMLResponse:
    """One worry with its words; that it was read is logged."""
    moment = now()
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_worry(transaction, context_of(request), identity, worry_id, moment)
    record, profile = seen.record, seen.profile
    team = profile.organisation.team(record.team) if record.team else None
    line = view.line(record, profile, moment)
    facts = [
        ("Clock", line["clock"]),
        ("Came in", line["opened"]),
        ("By", view.CHANNELS[record.channel]),
        ("Service area", line["area"] if team is None else f"{line['area']}, {team.name}"),
        ("What it is", line["finding"]),
    ]
    if record.worry.handed_to:
        facts.append(("Handed over to", view.place(profile, record.worry.handed_to)))
    questionnaire = profile.questionnaire(record.questionnaire)
    return page(
        request,
        "worry.html",
        title=f"Worry {line['reference']}",
        organisation=profile.organisation.name,
        line=line,
        known=facts,
        survey=questionnaire.name if questionnaire else record.questionnaire,
        said=seen.said,
        opened_by=view.opened_by(record.signs),
        history=view.history(seen.history, profile),
        mails=view.mails(seen.mails),
        origin=seen.origin,
        steps=possible(record.worry, identity.subject),
        revision=record.worry.revision,
        token=token_for(request, identity),
    )


@router.post("/{worry_id}/origin")
async def origin_form(request: Request, identity: Duty, worry_id: UUID) -> Response:
    """Look up whose link it was; who asked is logged."""
    await posted(request, identity)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await look_up_origin(transaction, context_of(request), identity, worry_id, now())
    return redirect(f"/feedback/worries/{worry_id}#origin")


@router.get("/{worry_id}/{step}")
async def step_page(request: Request, identity: Duty, worry_id: UUID, step: str) -> HTMLResponse:
    """The form of a step that can be taken now."""
    taking = _step(step)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        record = await held(transaction, identity, worry_id)
        profile = (await context_of(request).profiles.current(transaction)).profile
    if taking not in possible(record.worry, identity.subject):
        # Says why not, and what to do instead.
        take(record.worry, Asked(taking, identity.subject, record.worry.revision), (), now())
    return _form(request, identity, profile, record, taking, {})


@router.post("/{worry_id}/{step}")
async def step_form(request: Request, identity: Duty, worry_id: UUID, step: str) -> Response:
    """Take the step, and show the worry; what somebody else did in between is shown with what was typed."""
    taking = Step(step) if step == Step.ACKNOWLEDGE else _step(step)
    form = await posted(request, identity)
    asked = Asked(taking, identity.subject, revision_in(form), form.text("code") or None, form.text("words"))
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await take_worry_step(transaction, context_of(request), identity, worry_id, asked, now())
    except DomainError as error:
        if taking is Step.ACKNOWLEDGE or error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        async with uow_of(request).begin(org_of(identity)) as transaction:
            record = await held(transaction, identity, worry_id)
            profile = (await context_of(request).profiles.current(transaction)).profile
        return _form(request, identity, profile, record, taking, form, error)
    return redirect(f"/feedback/worries/{worry_id}")


def _form(
    request: Request,
    identity: Identity,
    profile: FeedbackProfile,
    record: Record,
    step: Step,
    given: Form | dict[str, str],
    error: DomainError | None = None,
) -> HTMLResponse:
    stale = error is not None and error.kind is Kind.STALE
    errors = [(each.pointer.removeprefix("/"), each.detail) for each in error.errors] if error else []
    if error is not None and not errors:
        errors = [("words", error.detail)]
    options: list[tuple[str, str, str]] = []
    if step is Step.TRIAGE:
        options = [(finding.value, label, note) for finding, (label, note) in view.FINDINGS.items()]
    elif step is Step.HAND_OVER:
        options = [(place.code, place.name, "") for place in profile.worries.hand_over_to]
    spec = view.STEPS[step]
    return page(
        request,
        "worry-step.html",
        412 if stale else 422 if error else 200,
        title=spec.title,
        organisation=profile.organisation.name,
        step=step.value,
        spec=spec,
        options=options,
        reference=reference(record.number),
        due=None if record.worry.triaged_at else due_words(record.clock.due_at),
        state=view.STATES[record.worry.state][0],
        stale=stale,
        possible=step in possible(record.worry, identity.subject),
        code=given.get("code", ""),
        words=given.get("words", ""),
        revision=record.worry.revision,
        href=f"/feedback/worries/{record.id}",
        errors=errors,
        token=token_for(request, identity),
    )


def _step(name: str) -> Step:
    if name not in {step.value for step in view.STEPS}:
        raise not_found("page")
    return Step(name)
