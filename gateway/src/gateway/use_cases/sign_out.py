"""End sessions: one's own, those that one has elsewhere, those that a provider says are over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.unit_of_work import UnitOfWork, switch_tenant
from gateway.adapters import sessions, sign_ins
from gateway.adapters.sessions import Session
from gateway.domain.principals import Principal
from gateway.domain.secrets import hash_of
from gateway.domain.sign_in_profile import Provider
from gateway.oidc.errors import TokenRefused
from gateway.use_cases.sign_in_context import SignInContext

_ANY_AGE = timedelta(days=3650)
_TOKEN_KEPT = timedelta(hours=1)
"""Longer than a logout token is taken for new (`oidc.tokens`), leeway and all."""


async def sign_out(uow: UnitOfWork, cookie: bytes) -> Session | None:
    """End the session that a cookie belongs to; gives it as it was, if there was one."""
    digest = hash_of(cookie)
    async with uow.begin("", capability=digest) as transaction:
        session = await sessions.open_one(transaction.connection, digest, _ANY_AGE)
        if session is not None:
            await switch_tenant(transaction.connection, session.org)
            await sessions.end(transaction.connection, digest)
    return session


async def sessions_of(uow: UnitOfWork, person: Principal, idle: int) -> list[Session]:
    """Every open session of somebody who is signed in, the newest first. `idle` in seconds."""
    async with uow.begin(person.org or "") as transaction:
        return await sessions.of_subject(transaction.connection, person.subject, timedelta(seconds=idle))


async def end_sessions(uow: UnitOfWork, person: Principal, *, only: str | None = None, but: str | None = None) -> list[str]:
    """End sessions of somebody who is signed in: all, one by its hash, or all but one. Gives the hashes of what ended."""
    async with uow.begin(person.org or "") as transaction:
        return await sessions.end_of_subject(transaction.connection, person.subject, only=only, but=but)


async def end_by_provider(context: SignInContext, org: str, provider: Provider, token: str) -> list[str]:
    """End what a logout token names (Back-Channel Logout 1.0); gives the hashes of the sessions that ended.

    Raises TokenRefused, also for a token that came before, ProviderAway, ProviderWrong.
    """
    claims: dict[str, Any] = await context.client.logout_claims(provider, token)

    def pseudonym(name: str) -> str | None:
        return context.sealing.at_provider(org, provider.code, f"{name} {claims[name]}") if name in claims else None

    jti_hash = hash_of(claims["jti"])
    kept_until = datetime.now(UTC) + _TOKEN_KEPT
    async with context.uow.begin(org) as transaction:
        if not await sign_ins.is_first(transaction.connection, org, provider.code, jti_hash, kept_until):
            raise TokenRefused("seen-before")
        return await sessions.end_at_provider(transaction.connection, provider.code, pseudonym("sub"), pseudonym("sid"))
