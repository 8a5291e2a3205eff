"""Counts for the staff page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_COUNTS = text(
    """
    with sent as (
        select questionnaire, count(*) filter (where used_on is not null) as answered,
               count(*) filter (where reusable and withdrawn_on is null and expires_on >= :today) as posters
          from invitation
         where org = :org and (cardinality(cast(:areas as text[])) = 0 or service_area = any(cast(:areas as text[])))
         group by questionnaire
    ), got as (
        select r.questionnaire,
               count(*) filter (where r.channel = 'link') as by_link,
               count(*) filter (where r.channel <> 'link') as by_staff
          from response r
         where r.org = :org and (cardinality(cast(:areas as text[])) = 0 or r.service_area = any(cast(:areas as text[])))
           and not exists (
               select from response_standing s
                where s.org = r.org and s.response_id = r.id and s.standing <> 'counted' and not exists (
                    select from response_standing n
                     where n.org = s.org and n.response_id = s.response_id and n.revision > s.revision
                )
           )
         group by r.questionnaire
    )
    select coalesce(sent.questionnaire, got.questionnaire) as questionnaire,
           coalesce(posters, 0) as posters,
           coalesce(by_link, 0) - coalesce(answered, 0) as by_poster, coalesce(by_staff, 0) as by_staff
      from sent full join got on got.questionnaire = sent.questionnaire
    """
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What of one questionnaire is in no response rate: posters in use, answers by posters, answers that staff entered.

    Every letter that was answered gave one response, so that those by posters are the rest.
    """

    questionnaire: str
    posters: int
    by_poster: int
    by_staff: int


async def by_questionnaire(transaction: Transaction, today: date, areas: Collection[str]) -> dict[str, Counts]:
    """Counts by questionnaire, of those service areas only (all where empty)."""
    values = {"org": transaction.org, "today": today, "areas": sorted(areas)}
    return {row.questionnaire: Counts(*row) for row in await transaction.connection.execute(_COUNTS, values)}
