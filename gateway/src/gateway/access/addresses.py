"""The address of a caller, from which only rates are counted: it is neither logged nor passed on."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from chassis.middleware import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Addresses:
    """Finds the caller's address behind load balancers that are trusted, and behind nobody else."""

    def __init__(self, trusted: Sequence[Any]) -> None:
        """`trusted` are networks of the standard library (`10.0.0.0/8`)."""
        self._trusted: tuple[Network, ...] = tuple(trusted)
        self._is_trusted = lru_cache(maxsize=1024)(self._lies_in_trusted)

    def trusts(self, address: str) -> bool:
        """Whether somebody at this address is one of the load balancers."""
        return bool(self._trusted) and self._is_trusted(address)

    def of(self, scope: Scope, forwarded_for: bytes) -> str:
        """The peer, or what trusted proxies say: the last address of X-Forwarded-For that is not itself a trusted proxy.

        An IPv6 caller is counted by its /64, which one household or phone has for itself.
        """
        return self.counted(self.exact(scope, forwarded_for))

    def exact(self, scope: Scope, forwarded_for: bytes) -> str:
        """The whole address, which a client's list of networks is held against."""
        client = scope.get("client")
        address = str(client[0]) if client else "unknown"
        if self._trusted and forwarded_for and self._is_trusted(address):
            for each in reversed(forwarded_for.decode("latin-1").split(",")):
                address = each.strip()
                if not self._is_trusted(address):
                    break
        return address[:64]

    @staticmethod
    def counted(address: str) -> str:
        """What an address is counted by."""
        return _network_64(address) if ":" in address else address

    def _lies_in_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


@lru_cache(maxsize=4096)
def _network_64(address: str) -> str:
    try:
        return str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        return address[:64]
