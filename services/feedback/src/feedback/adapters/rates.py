"""Counts of letters by group, from this service's own tables."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.domain.rates import By, Letters

_GROUPS: dict[By, str] = {
    "questionnaire": "i.questionnaire",
    "team": "coalesce(i.team, '')",
    "channel": "i.channel",
    "month": "to_char(i.issued_on, 'YYYY-MM')",
}
_COUNTS = {
    by: text(
        f"""
        select {group} as letters_of,
               count(*) filter (where i.used_on is null and i.expires_on >= :today and not d.begun) as waiting,
               count(*) filter (where i.used_on is null and i.expires_on >= :today and d.begun) as begun,
               count(*) filter (where i.used_on is not null) as answered,
               count(*) filter (where i.used_on is null and i.expires_on < :today) as ended,
               count(*) filter (where s.said_no_on is not null) as declined
          from invitation i
          left join sending s on s.org = i.org and s.invitation_id = i.id
         cross join lateral (
             select exists (
                 select from draft b where b.org = i.org and b.invitation_id = i.id and b.answers <> '{{}}'
             ) as begun
         ) d
         where i.org = :org and not i.reusable and i.withdrawn_on is null
           and i.issued_on >= :since
           and (cast(:questionnaire as text) is null or i.questionnaire = cast(:questionnaire as text))
           and (cardinality(cast(:areas as text[])) = 0 or i.service_area = any(cast(:areas as text[])))
         group by 1 order by 1
        """  # noqa: S608 - constants
    )
    for by, group in _GROUPS.items()
}


async def letters_by(
    transaction: Transaction, by: By, questionnaire: str | None, since: date, areas: Collection[str], today: date
) -> list[Letters]:
    """The letters issued from a day on, in groups, in the order of their codes."""
    names = {
        "org": transaction.org, "questionnaire": questionnaire, "since": since, "areas": sorted(areas), "today": today,
    }  # fmt: skip
    return [Letters(*row) for row in await transaction.connection.execute(_COUNTS[by], names)]
