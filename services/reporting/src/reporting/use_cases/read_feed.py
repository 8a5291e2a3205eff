"""Reading a feed, while the read model is whole."""

from chassis.unit_of_work import Transaction
from reporting.adapters import dimension_store, progress_repository
from reporting.adapters.feed_repository import FeedPage, FeedRepository
from reporting.domain.dimension_tables import ALL
from reporting.domain.odata.model import EntitySet
from reporting.domain.odata.query import Query

DIMENSIONS = frozenset(each.table for each in ALL)


async def read_feed(transaction: Transaction, areas: frozenset[str], query: Query) -> FeedPage:
    """A page of an entity set. Raises DomainError `being-rebuilt` (503)."""
    await _ready(transaction, query)
    return await FeedRepository(transaction, areas).page(query)


async def count_feed(transaction: Transaction, areas: frozenset[str], query: Query) -> int:
    """How many rows the query's filter lets through. Raises DomainError `being-rebuilt` (503)."""
    await _ready(transaction, query)
    return await FeedRepository(transaction, areas).count(query)


async def _ready(transaction: Transaction, query: Query) -> None:
    await progress_repository.assert_complete(transaction)
    await bring_up_to_date(transaction, query.entities)


async def bring_up_to_date(transaction: Transaction, entities: EntitySet) -> None:
    """Make a dimension what it has to be: after an upgrade nothing has done so yet."""
    if entities.view in DIMENSIONS:
        await dimension_store.bring_up_to_date(transaction.connection, transaction.org)
