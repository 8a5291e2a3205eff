"""What follows when the grades of an audit are fixed: the outcome, its events, and the list of those it goes to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import text

from audit.adapters.actions import ActionRepository
from audit.adapters.audits import AuditRepository, Record
from audit.adapters.directory import Directory
from audit.adapters.entries import EntryRepository
from audit.adapters.outcomes import NewVersion, OutcomeWriter
from audit.context import Context
from audit.domain.actions import open_number
from audit.domain.audit import AGENCY, LEAD, MODERATION, PEER, SINGLE, Audit, State
from audit.domain.judgement import OVERALL, Entry, departs_from_all, suggested_overall
from audit.domain.notices import Notice, NoticeKind
from audit.domain.outcome import Action, Activity, Outcome, SectionOutcome, content_of, digest_of
from audit.domain.profile import Tool
from audit.domain.steps import settle
from audit.events.outcome_recorded import outcome_recorded
from audit.use_cases.notify import notify
from chassis.calendar import WorkingDays
from chassis.days import british_day
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from contracts.audit import AuditModerated

SOURCE = "audit"
"""Who posts the outcomes of audits that were done here."""

_RECIPIENT = text(
    """
    insert into recipient (org, audit_id, person, capacity, circulated_at, due_on)
    values (:org, :id, :person, :capacity, :now, :due_on)
    on conflict (org, audit_id, person) do nothing
    """
)
Judged = Mapping[str, Entry]


async def finish_audit(
    transaction: Transaction, context: Context, identity: Identity, record: Record, after: Audit, *, judged_in: str
) -> None:
    """Record the outcome of an audit whose grades were just fixed in the part `judged_in`, and circulate it."""
    tool, scale = await context.tool_of(transaction, record)
    parts = await EntryRepository(transaction, context.secrets).of(record.audit.id, list(after.parts))
    final = parts[judged_in]
    suggested = suggested_overall(final.values(), tool, scale)
    overall = final.get(OVERALL, Entry(OVERALL))
    repository = AuditRepository(transaction)
    version = record.outcome_version + 1
    # Without grades the conclusion holds the rating and the findings; with grades the moderator ticks findings beside them.
    rag = overall.answer if tool.scale is None else None
    findings = tuple(sorted({*record.findings, *overall.ticked}))
    record = replace(record, rag=rag, findings=findings)
    fixed_on, calendar = after.moderated_on or context.today, WorkingDays.load()
    fixed = {"overall": overall.grade, "suggested": suggested, "rag": rag, "findings": list(findings)}
    # Supervision is of a worker, by the manager of a team.
    discussed = record.worker is not None and record.team is not None
    discuss_by = calendar.add(fixed_on, after.rules.discuss_within) if discussed else None
    await repository.set(record.audit.id, **fixed, outcome_version=version, discuss_by=discuss_by)
    await repository.add_step(record.audit.id, identity.subject, "moderated", judged_in)
    kept = await ActionRepository(transaction, context.secrets).of_audit(record.audit.id)
    actions = [
        Action(reference=each.code, due_on=each.due_on, done_on=each.done_on) for each in kept if each.status != "dropped"
    ]
    outcome = _outcome(record, after, tool, parts, final, actions, version)
    await _record_outcome(transaction, record, outcome, tool, suggested, by=identity.subject)
    others = [entries.get(OVERALL) for code, entries in parts.items() if code != MODERATION]
    review = after.open_review
    transaction.record(
        AuditModerated(
            audit_id=after.id,
            outcome_id=after.id,
            moderated_on=fixed_on,
            due_on=record.moderate_by if judged_in == MODERATION else None,
            departs=suggested is not None and overall.grade != suggested,
            revised=judged_in == MODERATION and departs_from_all(overall, others),
            review_due_on=review.due_on if review else None,
        )
    )
    await _circulate(transaction, context, record, after, calendar.add(fixed_on, after.rules.acknowledge_within))
    settled = settle(after, open_number(kept))
    if settled is not after:
        await repository.save(after, settled)
        if settled.state is State.CLOSED:
            await repository.add_step(record.audit.id, identity.subject, "closed")


def _outcome(
    record: Record,
    after: Audit,
    tool: Tool,
    parts: Mapping[str, Judged],
    final: Judged,
    actions: list[Action],
    version: int,
) -> Outcome:
    """The audit as an outcome; lead and peer keep the grades that they first submitted."""

    def grade(part: str, section: str) -> str | None:
        entry = parts.get(part, {}).get(section)
        return entry.independent_grade if entry else None

    sections = [
        SectionOutcome(
            section=code,
            grade=final[code].grade,
            lead=grade(LEAD, code),
            peer=grade(PEER, code),
            not_applicable=final[code].not_applicable,
        )
        for code in tool.section_codes
        if code in final
    ]
    overall = final.get(OVERALL)
    completed_on = after.moderated_on or record.submit_by  # a finished audit has its day
    return Outcome(
        reference=record.reference,
        version=version,
        kind=record.audit.kind,
        tool=record.tool,
        service_area=record.service_area,
        team=record.team,
        completed_on=completed_on,
        allocated_on=record.allocated_on,
        submitted_on=british_day(after.submitted_at) if after.submitted_at else None,
        moderated_on=after.moderated_on if after.moderation else None,
        overall=overall.grade if overall and tool.scale is not None else None,
        rag=record.rag if tool.scale is None else None,  # type: ignore[arg-type]  # held to the three by the table
        findings=list(record.findings),
        sections=sections,
        activity=_activity(after),
        cases=1,
        themes=list(record.themes),
        actions=actions,
    )


def _activity(audit: Audit) -> Activity:
    agencies = sum(code.startswith(AGENCY) for code in audit.parts)
    return Activity(
        lead=int(LEAD in audit.parts),
        peer=int(PEER in audit.parts),
        moderation=int(MODERATION in audit.parts),
        single=int(SINGLE in audit.parts) + agencies,
    )


async def _record_outcome(
    transaction: Transaction, record: Record, outcome: Outcome, tool: Tool, suggested: str | None, *, by: str
) -> None:
    writer = OutcomeWriter(transaction.connection, transaction.org, SOURCE, posted_by=by)
    known = [current.outcome_id for current in (await writer.current([record.reference])).values()]
    content = content_of(outcome, record.case_key)
    version = NewVersion(record.audit.id, outcome, content, digest_of(content), tool.version, tool.scale, suggested)
    await writer.write([version], known)
    transaction.record(outcome_recorded(record.audit.id, outcome, tool, record.case_key, ours=True))


async def _circulate(transaction: Transaction, context: Context, record: Record, after: Audit, due_on: date) -> None:
    """The worker, the team's managers and theirs, auditors, moderator, reviewer: each once, in the first capacity that fits."""
    managers = await Directory(transaction, context.secrets).managers_of(record.team)
    wanted: list[tuple[str | None, str]] = [
        (record.worker, "worker"),
        *((manager.code, "team-manager") for manager in managers),
        *((manager.line_manager, "group-manager") for manager in managers),
        *((part.person, part.code) for part in after.parts.values()),
        (after.open_review.reviewer if after.open_review else None, "reviewer"),
    ]
    listed: dict[str, str] = {}
    for person, capacity in wanted:
        if person is not None:
            listed.setdefault(person, capacity)
    for person, capacity in listed.items():
        names = {"org": transaction.org, "id": after.id, "person": person, "capacity": capacity, "now": context.now()}
        names["due_on"] = due_on
        await transaction.connection.execute(_RECIPIENT, names)
    path, about = f"/audit/audits/{after.id}", f"v{record.outcome_version + 1}"
    notices = [Notice(NoticeKind.RESULT, record.reference, person, path, about) for person in listed]
    notices += [
        Notice(NoticeKind.ACTION, record.reference, action.owner, f"/audit/actions/{action.id}", action.code)
        for action in await ActionRepository(transaction, context.secrets).of_audit(after.id)
        if action.status == "open"
    ]
    await notify(transaction, context, notices)
