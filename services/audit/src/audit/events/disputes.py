"""From what a step changed of a dispute to the events that tell of it. The newest event of a thing says how it stands."""

from collections.abc import Iterator
from uuid import UUID

from audit.domain.dispute import Dispute
from audit.domain.dispute_clock import taken
from contracts.audit import DisputeRaised, DisputeReopened, DisputeResolved, DisputeStageReached
from contracts.base import Event


def events_of(
    dispute_id: UUID, before: Dispute | None, after: Dispute, key: str, key_before: str | None = None
) -> Iterator[Event]:
    """The events of a change, in the order of what they tell; from None of a new dispute. `key` is the case's pseudonym.

    Codes, days and pseudonyms only. A change of words alone tells nothing.
    """
    raised = _raised(dispute_id, after, key)
    if before is None or raised != _raised(dispute_id, before, key_before or key):
        yield raised
    for number in range(1, len(after.stages) + 1):
        stage = _stage(dispute_id, after, number)
        new = before is None or number > len(before.stages)
        if before is None or new or stage != _stage(dispute_id, before, number):
            if new and after.stages[number - 1].begun_by == "reopen":
                yield _reopened(dispute_id, after, number)
            yield stage
        ended = _ended(dispute_id, after, number)
        if ended is not None and (before is None or new or ended != _ended(dispute_id, before, number)):
            yield ended


def _raised(dispute_id: UUID, dispute: Dispute, key: str) -> DisputeRaised:
    first = dispute.stages[0]
    return DisputeRaised(
        dispute_id=dispute_id,
        raised_on=dispute.raised_on,
        raised_by=dispute.raised_by,
        category=dispute.category,
        service_area=dispute.service_area,
        team=dispute.team,
        stage=first.code,
        answer_due_on=first.due_on,
        limit_in_all=dispute.limit_in_all,
        case_key=key,
    )


def _stage(dispute_id: UUID, dispute: Dispute, number: int) -> DisputeStageReached:
    stage = dispute.stages[number - 1]
    return DisputeStageReached(
        dispute_id=dispute_id,
        number=number,
        stage=stage.code,
        reached_on=stage.reached_on,
        limit=stage.limit,
        answer_due_on=stage.due_on,
        answered_on=stage.answer.on if stage.answer is not None else None,
        answered_by=stage.answer.by if stage.answer is not None else None,
        left_on=dispute.left_on(number),
        working_days=taken(dispute, number),
        calendar=stage.calendar,
    )


def _reopened(dispute_id: UUID, dispute: Dispute, number: int) -> DisputeReopened:
    stage = dispute.stages[number - 1]
    return DisputeReopened(dispute_id=dispute_id, number=number, stage=stage.code, reopened_on=stage.reached_on)


def _ended(dispute_id: UUID, dispute: Dispute, number: int) -> DisputeResolved | None:
    stage = dispute.stages[number - 1]
    if stage.ending is None:
        return None
    return DisputeResolved(
        dispute_id=dispute_id,
        number=number,
        stage=stage.code,
        resolved_on=stage.ending.on,
        result=stage.ending.result,
        outcome=stage.ending.outcome,
        informal=stage.ending.informal,
    )
