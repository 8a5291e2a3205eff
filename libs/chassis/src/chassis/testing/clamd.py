"""A clamd for tests: speaks INSTREAM as the real one does, knows one virus, and can be slow, away, or too small for a file."""

import asyncio
from dataclasses import dataclass, field

from chassis.testing.files import EICAR
from loop_cli.servers import free_port

HOST = "127.0.0.1"
_COMMAND = b"zINSTREAM\0"


@dataclass
class ClamdServer:
    """Listens after `start`; `answer` is said instead of the verdict, `hold` is waited for before anything is said."""

    most: int = 25 * 1024 * 1024
    answer: bytes | None = None
    hold: asyncio.Event | None = None
    scanned: list[bytes] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """As it stands in LOOP_SCAN_URL."""
        return f"clamd://{HOST}:{self.port}"

    async def start(self) -> None:
        """Listen, always at the same port."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer(reader) + b"\0")
            await writer.drain()
            # Closed with something unread, the connection would be reset, and the answer lost now and then.
            while await reader.read(1 << 16):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        if await reader.readexactly(len(_COMMAND)) != _COMMAND:
            return b"UNKNOWN COMMAND"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4)):
            if len(content) + length > self.most:
                return b"INSTREAM size limit exceeded. ERROR"
            content += await reader.readexactly(length)
        self.scanned.append(content)
        if self.hold is not None:
            await self.hold.wait()
        if self.answer is not None:
            return self.answer
        return b"stream: Eicar-Signature FOUND" if EICAR in content else b"stream: OK"
