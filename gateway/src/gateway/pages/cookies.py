"""The gateway's cookies: of a session, of an attempt to sign in, of an operator. No page can read them."""

from fastapi import Request
from starlette.responses import Response

from gateway.access.authentication import Authentication
from gateway.proxy.incoming import cookie_value
from gateway.settings import GatewaySettings

_SHAPE = 43
"""Characters of a secret of 256 bits."""


def session_cookie(request: Request, authentication: Authentication) -> bytes:
    """The value of the session's cookie, or nothing."""
    return cookie_value(request.headers.get("cookie", "").encode("latin-1"), authentication.session_cookie)


def give_session(response: Response, value: str, authentication: Authentication, settings: GatewaySettings) -> None:
    """Set the session's cookie."""
    _give(response, authentication.session_cookie.decode(), value, settings.session_lifetime, settings)


def forget_session(response: Response, authentication: Authentication, settings: GatewaySettings) -> None:
    """Take the session's cookie away."""
    _forget(response, authentication.session_cookie.decode(), settings)


def _attempt_name(settings: GatewaySettings) -> str:
    return "__Host-loop-sign-in" if settings.secure else "loop-sign-in"


def attempt_cookie(request: Request, settings: GatewaySettings) -> str:
    """The value of the attempt's cookie, or nothing; what has another shape than ours counts as nothing."""
    value = request.cookies.get(_attempt_name(settings), "")
    return value if len(value) == _SHAPE and value.isascii() else ""


def give_attempt(response: Response, value: str, settings: GatewaySettings) -> None:
    """Set the attempt's cookie. Lax, since the answer comes from the provider's site."""
    _give(response, _attempt_name(settings), value, settings.sign_in_lifetime, settings)


def operator_cookie_name(settings: GatewaySettings) -> str:
    """Name of the cookie of an operator's session."""
    return "__Host-loop-operator" if settings.secure else "loop-operator"


def operator_cookie(request: Request, settings: GatewaySettings) -> bytes:
    """The value of the operator's cookie, or nothing."""
    return cookie_value(request.headers.get("cookie", "").encode("latin-1"), operator_cookie_name(settings).encode())


def give_operator(response: Response, value: str, seconds: int, settings: GatewaySettings) -> None:
    """Set the operator's cookie. Strict: nothing elsewhere links here, and no link from there comes in signed in."""
    name = operator_cookie_name(settings)
    response.set_cookie(name, value, max_age=seconds, path="/", secure=settings.secure, httponly=True, samesite="strict")


def forget_operator(response: Response, settings: GatewaySettings) -> None:
    """Take the operator's cookie away."""
    name = operator_cookie_name(settings)
    response.delete_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="strict")


def _give(response: Response, name: str, value: str, seconds: int, settings: GatewaySettings) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=settings.secure, httponly=True, samesite="lax")


def _forget(response: Response, name: str, settings: GatewaySettings) -> None:
    response.delete_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="lax")
