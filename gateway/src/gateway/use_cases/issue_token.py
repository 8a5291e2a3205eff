"""OAuth2 client credentials (RFC 6749, 4.4): an access token for a client that has proved to be itself."""

from dataclasses import dataclass

from gateway.access.directory import Holder
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


def issue_token(tokens: AccessTokens, holder: Holder, scope: str) -> Grant:
    """Sign a token for the scopes asked for, or for all that the client has when it asks for none.

    The token ends with the credential that it was given for. Raises `TokenError` for a scope that the client does not have.
    """
    client = holder.client
    asked = parse_scope(scope) or client.scopes
    if not asked <= client.scopes:
        raise TokenError("invalid_scope", "The client does not have every scope that it asks for.")
    return Grant(tokens.sign(client.org, client.client_id, holder.credential.id, asked), tokens.lifetime, asked)
