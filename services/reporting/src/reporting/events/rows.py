"""From events to the rows of facts: what a batch leaves behind, each record once, by what stands at its end."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.consumer import Received
from contracts.audit import OutcomeRecorded
from contracts.feedback import ResponseSubmitted
from reporting.adapters import record_areas
from reporting.adapters.fact_roots import root_of
from reporting.adapters.facts import Fact, Row
from reporting.adapters.record_areas import Reach
from reporting.domain.odata.tracking import AUDIT, RESPONSE


class Batch:
    """The rows of one organisation's batch, one for each key, in the order in which the keys came first."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], Row]] = defaultdict(dict)
        self.facts: dict[str, Fact] = {}
        self.outcomes: dict[UUID, Received] = {}
        self.first_told: dict[UUID, datetime] = {}
        self.responses: dict[UUID, Row] = {}

    def put(self, fact: Fact, received: Received, row: Row) -> None:
        """The newest account of the same record replaces the others."""
        key = tuple(row[name] for name in fact.key)
        rows = self._table(fact)
        before = rows.get(key)
        stamped = stamp(received, before)
        if before is not None and before["changed_sequence"] > received.sequence:
            rows[key] = before | {"occurred_at": stamped["occurred_at"]}
        else:
            rows[key] = row | stamped

    def merge(self, fact: Fact, received: Received, row: Row) -> None:
        """A later account adds to the earlier; None says nothing."""
        key = tuple(row[name] for name in fact.key)
        rows = self._table(fact)
        before = rows.get(key, {})
        told = {name: value for name, value in row.items() if value is not None}
        stamped = stamp(received, before)
        # As the statement does between batches, so that it does not matter where one batch ends and the next begins.
        stamped["changed_at"] = max(received.occurred_at, before.get("changed_at", received.occurred_at))
        rows[key] = before | told | stamped

    def outcome(self, received: Received) -> None:
        """The highest version of an outcome stands, whichever came last."""
        event: OutcomeRecorded = received.event
        self.first_told.setdefault(event.outcome_id, received.occurred_at)
        held = self.outcomes.get(event.outcome_id)
        if held is None or held.event.version < event.version:
            self.outcomes[event.outcome_id] = received

    def rows(self, fact: Fact) -> Sequence[Row]:
        """The rows of one table."""
        return list(self._rows[fact.table].values())

    def roots(self) -> dict[str, set[UUID]]:
        """The records that the batch writes, by kind."""
        found: dict[str, set[UUID]] = defaultdict(set)
        for fact in self.facts.values():
            root = root_of(fact)
            if root is not None:
                found[root.kind].update(row[root.column] for row in self._rows[fact.table].values())
        found[RESPONSE.kind].update(self.responses)
        found[AUDIT.kind].update(self.outcomes)
        return found

    def areas(self) -> set[Reach]:
        """In which service areas the batch tells of the records that it writes."""
        found: set[Reach] = set()
        for fact in self.facts.values():
            rows = self._rows[fact.table].values()
            found.update((*record_areas.record_of(fact, row), row["service_area"]) for row in rows if row.get("service_area"))
        found.update((RESPONSE.kind, key, row["service_area"]) for key, row in self.responses.items())
        found.update((AUDIT.kind, key, received.event.service_area) for key, received in self.outcomes.items())
        return found

    def _table(self, fact: Fact) -> dict[tuple[Any, ...], Row]:
        self.facts[fact.table] = fact
        return self._rows[fact.table]


def stamp(received: Received, before: Row | None = None) -> Row:
    """When it happened and when it changed; the first telling keeps its `occurred_at`, whenever it arrives."""
    return {
        "occurred_at": min(before["occurred_at"], received.occurred_at) if before else received.occurred_at,
        "changed_at": received.occurred_at,
        "changed_sequence": received.sequence,
    }


def audit_row(received: Received, first_told: datetime) -> Row:
    """The row of an outcome, first told of at that moment, with its sections and actions inside.

    The pseudonym of the case stays out: no report needs it.
    """
    event: OutcomeRecorded = received.event
    return {
        "outcome_id": event.outcome_id,
        "version": event.version,
        "kind": event.kind,
        "tool": event.tool,
        "tool_version": event.tool_version,
        "service_area": event.service_area,
        "team": event.team,
        "completed_on": event.completed_on,
        "allocated_on": event.allocated_on,
        "submitted_on": event.submitted_on,
        "moderated_on": event.moderated_on,
        "scale": event.scale,
        "overall": event.overall,
        "rag": event.rag,
        "reference": event.reference,
        "findings": sorted(set(event.findings)),
        "themes": sorted(set(event.themes)),
        "cases": event.cases,
        "lead": event.activity.lead,
        "peer": event.activity.peer,
        "moderation": event.activity.moderation,
        "single": event.activity.single,
        "sections": _sections(event),
        "actions": _actions(event),
        **stamp(received),
        "occurred_at": first_told,
    }


def _sections(event: OutcomeRecorded) -> list[Row]:
    rows = {
        each.section: {
            "section": each.section,
            "position": position,
            "state": each.state,
            "grade": each.grade,
            "lead_grade": each.lead,
            "peer_grade": each.peer,
        }
        for position, each in enumerate(event.sections, 1)
    }
    return list(rows.values())


def _actions(event: OutcomeRecorded) -> list[Row]:
    rows = {each.action: {"action": each.action, "due_on": each.due_on, "done_on": each.done_on} for each in event.actions}
    return list(rows.values())


def response_row(received: Received, before: Row | None) -> Row:
    """The row of a response, with its answers inside; an answer holds codes and numbers, never words."""
    event: ResponseSubmitted = received.event
    answers = {
        each.question: {
            "question": each.question,
            "position": position,
            "state": each.state,
            "choices": each.choices,
            "score": each.score,
        }
        for position, each in enumerate(event.answers, 1)
    }
    return {
        "response_id": event.response_id,
        "invitation_id": event.invitation_id,
        "questionnaire": event.questionnaire,
        "questionnaire_version": event.questionnaire_version,
        "language": event.language,
        "channel": event.channel,
        "service_area": event.service_area,
        "team": event.team,
        "about_on": event.about_on,
        "answered_on": event.answered_on,
        "submitted_at": event.submitted_at,
        "answers": list(answers.values()),
        **stamp(received, before),
    }
