"""One acknowledgement with its history, and lists of them, as far as the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from audit.adapters.acknowledgements import AcknowledgementRecord, AcknowledgementRepository, PracticeFilters
from audit.adapters.histories import Change
from audit.domain.acknowledgement import Notice, may_correct, notice_of
from audit.domain.directory import Person
from audit.domain.dispute_access import Viewer, may_see
from audit.domain.profile import AuditProfile
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.read_disputes import named
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class AcknowledgementView:
    """An acknowledgement. `notice` is the one that the reader may confirm, `people` stand by code and by subject."""

    record: AcknowledgementRecord
    changes: tuple[Change, ...]
    viewer: Viewer
    notice: Notice | None
    correctable: bool
    people: Mapping[str, Person]
    profile: AuditProfile


@dataclass(frozen=True)
class PracticePage:
    """A page of a list; `more` says that there are further ones."""

    items: tuple[AcknowledgementRecord, ...]
    more: bool
    viewer: Viewer
    people: Mapping[str, Person]
    profile: AuditProfile


async def read_acknowledgement(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, ident: UUID
) -> AcknowledgementView:
    """An acknowledgement with its history. What was good is empty for who may not read words. Raises `not-found`."""
    viewer = await setup.viewer(transaction, identity)
    repository = AcknowledgementRepository(transaction, setup.secrets, readable=viewer.reads_words)
    record = await repository.by_id(ident)
    if record is None or not may_see(viewer, record.parties):
        raise not_found("practice acknowledgement")
    changes = await repository.histories.after(ident)
    codes = {*record.parties.addressed, *([record.raised_person] if record.raised_person else [])}
    subjects = {record.source, *(change.changed_by for change in changes)}
    may = viewer.standing != "records"
    return AcknowledgementView(
        record=record,
        changes=tuple(changes),
        viewer=viewer,
        notice=notice_of(viewer, record.content) if may else None,
        correctable=may_correct(viewer, record.parties) and record.content.withdrawn_on is None,
        people=await named(transaction, setup, codes, subjects),
        profile=await setup.profile(transaction),
    )


async def list_acknowledgements(
    transaction: Transaction,
    setup: DisputeSetup,
    identity: Identity,
    filters: PracticeFilters,
    *,
    limit: int,
    after: tuple[date, UUID] | None = None,
) -> PracticePage:
    """A page of acknowledgements, the newest first. Words are not opened for a list."""
    viewer = await setup.viewer(transaction, identity)
    repository = AcknowledgementRepository(transaction, setup.secrets, readable=False)
    found = await repository.page(viewer, filters, after, limit + 1)
    shown = tuple(found[:limit])
    codes = {code for record in shown for code in (record.content.worker, record.raised_person) if code is not None}
    people = await named(transaction, setup, codes, {record.source for record in shown})
    return PracticePage(shown, len(found) > limit, viewer, people, await setup.profile(transaction))
