"""Second factors of operators in the database, and their codes."""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.secrets import SealError, Secrets
from chassis.tenancy import INSTALLATION
from gateway.domain.second_factor import DIGITS, STEP_SECONDS

PURPOSE = "operator-second-factor"
_ISSUER = "Learning Loop"
_OF = text(
    "select totp_sealed, totp_since, wrong_codes, wrong_at from gateway.operator_key where key_id = :key_id for no key update"
)
_KEEP = text(
    "update gateway.operator_key set totp_sealed = :sealed, totp_step = null where key_id = :key_id and totp_since is null"
)
# The same code at the same time in two processes: one of them finds the step taken.
_TAKE = text(
    """
    update gateway.operator_key
       set totp_step = :step, totp_since = coalesce(totp_since, now()), wrong_codes = 0, wrong_at = null
     where key_id = :key_id and (totp_step is null or totp_step < :step)
    returning key_id
    """
)
_WRONG = text("update gateway.operator_key set wrong_codes = wrong_codes + 1, wrong_at = now() where key_id = :key_id")
_INHERIT = text(
    """
    update gateway.operator_key k
       set totp_sealed = old.totp_sealed, totp_since = old.totp_since, totp_step = old.totp_step
      from gateway.operator_key old
     where k.key_id = :key_id and old.key_id = :old
    """
)
_CLEAR = text("delete from gateway.operator_pass where expires_at <= now()")
_GIVE = text("insert into gateway.operator_pass (pass_hash, key_id, expires_at) values (:hash, :key_id, :expires_at)")
_END_PASSES = text("delete from gateway.operator_pass where key_id = :key_id")
_PASS = text("select expires_at from gateway.operator_pass where pass_hash = :hash and key_id = :key_id and expires_at > now()")


@dataclass(frozen=True)
class SecondFactor:
    """How a key's second factor stands."""

    sealed: bytes | None = field(repr=False)
    since: datetime | None
    wrong: int
    wrong_at: datetime | None


def seal(secrets: Secrets, name: str, secret: bytes) -> bytes:
    """What codes are made of, for its column; bound to the operator's name, so that a key that follows keeps it."""
    return secrets.seal_bytes(INSTALLATION, PURPOSE, secret, name)


def open_sealed(secrets: Secrets, name: str, sealed: bytes) -> bytes | None:
    """That again; None where its key is not here."""
    try:
        return secrets.open_bytes(INSTALLATION, PURPOSE, sealed, name)
    except SealError:
        return None


def address_for_apps(secret: bytes, name: str) -> str:
    """The `otpauth` address that authenticator apps read."""
    return _codes(secret).get_provisioning_uri(name, _ISSUER)


def shown(secret: bytes) -> str:
    """What to type into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def step_of(secret: bytes, code: str, steps: Iterable[int]) -> int | None:
    """The step whose code this is; every one is compared, in a time that tells nothing."""
    codes, found = _codes(secret), None
    for step in steps:
        if hmac.compare_digest(codes.generate(step * STEP_SECONDS), code.encode()):
            found = step
    return found


def _codes(secret: bytes) -> TOTP:
    # HMAC-SHA-1 is what authenticator apps know (RFC 6238); collisions of SHA-1 do not touch HMAC (RFC 6194, 3.3).
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - as above


async def of_key(connection: AsyncConnection, key_id: str) -> SecondFactor:
    """How it stands, held until the transaction is over."""
    row = (await connection.execute(_OF, {"key_id": key_id})).one()
    return SecondFactor(row.totp_sealed, row.totp_since, row.wrong_codes, row.wrong_at)


async def keep(connection: AsyncConnection, key_id: str, sealed: bytes) -> None:
    """Keep what codes are to be made of; it counts from the first right code on."""
    await connection.execute(_KEEP, {"key_id": key_id, "sealed": sealed})


async def inherit(connection: AsyncConnection, key_id: str, old: str) -> None:
    """Give a key the second factor of the one that it follows."""
    await connection.execute(_INHERIT, {"key_id": key_id, "old": old})


async def take(connection: AsyncConnection, key_id: str, step: int) -> bool:
    """Take the code of a step; False where it, or a later one, was taken."""
    return (await connection.execute(_TAKE, {"key_id": key_id, "step": step})).first() is not None


async def count_wrong(connection: AsyncConnection, key_id: str) -> None:
    """Note a wrong code."""
    await connection.execute(_WRONG, {"key_id": key_id})


async def give(connection: AsyncConnection, key_id: str, digest: str, expires_at: datetime) -> None:
    """Store a pass by its hash, and clear away those that are over."""
    await connection.execute(_CLEAR)
    await connection.execute(_GIVE, {"hash": digest, "key_id": key_id, "expires_at": expires_at})


async def end_passes(connection: AsyncConnection, key_id: str) -> None:
    """End all passes of a key."""
    await connection.execute(_END_PASSES, {"key_id": key_id})


async def pass_ends(connection: AsyncConnection, key_id: str, digest: str) -> datetime | None:
    """When a pass of a key ends; None where it is none, or another's, or over."""
    return (await connection.execute(_PASS, {"hash": digest, "key_id": key_id})).scalar_one_or_none()
