"""An audit as a system reads it: codes, states, days and grades. No word is opened, no name, and not the case's own number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.adapters.actions import ActionDays, ActionRepository
from audit.adapters.audits import AuditRepository, Record
from audit.adapters.entries import EntryRepository
from audit.context import Context
from audit.domain.audit import State
from audit.domain.judgement import Entry
from audit.use_cases.see_audit import Viewer
from chassis.errors import not_found
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class Coded:
    """One audit in codes. `grades` holds the parts that are open to overseers, and no other."""

    record: Record
    grades: Mapping[str, Mapping[str, Entry]]
    actions: Sequence[ActionDays]

    @property
    def is_finished(self) -> bool:
        """Whether grades are fixed."""
        return self.record.audit.state in {State.MODERATED, State.CLOSED}


async def read_codes(transaction: Transaction, context: Context, viewer: Viewer, audit_id: UUID) -> Coded:
    """An audit of the areas of a system. Grades of auditors once they are shown, final ones once they are fixed.

    Raises `not-found`.
    """
    record = await AuditRepository(transaction).read(audit_id)
    if record is None or not (viewer.is_machine and viewer.sees_area(record.service_area)):
        raise not_found("audit")
    audit, now = record.audit, context.now()
    finished = audit.state in {State.MODERATED, State.CLOSED}
    shown = [part for part in audit.parts if finished or audit.may_read(part, None, now, overseer=True)]
    grades = await EntryRepository(transaction, context.secrets).grades(audit_id, shown) if shown else {}
    actions = await ActionRepository(transaction, context.secrets).days(audit_id) if finished else []
    return Coded(record, grades, actions)
