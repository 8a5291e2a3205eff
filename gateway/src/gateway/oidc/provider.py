"""The authorization code flow with PKCE, as a client of one provider after another (OpenID Connect Core 1.0, RFC 9700)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from chassis.storable import is_storable
from gateway.domain.sign_in_profile import Provider
from gateway.oidc import tokens
from gateway.oidc.client_auth import SecretFiles, authenticate
from gateway.oidc.errors import ProviderAway, ProviderWrong, TokenRefused
from gateway.oidc.metadata import Directory
from gateway.oidc.transport import Transport

_OK = 200
_LONGEST_TOKEN = 64 * 1024


@dataclass(frozen=True)
class Flow:
    """What an attempt to sign in must come back with: unguessable, and known to nobody but us and the provider."""

    state: str
    nonce: str
    verifier: str
    again: float | None = None
    """When the person was asked to show anew who they are (epoch seconds); None: they were not."""

    @classmethod
    def new(cls, *, again: bool = False) -> "Flow":
        """A fresh one, 256 bits each."""
        asked = time.time() if again else None
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), asked)


@dataclass(frozen=True)
class Proven:
    """What a provider has proved about somebody: their claims, and when they last showed it who they are."""

    claims: Mapping[str, Any]
    subject: str
    session_id: str | None
    proven_at: float | None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class OpenIdClient:
    """Talks to the providers of all organisations."""

    def __init__(self, transport: Transport, directory: Directory, files: SecretFiles, leeway: float) -> None:
        self._transport = transport
        self._directory = directory
        self._files = files
        self._leeway = leeway

    async def close(self) -> None:
        """Close the connections to all providers."""
        await self._transport.close()

    async def authorization_url(self, provider: Provider, flow: Flow, redirect_uri: str) -> str:
        """Where the browser goes to sign in. Raises ProviderAway, ProviderWrong."""
        metadata = await self._directory.metadata(provider)
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(provider.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": _challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        if provider.acr:
            asked["acr_values"] = " ".join(provider.acr)
        if flow.again is not None:
            asked |= {"prompt": "login", "max_age": "0"}
        elif provider.max_age is not None:
            asked["max_age"] = str(provider.max_age * 60)
        return _with_query(metadata.authorization_endpoint, asked)

    async def check_issuer(self, provider: Provider, given: str | None) -> None:
        """Whether an answer is this provider's own, by its parameter `iss` (RFC 9207). Raises TokenRefused."""
        if given is None:
            if (await self._directory.metadata(provider)).names_issuer:
                raise TokenRefused("no-response-issuer")
        elif given != provider.issuer:
            raise TokenRefused("response-issuer")

    async def redeem(self, org: str, provider: Provider, code: str, flow: Flow, redirect_uri: str) -> Proven:
        """Exchange a code for what it proves. Raises ProviderAway, ProviderWrong, TokenRefused."""
        metadata = await self._directory.metadata(provider)
        secret = self._files.read(org, provider.authentication.file)
        proof, headers = authenticate(provider, secret, metadata.token_endpoint)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
            **proof,
        }
        status, answer = await self._transport.post(metadata.token_endpoint, form, headers)
        if status != _OK:
            raise _refusal(answer)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str) or len(access_token) > _LONGEST_TOKEN:
            raise ProviderWrong("no-id-token")
        if str(answer.get("token_type", "")).lower() != "bearer":
            raise ProviderWrong("token-type")
        header, claims = await self._directory.verify(provider, id_token)
        tokens.check_id_token(
            claims,
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=flow.nonce,
            now=time.time(),
            leeway=self._leeway,
            acr=provider.acr,
        )
        proven_at = tokens.check_age(
            claims,
            now=time.time(),
            leeway=self._leeway,
            max_age=None if provider.max_age is None else provider.max_age * 60,
            since=flow.again,
        )
        tokens.check_access_hash(claims, header["alg"], access_token)
        if metadata.userinfo_endpoint:
            claims = {**await self._userinfo(metadata.userinfo_endpoint, access_token, claims["sub"]), **claims}
        session_id = claims.get("sid")
        return Proven(claims, claims["sub"], session_id if is_storable(session_id) else None, proven_at)

    async def _userinfo(self, endpoint: str, access_token: str, subject: str) -> dict[str, Any]:
        claims = await self._transport.get(endpoint, {"Authorization": f"Bearer {access_token}"})
        if claims.get("sub") != subject:
            # Core, 5.3.2: the answer might be about somebody else.
            raise TokenRefused("userinfo-subject")
        return claims

    async def logout_claims(self, provider: Provider, token: str) -> dict[str, Any]:
        """What a logout token says, once signature and claims hold. Raises TokenRefused, ProviderAway, ProviderWrong."""
        header, claims = await self._directory.verify(provider, token)
        tokens.check_logout_token(
            header,
            claims,
            issuer=provider.issuer,
            client_id=provider.client_id,
            now=time.time(),
            leeway=self._leeway,
            lenient=provider.lenient_logout,
        )
        return claims

    async def end_session_url(self, provider: Provider, back: str) -> str | None:
        """Where the browser goes to sign out at the provider too (RP-Initiated Logout 1.0); None where it cannot.

        The ID token stays out of the address: it holds a name and groups, and addresses stand in histories and logs. The
        provider knows the browser by its own cookie, and asks whether it is meant.
        """
        try:
            endpoint = (await self._directory.metadata(provider)).end_session_endpoint
        except (ProviderAway, ProviderWrong):
            return None
        if endpoint is None:
            return None
        return _with_query(endpoint, {"client_id": provider.client_id, "post_logout_redirect_uri": back})


def _refusal(answer: Mapping[str, Any]) -> Exception:
    """Of a token endpoint: a code that is used, old or another's is the attempt's fault, the rest is the set-up's."""
    code = answer.get("error")
    if code == "invalid_grant":
        return TokenRefused("code")
    return ProviderWrong(code if code in {"invalid_client", "unauthorized_client", "invalid_request"} else "token-endpoint")


def _with_query(address: str, fields: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}"
