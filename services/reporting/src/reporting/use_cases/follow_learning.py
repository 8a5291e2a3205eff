"""Following what was learned: the tracker of all three services, for one organisation."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import DomainError, Kind
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.tracker_repository import TrackerRepository, cursor
from reporting.domain.tracker import TrackedAction
from reporting.domain.tracker_filters import TrackerCounts, TrackerFilters

MOST_ROWS = 20_000
"""Rows of a file: what Excel opens at once on an old laptop, and more than a council sets in ten years."""


@dataclass(frozen=True)
class Tracked:
    """A page of the tracker, the cursor of the next, and the counts above it."""

    actions: Sequence[TrackedAction]
    following: str | None
    counts: TrackerCounts


async def follow_learning(transaction: Transaction, filters: TrackerFilters, limit: int, after: str | None) -> Tracked:
    """A page of actions. Raises DomainError `being-rebuilt` (503) and `malformed-cursor` (422)."""
    await progress_repository.assert_complete(transaction)
    repository = TrackerRepository(transaction)
    found = await repository.page(filters, limit + 1, after)
    shown = found[:limit]
    following = cursor(shown[-1], filters.sort) if len(found) > limit else None
    return Tracked(shown, following, await repository.counts(filters))


async def all_learning(transaction: Transaction, filters: TrackerFilters) -> Tracked:
    """Every action that the filters let through, for a file. Raises as above, and `too-many-rows` (422)."""
    found = await follow_learning(transaction, filters, MOST_ROWS, None)
    if found.following is not None:
        detail = f"These are more than {MOST_ROWS:,} actions. Choose a period or a service area, and save again."
        raise DomainError("too-many-rows", detail, Kind.MALFORMED)
    return found
