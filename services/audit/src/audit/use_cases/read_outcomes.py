"""Read outcomes, within the service areas to which the reader is limited."""

from datetime import date
from uuid import UUID

from audit.adapters.outcome_reader import Filters, OutcomeReader, VersionRow
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


async def outcome_history(transaction: Transaction, reader: Identity, outcome_id: UUID) -> list[VersionRow]:
    """The versions of an outcome, the current one first. Raises `DomainError` (not-found).

    Of an outcome that a correction moved here from an area closed to the reader only the versions since then are shown.
    """
    versions = await OutcomeReader(transaction.connection).history(outcome_id)
    visible = [each for each in versions if not reader.areas or each.content["service_area"] in reader.areas]
    if not visible or not visible[0].is_current:
        raise not_found("outcome")
    return visible


async def recorded_outcomes(transaction: Transaction, filters: Filters, after: int, limit: int) -> list[VersionRow]:
    """Up to `limit` current versions in the order of their first recording, after a position."""
    return await OutcomeReader(transaction.connection).recorded(filters, after, limit)


async def latest_outcomes(
    transaction: Transaction, filters: Filters, before: tuple[date, int] | None, limit: int
) -> list[VersionRow]:
    """Up to `limit` current versions, the last completed first, before a (day of completion, position)."""
    return await OutcomeReader(transaction.connection).latest(filters, before, limit)


async def outcomes_by_tool(transaction: Transaction, filters: Filters) -> dict[str, int]:
    """How many outcomes there are of each tool that has any."""
    return await OutcomeReader(transaction.connection).count_by_tool(filters)
