"""Lists of audits and of actions, a page at a time by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.adapters.actions import Status

_FILTERS = {
    "areas": "a.service_area = any(cast(:areas as text[]))",
    "state": "a.state = :state",
    "tool": "a.tool = :tool",
    "service_area": "a.service_area = :service_area",
    "team": "a.team = :team",
    "programme": "a.programme = :programme",
    "round_id": "a.round_id = :round_id",
    "reference": "a.reference = :reference",
    # Their own, and, once moderated, those of the teams that they manage.
    "person": """
        (exists (select from part p where p.org = a.org and p.person = :person and p.audit_id = a.id) and a.state <> 'planned'
         or a.state in ('moderated', 'closed') and (
              a.team = any(cast(:manages as text[]))
              or exists (select from recipient r where r.org = a.org and r.audit_id = a.id and r.person = :person)))
    """,
}
_COLUMNS = """
    a.id, a.position, a.reference, a.kind, a.tool, a.scale, a.service_area, a.team, a.state, a.allocated_on, a.submit_by,
    a.moderate_by, a.moderated_on, a.overall, a.rag, a.withdrawn_on,
    (select count(*) filter (where p.state = 'submitted') from part p
      where p.org = a.org and p.audit_id = a.id and p.part <> 'moderation') as submitted,
    (select count(*) from part p where p.org = a.org and p.audit_id = a.id and p.part <> 'moderation') as parts,
    (select min(v.due_on) from review v where v.org = a.org and v.audit_id = a.id and v.result is null) as review_due_on
"""


@dataclass(frozen=True, slots=True)
class ListedAudit:
    """One line of the list of audits; `submitted` of `parts` auditors have handed in."""

    id: UUID
    position: int
    reference: str
    kind: str
    tool: str
    scale: str | None
    service_area: str
    team: str | None
    state: str
    allocated_on: date
    submit_by: date
    moderate_by: date | None
    moderated_on: date | None
    overall: str | None
    rag: str | None
    withdrawn_on: date | None
    submitted: int
    parts: int
    review_due_on: date | None

    def late_since(self, today: date) -> date | None:
        """The day on which what is due next was due, where that has passed."""
        due = {"auditing": self.submit_by, "submitted": self.moderate_by, "moderated": self.review_due_on}.get(self.state)
        return due if due is not None and due < today else None


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What a list is narrowed to; None lets everything through. `areas` is the caller's limit, empty for all.

    `person` narrows to the audits that somebody takes part in or that went to them; `manages` are their teams.
    """

    areas: frozenset[str] = frozenset()
    state: str | None = None
    tool: str | None = None
    service_area: str | None = None
    team: str | None = None
    programme: str | None = None
    round_id: UUID | None = None
    reference: str | None = None
    person: str | None = None
    manages: frozenset[str] = frozenset()

    def where(self) -> tuple[str, dict[str, Any]]:
        """The condition and its parameters."""
        given: dict[str, Any] = {name: value for name in _FILTERS if (value := getattr(self, name))}
        if "areas" in given:
            given["areas"] = sorted(given["areas"])
        condition = " and ".join(("true", *(_FILTERS[name] for name in given)))
        return condition, given | ({"manages": sorted(self.manages)} if self.person else {})


class AuditList:
    """Reads within the transaction that was given."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def newest(self, filters: AuditFilters, before: int | None, limit: int) -> Sequence[ListedAudit]:
        """Audits, the last allocated first, from before a position."""
        where, names = filters.where()
        beyond = "and a.position < :before" if before is not None else ""
        statement = f"select {_COLUMNS} from audit a where {where} {beyond} order by a.position desc limit :limit"  # noqa: S608 - constants
        rows = await self._connection.execute(text(statement), names | {"before": before, "limit": limit})
        return [ListedAudit(**row._asdict()) for row in rows]


@dataclass(frozen=True, slots=True)
class ListedAction:
    """One line of the list of actions. Its words are sealed."""

    id: UUID
    audit_id: UUID
    reference: str
    code: str
    service_area: str
    team: str | None
    owner: str
    due_on: date
    status: Status
    done_on: date | None
    what_sealed: bytes


class ActionList:
    """Reads within the transaction that was given."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(
        self, filters: AuditFilters, status: str, after: tuple[date, UUID] | None, limit: int
    ) -> Sequence[ListedAction]:
        """Actions of moderated audits, the first due first, from after a (day, id).

        With `filters.person` those that somebody owns and those of the teams that they manage.
        """
        names: dict[str, Any] = {"status": status, "limit": limit}
        conditions = ["c.status = :status", "a.state in ('moderated', 'closed')"]
        if filters.person:
            # Team and owner both of the action, whose indexes can then be used together; the audit's team is the same.
            conditions.append("(c.owner = :person or c.team = any(cast(:manages as text[])))")
            names |= {"person": filters.person, "manages": sorted(filters.manages)}
        if filters.areas:
            conditions.append("a.service_area = any(cast(:areas as text[]))")
            names["areas"] = sorted(filters.areas)
        for name in ("service_area", "team"):
            if value := getattr(filters, name):
                conditions.append(f"a.{name} = :{name}")
                names[name] = value
        if after is not None:
            conditions.append("(c.due_on, c.id) > (:day, :id)")
            names |= {"day": after[0], "id": after[1]}
        statement = f"""
            select c.id, c.audit_id, a.reference, c.code, a.service_area, a.team, c.owner, c.due_on, c.status, c.done_on,
                   c.what_sealed
              from action c join audit a on a.org = c.org and a.id = c.audit_id
             where {" and ".join(conditions)}
             order by c.due_on, c.id
             limit :limit
        """  # noqa: S608 - constants
        return [ListedAction(**row._asdict()) for row in await self._connection.execute(text(statement), names)]
