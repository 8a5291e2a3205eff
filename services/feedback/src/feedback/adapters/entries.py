"""Answers that staff are taking down, until they are sent. Only whoever began one finds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from contracts.feedback import ResponseChannel
from feedback.adapters import answer_json
from feedback.domain.answers import Answer

KEPT_DAYS = 30
"""How long what was begun and never sent is kept: long enough for an illness."""

_COLUMNS = """id, call_id, questionnaire, version, channel, reference, language, service_area, team, about_on, answered_on,
              return_to, answers::text as answers, consent, revision, touched_at, response_id, worry"""
_BEGIN = text(
    """
    insert into entry (org, id, made_by, call_id, questionnaire, version, channel, reference, language, service_area, team,
                       about_on, answered_on, return_to, answers, touched_at)
    values (:org, :id, :made_by, :call_id, :questionnaire, :version, :channel, :reference, :language, :service_area, :team,
            :about_on, :answered_on, :return_to, '{}', :now)
    """
)
_ONE = f"select {_COLUMNS} from entry where org = :org and id = :id and made_by = :made_by"  # noqa: S608 - constants
_OF_CALL = text("select id from entry where org = :org and call_id = :call_id and made_by = :made_by and response_id is null")
_MINE = text(
    f"select {_COLUMNS} from entry where org = :org and made_by = :made_by and response_id is null "  # noqa: S608 - constants
    "order by touched_at desc limit 50"
)
_KEEP = text(
    """
    update entry set answers = cast(:answers as jsonb), consent = :consent, reference = :reference, version = :version,
                     revision = revision + 1, touched_at = :now
     where org = :org and id = :id
    returning revision
    """
)
_SENT = text(
    """
    update entry set answers = '{}', response_id = :response_id, worry = :worry, revision = revision + 1, touched_at = :now
     where org = :org and id = :id
    """
)
_DISCARD = text("delete from entry where org = :org and id = :id and made_by = :made_by and response_id is null")
# What was sent is needed for the second click only.
_CLEAR = text(
    f"""
    delete from entry where org = :org and touched_at < cast(:now as timestamptz) -
        case when response_id is null then interval '{KEPT_DAYS} days' else interval '1 day' end
    """  # noqa: S608 - constants
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is known before the first question. `return_to` is the page of ours that led here."""

    questionnaire: str
    channel: ResponseChannel
    reference: str
    language: str
    service_area: str
    team: str | None
    about_on: date | None
    answered_on: date
    call_id: UUID | None = None
    return_to: str | None = None


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What was taken down so far. `sent_as` is the response that became of it."""

    id: UUID
    settings: Settings
    version: int
    answers: Mapping[str, Answer] = field(repr=False)
    consent: bool
    revision: int
    touched_at: datetime
    sent_as: UUID | None
    worry: bool


async def begin(transaction: Transaction, made_by: str, settings: Settings, version: int, now: datetime) -> UUID:
    """Begin one."""
    ident = new_id()
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    names = {"org": transaction.org, "id": ident, "made_by": made_by, "version": version, "now": now}
    await transaction.connection.execute(_BEGIN, {**values, **names})
    return ident


async def of_call(transaction: Transaction, made_by: str, call_id: UUID) -> UUID | None:
    """The one that this person has begun for a call and not sent."""
    names = {"org": transaction.org, "call_id": call_id, "made_by": made_by}
    found: UUID | None = (await transaction.connection.execute(_OF_CALL, names)).scalar_one_or_none()
    return found


async def one(transaction: Transaction, made_by: str, ident: UUID, *, lock: bool = False) -> EntryDraft | None:
    """One of this person; `lock`: until the transaction ends."""
    statement = text(_ONE + (" for no key update" if lock else ""))
    names = {"org": transaction.org, "id": ident, "made_by": made_by}
    row = (await transaction.connection.execute(statement, names)).one_or_none()
    return _draft(row) if row else None


async def mine(transaction: Transaction, made_by: str) -> list[EntryDraft]:
    """Those that this person has begun and not sent, the last touched first."""
    rows = await transaction.connection.execute(_MINE, {"org": transaction.org, "made_by": made_by})
    return [_draft(row) for row in rows]


async def keep(
    transaction: Transaction,
    draft: EntryDraft,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    consent: bool,
    reference: str,
    version: int,
    now: datetime,
) -> int:
    """Keep what a form holds in the place of what was there; the new revision. The caller has locked it."""
    names = {
        "org": transaction.org,
        "id": draft.id,
        "answers": orjson.dumps(answers).decode(),
        "consent": consent,
        "reference": reference,
        "version": version,
        "now": now,
    }
    revision: int = (await transaction.connection.execute(_KEEP, names)).scalar_one()
    return revision


async def sent(transaction: Transaction, ident: UUID, response_id: UUID, *, worry: bool, now: datetime) -> None:
    """Empty one that was sent, and note what became of it."""
    names = {"org": transaction.org, "id": ident, "response_id": response_id, "worry": worry, "now": now}
    await transaction.connection.execute(_SENT, names)


async def discard(transaction: Transaction, made_by: str, ident: UUID) -> None:
    """Delete one that was not sent."""
    await transaction.connection.execute(_DISCARD, {"org": transaction.org, "id": ident, "made_by": made_by})


def _draft(row: Row[Any]) -> EntryDraft:
    settings = Settings(
        row.questionnaire,
        row.channel,
        row.reference,
        row.language,
        row.service_area,
        row.team,
        row.about_on,
        row.answered_on,
        row.call_id,
        row.return_to,
    )
    answers = answer_json.load_all(row.answers)
    return EntryDraft(
        row.id, settings, row.version, answers, row.consent, row.revision, row.touched_at, row.response_id, row.worry
    )


async def clear(transaction: Transaction, now: datetime) -> int:
    """Delete those that were sent, or begun and never sent, long enough ago; answers how many."""
    return (await transaction.connection.execute(_CLEAR, {"org": transaction.org, "now": now})).rowcount
