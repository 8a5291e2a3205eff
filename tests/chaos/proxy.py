"""A TCP proxy between processes and a server, that can be told to behave as a bad network does."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Self, TypeVar

from loop_cli.servers import free_port

Mode = Literal["pass", "cut", "slow", "stall", "deaf"]
"""`cut`: open connections are reset and new ones refused. `slow`: every piece is late. `stall`: nothing moves, nothing ends.
`deaf`: what is sent arrives, and no answer comes back."""

PIECE = 64 * 1024
SLOW_SECONDS = 0.05
_T = TypeVar("_T")


class Proxy:
    """Listens on `port` of 127.0.0.1 and passes on to the port that `target()` gives; in a thread of its own."""

    def __init__(self, target: Callable[[], int]) -> None:
        self.port = free_port()
        self.connections = 0
        self._target = target
        self._mode: Mode = "pass"
        self._loop = asyncio.new_event_loop()
        self._moving = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *exception: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def behave(self, mode: Mode) -> None:
        """Behave so from now on, open connections too."""
        self._do(self._behave(mode))

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        self._moving.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        self._reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _behave(self, mode: Mode) -> None:
        # What was not passed on is lost: such a connection cannot go on.
        if mode == "cut" or self._mode == "deaf":
            self._reset()
        self._mode = mode
        if mode == "stall":
            self._moving.clear()
        else:
            self._moving.set()

    def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        upstream: asyncio.StreamWriter | None = None
        try:
            if self._mode == "cut":
                return
            self.connections += 1
            back, upstream = await asyncio.open_connection("127.0.0.1", self._target())
            self._writers.add(upstream)
            await asyncio.gather(self._carry(reader, upstream, there=True), self._carry(back, writer, there=False))
        except OSError:
            return
        finally:
            self._tasks.discard(task)
            for each in (writer, upstream):
                if each is not None:
                    self._writers.discard(each)
                    each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._moving.wait()
                if self._mode == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                if self._mode == "deaf" and not there:
                    continue
                writer.write(piece)
                await writer.drain()
        await self._moving.wait()
        writer.close()
