"""One dispute with its clocks, lists of them, and what is counted of them in a quarter, as far as the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from audit.adapters.dispute_list import DisputeList, Filters, Item
from audit.adapters.disputes import DisputeRepository, Record
from audit.adapters.histories import Change
from audit.domain import dispute_clock
from audit.domain.directory import Person
from audit.domain.dispute import Phase
from audit.domain.dispute_access import Viewer, may_see, steps_for
from audit.domain.dispute_clock import Clock
from audit.domain.dispute_counts import Counts, count
from audit.domain.dispute_steps import Step
from audit.domain.profile import AuditProfile
from audit.use_cases.dispute_setup import DisputeSetup
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.quarters import Quarter
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class DisputeView:
    """A dispute as it stands today. `clocks` has one for each stage, `whole` is that of the process where it has a limit.

    `people` are those whom the record names, by code and by subject. `steps` may be taken by the reader now.
    """

    record: Record
    clocks: tuple[Clock, ...]
    whole: Clock | None
    changes: tuple[Change, ...]
    viewer: Viewer
    steps: frozenset[Step]
    people: Mapping[str, Person]
    profile: AuditProfile


@dataclass(frozen=True)
class ItemView:
    """A line of a list; the clock is that of a stage that waits for its answer."""

    item: Item
    clock: Clock | None


@dataclass(frozen=True)
class Page:
    """A page of a list; `more` says that there are further ones, `overdue` how many answers are overdue in all."""

    items: tuple[ItemView, ...]
    more: bool
    overdue: int
    viewer: Viewer
    people: Mapping[str, Person]
    profile: AuditProfile


async def read_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, dispute_id: UUID) -> DisputeView:
    """A dispute with its history. Its words and the case's number are empty for who may not read them. Raises `not-found`."""
    viewer = await setup.viewer(transaction, identity)
    repository = DisputeRepository(transaction, setup.secrets, readable=viewer.reads_words)
    record = await repository.by_id(dispute_id)
    if record is None or not may_see(viewer, record.parties):
        raise not_found("dispute")
    changes = await repository.histories.after(dispute_id)
    today, dispute = setup.today(), record.dispute
    subjects = {record.source, *(change.changed_by for change in changes)}
    codes = {*record.parties.addressed, *([record.raised_person] if record.raised_person else [])}
    return DisputeView(
        record=record,
        clocks=tuple(dispute_clock.of_stage(dispute, stage.number, today) for stage in dispute.stages),
        whole=dispute_clock.of_whole(dispute, today),
        changes=tuple(changes),
        viewer=viewer,
        steps=steps_for(viewer, record.parties, dispute),
        people=await named(transaction, setup, codes, subjects),
        profile=await setup.profile(transaction),
    )


async def list_disputes(
    transaction: Transaction,
    setup: DisputeSetup,
    identity: Identity,
    filters: Filters,
    *,
    limit: int,
    after: tuple[int, UUID] | None = None,
) -> Page:
    """A page of disputes: open ones by the day that they are due, then those to be decided, then the last ended first."""
    viewer = await setup.viewer(transaction, identity)
    found = DisputeList(transaction, viewer)
    items = await found.page(filters, after, limit + 1)
    today = setup.today()
    shown = items[:limit]
    return Page(
        items=tuple(ItemView(item, _clock(item, setup)) for item in shown),
        more=len(items) > limit,
        overdue=await found.count(Filters(overdue_on=today)),
        viewer=viewer,
        people=await named(transaction, setup, {item.person for item in shown if item.person is not None}, set()),
        profile=await setup.profile(transaction),
    )


async def count_disputes(transaction: Transaction, setup: DisputeSetup, identity: Identity, quarter: Quarter) -> Counts:
    """The counts of a quarter, within the service areas of the reader."""
    found = DisputeList(transaction, await setup.viewer(transaction, identity))
    return count(await found.raised(quarter.first, quarter.last), await found.answers(quarter.first, quarter.last))


async def named(transaction: Transaction, setup: DisputeSetup, codes: set[str], subjects: set[str]) -> dict[str, Person]:
    """The people of these codes and subjects, under both."""
    directory = setup.directory(transaction)
    return {**(await directory.by_subjects(subjects) if subjects else {}), **await directory.by_codes(codes)}


def _clock(item: Item, setup: DisputeSetup) -> Clock | None:
    if item.phase is not Phase.WAITING or item.due_on is None:
        return None
    return dispute_clock.of_waiting(item.reached_on, item.limit_days, item.due_on, item.calendar, setup.today())
