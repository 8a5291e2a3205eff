"""What people meet at the public address: a certificate that their browsers believe, and nothing without TLS."""

import socket
import ssl
from urllib.parse import urlsplit

from loop_cli.doctor.findings import Finding, look, well, wrong

SECONDS = 5.0
_HTTPS, _PLAIN = 443, 80
_MOVED = (["301"], ["302"], ["307"], ["308"])
_HERE = ("127.0.0.1", "localhost", "::1")


def examine(url: str, plain_port: int = _PLAIN) -> list[Finding]:
    """Look at a public address, as somebody who only knows the authorities of this machine; nothing for one of this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _HERE:
        return []
    what = f"public address {url}"
    if parts.scheme != "https" or not host:
        return [wrong(what, "is not https", "Give `LOOP_PUBLIC_URL` as people type it, with https: docs/guides/install.md")]
    return [_trusted(what, host, parts.port or _HTTPS), _plain(host, plain_port)]


def _trusted(what: str, host: str, port: int) -> Finding:
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            version = connection.version()
    except ssl.SSLCertVerificationError as error:
        do = "Get one for this name from an authority that browsers know, with its chain: docs/guides/install.md"
        return wrong(what, f"its certificate is not believed: {error.verify_message}", do)
    except ssl.SSLError as error:
        return wrong(
            what, f"speaks no TLS that is good enough: {error.reason}", "Use what deploy/proxies has for the proxy in front."
        )
    except OSError as error:
        return look(what, f"cannot be reached from here: {error}", "Look from outside, with --public, before people do.")
    return well(what, f"has a certificate that is believed, over {version}")


def _plain(host: str, port: int) -> Finding:
    """The plain port may lead to https, or be closed. It may not answer anything else."""
    what = f"http://{host}"
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            head = connection.recv(4096).decode("latin-1").lower()
    except OSError:
        return well(what, "is closed")
    if head.split(" ")[1:2] in _MOVED and f"location: https://{host}" in head:
        return well(what, "leads to https")
    return wrong(what, "answers without TLS", "Let the proxy answer it with 301 to https, or close the port: deploy/proxies")
