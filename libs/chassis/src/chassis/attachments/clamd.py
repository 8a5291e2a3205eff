"""ClamAV's daemon: a file is streamed to it (INSTREAM of clamd(8)), piece by piece, and its verdict read."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

_PORT = 3310
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (.+) FOUND")
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]")
ENCRYPTED = "encrypted"
AWAY = "scanner-away"
TOO_LARGE = "too-large-for-the-scanner"
TOO_MUCH = "too-much-for-the-scanner"


class ScannerAwayError(Exception):
    """The scanner did not answer, or not in a way that is known; it is asked again later. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner says: clean, infected (`found`: by what), or that it could not look into it (`not_scanned`: why)."""

    found: str | None = None
    not_scanned: str | None = None


class Scanner(Protocol):
    """Looks through a file for viruses."""

    async def scan(self, content: AsyncIterator[bytes]) -> Verdict:
        """Give the verdict. Raises `ScannerAwayError`; what `content` raises is passed on."""


class Clamd:
    """A clamd at a TCP port (`clamd://host:3310`, `clamds://` through TLS) or a socket of this machine (`clamd:///run/clamav/clamd.ctl`)."""

    def __init__(self, url: str, seconds: float, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORT
        self._path = parts.path
        self._seconds = seconds
        self._tls: ssl.SSLContext | bool | None = (tls or True) if parts.scheme == "clamds" else None

    async def scan(self, content: AsyncIterator[bytes]) -> Verdict:
        """Stream a file to it. Every step has its time-out: to connect, to take a piece, to answer."""
        reader, writer = await self._connect()
        try:
            answer = await self._ask(reader, writer, content)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return _verdict(answer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(self._seconds):
                if self._host:
                    return await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER, ssl=self._tls)
                return await asyncio.open_unix_connection(self._path, limit=_LONGEST_ANSWER)
        except OSError:  # a TimeoutError is one
            raise ScannerAwayError(AWAY) from None

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: AsyncIterator[bytes]) -> str:
        # Listened for from the beginning: of a file beyond its limit it says so, and hangs up on what is still coming.
        answer = asyncio.ensure_future(reader.readuntil(b"\0"))
        try:
            with contextlib.suppress(ConnectionError):
                writer.write(b"zINSTREAM\0")
                async for piece in content:
                    if answer.done():
                        break
                    await self._send(writer, len(piece).to_bytes(4) + piece)
                await self._send(writer, bytes(4))
            async with asyncio.timeout(self._seconds):
                said = await answer
        except TimeoutError:
            raise ScannerAwayError("scanner-too-slow") from None
        except (OSError, EOFError, asyncio.LimitOverrunError):
            raise ScannerAwayError("scanner-hung-up") from None
        finally:
            answer.cancel()
            await asyncio.wait([answer])
            if not answer.cancelled():
                answer.exception()  # looked at, whatever it was
        return said.rstrip(b"\0\n").decode("utf-8", "replace")

    async def _send(self, writer: asyncio.StreamWriter, content: bytes) -> None:
        async with asyncio.timeout(self._seconds):
            writer.write(content)
            await writer.drain()


def _verdict(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict()
    if answer == "INSTREAM size limit exceeded. ERROR":
        return Verdict(not_scanned=TOO_LARGE)
    found = _FOUND.fullmatch(answer)
    if found is None:
        raise ScannerAwayError("scanner-error")
    # With AlertEncrypted and AlertExceedsMax (clamd.conf) it says that it could not look inside, and that is no virus.
    if found[1].startswith("Heuristics.Encrypted"):
        return Verdict(not_scanned=ENCRYPTED)
    if found[1].startswith("Heuristics.Limits.Exceeded"):
        return Verdict(not_scanned=TOO_MUCH)
    return Verdict(found=_UNSAFE.sub("?", found[1])[:100])
