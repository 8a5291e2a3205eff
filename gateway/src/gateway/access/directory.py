"""The gateway's questions to its database about callers, each in one short transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork, switch_tenant
from gateway.access.sealing import Sealing
from gateway.adapters import (
    certificates,
    clients,
    credentials,
    operator_keys,
    organisations,
    public_keys,
    second_factors,
    sessions,
)
from gateway.adapters.public_keys import Assertion
from gateway.adapters.sessions import Session
from gateway.domain.credentials import Credential
from gateway.domain.operator_keys import OperatorKey
from gateway.domain.principals import Client
from gateway.domain.secrets import hash_of, same


@dataclass(frozen=True)
class Holder:
    """The client that a credential belongs to, and why it is not let in (`credentials.REASONS`), if it is not."""

    client: Client
    credential: Credential
    reason: str = ""


class Directory:
    """Finds who holds a credential. A row is visible only to the transaction that names its secret's hash."""

    def __init__(self, uow: UnitOfWork, idle: timedelta, sealing: Sealing | None, *, demo: bool) -> None:
        """`idle`: how long a session may lie unused. Those of another way to sign in than the one in force do not count."""
        self._uow = uow
        self._idle = idle
        self._sealing = sealing
        self._demo = demo

    async def with_key(self, key: bytes) -> Holder | None:
        """Who holds an API key."""
        return await self._with_hash("api-key", hash_of(key))

    async def with_secret(self, client_id: str, secret: str) -> Holder | None:
        """The client with this identifier and secret; the secret alone is not enough, and does not count as used."""
        return await self._with_hash("client-secret", hash_of(secret), client_id)

    async def with_certificate(self, der: bytes) -> Holder | None:
        """Who holds a certificate: by its thumbprint, else by its subject."""
        certificate = certificates.of_der(der)
        holder = await self._with_hash("certificate", certificates.thumbprint(certificate))
        if holder is None:
            holder = await self._with_hash("certificate", certificates.subject_hash(certificates.subject_of(certificate)))
        if holder and not holder.reason and not certificates.is_valid_at(certificate, datetime.now(UTC)):
            return Holder(holder.client, holder.credential, "expired")
        return holder

    async def _with_hash(self, kind: str, digest: str, client_id: str | None = None) -> Holder | None:
        async with self._uow.begin("", capability=digest) as transaction:
            found = await credentials.by_hash(transaction.connection, kind, digest)
            if found is None or (client_id is not None and not same(found.client_id, client_id)):
                # As many questions as for one that was revoked, so that the time tells neither.
                await switch_tenant(transaction.connection, "")
                await clients.by_id(transaction.connection, "")
                return None
            return await self._holder(transaction.connection, found)

    @staticmethod
    async def _holder(connection: AsyncConnection, found: Credential) -> Holder | None:
        await switch_tenant(connection, found.org)
        client = await clients.by_id(connection, found.client_id)
        if client is None:  # pragma: no cover - a credential is of a client
            return None
        now = datetime.now(UTC)
        if client.disabled:
            return Holder(client, found, "disabled")
        if not found.is_good(now):
            return Holder(client, found, "revoked" if found.revoked_at else "expired")
        await credentials.mark_used(connection, found.id)
        return Holder(client, found)

    async def with_assertion(self, client_id: str, assertion: str, audiences: Sequence[str]) -> tuple[Holder, Assertion] | None:
        """Which client signed an assertion; it is not yet used up (`use_assertion`)."""
        async with self._uow.begin("", capability=client_id) as transaction:
            known: list[tuple[Credential, dict[str, Any]]] = await credentials.keys_of(transaction.connection, client_id)
            read = public_keys.read_assertion(assertion, client_id, [key for _, key in known], audiences)
            if read is None:
                return None
            place, said = read
            holder = await self._holder(transaction.connection, known[place][0])
            return None if holder is None else (holder, said)

    async def use_assertion(self, org: str, client_id: str, said: Assertion) -> bool:
        """Use an assertion up; False when that was done before, here or by another process."""
        expires_at = datetime.fromtimestamp(said.expires, UTC)
        async with self._uow.begin(org) as transaction:
            digest = public_keys.jti_hash(said.jti)
            return await credentials.use_assertion(transaction.connection, org, client_id, digest, expires_at)

    async def behind_token(self, org: str, client_id: str, credential_id: str) -> Holder | None:
        """The client that an access token names, by the credential that the token was given for."""
        async with self._uow.begin(org) as transaction:
            found = await credentials.by_id(transaction.connection, credential_id)
            if found is None or found.client_id != client_id:
                return None
            return await self._holder(transaction.connection, found)

    async def session(self, cookie: bytes) -> Session | None:
        """The open session that a cookie belongs to, with its name in clear; using it is noted."""
        digest = hash_of(cookie)
        async with self._uow.begin("", capability=digest) as transaction:
            found = await sessions.open_one(transaction.connection, digest, self._idle)
            if found is None or (found.at_provider is None) is not self._demo:
                return None
            named = self._sealing.named(found) if self._sealing else found
            if named is not None:
                await switch_tenant(transaction.connection, named.org)
                await sessions.touch(transaction.connection, named, self._idle)
            return named

    async def with_operator_key(self, key: bytes, beside: bytes) -> tuple[OperatorKey, datetime | None] | None:
        """The operator's key that this is, if it counts, and when the pass `beside` it ends; using it is noted."""
        async with self._uow.begin(INSTALLATION) as transaction:
            found = await operator_keys.by_hash(transaction.connection, hash_of(key))
            if found is None or not found.is_good(datetime.now(UTC)):
                return None
            await operator_keys.mark_used(transaction.connection, found.id)
            ends = await second_factors.pass_ends(transaction.connection, found.id, hash_of(beside)) if beside else None
            return found, ends

    async def has_operator_keys(self) -> bool:
        """Whether there is an operator's key with a name that counts."""
        async with self._uow.begin(INSTALLATION) as transaction:
            return await operator_keys.any_good(transaction.connection)

    async def knows_organisation(self, org: str) -> bool:
        """Whether there is such an organisation."""
        async with self._uow.begin(org) as transaction:
            return await organisations.is_known(transaction.connection, org)

    async def organisations(self) -> list[tuple[str, str]]:
        """Code and name of every organisation."""
        async with self._uow.begin(INSTALLATION) as transaction:
            return await organisations.listed(transaction.connection)
