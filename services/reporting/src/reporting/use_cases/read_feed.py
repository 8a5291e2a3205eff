"""Reading a feed, while the read model is whole."""

from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.feed_repository import FeedPage, FeedRepository
from reporting.domain.odata.query import Query


async def read_feed(transaction: Transaction, areas: frozenset[str], query: Query) -> FeedPage:
    """A page of an entity set. Raises DomainError `being-rebuilt` (503)."""
    await progress_repository.assert_complete(transaction)
    return await FeedRepository(transaction, areas).page(query)


async def count_feed(transaction: Transaction, areas: frozenset[str], query: Query) -> int:
    """How many rows the query's filter lets through. Raises DomainError `being-rebuilt` (503)."""
    await progress_repository.assert_complete(transaction)
    return await FeedRepository(transaction, areas).count(query)
