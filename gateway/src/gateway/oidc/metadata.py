"""What a provider publishes about itself, and its keys: kept for an hour, and asked for again when a key is unknown."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from gateway.access.remembered import Remembered
from gateway.domain.sign_in_profile import Provider
from gateway.oidc import tokens
from gateway.oidc.errors import ProviderAway, ProviderWrong, TokenRefused
from gateway.oidc.tokens import PublicKey
from gateway.oidc.transport import Transport, check_address

log = structlog.get_logger(__name__)

FRESH = 3600.0
"""Seconds that metadata and keys are used without asking again."""

STALE = 24 * 3600.0
"""Seconds that they are used where the provider does not answer. A code has to be redeemed there anyhow."""


@dataclass(frozen=True)
class Metadata:
    """The discovery document (OpenID Connect Discovery 1.0, 3), as far as it is used; every address may be called."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_issuer: bool
    """Whether answers carry `iss` (RFC 9207), so that one without is not the provider's."""


@dataclass
class _Kept:
    metadata: Metadata
    fetched: float
    keys: list[PublicKey] = field(default_factory=list)
    keys_fetched: float = float("-inf")
    keys_trouble: ProviderAway | ProviderWrong | None = None
    """Why there are no keys, where the newest look for them failed."""


_Key = tuple[str, frozenset[str], bool]


def _key(provider: Provider) -> _Key:
    """What decides whether a document may be used: another profile with other hosts looks at it again."""
    return provider.issuer, provider.allowed_hosts, provider.userinfo


def read_metadata(provider: Provider, document: dict[str, Any]) -> Metadata:
    """The parts of a discovery document that are used. Raises ProviderWrong."""
    if document.get("issuer") != provider.issuer:
        raise ProviderWrong("other-issuer")
    hosts = provider.allowed_hosts

    def address(name: str) -> str:
        return check_address(document.get(name), hosts, name)

    return Metadata(
        address("authorization_endpoint"),
        address("token_endpoint"),
        address("jwks_uri"),
        address("userinfo_endpoint") if provider.userinfo else None,
        address("end_session_endpoint") if document.get("end_session_endpoint") else None,
        document.get("authorization_response_iss_parameter_supported") is True,
    )


class Directory:
    """Metadata and keys of all providers, by issuer. A process keeps its own."""

    def __init__(self, transport: Transport, refetch: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`refetch`: seconds between two looks at the keys of a provider because one was unknown."""
        self._transport = transport
        self._refetch = refetch
        self._clock = clock
        self._kept: dict[_Key, _Kept] = {}
        self._asking: Remembered[_Key, _Kept] = Remembered(0)
        self._asking_keys: Remembered[_Key, None] = Remembered(0)

    async def metadata(self, provider: Provider) -> Metadata:
        """The provider's metadata. Raises ProviderAway, ProviderWrong."""
        return (await self._known(provider)).metadata

    async def verify(self, provider: Provider, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token that one of the provider's keys signed.

        An unknown key is looked for once more, seldom enough that invented ones trouble nobody. Raises TokenRefused.
        """
        algorithm, kid = tokens.header_of(token)
        known = await self._known(provider)
        under_way = not known.keys and self._asking_keys.is_asked(_key(provider))
        if under_way or self._clock() - known.keys_fetched > FRESH:
            await self._fetch_keys(provider, known, needed=not known.keys)
        try:
            return tokens.verify(token, tokens.candidates(known.keys, algorithm, kid), provider.algorithms)
        except TokenRefused as refused:
            if refused.reason != "signature":
                raise
            # Who comes while somebody else looks for the new key waits for it too.
            recently = self._clock() - known.keys_fetched < self._refetch
            if recently and not self._asking_keys.is_asked(_key(provider)):
                if known.keys or known.keys_trouble is None:
                    raise
                # Without a key nothing was checked: that is no fault of the token's, and it may be sent again.
                raise known.keys_trouble from None
        await self._fetch_keys(provider, known, needed=True)
        return tokens.verify(token, tokens.candidates(known.keys, algorithm, kid), provider.algorithms)

    async def _known(self, provider: Provider) -> _Kept:
        kept = self._kept.get(_key(provider))
        if kept is not None and self._clock() - kept.fetched <= FRESH:
            return kept
        try:
            return await self._asking.ask(_key(provider), lambda: self._discover(provider, kept))
        except ProviderAway:
            if kept is None or self._clock() - kept.fetched > STALE:
                raise
            log.warning("provider.stale_metadata", provider=provider.code)
            return kept

    async def _discover(self, provider: Provider, before: _Kept | None) -> _Kept:
        document = await self._transport.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        kept = _Kept(read_metadata(provider, document), self._clock())
        if before is not None and before.metadata.jwks_uri == kept.metadata.jwks_uri:
            kept.keys, kept.keys_fetched = before.keys, before.keys_fetched
        self._kept[_key(provider)] = kept
        return kept

    async def _fetch_keys(self, provider: Provider, known: _Kept, *, needed: bool) -> None:
        async def fetch() -> None:
            # Counted before the answer: while a provider is away it is not asked by everybody who comes.
            known.keys_fetched = self._clock()
            try:
                known.keys = tokens.read_keys(await self._transport.get(known.metadata.jwks_uri))
            except (ProviderAway, ProviderWrong) as error:
                known.keys_trouble = error
                raise
            known.keys_trouble = None

        try:
            await self._asking_keys.ask(_key(provider), fetch)
        except ProviderAway:
            if needed:
                raise
            log.warning("provider.stale_keys", provider=provider.code)
