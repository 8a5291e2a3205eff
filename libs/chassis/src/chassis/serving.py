"""A web process that another one takes over from without a lost request.

Whoever starts it may hand it a socket that listens already (`LOOP_LISTEN_FD`). The one before and the one after then take
connections from the same queue, and between the two it waits: nobody is refused. SIGUSR1 drains a process: it takes no
connection any more, says `Connection: close` with each answer, and ends with its last connection. A connection that waits for
its next request is closed by its client, or by us when its time is over as always: who closes it earlier may meet a request
that is on its way, which nobody could repeat if it changes something.
"""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from chassis.settings import Settings

DRAIN = signal.SIGUSR1


class DrainingState(ServerState):
    """What the connections of a server share, and whether it is being drained."""

    draining = False


class DrainingProtocol(HttpToolsProtocol):
    """One connection, which a server that is drained leaves open until its client knows."""

    def on_headers_complete(self) -> None:
        """Begin to answer; of a server that is drained the client hears that this was the last answer here."""
        super().on_headers_complete()
        if self._drains():
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close when what is under way is done. While the server is drained: when the client has been told."""
        if not self._drains():
            super().shutdown()
        elif (cycle := _of(self)) is not None and not cycle.response_started:
            cycle.keep_alive = False

    def _drains(self) -> bool:
        return getattr(self.server_state, "draining", False)


class DrainingServer(uvicorn.Server):
    """uvicorn that can be drained, and takes a socket that is handed over to it."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self.server_state: DrainingState = DrainingState()
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until SIGTERM, or until drained."""
        super().run(sockets or handed_over(self._settings))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections, and tell whoever waits for it."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started and self._settings.ready_fd is not None:
            with contextlib.suppress(OSError):  # who has gone does not wait any more
                os.write(self._settings.ready_fd, b"1")
                os.close(self._settings.ready_fd)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGTERM, SIGINT and the signal to drain while serving."""
        with super().capture_signals():
            before = signal.signal(DRAIN, self._drain)
            try:
                yield
            finally:
                signal.signal(DRAIN, before)

    def _drain(self, _number: int, _frame: FrameType | None) -> None:
        self.server_state.draining = True
        self.config.timeout_graceful_shutdown = int(self._settings.drain_seconds)
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End. One that is being drained closes what waits, and has the usual time for what is under way."""
        if self.server_state.draining and self._loop is not None:
            self.server_state.draining = False
            self._loop.call_soon_threadsafe(self._hurry, self._loop)
        super().handle_exit(sig, frame)

    def _hurry(self, loop: asyncio.AbstractEventLoop) -> None:
        for connection in list(self.server_state.connections):
            connection.shutdown()
        loop.call_later(self._settings.grace_seconds, setattr, self, "force_exit", True)


def _of(protocol: HttpToolsProtocol) -> RequestResponseCycle | None:
    """The request that a connection is at, if it had one: uvicorn's annotation leaves out that it begins without."""
    return protocol.cycle


def handed_over(settings: Settings) -> list[socket.socket] | None:
    """The socket that whoever started this process handed over; None: it opens one itself, at its host and port."""
    return None if settings.listen_fd is None else [socket.socket(fileno=settings.listen_fd)]
