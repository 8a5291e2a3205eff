"""Signed identities for the services, each signed once for a while and not for every request."""

import time

from chassis.identity import MAX_LIFETIME, TokenSigner
from gateway.domain.principals import Principal

_RENEW_BEFORE = 30  # seconds before the end: a service may still be reading a request that was sent just now
_REMEMBERED = 20_000


class Identities:
    """Tokens by caller and service."""

    def __init__(self, signer: TokenSigner) -> None:
        self._signer = signer
        self._signed: dict[tuple[Principal, str], tuple[float, str]] = {}

    def token(self, principal: Principal, audience: str) -> str:
        """The value of the header Loop-Identity for one service."""
        now = time.time()
        signed = self._signed.get((principal, audience))
        # Also where this clock was set back meanwhile: to the services the old one would count from some later day.
        if signed is not None and 0 <= now - signed[0] < MAX_LIFETIME - _RENEW_BEFORE:
            return signed[1]
        token = self._signer.sign(principal.identity(), audience)
        if len(self._signed) >= _REMEMBERED:
            self._signed.clear()
        self._signed[principal, audience] = (now, token)
        return token
