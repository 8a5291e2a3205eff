"""Connections between our own processes and servers: with TLS and a given authority, or only within this machine.

`LOOP_INSIDE_CA` names the authority (PEM) that signed the certificates of our services, of PostgreSQL, NATS and the scanner;
`LOOP_INSIDE_CERTIFICATE` and `LOOP_INSIDE_KEY` what this process shows on its own port. Certificate and name of the server are
checked, always ("verify-full"). A process whose settings would carry anything in the clear between machines does not start,
unless `LOOP_PLAIN_INSIDE=yes` says that something else protects the network.
"""

import ipaddress
import ssl
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECURE_SCHEMES = frozenset({"https", "tls", "wss", "clamds"})


@lru_cache(maxsize=8)
def client_context(ca: Path | None) -> ssl.SSLContext | None:
    """What a client of ours checks a server with; None without an authority. TLS 1.2 at least, the name is checked too."""
    if ca is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_this_machine(host: str | None) -> bool:
    """Whether a host is this machine itself; no host is a socket in its file system."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_plain(url: str) -> bool:
    """Whether an address of http, NATS or the scanner would be called in the clear, past this machine."""
    parts = urlsplit(url)
    return parts.scheme not in SECURE_SCHEMES and not is_this_machine(parts.hostname)


def is_plain_database(url: str, ca: Path | None) -> bool:
    """Whether PostgreSQL would be spoken to past this machine without its certificate being checked in full."""
    return not _is_local_database(url) and ca is None and not _asks_for_full(url)


def database_options(url: str, ca: Path | None) -> dict[str, Any]:
    """Options of asyncpg: TLS with the authority, where there is one and the database is elsewhere, or its address asks."""
    context = client_context(ca)
    if context is None or (_is_local_database(url) and not _asks_for_full(url)):
        return {}
    return {"ssl": context}


def _is_local_database(url: str) -> bool:
    parts = urlsplit(url)
    named = [each for each in (parts.hostname, *parse_qs(parts.query).get("host", [])) if each]
    return all(is_this_machine(each) for each in named)


def _asks_for_full(url: str) -> bool:
    return "verify-full" in parse_qs(urlsplit(url).query).get("ssl", [])


def listening(certificate: Path | None, key: Path | None) -> dict[str, Any]:
    """Options of uvicorn with which a process listens: with TLS where it has a certificate."""
    if certificate is None:
        return {}
    return {
        "ssl_certfile": str(certificate),
        "ssl_keyfile": str(key) if key else None,
        # Of TLS 1.2 the suites with forward secrecy and authenticated encryption; those of 1.3 all have both.
        "ssl_ciphers": "ECDHE+AESGCM:ECDHE+CHACHA20",
    }


def in_the_clear(*, listens: str | None, addresses: Iterable[tuple[str, str]]) -> list[str]:
    """What of the settings would be carried in the clear between machines, each in a few words with its variable.

    `listens` is the host on which the process listens without a certificate, `addresses` variables with what they name.
    """
    found = [f"LOOP_HOST={listens} without LOOP_INSIDE_CERTIFICATE"] if listens and not is_this_machine(listens) else []
    return found + [variable for variable, address in addresses if is_plain(address)]
