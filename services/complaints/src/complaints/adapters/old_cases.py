"""Old complaints and compliments into PostgreSQL, many at a time: a statement a table, whatever their number."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import TextClause, text

from chassis.calendar import WorkingDays
from chassis.unit_of_work import Transaction
from complaints.adapters import case_snapshot
from complaints.adapters.complaint_record import PLAIN, Record
from complaints.adapters.stage_rows import span_row, stage_row
from complaints.domain import clock
from complaints.domain.case import Case, Phase

BROUGHT_IN = "brought-in"
"""The code of the first change of a complaint that was brought in."""

_KNOWN = text("select reference, content_hash from complaint where reference = any(cast(:references as text[]))")
_KNOWN_COMPLIMENTS = text("select reference, content_hash from compliment where reference = any(cast(:references as text[]))")
_KNOWN_CASES = text("select reference from ombudsman_case where reference = any(cast(:references as text[]))")

_POINT = ("org", "id", "complaint_id", "position", "reference", "category", "service_area")
_VERSION = ("org", "complaint_id", "point_id", "version", "category", "service_area")
_FINDING = ("org", "complaint_id", "stage", "point_id", "finding", "version", "remedies", "brought_in")
_REQUEST = ("org", "complaint_id", "stage", "requested_on", "late", "decided_on", "decision")
_CHANGE = ("org", "complaint_id", "version", "step", "stage", "dated_on", "code", "facts", "recorded_by")
_SPAN = ("org", "complaint_id", "stage", "first_on", "last_on")
_COMPLAINT = (
    *(name for name in PLAIN if name != "version"),
    *("org", "phase", "stage", "due_on", "suspended", "profile", "created_by", "brought_in"),
)
_OMBUDSMAN = (
    *("org", "id", "reference", "complaint_id", "service_area", "accepted_on", "outcome_on", "outcome", "actions"),
    *("content_hash", "created_by"),
)
_COMPLIMENT = (
    *("org", "id", "reference", "received_on", "service_area", "team", "source", "external"),
    *("content_hash", "created_by", "brought_in"),
)


def _insert(table: str, columns: Sequence[str], once: str = "") -> TextClause:
    """Rows as JSON, so that one statement writes all; with `once`, those that are there already are left out and not told."""
    listed = ", ".join(columns)
    conflict = f" on conflict on constraint {once} do nothing returning reference" if once else ""
    return text(
        f"insert into {table} ({listed}) "  # noqa: S608 - constants of this module
        f"select {listed} from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb)){conflict}"
    )


_INSERT_COMPLAINTS = _insert("complaint", _COMPLAINT, "complaint_reference_once")
_INSERT_COMPLIMENTS = _insert("compliment", _COMPLIMENT, "compliment_reference_once")
_INSERT_CASES = _insert("ombudsman_case", _OMBUDSMAN, "ombudsman_reference_once")


class OldCasesRepository:
    """What is brought in, of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._connection = transaction.connection

    async def known(self, references: Sequence[str]) -> dict[str, bytes]:
        """The content hashes of complaints that are there, by reference."""
        rows = await self._connection.execute(_KNOWN, {"references": list(references)})
        return {row.reference: bytes(row.content_hash) for row in rows}

    async def known_compliments(self, references: Sequence[str]) -> dict[str, bytes]:
        """The same of compliments."""
        rows = await self._connection.execute(_KNOWN_COMPLIMENTS, {"references": list(references)})
        return {row.reference: bytes(row.content_hash) for row in rows}

    async def known_cases(self, references: Sequence[str]) -> set[str]:
        """The references of Ombudsman cases that are there."""
        rows = await self._connection.execute(_KNOWN_CASES, {"references": list(references)})
        return {row.reference for row in rows}

    async def create(self, records: Sequence[tuple[Record, Case]], calendar: WorkingDays, profile: int, by: str) -> set[str]:
        """Store complaints with all that belongs to them; answers the references of those that were not there yet."""
        rows = [self._complaint(record, case, calendar, profile, by) for record, case in records]
        new = await self._once(_INSERT_COMPLAINTS, rows)
        stored = [(record, case) for record, case in records if record.reference in new]
        points = [row for record, _ in stored for row in self._points(record)]
        await self._all("complaint_point", _POINT, points)
        await self._all("point_version", _VERSION, ({**row, "point_id": row["id"], "version": 1} for row in points))
        counted = [
            (record, stage, stage_row(self._org, record.id, stage, calendar, recounted=True))
            for record, case in stored
            for stage in case.stages
        ]
        if counted:
            await self._all("stage", tuple(counted[0][2]), ({**row, "suspensions": []} for _, _, row in counted))
        await self._all("overdue_span", _SPAN, (row for own in counted for row in self._spans(*own[:2], calendar)))
        await self._all("finding", _FINDING, (row for own in counted for row in self._findings(*own[:2])))
        await self._all("stage_request", _REQUEST, (row for own in stored for row in self._requests(*own)))
        await self._all("complaint_change", _CHANGE, (self._change(*own, by) for own in stored))
        return new

    async def create_ombudsman_cases(self, rows: Sequence[dict[str, Any]]) -> set[str]:
        """Store Ombudsman cases; answers the references of those that were not there yet."""
        return await self._once(_INSERT_CASES, [{"org": self._org, **row} for row in rows])

    async def create_compliments(self, rows: Sequence[dict[str, Any]]) -> set[str]:
        """Store compliments; answers the references of those that were not there yet."""
        return await self._once(_INSERT_COMPLIMENTS, [{"org": self._org, "brought_in": True, **row} for row in rows])

    async def _once(self, statement: TextClause, rows: Sequence[dict[str, Any]]) -> set[str]:
        if not rows:
            return set()
        # In one order always, so that two who bring the same in do not wait for one another.
        ordered = sorted(rows, key=lambda row: str(row["reference"]))
        return {row.reference for row in await self._connection.execute(statement, {"rows": _json(ordered)})}

    async def _all(self, table: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
        found = list(rows)
        if found:
            await self._connection.execute(_insert(table, columns), {"rows": _json(found)})

    def _complaint(self, record: Record, case: Case, calendar: WorkingDays, profile: int, by: str) -> dict[str, Any]:
        running = case.phase is Phase.RUNNING
        due_on = clock.timing(calendar, case.current.terms, case.current.facts).answer_by if running else None
        return {
            **{name: getattr(record, name) for name in PLAIN if name != "version"},
            "org": self._org,
            "phase": case.phase.value,
            "stage": case.current.number,
            "due_on": due_on,
            "suspended": False,
            "profile": profile,
            "created_by": by,
            "brought_in": True,
        }

    def _points(self, record: Record) -> Iterator[dict[str, Any]]:
        for position, point in enumerate(record.points, 1):
            yield {"org": self._org, "complaint_id": record.id, "position": position, **vars(point)}

    def _spans(self, record: Record, stage: Any, calendar: WorkingDays) -> Iterator[dict[str, Any]]:
        row = span_row(self._org, record.id, stage, calendar)
        own = {"org": self._org, "complaint_id": record.id, "stage": stage.number}
        for first, last in zip(row["first"], row["last"], strict=True) if row else ():
            yield {**own, "first_on": first, "last_on": "infinity" if last.year == 9999 else last}  # noqa: PLR2004 - its mark

    def _findings(self, record: Record, stage: Any) -> Iterator[dict[str, Any]]:
        ids = {point.reference: point.id for point in record.points}
        own = {"org": self._org, "complaint_id": record.id, "stage": stage.number, "version": 1}
        for point, finding in stage.findings.items():
            yield {**own, "point_id": ids[point], "finding": finding, "remedies": [], "brought_in": True}

    def _requests(self, record: Record, case: Case) -> Iterator[dict[str, Any]]:
        for request in case.requests:
            yield {"org": self._org, "complaint_id": record.id, **vars(request)}

    def _change(self, record: Record, case: Case, by: str) -> dict[str, Any]:
        own = {"org": self._org, "complaint_id": record.id, "version": 1, "step": "receive", "stage": 1, "recorded_by": by}
        return {**own, "dated_on": record.received_on, "code": BROUGHT_IN, "facts": case_snapshot.dump(case)}


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=_hex).decode()


def _hex(value: Any) -> str:
    """A byte string as PostgreSQL reads it."""
    return f"\\x{bytes(value).hex()}"
