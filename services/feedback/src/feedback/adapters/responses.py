"""Responses in the database: written once, never changed."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.ids import new_id
from chassis.outbox import Recordable
from chassis.tracing import traceparent
from chassis.unit_of_work import Transaction
from feedback.adapters import answer_json, driver
from feedback.domain.answers import Answer
from feedback.domain.response import Response
from feedback.domain.rush import LONG, LONG_MOST, SHORT, SHORT_MOST

_COLUMNS = """org, id, invitation_id, client, reference, fingerprint, questionnaire, version, language, channel, service_area,
            team, about_on, answered_on, submitted_at, answers, worry, may_quote"""
_VALUES = """:org, :id, :invitation_id, :client, :reference, :fingerprint, :questionnaire, :version, :language, :channel,
            :service_area, :team, :about_on, :answered_on, :submitted_at, cast(:answers as jsonb), :worry, :may_quote"""
# Burn the link, empty the draft, store the response and tell of it: all or none of them, in one round trip. This is the one
# statement that a thousand families wait for at once, so the event goes along instead of in a statement of its own. What comes
# by an open link in a rush is stored too, and is told when a person has looked (domain/rush.py).
_SUBMIT = f"""
    with burned as (
        update invitation set used_on = $4::date
         where org = $1::text and id = $2::uuid and not reusable and used_on is null and withdrawn_on is null
        returning id
    ), closed as (
        update draft set submitted = true, answers = '{{}}', may_quote = null, touched_on = $4
         where org = $1 and id = $3::uuid and not submitted and ($5::boolean or exists (select from burned))
        returning id
    ), others as (
        -- What others began with the same letter can be sent no more. Whoever is sending just now waits for this link and must
        -- not be waited for: such a draft goes when it is refused.
        delete from draft where (org, id) in (
            select org, id from draft
             where org = $1 and invitation_id = $2 and id <> $3 and exists (select from burned) for update skip locked
        )
    ), burst as (
        select $5 and (select count(*) from (
                select from response
                 where org = $1 and invitation_id = $2 and submitted_at > $9::timestamptz - $21::interval limit $22::int
            ) as short) >= $22 as here
    ), rush as (
        select here or ($5 and (select count(*) from (
                select from response
                 where org = $1 and invitation_id = $2 and submitted_at > $9::timestamptz - $23::interval limit $24::int
            ) as long) >= $24) as held
          from burst
    ), told as (
        insert into outbox (id, org, subject, data, occurred_at, traceparent)
        select $6::uuid, $1, $7::text, $8::text::jsonb, $9::timestamptz, $10::text from closed, rush where not held
    ), aside as (
        insert into response_standing (org, response_id, revision, standing, changed_at)
        select $1, $11::uuid, 1, 'held', $9 from closed, rush where held
    )
    insert into response ({_COLUMNS})
    select $1, $11, $2, null, null, null, $12::text, $13::integer, $14::text, 'link', $15::text, $16::text, $17::date, $4,
           $9, $18::text::jsonb, $19::boolean, $20::boolean from closed
    returning (select here from burst) as burst
"""  # noqa: S608 - constants
_INSERT = text(
    f"""
    insert into response ({_COLUMNS}) values ({_VALUES})
        on conflict on constraint response_reference_once do nothing returning id
    """  # noqa: S608 - constants
)
_BY_REFERENCE = text("select id, fingerprint from response where org = :org and client = :client and reference = :reference")
_TEXTS = text(
    """
    insert into response_text (org, response_id, question, sealed)
    select :org, :id, new.question, new.sealed
      from unnest(cast(:questions as text[]), cast(:sealed as bytea[])) as new (question, sealed)
    """
)


def _json(answers: Mapping[str, Answer]) -> str:
    return orjson.dumps({code: answer_json.plain(answer) for code, answer in answers.items()}).decode()


def _values(
    transaction: Transaction, response: Response, answers: Mapping[str, Answer], *, worry: bool, now: datetime
) -> dict[str, Any]:
    return {
        "org": transaction.org,
        "id": response.id,
        "invitation_id": response.invitation_id,
        "client": response.client,
        "reference": response.reference,
        "fingerprint": response.fingerprint,
        "questionnaire": response.questionnaire,
        "version": response.version,
        "language": response.language,
        "channel": response.channel,
        "service_area": response.service_area,
        "team": response.team,
        "about_on": response.about_on,
        "answered_on": response.answered_on,
        "submitted_at": now,
        "answers": _json(answers),
        "worry": worry,
        "may_quote": response.may_quote,
    }


async def submit(
    transaction: Transaction,
    response: Response,
    draft: UUID,
    answers: Mapping[str, Answer],
    event: Recordable,
    *,
    reusable: bool,
    worry: bool,
    now: datetime,
) -> bool:
    """Store the response of a link and its event; answers whether it is one of a burst, whose beginning is to be held too.

    Raises LookupError, with nothing written, where the link was used up or the draft submitted before.
    """
    stored = await driver.fetch_row(
        transaction,
        _SUBMIT,
        *(transaction.org, response.invitation_id, draft, response.answered_on, reusable),
        *(new_id(), event.subject, event.model_dump_json(), now, traceparent.get()),
        *(response.id, response.questionnaire, response.version, response.language, response.service_area, response.team),
        *(response.about_on, _json(answers), worry, response.may_quote),
        *(SHORT, SHORT_MOST, LONG, LONG_MOST),
    )
    if stored is None:
        raise LookupError(draft)
    await _store_words(transaction, response.id, answers)
    return bool(stored["burst"])


async def enter(
    transaction: Transaction, response: Response, answers: Mapping[str, Answer], *, worry: bool, now: datetime
) -> bool:
    """Store a response that staff entered; answers whether it is new."""
    values = _values(transaction, response, answers, worry=worry, now=now)
    if (await transaction.connection.execute(_INSERT, values)).scalar_one_or_none() is None:
        return False
    await _store_words(transaction, response.id, answers)
    return True


async def _store_words(transaction: Transaction, ident: UUID, answers: Mapping[str, Answer]) -> None:
    texts = {code: answer.sealed for code, answer in answers.items() if answer.sealed is not None}
    if texts:
        values = {
            "org": transaction.org,
            "id": ident,
            "questions": list(texts),
            "sealed": [base64.b64decode(sealed) for sealed in texts.values()],
        }
        await transaction.connection.execute(_TEXTS, values)


async def by_reference(transaction: Transaction, client: str, reference: str) -> tuple[UUID, bytes] | None:
    """Id and fingerprint of what a client entered under a reference."""
    values = {"org": transaction.org, "client": client, "reference": reference}
    async with transaction.whole_organisation():  # a client uses a reference once, in whatever service area
        row = (await transaction.connection.execute(_BY_REFERENCE, values)).one_or_none()
    return (row.id, bytes(row.fingerprint)) if row else None
