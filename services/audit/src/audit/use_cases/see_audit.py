"""Who sees an audit, and what of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from audit.adapters.audits import AuditRepository, Record
from audit.adapters.directory import Directory, Person
from audit.context import Context
from audit.domain.audit import State
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

OFFICER = "role:qa-officer"
READER = "role:senior-reader"
MANAGER = "role:manager"
CODES = "audit:audits:read"
"""Scope of systems that read audits without words, names and the case's own number."""

_CONNECTED = text(
    """
    select exists (select from recipient r where r.audit_id = :id and r.person = :person)
        or exists (select from action c where c.audit_id = :id and c.owner = :person)
        or exists (select from review v where v.audit_id = :id and v.reviewer = :person)
    """
)


@dataclass(frozen=True)
class Viewer:
    """Whoever looks: their identity, and who they are in the directory (None: not listed there)."""

    identity: Identity
    person: Person | None

    @property
    def code(self) -> str | None:
        """Their code in the directory."""
        return self.person.code if self.person else None

    @property
    def is_officer(self) -> bool:
        """Whether they run the programmes."""
        return self.identity.may(OFFICER)

    @property
    def is_overseer(self) -> bool:
        """Whether they may see every audit of their areas, once its parts are shown."""
        return self.identity.may(OFFICER, READER)

    @property
    def is_machine(self) -> bool:
        """Whether a system looks, which reads codes, states and days and nothing else."""
        return self.identity.may(CODES) and not self.identity.may(OFFICER, READER, MANAGER)

    def manages(self, team: str | None) -> bool:
        """Whether a team is theirs."""
        return self.person is not None and team is not None and team in self.person.manages

    def sees_area(self, service_area: str) -> bool:
        """Whether their limits let a service area through."""
        return not self.identity.areas or service_area in self.identity.areas

    def may_read(self, record: Record, part: str, now: datetime) -> bool:
        """Whether what was judged in a part is open to them."""
        return record.audit.may_read(part, self.code, now, overseer=self.is_overseer)


async def viewer_of(transaction: Transaction, context: Context, identity: Identity) -> Viewer:
    """Who is looking."""
    return Viewer(identity, await Directory(transaction, context.secrets).person_of(identity.subject))


async def see_audit(
    transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, *, hold: bool = False
) -> tuple[Viewer, Record]:
    """An audit for somebody who may know that it exists; `hold` keeps others from changing it until the end.

    Those are the QA officer and senior readers of its area, its auditors, moderator and reviewer, the team's manager once it is
    moderated, and whoever it was circulated to or who owns one of its actions. To anybody else it is not found.
    """
    repository = AuditRepository(transaction)
    record = await (repository.hold(audit_id) if hold else repository.read(audit_id))
    if record is None:
        raise not_found("audit")
    viewer = await viewer_of(transaction, context, identity)
    if not await _may_know(transaction, viewer, record):
        raise not_found("audit")
    return viewer, record


async def _may_know(transaction: Transaction, viewer: Viewer, record: Record) -> bool:
    if viewer.is_overseer and viewer.sees_area(record.service_area):
        return True
    if viewer.code is None or record.audit.state is State.PLANNED:
        return False
    if record.audit.parts_of(viewer.code):
        return True
    if record.audit.state not in {State.MODERATED, State.CLOSED}:
        return False
    if viewer.manages(record.team):
        return True
    names = {"id": record.audit.id, "person": viewer.code}
    return bool((await transaction.connection.execute(_CONNECTED, names)).scalar_one())
