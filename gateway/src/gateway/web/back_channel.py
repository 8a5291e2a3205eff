"""OpenID Connect Back-Channel Logout 1.0: a provider tells us that somebody has signed out there, or was disabled."""

import structlog
from fastapi import APIRouter, Request
from prometheus_client import Counter
from starlette.responses import JSONResponse, Response

from chassis.errors import DomainError
from chassis.pages import read_form
from gateway.adapters.sessions import SHORT
from gateway.oidc.errors import ProviderAway, ProviderWrong, TokenRefused
from gateway.use_cases.sign_out import end_by_provider
from gateway.web.parts import PartsDep, address_of

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

_FORGED = Counter("loop_gateway_logout_tokens_refused_total", "Logout tokens that proved nothing: signature, time or audience.")
_NO_STORE = {"Cache-Control": "no-store"}


@router.post("/sign-in/{org}/{code}/back-channel-logout")
async def back_channel_logout(org: str, code: str, request: Request, parts: PartsDep) -> Response:
    """200 when the sessions that the logout token names are over, 400 when it proves nothing (2.8)."""
    await parts.admission.count_anonymous(address_of(request))
    profile = await parts.sign_in.of(org) if parts.sign_in else None
    provider = profile.provider(code) if profile else None
    if parts.sign_in is None or provider is None:
        return _refused(404, "There is no such provider.")
    try:
        token = (await read_form(request)).text("logout_token")
        ended = await end_by_provider(parts.sign_in, org, provider, token)
    except DomainError as error:
        return _refused(400, error.detail)
    except TokenRefused as refused:
        _FORGED.inc()
        log.warning("logout_token.refused", org=org, provider=code, reason=refused.reason)
        return _refused(400, "The logout token is not valid.")
    except (ProviderAway, ProviderWrong) as away:
        log.warning("logout_token.unchecked", org=org, provider=code, reason=away.reason)
        return _refused(503, "The token cannot be checked just now. Send it again.", {"Retry-After": "5"})
    if ended:
        await parts.recall.everywhere()
    log.info("logged_out_by_provider", org=org, provider=code, sessions=[each[:SHORT] for each in ended])
    return Response(status_code=200, headers=_NO_STORE)


def _refused(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    content = {"error": "invalid_request", "error_description": detail}
    return JSONResponse(content, status, headers={**_NO_STORE, **(headers or {})})
