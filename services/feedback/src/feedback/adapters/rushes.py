"""Answers of an open link by the hour in which they came, how they stand, and a person's word on them. No answer is shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.adapters import answer_json
from feedback.domain.answers import Answer
from feedback.domain.response import Response
from feedback.domain.rush import WORTH_LOOKING, Standing

HOUR = timedelta(hours=1)
_NOW = """
    left join lateral (
        select s.standing from response_standing s
         where s.org = r.org and s.response_id = r.id order by s.revision desc limit 1
    ) s on true
"""
_HOURS = text(
    f"""
    select date_trunc('hour', r.submitted_at, 'UTC') as hour, count(*) as came,
           count(*) filter (where s.standing = 'held') as held,
           count(*) filter (where s.standing = 'left-out') as left_out
      from response r {_NOW}
     where r.org = :org and r.invitation_id = :invitation
     group by 1 having count(*) >= :worth or count(s.standing) > 0
     order by 1 desc limit :limit
    """  # noqa: S608 - constants
)
_WAITING = text(
    """
    select r.invitation_id, count(*) as held
      from response_standing s join response r on r.org = s.org and r.id = s.response_id
     where s.org = :org and s.standing = 'held'
       and not exists (
           select from response_standing n
            where n.org = s.org and n.response_id = s.response_id and n.revision > s.revision
       )
       and (cardinality(cast(:areas as text[])) = 0 or r.service_area = any(cast(:areas as text[])))
     group by 1 order by 2 desc, 1
    """
)
# The poster's row is the turn: of two people at once the second sees what the first did.
_LOCK = text("select id from invitation where org = :org and id = :invitation for no key update")
_OTHERS = text(
    f"""
    select r.id, r.invitation_id, r.questionnaire, r.version, r.language, r.channel, r.service_area, r.team, r.about_on,
           r.answered_on, r.submitted_at, r.answers::text as answers,
           array(select h.standing from response_standing h
                  where h.org = r.org and h.response_id = r.id order by h.revision) as history,
           exists (select from response_standing h
                    where h.org = r.org and h.response_id = r.id and h.was_told) as before_held
      from response r {_NOW}
     where r.org = :org and r.invitation_id = :invitation and coalesce(s.standing, 'counted') <> :standing
       and date_trunc('hour', r.submitted_at, 'UTC') = any(cast(:hours as timestamptz[]))
     order by r.submitted_at, r.id limit :limit
    """  # noqa: S608 - constants
)
# What was decided on, or is held already, stays as it is.
_HOLD = text(
    """
    insert into response_standing (org, response_id, revision, standing, changed_at, was_told)
    select r.org, r.id, 1, 'held', :now, true
      from response r
     where r.org = :org and r.invitation_id = :invitation and r.submitted_at > :since
       and not exists (select from response_standing s where s.org = r.org and s.response_id = r.id)
     order by r.submitted_at, r.id
        on conflict do nothing
    returning response_id
    """
)
_SET = text(
    """
    insert into response_standing (org, response_id, revision, standing, changed_at, changed_by)
    select :org, new.id, new.revision, :standing, :now, :by
      from unnest(cast(:ids as uuid[]), cast(:revisions as integer[])) as new (id, revision)
    """
)


@dataclass(frozen=True, slots=True)
class Hour:
    """The answers of one hour (UTC), and how many of them are held and left out."""

    hour: datetime
    came: int
    held: int
    left_out: int

    @property
    def counted(self) -> int:
        """How many count."""
        return self.came - self.held - self.left_out


@dataclass(frozen=True, slots=True)
class Stood:
    """A response with its answers, and how it stood from its first day on. `before_held`: it counted until it was held."""

    response: Response
    answers: dict[str, Answer]
    submitted_at: datetime
    history: tuple[Standing, ...]
    before_held: bool

    @property
    def revision(self) -> int:
        """The revision of how it stands: 0 where nothing was ever said."""
        return len(self.history)


async def hours(transaction: Transaction, invitation: UUID, limit: int) -> list[Hour]:
    """The hours worth looking at, the newest first."""
    values = {"org": transaction.org, "invitation": invitation, "worth": WORTH_LOOKING, "limit": limit}
    return [Hour(*row) for row in await transaction.connection.execute(_HOURS, values)]


async def waiting(transaction: Transaction, areas: Collection[str]) -> dict[UUID, int]:
    """How many answers are held, by poster; of these service areas only (all where empty)."""
    rows = await transaction.connection.execute(_WAITING, {"org": transaction.org, "areas": sorted(areas)})
    return {row.invitation_id: row.held for row in rows}


async def lock(transaction: Transaction, invitation: UUID) -> None:
    """Take turns at one poster."""
    await transaction.connection.execute(_LOCK, {"org": transaction.org, "invitation": invitation})


async def standing_otherwise(
    transaction: Transaction, invitation: UUID, within: Sequence[datetime], standing: Standing, limit: int
) -> list[Stood]:
    """Responses of these hours that stand otherwise, the oldest first."""
    values: dict[str, Any] = {
        "org": transaction.org, "invitation": invitation, "hours": list(within), "standing": standing, "limit": limit,
    }  # fmt: skip
    found = []
    for *response, submitted_at, answers, history, before in await transaction.connection.execute(_OTHERS, values):
        found.append(Stood(Response(*response), answer_json.load_all(answers), submitted_at, tuple(history), before))
    return found


async def hold_beginning(transaction: Transaction, invitation: UUID, since: datetime, now: datetime) -> list[UUID]:
    """Hold the answers of a poster that came since a moment and counted so far; which those are."""
    await lock(transaction, invitation)
    values = {"org": transaction.org, "invitation": invitation, "since": since, "now": now}
    return list((await transaction.connection.execute(_HOLD, values)).scalars())


async def set_standing(
    transaction: Transaction, responses: Sequence[Stood], standing: Standing, by: str, now: datetime
) -> None:
    """Write down that these responses stand so from now on."""
    values = {
        "org": transaction.org,
        "ids": [each.response.id for each in responses],
        "revisions": [each.revision + 1 for each in responses],
        "standing": standing,
        "now": now,
        "by": by,
    }
    await transaction.connection.execute(_SET, values)
