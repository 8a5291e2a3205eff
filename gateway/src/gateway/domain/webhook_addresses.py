"""Where a webhook may go: what its address may look like, and which network addresses are never called.

Whoever may make a subscription chooses the address, so it must not become a way to talk to what only we can reach: this
machine, the networks around it, the cloud's own services (OWASP: server-side request forgery). The name is looked up and held
against these rules each time a connection is made (`gateway.delivery.outside`), so that it cannot point elsewhere later.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Hosts = tuple[str, ...] | None
"""Names that webhooks may go to, or with a full stop in front all below one; `*` or None: any."""
ANY = "*"

PORTS = frozenset({443, 8443})
LONGEST_URL = 2_000
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_NEVER = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8", "169.254.0.0/16",  # this network; link-local, where clouds keep their metadata
        "168.63.129.16/32",  # Azure's own service, at a public address
        "100.100.100.200/32", "192.0.0.192/32",  # metadata of Alibaba and Oracle
        "224.0.0.0/4", "240.0.0.0/4",  # multicast; reserved and broadcast
        "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",  # metadata of AWS and Google
    )
)  # fmt: skip
"""Not even where an operator names a network that holds them."""

_NOT_OUTSIDE = tuple(
    ip_network(each)
    for each in (
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
        "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24",
        # inside of the global unicast of IPv6: Teredo and other assignments, documentation, 6to4, SRv6
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "2620:4f:8000::/48",
    )
)  # fmt: skip
"""IANA's registries of special-purpose addresses, written out: Python's `is_global` differs between versions."""

_GLOBAL_6 = ip_network("2000::/3")
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def _plain(address: Address) -> Address:
    """An IPv4 address in IPv6 form is the IPv4 address."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def may_be_called(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a network address may be connected to: one of the internet, or of a network that the operator named."""
    try:
        found = _plain(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if _in(found, _NEVER):
        return False
    if _in(found, allowed):
        return True
    if isinstance(found, IPv6Address) and found not in _GLOBAL_6:
        # loopback, unique local, site-local, translated (64:ff9b::/96), IPv4-compatible, discard-only …
        return False
    return not _in(found, _NOT_OUTSIDE) and found.is_global


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)


def lets(hosts: Hosts, host: str) -> bool:
    """Whether the operator lets a name be called: it stands in the list, or lies below one that begins with a full stop."""
    return hosts is None or any(each in {ANY, host} or (each[:1] == "." and host.endswith(each)) for each in hosts)


def is_allowed(hosts: Hosts, url: str) -> bool:
    """The same of an address that was subscribed with; the list may be shorter since. This machine is a matter of networks."""
    host = (urlsplit(url).hostname or "").lower()
    return lets(hosts, host) or host in _HERE


def check_url(url: str, ports: frozenset[int] = PORTS, *, loopback: bool = False, hosts: Hosts = None) -> str:
    """An address as it is kept. Raises ValueError with what is wrong with it, in words for who typed it.

    `loopback`: this machine may be called too, also by http and at any port (demonstration and tests).
    """
    text = url.strip()
    if len(text) > LONGEST_URL:
        raise ValueError(f"must have {LONGEST_URL:,} characters or fewer")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("must hold letters, digits and signs of an address only; write a name with other letters as xn--…")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("must be an address like https://cms.example.gov.uk/events") from None
    host = (parts.hostname or "").lower()
    here = loopback and host in _HERE
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise ValueError("must begin with https://")
    if "@" in parts.netloc:
        raise ValueError("must hold no user name or password: messages are known by their signature")
    if "#" in text:
        raise ValueError("must hold no #: what follows it is never sent")
    if not here:
        _check_host(host)
        if (port or 443) not in ports:
            raise ValueError(f"must use one of the ports {', '.join(map(str, sorted(ports)))}")
        if not lets(hosts, host):
            raise ValueError(f"must go to a server that whoever runs this installation allows; {host} is none of them")
    return text


def _check_host(host: str) -> None:
    if not host:
        raise ValueError("must be an address like https://cms.example.gov.uk/events")
    if not _NAME.fullmatch(host):
        raise ValueError("must name its server, such as cms.example.gov.uk, not a number or a short name")


def shown(url: str) -> str:
    """An address for a page or a log: without the query, which often holds a key of the receiver."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}"
