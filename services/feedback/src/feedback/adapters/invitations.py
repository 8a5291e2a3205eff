"""Invitations and their links in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.errors import DomainError, Kind
from chassis.unit_of_work import Transaction
from feedback.domain.invitation import Invitation

_COLUMNS = (
    "id, reference, questionnaire, version, profile_number, channel, reusable, service_area, team, about_on, issued_on, "
    "expires_on, withdrawn_on, used_on, language"
)
# In order of reference, so that two batches that overlap wait for one another instead of both giving up.
_INSERT = text(
    """
    insert into invitation (org, id, client, reference, fingerprint, questionnaire, version, profile_number, channel,
                            reusable, service_area, team, about_on, issued_on, expires_on, language, issue, replaces)
    select :org, new.id, :client, new.reference, new.fingerprint, new.questionnaire, new.version, :profile_number,
           new.channel, new.reusable, new.service_area, new.team, new.about_on, :issued_on, new.expires_on,
           new.language, new.issue, new.replaces
      from unnest(cast(:id as uuid[]), cast(:reference as text[]), cast(:fingerprint as bytea[]),
                  cast(:questionnaire as text[]), cast(:version as integer[]), cast(:channel as text[]),
                  cast(:reusable as boolean[]), cast(:service_area as text[]), cast(:team as text[]),
                  cast(:about_on as date[]), cast(:expires_on as date[]), cast(:language as text[]),
                  cast(:issue as smallint[]), cast(:replaces as uuid[]))
           as new (id, reference, fingerprint, questionnaire, version, channel, reusable, service_area, team, about_on,
                   expires_on, language, issue, replaces)
     order by new.reference
        on conflict on constraint invitation_reference_once do nothing
    returning id
    """
)
_INSERT_LINKS = text(
    """
    insert into link (org, invitation_id, token_hash, code_hash)
    select :org, new.id, new.token_hash, new.code_hash
      from unnest(cast(:id as uuid[]), cast(:token_hash as text[]), cast(:code_hash as text[]))
           as new (id, token_hash, code_hash)
    """
)
_BY_REFERENCE = text(
    "select id, reference, fingerprint, expires_on from invitation "
    "where org = :org and client = :client and reference = any(cast(:references as text[])) order by issue"
)
_OPEN_BY_REFERENCE = text(
    """
    select distinct on (reference) reference,
           case when used_on is null and withdrawn_on is null then id end as open
      from invitation
     where org = :org and client = :client and reference = any(cast(:references as text[]))
     order by reference, issue desc
    """
)
# First, in the order in which a family that submits takes them: drafts, then their invitation.
_LOCK_DRAFTS = text("select from draft where org = :org and invitation_id = :id order by id for no key update")
_GET = text(f"select {_COLUMNS} from invitation where org = :org and id = :id for no key update")  # noqa: S608 - a constant
_WITHDRAW = text("update invitation set withdrawn_on = :today where org = :org and id = :id")
_DROP_LINK = text("delete from link where org = :org and invitation_id = :id")
_DROP_DRAFTS = text("delete from draft where org = :org and invitation_id = :id")
_HOLDER = text("select org, invitation_id from link where token_hash = :hash or code_hash = :hash")


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation about to be issued, with what is kept of its secrets."""

    invitation: Invitation
    fingerprint: bytes
    token_hash: str
    code_hash: str
    issue: int = 1
    replaces: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An invitation that was issued before under the same reference."""

    id: UUID
    fingerprint: bytes
    expires_on: date


async def insert(transaction: Transaction, client: str, new: Sequence[NewInvitation]) -> set[UUID]:
    """Issue invitations in two statements; answers the ids of those whose reference was not there yet."""
    if not new:
        return set()
    rows = [each.invitation for each in new]
    names = (
        "id", "reference", "questionnaire", "version", "channel", "reusable", "service_area", "team", "about_on", "expires_on",
        "language",
    )  # fmt: skip
    values: dict[str, object] = {name: [getattr(row, name) for row in rows] for name in names}
    values |= {
        "org": transaction.org,
        "client": client,
        "fingerprint": [each.fingerprint for each in new],
        "issue": [each.issue for each in new],
        "replaces": [each.replaces for each in new],
        "profile_number": rows[0].profile_number,
        "issued_on": rows[0].issued_on,
    }
    issued = set((await transaction.connection.execute(_INSERT, values)).scalars())
    linked = [each for each in new if each.invitation.id in issued]
    try:
        await transaction.connection.execute(
            _INSERT_LINKS,
            {
                "org": transaction.org,
                "id": [each.invitation.id for each in linked],
                "token_hash": [each.token_hash for each in linked],
                "code_hash": [each.code_hash for each in linked],
            },
        )
    except IntegrityError:
        # Two short codes alike, once in about 10^8 batches. Whose the other is must not be seen; the caller tries again.
        detail = "Nothing was issued. Send the request again with the same Idempotency-Key."
        raise DomainError("short-code-taken", detail, Kind.UNAVAILABLE) from None
    return issued


async def by_reference(transaction: Transaction, client: str, references: Collection[str]) -> dict[str, Known]:
    """Invitations of a client by reference; where a link was issued again, the last one."""
    values = {"org": transaction.org, "client": client, "references": list(references)}
    async with transaction.whole_organisation():  # a client uses a reference once, in whatever service area
        rows = await transaction.connection.execute(_BY_REFERENCE, values)
    return {row.reference: Known(row.id, bytes(row.fingerprint), row.expires_on) for row in rows}


async def open_by_reference(transaction: Transaction, client: str, references: Collection[str]) -> dict[str, UUID | None]:
    """Which of the references were issued, and the invitation that is not answered and not withdrawn (also when it ended)."""
    values = {"org": transaction.org, "client": client, "references": list(references)}
    async with transaction.whole_organisation():
        rows = await transaction.connection.execute(_OPEN_BY_REFERENCE, values)
    return {row.reference: row.open for row in rows}


async def get(transaction: Transaction, ident: UUID) -> Invitation | None:
    """One invitation, locked until the end of the transaction."""
    await transaction.connection.execute(_LOCK_DRAFTS, {"org": transaction.org, "id": ident})
    row = (await transaction.connection.execute(_GET, {"org": transaction.org, "id": ident})).one_or_none()
    return Invitation(*row) if row else None


async def withdraw(transaction: Transaction, ident: UUID, today: date) -> None:
    """Withdraw an invitation: its link and what was begun by it go for good."""
    values = {"org": transaction.org, "id": ident}
    await transaction.connection.execute(_WITHDRAW, {**values, "today": today})
    await transaction.connection.execute(_DROP_LINK, values)
    await transaction.connection.execute(_DROP_DRAFTS, values)


async def holder(transaction: Transaction, secret_hash: str) -> tuple[str, UUID] | None:
    """Organisation and invitation of a link by the hash that the transaction was begun with."""
    row = (await transaction.connection.execute(_HOLDER, {"hash": secret_hash})).one_or_none()
    return (row.org, row.invitation_id) if row else None
