"""OAuth2 client credentials (RFC 6749, 4.4): an access token for a client's secret."""

from dataclasses import dataclass

from gateway.access.authentication import Authentication
from gateway.adapters.tokens import AccessTokens
from gateway.domain.scopes import parse_scope


@dataclass(frozen=True)
class Grant:
    """A token, how long it lasts in seconds, and what it allows."""

    token: str
    expires_in: int
    scopes: frozenset[str]


@dataclass(eq=False)
class TokenError(Exception):
    """An error of RFC 6749, 5.2; `code` is its `error`."""

    code: str
    detail: str
    status: int = 400


async def issue_token(
    authentication: Authentication, tokens: AccessTokens, client_id: str, secret: str, scope: str, address: str
) -> Grant:
    """Check the client and sign a token for the scopes asked for, or for all that it has when it asks for none.

    Raises `TokenError` for a scope that it does not have, `Refusal` for wrong credentials.
    """
    principal = await authentication.with_secret(client_id, secret, address)
    asked = parse_scope(scope) or principal.grants
    if not asked <= principal.grants:
        raise TokenError("invalid_scope", "The client does not have every scope that it asks for.")
    if principal.org is None:  # pragma: no cover - clients have an organisation
        raise TokenError("invalid_client", "The client has no organisation.", 401)
    return Grant(tokens.sign(principal.org, principal.subject, asked), tokens.lifetime, asked)
