"""From where a client may come: networks in CIDR form, IPv4 and IPv6."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

from chassis.errors import DomainError, FieldError, Kind

MOST = 50
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_of(text: str) -> Address | None:
    """An address as it came, an IPv4 address that was mapped into IPv6 (RFC 4291, 2.5.5.2) as the IPv4 address that it is."""
    try:
        found = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def lies_within(text: str, networks: Sequence[str]) -> bool:
    """Whether a caller's address lies in one of the networks; with none, every address does."""
    if not networks:
        return True
    address = address_of(text)
    return address is not None and any(address in _network(each) for each in networks)


@lru_cache(maxsize=4096)
def _network(text: str) -> Network:
    return ipaddress.ip_network(text)


def check_networks(given: Iterable[str]) -> tuple[str, ...]:
    """Networks in their one spelling, a single address as the network of one. Raises DomainError that names the wrong ones."""
    found: dict[str, None] = {}
    wrong = []
    for each in given:
        try:
            # Strict: 10.1.2.3/8 is more likely a slip than the whole of 10.0.0.0/8.
            network = ipaddress.ip_network(each.strip())
        except ValueError:
            wrong.append(f"'{each.strip()[:60]}' is not a network. Write it as 192.0.2.0/24, 2001:db8::/48 or one address.")
            continue
        if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
            wrong.append(f"'{each.strip()[:60]}': write an IPv4 network as such, without ::ffff:.")
        elif network.prefixlen == 0:
            wrong.append(f"'{each.strip()[:60]}' is every address. Leave the list empty instead.")
        else:
            found[str(network)] = None
    if len(found) > MOST:
        wrong.append(f"At most {MOST} networks.")
    if wrong:
        errors = tuple(FieldError("/networks", each) for each in wrong[:20])
        raise DomainError(
            "malformed-network", "The list of networks was not accepted; nothing was changed.", Kind.MALFORMED, errors
        )
    return tuple(found)
