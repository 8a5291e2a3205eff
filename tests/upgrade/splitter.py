"""A port behind which several processes stand, as behind a service of Kubernetes: connections go to them in turn."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator


class Splitter:
    """`targets` are ports, and may be changed; `taken` counts connections by port."""

    def __init__(self, *targets: int) -> None:
        self.targets = list(targets)
        self.taken: Counter[int] = Counter()
        self.port = 0
        self._turns = itertools.count()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Splitter"]:
        """Take connections."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = self.targets[next(self._turns) % len(self.targets)]
        self.taken[target] += 1
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.close()
