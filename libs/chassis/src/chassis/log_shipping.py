"""Log lines to another system as they are written: syslog over TLS (RFC 5425, RFC 5424), beside standard output.

Standard output stays what counts on this machine; what is sent cannot be changed there afterwards. Nothing waits for the other
system: lines are held while it is away, and where too many wait the oldest go, and how many is sent when it is back. Syslog
has no receipts: of a connection that breaks, what was under way may be missing or come twice.
"""

import atexit
import os
import socket
import ssl
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import urlsplit

import orjson

from chassis.inside import is_this_machine
from chassis.logs import Lasting

MOST_WAITING = 20_000
_SECONDS = 5.0
_PAUSES = (0.2, 1.0, 5.0, 15.0)
_AT_THE_END = 3.0
_LOCAL_0 = 16 * 8
_SEVERITIES = {b'"level":"error"': 3, b'"level":"critical"': 2, b'"level":"warning"': 4, b'"level":"debug"': 7}
_INFO = 6


class LogNames(Protocol):
    """Settings that say where lines go."""

    @property
    def log_to(self) -> str | None:
        """`tls://host:port`; `tcp://` for an agent on this machine."""
        ...

    @property
    def log_ca(self) -> Path | None:
        """Authority of the other system; that of the operating system without."""
        ...


def check_address(address: str) -> str:
    """An address that lines may be sent to. Raises ValueError with what is wrong with it."""
    parts = urlsplit(address)
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname or parts.port is None:
        raise ValueError("must be an address like tls://logs.example.gov.uk:6514")
    if parts.scheme == "tcp" and not is_this_machine(parts.hostname):
        raise ValueError("must begin with tls:// past this machine: log lines say who did what")
    return address


def framed(line: bytes, service: str, host: str) -> bytes:
    """One line as a frame: its length, then the message (RFC 5425, 4.3)."""
    severity = next((number for mark, number in _SEVERITIES.items() if mark in line), _INFO)
    when = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = f"<{_LOCAL_0 + severity}>1 {when} {host} {service} {os.getpid()} - - ".encode() + line
    return f"{len(message)} ".encode() + message


class Shipper:
    """Sends lines from a thread of its own."""

    def __init__(self, address: str, service: str, ca: Path | None, most: int = MOST_WAITING) -> None:
        parts = urlsplit(check_address(address))
        self._where = (parts.hostname or "", parts.port or 0)
        self._tls = self._context(ca) if parts.scheme == "tls" else None
        self._service, self._host = service, socket.gethostname().encode("ascii", "ignore").decode() or "-"
        self._waiting: deque[bytes] = deque()
        self._most, self._dropped = most, 0
        self._change = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log-shipping", daemon=True)

    @staticmethod
    def _context(ca: Path | None) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(ca) if ca else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def start(self) -> "Shipper":
        """Begin."""
        self._thread.start()
        return self

    def put(self, line: str) -> None:
        """Hand over one line; never waits."""
        with self._change:
            if len(self._waiting) >= self._most:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(line.encode(errors="replace"))
            self._change.notify()

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join(_AT_THE_END)

    def _run(self) -> None:
        tries = 0
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
            try:
                with self._connected() as connection:
                    tries = 0
                    if not self._send_all(connection):
                        return
            except OSError:
                # Said nowhere: it would be one more line that waits. Whoever watches the other system sees that none come.
                with self._change:
                    if self._closing:
                        return
                    self._change.wait_for(lambda: self._closing, _PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _connected(self) -> socket.socket:
        plain = socket.create_connection(self._where, _SECONDS)
        try:
            return self._tls.wrap_socket(plain, server_hostname=self._where[0]) if self._tls else plain
        except OSError:
            plain.close()
            raise

    def _send_all(self, connection: socket.socket) -> bool:
        """Send until the connection breaks (OSError) or all is sent and the process ends (False)."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return False
            # A receiver that has ended is seen before a line is lost to it.
            if _has_ended(connection):
                raise ConnectionResetError
            with self._change:
                # Out of what waits while it is sent: what is sent is not counted as dropped.
                line, dropped = self._waiting.popleft(), self._dropped
                self._dropped = 0
            try:
                if dropped:
                    said = {"event": "logs.dropped", "number": dropped, "level": "error", "timestamp": time.time()}
                    connection.sendall(framed(orjson.dumps(said), self._service, self._host))
                    dropped = 0
                connection.sendall(framed(line, self._service, self._host))
            except OSError:
                self._take_back(line, dropped)
                raise

    def _take_back(self, line: bytes, dropped: int) -> None:
        """A line that was not sent is again the oldest that waits; where there is no room, it is what is dropped."""
        with self._change:
            self._dropped += dropped
            if len(self._waiting) < self._most:
                self._waiting.appendleft(line)
            else:
                self._dropped += 1


def _has_ended(connection: socket.socket) -> bool:
    """Whether the receiver has closed. What TLS itself sends (tickets) is read on the way, and is no end."""
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        connection.settimeout(_SECONDS)


class Tee:
    """Standard output that also hands each whole line over."""

    def __init__(self, output: TextIO, shipper: Shipper) -> None:
        self._output, self._shipper = output, shipper
        self._begun, self._lock = "", threading.Lock()

    def write(self, text: str) -> int:
        """Write, and hand over what is a whole line by now."""
        written = self._output.write(text)
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line:
                self._shipper.put(line)
        return written

    def flush(self) -> None:
        """As of the output."""
        self._output.flush()

    def isatty(self) -> bool:
        """As of the output."""
        return self._output.isatty()

    def fileno(self) -> int:
        """As of the output."""
        return self._output.fileno()


def ship(settings: LogNames, service: str) -> None:
    """Send everything that this process writes to standard output from now on, where the settings say so."""
    if settings.log_to is None:
        return
    shipper = Shipper(settings.log_to, service, settings.log_ca).start()
    # What finds no room on the disk here is sent all the same.
    sys.stdout = Tee(Lasting(sys.stdout), shipper)  # type: ignore[arg-type]  # as much of a stream as a log writes to
    atexit.register(shipper.close)
