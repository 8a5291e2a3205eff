"""Lists as far as somebody's sight goes: audits, actions, and what is to be done. For pages and the API alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from audit.adapters.audit_list import ActionList, AuditFilters, AuditList, ListedAction, ListedAudit
from audit.adapters.work_reader import Work, WorkReader
from audit.context import Context
from audit.use_cases.see_audit import Viewer
from chassis import keyset
from chassis.unit_of_work import Transaction

MOST_POSITION = 2**63 - 1
NOBODY = "-"
"""Code of a person that no directory has: whoever is not listed takes part in nothing."""


async def list_audits(
    transaction: Transaction, viewer: Viewer, asked: AuditFilters, before: int | None, limit: int
) -> Sequence[ListedAudit]:
    """Audits, the last allocated first: all of their areas for overseers and machines, otherwise one's own and one's teams'."""
    seen = replace(asked, areas=viewer.identity.areas)
    if not (viewer.is_overseer or viewer.is_machine):
        seen = _own(viewer, seen)
    return await AuditList(transaction.connection).newest(seen, before, limit)


async def list_actions(
    transaction: Transaction,
    viewer: Viewer,
    status: str,
    service_area: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[ListedAction]:
    """Actions of moderated audits, the first due first: all for overseers, otherwise one's own and one's teams'."""
    seen = AuditFilters(service_area=service_area)
    seen = replace(seen, areas=viewer.identity.areas) if viewer.is_overseer else _own(viewer, seen)
    return await ActionList(transaction.connection).page(seen, status, after, limit)


async def read_work(transaction: Transaction, context: Context, viewer: Viewer) -> tuple[Sequence[Work], Sequence[Work]]:
    """What somebody has to do, the first due first; and, for overseers, what is late anywhere in their areas."""
    reader, now = WorkReader(transaction.connection), context.now()
    person = viewer.person
    own = await reader.of_person(person.code, person.manages, now) if person else []
    late = await reader.late(viewer.identity.areas, context.today, now) if viewer.is_overseer else []
    return own, late


def audit_cursor(cursor: str | None) -> int | None:
    """The position from before which a list of audits goes on. Raises `malformed-cursor`."""
    if not cursor:
        return None
    (position,) = keyset.decode(cursor, 1)
    if type(position) is not int or not 0 <= position <= MOST_POSITION:
        raise keyset.malformed()
    return position


def action_cursor(cursor: str | None) -> tuple[date, UUID] | None:
    """The (day, id) from after which a list of actions goes on. Raises `malformed-cursor`."""
    if not cursor:
        return None
    on, ident = keyset.decode(cursor, 2)
    try:
        return date.fromisoformat(on), UUID(ident)
    except (TypeError, ValueError, AttributeError):
        raise keyset.malformed() from None


def _own(viewer: Viewer, seen: AuditFilters) -> AuditFilters:
    manages = viewer.person.manages if viewer.person else frozenset[str]()
    return replace(seen, person=viewer.code or NOBODY, manages=manages)
