"""Finds what the gateway holds of somebody, and makes its part of the package."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import text

from chassis.errors import DomainError, Kind
from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.subject import package, searching
from chassis.subject.declaring import Match, Role
from chassis.subject.document import About, Opened
from chassis.subject.matching import Asked, Matcher
from chassis.subject.package import PASSPHRASE, Package
from chassis.subject.reading import Ticked, sections
from chassis.subject.searching import Found
from chassis.subject.store import SubjectRequest
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.access.sealing import LABEL
from gateway.adapters import organisations
from gateway.subject import SUBJECT

_NAMES = text(
    "select distinct on (subject) subject, label, label_sealed from session where org = :org order by subject, created_at desc"
)
_CLIENTS = text("select client_id, name, md5(client_id)::uuid as id from client where org = :org")


@dataclass(frozen=True, slots=True)
class Asking:
    """What stands in front of the gateway's part."""

    reference: str
    received_on: date
    asked: Asked = field(repr=False)


async def look(uow: UnitOfWork, secrets: Secrets, org: str, asked: Asked) -> list[Found]:
    """What is held of somebody, by sign-ins, and by names as they stand in sign-ins and clients."""
    async with uow.begin(org) as transaction:
        who, matches = await _named(transaction, secrets, asked)
    wanted = Asked(staff=tuple(dict.fromkeys((*asked.staff, *who))))
    found = await searching.look_up(uow, org, SUBJECT, secrets, wanted)
    return await searching.described(uow, org, SUBJECT, searching.joined([*found, *matches]))


async def _named(transaction: Transaction, secrets: Secrets, asked: Asked) -> tuple[list[str], list[Match]]:
    """Sign-ins of people of a name, and clients that are called so."""
    matcher, names = Matcher(asked), {"org": transaction.org}
    if not matcher:
        return [], []
    who = []
    for row in await transaction.connection.execute(_NAMES, names):
        try:
            name = row.label or secrets.open(transaction.org, LABEL, bytes(row.label_sealed))
        except SealError:
            continue  # of before the key was changed: whoever has the name signs in again
        if matcher.in_text(name):
            who.append(row.subject)
    rows = await transaction.connection.execute(_CLIENTS, names)
    return who, [Match("client", row.id, "is called so", Role.OTHER) for row in rows if matcher.in_text(row.name)]


async def make(uow: UnitOfWork, secrets: Secrets, org: str, about: Asking, passphrase: str) -> Package:
    """The gateway's part of a package. Raises `DomainError` weak-passphrase for one that was not made here."""
    if not PASSPHRASE.fullmatch(passphrase):
        detail = "The passphrase has to be one that was made for this: open the page, or use the command, again."
        raise DomainError("weak-passphrase", detail, Kind.MALFORMED)
    found = await look(uow, secrets, org, about.asked)
    async with uow.begin(org) as transaction:
        name = await organisations.name_of(transaction.connection, org)
        request = SubjectRequest(
            new_id(), about.reference, "access", about.received_on, about.received_on, about.received_on, None, "", about.asked
        )
        front = About(SUBJECT, request, name, datetime.now(UTC), Counter())
        return await package.written(transaction, secrets, front, _records(transaction, secrets, found), passphrase)


def _records(transaction: Transaction, secrets: Secrets, found: Sequence[Found]) -> list[Opened]:
    records = []
    for each in found:
        kind = SUBJECT.kind(each.kind)
        if kind is not None:
            ticked = Ticked(each.kind, each.id, each.role, "; ".join(each.why), each.rows)
            records.append(
                Opened(
                    kind,
                    ticked,
                    each.reference,
                    lambda kind=kind, ticked=ticked: sections(transaction, secrets, kind, ticked, {}),  # type: ignore[misc]
                )
            )
    return records
