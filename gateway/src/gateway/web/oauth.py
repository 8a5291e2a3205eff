"""POST /oauth2/token: OAuth2 client credentials (RFC 6749, 4.4, as narrowed by RFC 9700)."""

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from chassis.errors import DomainError
from gateway.proxy.answers import Refusal
from gateway.use_cases.issue_token import TokenError, issue_token
from gateway.web.parts import PartsDep, address_of

router = APIRouter(tags=["gateway"])

_FORM = "application/x-www-form-urlencoded"
_FIELDS = 20
# RFC 6749, 5.1 asks for both.
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the type's name in RFC 6750
    expires_in: int
    scope: str


class TokenProblem(BaseModel):
    """An error in OAuth2's own form (RFC 6749, 5.2)."""

    error: str
    error_description: str


_REQUEST = {
    "content": {
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "scope": {"type": "string", "description": "Space-separated; left out, all that the client has."},
                    "client_id": {"type": "string", "description": "Unless sent in Authorization: Basic."},
                    "client_secret": {"type": "string", "description": "Unless sent in Authorization: Basic."},
                },
            }
        }
    },
    "required": True,
}


@router.post(
    "/oauth2/token",
    summary="Get an access token for client credentials",
    response_model=TokenAnswer,
    responses={400: {"model": TokenProblem}, 401: {"model": TokenProblem}, 429: {"model": TokenProblem}},
    openapi_extra={"requestBody": _REQUEST},
)
async def token(request: Request, parts: PartsDep) -> Response:
    """Identifier and secret come in Authorization: Basic, or as fields of the form; never in the address."""
    try:
        fields = await _fields(request)
        if fields.get("grant_type") != "client_credentials":
            code = "unsupported_grant_type" if fields.get("grant_type") else "invalid_request"
            raise TokenError(code, "grant_type must be client_credentials.")
        client_id, secret = _credentials(request.headers.get("authorization", ""), fields)
        parts.admission.count_token_request(client_id, address_of(request))
        grant = await issue_token(
            parts.authentication, parts.tokens, client_id, secret, fields.get("scope", ""), address_of(request)
        )
    except TokenError as error:
        return _error(error.status, error.code, error.detail)
    except Refusal as refusal:
        return _refused(refusal)
    answer = TokenAnswer(access_token=grant.token, expires_in=grant.expires_in, scope=" ".join(sorted(grant.scopes)))
    return JSONResponse(answer.model_dump(), headers=_NO_STORE)


async def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise TokenError("invalid_request", f"The body must be {_FORM}.")
    if request.url.query:
        raise TokenError("invalid_request", "Send the fields in the body: an address ends up in logs.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
    except ValueError:
        raise TokenError("invalid_request", "The body cannot be read as a form.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise TokenError("invalid_request", "A field stands twice.")
    return fields


def _credentials(authorization: str, fields: dict[str, str]) -> tuple[str, str]:
    if not authorization:
        if not fields.get("client_id") or not fields.get("client_secret"):
            raise TokenError("invalid_client", "The client's identifier and secret are missing.", 401)
        return fields["client_id"], fields["client_secret"]
    if "client_secret" in fields:
        raise TokenError("invalid_request", "Send the secret in one way, not in two.")
    scheme, _, value = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise TokenError("invalid_client", "Authorization must be Basic with identifier and secret.", 401) from None
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    client_id = unquote_plus(user)
    if fields.get("client_id", client_id) != client_id:
        raise TokenError("invalid_request", "The client's identifier stands twice and differs.")
    return client_id, unquote_plus(password)


def _refused(refusal: Refusal) -> Response:
    if refusal.status == 401:  # noqa: PLR2004 - a status of HTTP
        return _error(401, "invalid_client", "The client is unknown, its secret is wrong, or it was disabled.")
    if refusal.status in {429, 503}:
        return _error(refusal.status, "temporarily_unavailable", refusal.detail, refusal.headers)
    raise DomainError(refusal.slug, refusal.detail)


def _error(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    more = {"WWW-Authenticate": 'Basic realm="Learning Loop", charset="UTF-8"'} if status == 401 else {}  # noqa: PLR2004 - same
    content = TokenProblem(error=code, error_description=detail).model_dump()
    return JSONResponse(content, status, headers={**_NO_STORE, **more, **(headers or {})})
