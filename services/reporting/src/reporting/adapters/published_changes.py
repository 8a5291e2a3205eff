"""Changes that stand on the public page of feedback, by the day on which they were published; their words stand there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_CHANGES = text(
    """
    select change_id, service_area, happened_on, published_on, theme_codes, quotes, questions from feed_change
     where withdrawn_on is null and published_on between :first and :last
       and (cast(:area as text) is null or service_area = :area)
       and (cardinality(cast(:areas as text[])) = 0 or service_area = any(cast(:areas as text[])))
     order by happened_on desc, change_id limit :limit
    """
)


@dataclass(frozen=True)
class PublishedChange:
    """A change by its codes. `questions` are questionnaire/question."""

    change_id: UUID
    service_area: str
    happened_on: date
    published_on: date
    themes: tuple[str, ...]
    quotes: int
    questions: tuple[str, ...]


async def published_changes(
    transaction: Transaction, first: date, last: date, area: str | None, areas: frozenset[str], limit: int
) -> Sequence[PublishedChange]:
    """At most `limit` changes published from `first` to `last`, the last that happened first."""
    names = {"first": first, "last": last, "area": area, "areas": sorted(areas), "limit": limit}
    return [
        PublishedChange(
            row.change_id, row.service_area, row.happened_on, row.published_on, tuple(row.theme_codes), row.quotes,
            tuple(each for each in row.questions.split(";") if each),
        )
        for row in await transaction.connection.execute(_CHANGES, names)
    ]  # fmt: skip
