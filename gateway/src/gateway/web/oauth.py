"""POST /oauth2/token: OAuth2 client credentials (RFC 6749, 4.4, as narrowed by RFC 9700)."""

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from chassis.errors import DomainError
from gateway.access.directory import Holder
from gateway.adapters.public_keys import SIGNING, client_of
from gateway.domain.scopes import SCOPES
from gateway.proxy.answers import Refusal
from gateway.use_cases.issue_token import TokenError, issue_token
from gateway.web.parts import Parts, PartsDep, address_of

router = APIRouter(tags=["gateway"])

_FORM = "application/x-www-form-urlencoded"
_FIELDS = 20
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
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
                    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
                    "client_assertion": {"type": "string", "description": "A JWT that the client signed (RFC 7523)."},
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
    """Identifier and secret come in Authorization: Basic, or as fields of the form; never in the address.

    A client with a public key sends a JWT instead that it signed (private_key_jwt), good for five minutes at most and once.
    """
    try:
        fields = await _fields(request)
        if fields.get("grant_type") != "client_credentials":
            code = "unsupported_grant_type" if fields.get("grant_type") else "invalid_request"
            raise TokenError(code, "grant_type must be client_credentials.")
        grant = issue_token(parts.tokens, await _holder(request, parts, fields), fields.get("scope", ""))
    except TokenError as error:
        return _error(error.status, error.code, error.detail)
    except Refusal as refusal:
        return _refused(refusal)
    answer = TokenAnswer(access_token=grant.token, expires_in=grant.expires_in, scope=" ".join(sorted(grant.scopes)))
    return JSONResponse(answer.model_dump(), headers=_NO_STORE)


async def _holder(request: Request, parts: Parts, fields: dict[str, str]) -> Holder:
    """The client that sent this, by its secret or by an assertion that it signed (RFC 7523, 2.2)."""
    authorization, address, exact = request.headers.get("authorization", ""), address_of(request), request.state.exact
    if "client_assertion" in fields or "client_assertion_type" in fields:
        if authorization or "client_secret" in fields:
            raise TokenError("invalid_request", "Prove who you are in one way, not in two.")
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
        assertion, client_id = fields.get("client_assertion", ""), fields.get("client_id", "")
        await parts.admission.count_token_request(client_of(assertion) or "", address)
        return await parts.authentication.with_assertion(client_id, assertion, audiences(parts), address, exact)
    client_id, secret = _credentials(authorization, fields)
    await parts.admission.count_token_request(client_id, address)
    return await parts.authentication.with_secret(client_id, secret, address, exact)


def audiences(parts: Parts) -> tuple[str, str]:
    """For whom an assertion may be made: this installation as issuer (RFC 8414), or its token endpoint."""
    origin = parts.settings.public_origin
    return origin, f"{origin}/oauth2/token"


async def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise TokenError("invalid_request", f"The body must be {_FORM}.")
    if request.url.query:
        raise TokenError("invalid_request", "Send the fields in the body: an address ends up in logs.")
    return fields_of(await request.body())


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a request for a token. Raises `TokenError` for what is no form, or has a field twice."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
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
        return _error(401, "invalid_client", "The client is unknown or disabled, or its proof is wrong or over.")
    if refusal.status in {429, 503}:
        return _error(refusal.status, "temporarily_unavailable", refusal.detail, refusal.headers)
    raise DomainError(refusal.slug, refusal.detail)


def _error(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    more = {"WWW-Authenticate": 'Basic realm="Learning Loop", charset="UTF-8"'} if status == 401 else {}  # noqa: PLR2004 - same
    content = TokenProblem(error=code, error_description=detail).model_dump()
    return JSONResponse(content, status, headers={**_NO_STORE, **more, **(headers or {})})


class ServerMetadata(BaseModel):
    """What a client can find out about this authorization server (RFC 8414)."""

    issuer: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    grant_types_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]
    service_documentation: str


@router.get("/.well-known/oauth-authorization-server", summary="Describe the token endpoint (RFC 8414)")
async def metadata(parts: PartsDep) -> ServerMetadata:
    """For libraries that set themselves up from the address of the issuer."""
    issuer, endpoint = audiences(parts)
    return ServerMetadata(
        issuer=issuer,
        token_endpoint=endpoint,
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post", "private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported=list(SIGNING),
        grant_types_supported=["client_credentials"],
        # None: nobody is sent here with a browser. RFC 8414 asks for the member all the same.
        response_types_supported=[],
        scopes_supported=list(SCOPES),
        service_documentation=f"{issuer}/docs",
    )
