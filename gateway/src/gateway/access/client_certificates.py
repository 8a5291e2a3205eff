"""The certificate of mutual TLS that ends before the gateway: believed from that hop, dropped from everybody else."""

from collections.abc import Sequence
from typing import Any

from chassis.middleware import Scope
from gateway.adapters.certificates import from_header
from gateway.domain.networks import Network, address_of

_STANDARD = frozenset({b"client-cert", b"client-cert-chain"})
"""RFC 9440. Dropped whatever is set: a service must not read there what anybody wrote."""


class ClientCertificates:
    """Takes the header out of every request, and gives what a trusted hop says."""

    def __init__(self, header: str, hops: Sequence[Any]) -> None:
        """`header` names the field; `hops` are the networks of those who end TLS before us and set it."""
        self._header = header.lower().encode()
        self._names = _STANDARD | {self._header}
        self._hops: tuple[Network, ...] = tuple(hops)

    def take(self, scope: Scope) -> bytes:
        """The certificate (DER), empty without one; the headers are gone from the scope afterwards."""
        headers = scope["headers"]
        found = [value for name, value in headers if name in self._names]
        if not found:
            return b""
        given = [value for name, value in headers if name == self._header]
        scope["headers"] = [each for each in headers if each[0] not in self._names]
        # Two of them: one came from the caller, past a hop that adds its own instead of replacing. Neither is believed.
        if len(given) != 1 or not self._is_hop(scope):
            return b""
        return from_header(given[0]) or b""

    def _is_hop(self, scope: Scope) -> bool:
        client = scope.get("client")
        address = address_of(str(client[0])) if client else None
        return address is not None and any(address in hop for hop in self._hops)
