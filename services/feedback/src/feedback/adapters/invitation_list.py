"""The list of invitations, narrowed; and one of them as staff see it. Nothing of what was answered is read here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text

from chassis.unit_of_work import Transaction
from feedback.domain.invitation import Invitation
from feedback.domain.link_list import Narrowed
from feedback.domain.sending import MessageStands

_COLUMNS = (
    "i.id, i.reference, i.questionnaire, i.version, i.profile_number, i.channel, i.reusable, i.service_area, i.team, "
    "i.about_on, i.issued_on, i.expires_on, i.withdrawn_on, i.used_on, i.language"
)
# That something was given, never what: the answers stay where they are.
_DRAFT = "exists (select from draft d where d.org = i.org and d.invitation_id = i.id and d.answers <> '{}')"
_BEGUN = f"not i.reusable and {_DRAFT} as begun"
_OPEN = "i.used_on is null and i.withdrawn_on is null and i.expires_on >= :today"
_STANDS = {
    "waiting": f"{_OPEN} and not i.reusable",
    "begun": f"{_OPEN} and not i.reusable and {_DRAFT}",
    "answered": "i.used_on is not null",
    "ended": "i.used_on is null and i.withdrawn_on is null and i.expires_on < :today",
    "withdrawn": "i.withdrawn_on is not null",
    "poster": f"{_OPEN} and i.reusable",
}
# Each only where it is asked for, so that the indexes are used. A reference is compared by leakproof operators: under row
# security PostgreSQL looks nothing up by `like` or `lower()`.
_CONDITIONS = {
    "questionnaire": "i.questionnaire = :questionnaire",
    "team": "i.team = :team",
    "channel": "i.channel = :channel",
    "reference": "i.reference_key ~>=~ :begins and i.reference_key ~<~ :beyond",
    "month": "i.issued_on >= cast(:since as date) and i.issued_on < cast(:until as date)",
}
_MESSAGE = "exists (select from message m where m.org = i.org and m.invitation_id = i.id and {})"
# By its messages: of several the last one says how it stands.
_NEWEST = "m.number = (select max(n.number) from message n where n.org = i.org and n.invitation_id = i.id)"
_SENT = {
    "to-send": _MESSAGE.format("m.state in ('waiting', 'sending')"),
    "sent": _MESSAGE.format("m.number = 0 and m.state = 'sent'"),
    "delivered": _MESSAGE.format("m.delivery = 'delivered'"),
    "undelivered": _MESSAGE.format(f"{_NEWEST} and (m.state = 'failed' or m.delivery = 'failed')"),
    "reminded": _MESSAGE.format("m.number > 0 and m.state = 'sent'"),
    "declined": "exists (select from sending s where s.org = i.org and s.invitation_id = i.id and s.said_no_on is not null)",
}
_HOW = """
    (select jsonb_build_object('no', s.said_no_on is not null, 'reminders', count(*) filter (where m.number > 0
                                                                                       and m.state = 'sent'),
                               'state', (array_agg(m.state order by m.number desc))[1],
                               'delivery', (array_agg(m.delivery order by m.number desc)
                                            filter (where m.state <> 'stopped'))[1])
       from sending s left join message m on m.org = s.org and m.invitation_id = s.invitation_id
      where s.org = i.org and s.invitation_id = i.id group by s.said_no_on)::text as messages
"""
_LAST = "\U0010ffff"
"""Sorts behind every sign that a reference can have."""


@dataclass(frozen=True, slots=True)
class Messages:
    """How the messages of a link stand that we send: of the last one its state and delivery."""

    declined: bool
    reminders: int
    state: str | None
    delivery: str | None

    @property
    def stands(self) -> MessageStands:
        """How the last message stands, in one word."""
        if "failed" in {self.state, self.delivery}:
            return "undelivered"
        if self.state == "sent":
            return "delivered" if self.delivery == "delivered" else "sent"
        return "waiting" if self.state in {"waiting", "sending"} else "stopped"

    @classmethod
    def of(cls, text: str | None) -> "Messages | None":
        """What the database tells; None where we send none."""
        if text is None:
            return None
        told = orjson.loads(text)
        return cls(told["no"], told["reminders"], told["state"], told["delivery"])


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation, and whether something was given by its link that was not sent yet (letters only)."""

    invitation: Invitation
    begun: bool
    messages: Messages | None = None


def _after_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def statement_of(
    narrowed: Narrowed, after: UUID | None, limit: int, areas: Collection[str], today: date, org: str
) -> tuple[TextClause, dict[str, Any]]:
    """The statement of a page and its values."""
    names: dict[str, Any] = {"org": org, "limit": limit}
    conditions = ["i.org = :org"]
    if after is not None:
        conditions.append("i.id < :after")
        names["after"] = after
    if areas:
        conditions.append("i.service_area = any(cast(:areas as text[]))")
        names["areas"] = sorted(areas)
    for name in ("questionnaire", "team", "channel"):
        if value := getattr(narrowed, name):
            conditions.append(_CONDITIONS[name])
            names[name] = value
    if narrowed.reference:
        conditions.append(_CONDITIONS["reference"])
        names |= {"begins": narrowed.reference.lower(), "beyond": narrowed.reference.lower() + _LAST}
    if narrowed.month:
        conditions.append(_CONDITIONS["month"])
        names |= {"since": narrowed.month, "until": _after_month(narrowed.month)}
    if narrowed.stands:
        conditions.append(_STANDS[narrowed.stands])
        if ":today" in _STANDS[narrowed.stands]:
            names["today"] = today
    if narrowed.sent:
        conditions.append(_SENT[narrowed.sent])
    where = " and ".join(conditions)
    return text(f"select {_COLUMNS}, {_BEGUN}, {_HOW} from invitation i where {where} order by i.id desc limit :limit"), names  # noqa: S608 - constants


async def page(
    transaction: Transaction, narrowed: Narrowed, after: UUID | None, limit: int, areas: Collection[str], today: date
) -> list[Listed]:
    """Invitations, newest first, from the one after `after` on."""
    statement, names = statement_of(narrowed, after, limit, areas, today, transaction.org)
    rows = await transaction.connection.execute(statement, names)
    return [Listed(Invitation(*invitation), begun, Messages.of(how)) for *invitation, begun, how in rows]


_ONE = text(
    f"select {_COLUMNS}, {_BEGUN}, {_HOW} from invitation i where i.org = :org and i.id = :id"  # noqa: S608 - constants
)
_CHAIN = text(
    """
    select (select n.id from invitation n where n.org = :org and n.replaces = :id) as next,
           (select replaces from invitation where org = :org and id = :id) as before
    """
)


async def one(transaction: Transaction, ident: UUID) -> Listed | None:
    """One invitation."""
    row = (await transaction.connection.execute(_ONE, {"org": transaction.org, "id": ident})).one_or_none()
    return Listed(Invitation(*row[:-2]), row[-2], Messages.of(row[-1])) if row else None


async def chain(transaction: Transaction, ident: UUID) -> tuple[UUID | None, UUID | None]:
    """The invitation that took the place of one, and the one whose place it took."""
    row = (await transaction.connection.execute(_CHAIN, {"org": transaction.org, "id": ident})).one()
    return row.next, row.before
