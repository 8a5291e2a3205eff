"""Finds the records behind a count: by the same pieces of SQL that counted them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.adapters.sources import SOURCES
from reporting.adapters.tally_sql import Parameters, pieces, with_shared
from reporting.domain import records
from reporting.domain.meanings import Meanings
from reporting.domain.records import Found, FoundRecord, RecordKind
from reporting.domain.tallies import Key, Tally

_FILTERED = "count(*) filter (where "


@dataclass(frozen=True)
class _Record:
    """What a row of a table is a record of; `day` is the one by which it is told from others."""

    kind: RecordKind
    ident: str
    day: str


_COMPLAINT = _Record(records.COMPLAINT, "f.complaint_id", "f.received_on")
_FOUND = _Record(records.COMPLAINT, "f.complaint_id", "f.found_on")
_OUTCOME = _Record(records.OUTCOME, "f.outcome_id", "f.completed_on")
_LEARNING = _Record(records.LEARNING, "f.action_id", "f.due_on")
_RECORDS = {
    **dict.fromkeys(("complaint_now", "point_now", "stages", "found_at_stage1"), _COMPLAINT),
    "found": _FOUND,
    "fact_ombudsman": _Record(records.OMBUDSMAN, "f.case_id", "f.accepted_on"),
    "feed_ombudsman_case": _Record(records.OMBUDSMAN, "f.case_id", "f.accepted_on"),
    "feed_ombudsman_deadline": _Record(records.OMBUDSMAN, "f.case_id", "f.due_on"),
    "fact_compliment": _Record(records.COMPLIMENT, "f.compliment_id", "f.received_on"),
    "fact_representation": _Record(records.INTAKE, "f.representation_id", "f.received_on"),
    "fact_representation_decision": _Record(records.INTAKE, "f.representation_id", "f.decided_on"),
    "feed_learning_action": _LEARNING,
    "fact_learning_action": _LEARNING,
    "fact_audit": _OUTCOME,
    "fact_audit_section": _OUTCOME,
    "fact_audit_work": _Record(records.AUDIT, "f.audit_id", "f.allocated_on"),
    "feed_audit_part": _Record(records.AUDIT, "f.audit_id", "f.due_on"),
    "feed_audit_review": _Record(records.AUDIT, "f.audit_id", "f.due_on"),
    "fact_dispute": _Record(records.DISPUTE, "f.dispute_id", "f.raised_on"),
    "fact_dispute_stage": _Record(records.DISPUTE, "g.dispute_id", "g.answer_due_on"),
    "fact_practice_acknowledgement": _Record(records.ACKNOWLEDGEMENT, "f.acknowledgement_id", "f.acknowledged_on"),
    "feed_change": _Record(records.CHANGE, "f.change_id", "f.published_on"),
}


def _record(measure: str) -> _Record | None:
    return _RECORDS.get(SOURCES[measure].tables.split()[0])


def opens(measure: str) -> bool:
    """Whether the records behind a measure can be opened one by one."""
    return _record(measure) is not None


class RecordRepository:
    """The records behind counts, of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    async def find(
        self, tally: Tally, keys: Sequence[Key], meanings: Meanings, *, limit: int, after: UUID | None = None
    ) -> Found:
        """The records that a tally counted under keys, newest first. `tally` is of a measure that `opens`.

        A record that is counted several times, such as a complaint by its points, stands once.
        """
        record = _record(tally.measure)
        if record is None:
            raise LookupError(f"records of {tally.measure} are not opened")
        parameters = Parameters()
        statement = _statement(tally, keys, record, parameters)
        statement = with_shared(statement, [tally], meanings, parameters)
        bound = {**parameters.values, "limit": limit + 1, "after": after}
        rows = (await self._connection.execute(text(statement), bound)).all()
        found = tuple(
            FoundRecord(record.kind, row.ident, row.day, row.service_area, row.team, counted=bool(row.counted)) for row in rows
        )
        return Found(found[:limit], found[limit - 1].ident if len(found) > limit else None)


def _statement(tally: Tally, keys: Sequence[Key], record: _Record, parameters: Parameters) -> str:
    source, parts = SOURCES[tally.measure], pieces(tally, parameters)
    counted = source.n.removeprefix(_FILTERED).removesuffix(")") if source.n.startswith(_FILTERED) else "true"
    wanted = " or ".join(f"({_is(tally, key, parameters)})" for key in keys)
    area, team = (source.dimensions[name].column if name in source.dimensions else "null" for name in ("service_area", "team"))
    one = (
        f"select {record.ident} as ident, {record.day} as day, {area} as service_area, {team} as team, "  # noqa: S608 - constants
        f"coalesce({counted}, false) as counted, {parts.member} as member, {parts.across} as across "
        f"from {parts.facts}"
    )
    return (
        "select ident, max(day) as day, min(service_area) as service_area, min(team) as team, bool_or(counted) as counted "  # noqa: S608 - constants
        f"from ({one}) as each where (cast(:after as uuid) is null or ident < cast(:after as uuid))"
        f" and ({wanted}) group by ident order by ident desc limit :limit"
    )


def _is(tally: Tally, key: Key, parameters: Parameters) -> str:
    """The condition that a row is counted under a key."""
    member, across = key if isinstance(key, tuple) else (key, None)
    parts = [
        f"{name} is not distinct from {parameters.bind('text', value)}"
        for name, dimension, value in (("member", tally.by, member), ("across", tally.across, across))
        if dimension is not None
    ]
    return " and ".join(parts) or "true"
