"""What a visit to a survey reads and writes: the invitation, the draft, and at the end the response."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.adapters import answer_json, driver
from feedback.domain.answers import Answer
from feedback.domain.invitation import Invitation

_INVITATION = (
    "i.id, i.reference, i.questionnaire, i.version, i.profile_number, i.channel, i.reusable, i.service_area, i.team, "
    "i.about_on, i.issued_on, i.expires_on, i.withdrawn_on, i.used_on, i.language"
)
_LOOK = text(
    f"""
    select {_INVITATION}, d.answers::text as answers, d.submitted, d.may_quote
      from invitation i left join draft d on d.org = i.org and d.id = :draft and d.invitation_id = i.id
     where i.org = :org and i.id = :invitation
    """  # noqa: S608 - a constant
)
# The lock is on the draft: of two that submit it one waits and then sees that it was submitted. A poster is not locked.
_LOCK = f"""
    select {_INVITATION}, d.answers::text as answers, d.submitted, d.may_quote
      from draft d join invitation i on i.org = d.org and i.id = d.invitation_id
     where d.org = $1 and d.id = $2 and d.invitation_id = $3
       for no key update of d
"""  # noqa: S608 - a constant
_BEGIN = text(
    """
    insert into draft (org, id, invitation_id, answers, touched_on) values (:org, :draft, :invitation, '{}', :today)
        on conflict (org, id) do nothing
    """
)
_KEEP = text(
    """
    insert into draft (org, id, invitation_id, answers, touched_on)
    values (:org, :draft, :invitation, cast(:answers as jsonb), :today)
        on conflict (org, id) do update set answers = draft.answers || excluded.answers, touched_on = excluded.touched_on
     where not draft.submitted
    returning answers::text
    """
)


_DROP = text("delete from draft where org = :org and id = :draft and not submitted")
_CONSENT = text("update draft set may_quote = :may_quote where org = :org and id = :draft and not submitted")


@dataclass(frozen=True, slots=True)
class Found:
    """An invitation and what was given on this visit so far; `answers` is None when nothing was begun."""

    invitation: Invitation
    answers: dict[str, Answer] | None
    submitted: bool
    may_quote: bool | None


def _found(row: Any) -> Found:
    *invitation, answers, submitted, may_quote = row
    given = None if answers is None else answer_json.load_all(answers)
    return Found(Invitation(*invitation), given, bool(submitted), may_quote)


async def look(transaction: Transaction, invitation: UUID, draft: UUID) -> Found | None:
    """An invitation and a draft of it."""
    values = {"org": transaction.org, "invitation": invitation, "draft": draft}
    row = (await transaction.connection.execute(_LOOK, values)).one_or_none()
    return _found(row) if row else None


async def lock(transaction: Transaction, invitation: UUID, draft: UUID) -> Found | None:
    """The same with the draft locked until the end of the transaction; None where nothing was begun."""
    row = await driver.fetch_row(transaction, _LOCK, transaction.org, draft, invitation)
    return _found(row) if row else None


async def begin(transaction: Transaction, invitation: UUID, draft: UUID, today: date) -> None:
    """Begin a draft without an answer, unless it was begun."""
    values = {"org": transaction.org, "invitation": invitation, "draft": draft, "today": today}
    await transaction.connection.execute(_BEGIN, values)


async def keep(
    transaction: Transaction, invitation: UUID, draft: UUID, answers: Mapping[str, Mapping[str, Any]], today: date
) -> dict[str, Answer] | None:
    """Lay answers over those of a draft, in one statement, so that two devices lose nothing of one another.

    Answers all of them then, or None where the draft was submitted meanwhile.
    """
    values = {
        "org": transaction.org,
        "invitation": invitation,
        "draft": draft,
        "answers": orjson.dumps(answers).decode(),
        "today": today,
    }
    row = (await transaction.connection.execute(_KEEP, values)).scalar_one_or_none()
    return None if row is None else answer_json.load_all(row)


async def keep_consent(transaction: Transaction, draft: UUID, *, may_quote: bool | None) -> None:
    """Keep what was said about quoting, beside the answers of a draft that cannot be sent yet."""
    values = {"org": transaction.org, "draft": draft, "may_quote": may_quote}
    await transaction.connection.execute(_CONSENT, values)


async def drop(transaction: Transaction, draft: UUID) -> None:
    """Delete what was begun and not sent."""
    await transaction.connection.execute(_DROP, {"org": transaction.org, "draft": draft})
