"""The projection: events of all sources become facts, a batch at a time and a statement a table.

Applying is idempotent by natural keys besides the consumer's inbox, and no event waits for another source's: a response counts
although the invitation that it answers is not known yet.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.consumer import Received, TerminalError
from chassis.dead_letters import forget_dead
from contracts import audit, feedback
from contracts.base import RecordReduced
from reporting.adapters import dimension_store, facts, feed_marks, record_areas, reduction_facts, star_facts
from reporting.events import (
    audits_at_work,
    calls,
    complaint_cases,
    intake,
    learning,
    ombudsman,
    reductions,
    rows,
    stars,
    what_was_said,
)
from reporting.events.rows import Batch

Handler = Callable[[Batch, Received, Any], None]


class ReportingProjection:
    """Fills the star schema; see `chassis.consumer.Projection`."""

    async def apply(self, connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
        """Apply events of one organisation. Raises TerminalError for an event that nothing here is made for."""
        batch = Batch()
        for received in events:
            handler = HANDLERS.get(type(received.event))
            if handler is None:
                raise TerminalError(f"reporting does not know what to do with {type(received.event).__name__}")
            handler(batch, received, received.event)
        touched = await feed_marks.touch(connection, org, await _roots(connection, org, batch))
        await record_areas.reach(connection, org, batch.areas())
        await _write(connection, org, batch)
        if reduced := [str(each.event.record_id) for each in events if isinstance(each.event, RecordReduced)]:
            await forget_dead(connection, org, reduced)
        await touched.settle(connection)

    async def clear(self, connection: AsyncConnection) -> None:
        """Empty the star schema."""
        await facts.truncate(connection)
        await feed_marks.begin_epoch(connection)


async def _roots(connection: AsyncConnection, org: str, batch: Batch) -> dict[str, set[UUID]]:
    """The records that a batch writes, by kind, those too of which something goes."""
    roots = batch.roots()
    if reduction_facts.REDUCTION.table in batch.facts:
        for kind, ids in (await reduction_facts.changed(connection, org, batch.rows(reduction_facts.REDUCTION))).items():
            roots[kind] = roots.get(kind, set()) | ids
    return roots


async def _write(connection: AsyncConnection, org: str, batch: Batch) -> None:
    for fact in batch.facts.values():
        await facts.upsert(connection, org, fact, batch.rows(fact))
    if facts.QUESTIONNAIRE.table in batch.facts:
        await dimension_store.bring_up_to_date(connection, org)
    if batch.facts.keys() & {star_facts.ERASURE.table, *star_facts.TABLES}:
        await star_facts.go(connection, org)
    if batch.responses:
        responses = list(batch.responses.values())
        await facts.upsert(connection, org, facts.RESPONSE, responses)
        await facts.upsert(connection, org, facts.ANSWER, responses)
    if batch.outcomes:
        await _apply_outcomes(connection, org, batch)
    # Last, for it lets go of what was written just now too.
    written = batch.facts.keys() | ({facts.RESPONSE.table} if batch.responses else set())
    written |= {facts.AUDIT.table} if batch.outcomes else set()
    if written & {reduction_facts.REDUCTION.table, *reduction_facts.TABLES}:
        await reduction_facts.go(connection, org)


async def _apply_outcomes(connection: AsyncConnection, org: str, batch: Batch) -> None:
    """Write outcomes; where one was accepted as the current version, its parts replace those of the version before."""
    newest = {key: rows.audit_row(each, batch.first_told[key]) for key, each in batch.outcomes.items()}
    changed = await facts.upsert(connection, org, facts.AUDIT, newest.values())
    if corrected := [key for key, replaced in changed.items() if replaced]:
        await facts.delete_parts(connection, facts.SECTION, corrected)
        await facts.delete_parts(connection, facts.ACTION, corrected)
    for fact in (facts.SECTION, facts.ACTION):
        # Parts are told of anew by each version, so theirs is the moment of the version that stands.
        parts = (row for key, row in newest.items() if key in changed and row[fact.parts])
        if moved := [row | {"occurred_at": row["changed_at"]} for row in parts]:
            await facts.upsert(connection, org, fact, moved)


def _outcome(batch: Batch, received: Received, _: audit.OutcomeRecorded) -> None:
    batch.outcome(received)


def _invitation(batch: Batch, received: Received, event: feedback.InvitationIssued) -> None:
    batch.merge(
        facts.INVITATION,
        received,
        {
            "invitation_id": event.invitation_id,
            "questionnaire": event.questionnaire,
            "questionnaire_version": event.questionnaire_version,
            "channel": event.channel,
            "reusable": event.reusable,
            "service_area": event.service_area,
            "team": event.team,
            "about_on": event.about_on,
            "issued_on": event.issued_on,
            "expires_on": event.expires_on,
        },
    )


def _withdrawal(batch: Batch, received: Received, event: feedback.InvitationWithdrawn) -> None:
    row = {"invitation_id": event.invitation_id, "withdrawn_on": event.withdrawn_on}
    batch.merge(facts.INVITATION, received, row)


def _message(batch: Batch, received: Received, invitation: Any, message: int, channel: str, **told: Any) -> None:
    batch.merge(facts.MESSAGE, received, {"invitation_id": invitation, "message": message, "channel": channel, **told})


def _invitation_sent(batch: Batch, received: Received, event: feedback.InvitationSent) -> None:
    _message(batch, received, event.invitation_id, 0, event.channel, sent_on=event.sent_on)


def _reminded(batch: Batch, received: Received, event: feedback.InvitationReminded) -> None:
    _message(batch, received, event.invitation_id, event.reminder, event.channel, sent_on=event.reminded_on)


def _undelivered(batch: Batch, received: Received, event: feedback.InvitationUndelivered) -> None:
    _message(batch, received, event.invitation_id, event.message, event.channel, undelivered_on=event.found_on)


def _declined(batch: Batch, received: Received, event: feedback.RemindersDeclined) -> None:
    batch.put(facts.REFUSAL, received, {"invitation_id": event.invitation_id, "declined_on": event.declined_on})


def _response(batch: Batch, received: Received, event: feedback.ResponseSubmitted) -> None:
    batch.responses[event.response_id] = rows.response_row(received, batch.responses.get(event.response_id))


def _counting(batch: Batch, received: Received, event: feedback.ResponseCountingChanged) -> None:
    row = {
        "response_id": event.response_id,
        "counted": event.counted,
        "revision": event.revision,
        "changed_on": event.changed_on,
    }
    batch.put(facts.RESPONSE_COUNTING, received, row)


def _questionnaire(batch: Batch, received: Received, event: feedback.QuestionnairePublished) -> None:
    versions = [each.model_dump(mode="json") for each in event.versions]
    row = {"questionnaire": event.questionnaire, "edition": event.edition, "label": event.label, "versions": versions}
    batch.put(facts.QUESTIONNAIRE, received, row)


HANDLERS: dict[type, Handler] = {
    audit.OutcomeRecorded: _outcome,
    **audits_at_work.HANDLERS,
    **calls.HANDLERS,
    **learning.HANDLERS,
    **ombudsman.HANDLERS,
    feedback.InvitationIssued: _invitation,
    feedback.InvitationWithdrawn: _withdrawal,
    feedback.ResponseSubmitted: _response,
    feedback.ResponseCountingChanged: _counting,
    feedback.QuestionnairePublished: _questionnaire,
    feedback.InvitationSent: _invitation_sent,
    feedback.InvitationReminded: _reminded,
    feedback.InvitationUndelivered: _undelivered,
    feedback.RemindersDeclined: _declined,
    **stars.HANDLERS,
    **what_was_said.HANDLERS,
    **complaint_cases.HANDLERS,
    **intake.HANDLERS,
    **reductions.HANDLERS,
}
