"""The gateway's questions to its database about callers, each in one short transaction."""

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork, switch_tenant
from gateway.adapters import clients, organisations, sessions
from gateway.adapters.sessions import Session
from gateway.domain.principals import Client
from gateway.domain.secrets import hash_of, same


class Directory:
    """Finds who holds a credential. A row is visible only to the transaction that names its secret's hash."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def client_with_key(self, key: bytes) -> Client | None:
        """The client in use that holds an API key."""
        digest = hash_of(key)
        async with self._uow.begin("", capability=digest) as transaction:
            client = await clients.by_key_hash(transaction.connection, digest)
            if client is None or client.disabled:
                return None
            await switch_tenant(transaction.connection, client.org)
            await clients.mark_used(transaction.connection, client.client_id)
            return client

    async def client_with_secret(self, client_id: str, secret: str) -> Client | None:
        """The client in use with this identifier and secret; the secret alone is not enough."""
        digest = hash_of(secret)
        async with self._uow.begin("", capability=digest) as transaction:
            client = await clients.by_secret_hash(transaction.connection, digest)
            if client is None or client.disabled or not same(client.client_id, client_id):
                return None
            await switch_tenant(transaction.connection, client.org)
            await clients.mark_used(transaction.connection, client.client_id)
            return client

    async def client_named(self, org: str, client_id: str) -> Client | None:
        """The client in use that an access token names."""
        async with self._uow.begin(org) as transaction:
            client = await clients.by_id(transaction.connection, client_id)
            return None if client is None or client.disabled else client

    async def session(self, cookie: bytes) -> Session | None:
        """The open session that a cookie belongs to."""
        digest = hash_of(cookie)
        async with self._uow.begin("", capability=digest) as transaction:
            return await sessions.open_one(transaction.connection, digest)

    async def knows_organisation(self, org: str) -> bool:
        """Whether there is such an organisation."""
        async with self._uow.begin(org) as transaction:
            return await organisations.is_known(transaction.connection, org)

    async def organisations(self) -> list[tuple[str, str]]:
        """Code and name of every organisation."""
        async with self._uow.begin(INSTALLATION) as transaction:
            return await organisations.listed(transaction.connection)
