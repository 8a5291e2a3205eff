"""Make, list and end keys of operators. They are shown once; only their hashes are kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.outbox import now
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.access.trail import say
from gateway.adapters import operator_keys, second_factors
from gateway.domain.credentials import end_of
from gateway.domain.operator_keys import LONGEST_DAYS, LONGEST_OVERLAP, USUAL, OperatorKey, new_operator_key
from gateway.domain.secrets import hash_of, new_credential_id


@dataclass(frozen=True)
class MadeKey:
    """A key, in clear for the only time."""

    key: OperatorKey
    secret: str


async def create_operator_key(uow: UnitOfWork, name: str, expires_on: date | None, by: str) -> MadeKey:
    """A key for somebody who has none. Raises DomainError for a day out of range, and where they have one that counts."""
    expires_at = _end(expires_on, now())
    async with uow.begin(INSTALLATION) as transaction:
        await operator_keys.hold(transaction.connection)
        moment = now()
        for each in await operator_keys.listed(transaction.connection):
            if each.name == name and each.is_good(moment):
                detail = f"{name} has a key that counts ({each.id}). Rotate it, or end it first. No key was made."
                raise DomainError("operator-key-in-use", detail)
        return await _make(transaction, name, expires_at, by)


async def rotate_operator_key(
    uow: UnitOfWork, key_id: str, overlap_days: int, expires_on: date | None, by: str
) -> MadeKey:  # fmt: skip
    """Let a new key of the same name follow one, which goes on for some days. Raises DomainError."""
    if not 0 <= overlap_days <= LONGEST_OVERLAP:
        detail = f"The old key may go on for 0 to {LONGEST_OVERLAP} days."
        raise DomainError("overlap-out-of-range", detail, Kind.MALFORMED, (FieldError("/overlap_days", detail),))
    moment = now()
    expires_at = _end(expires_on, moment)
    async with uow.begin(INSTALLATION) as transaction:
        await operator_keys.hold(transaction.connection)
        old = await operator_keys.by_id(transaction.connection, key_id)
        if old is None:
            raise not_found("operator's key")
        if not old.is_good(moment):
            raise DomainError("operator-key-ended", "This key has ended already. Make a new one instead.")
        made = await _make(transaction, old.name, expires_at, by)
        # The same person with the same device: only the key is another.
        await second_factors.inherit(transaction.connection, made.key.id, key_id)
        if overlap_days:
            await operator_keys.end_at(transaction.connection, key_id, moment + timedelta(days=overlap_days))
        else:
            await operator_keys.end(transaction.connection, key_id, by)
        return made


async def list_operator_keys(uow: UnitOfWork) -> list[OperatorKey]:
    """Every key, the newest first, ended ones too."""
    async with uow.begin(INSTALLATION) as transaction:
        return await operator_keys.listed(transaction.connection)


async def end_operator_key(uow: UnitOfWork, key_id: str, by: str) -> None:
    """End a key at once; ending it again changes nothing. Raises DomainError where there is none of this identifier."""
    async with uow.begin(INSTALLATION) as transaction:
        await operator_keys.hold(transaction.connection)
        if await operator_keys.by_id(transaction.connection, key_id) is None:
            raise not_found("operator's key")
        await operator_keys.end(transaction.connection, key_id, by)


async def _make(transaction: Transaction, name: str, expires_at: datetime, by: str) -> MadeKey:
    secret, key_id = new_operator_key(), new_credential_id()
    say(transaction, made=key_id, name=name)
    await operator_keys.add(transaction.connection, key_id, name, hash_of(secret), by, expires_at)
    return MadeKey(OperatorKey(key_id, name, now(), by, expires_at), secret)


def _end(expires_on: date | None, moment: datetime) -> datetime:
    if expires_on is None:
        return moment + USUAL
    if not moment.date() <= expires_on < moment.date() + timedelta(days=LONGEST_DAYS):
        detail = (
            f"The last day must be today or later, and within {LONGEST_DAYS} days: an operator's key opens every organisation."
        )
        raise DomainError("expiry-out-of-range", detail, Kind.MALFORMED, (FieldError("/expires_on", detail),))
    return end_of(expires_on)
