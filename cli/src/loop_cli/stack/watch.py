"""Watching the processes of an embedded installation: who ends without being asked to is started again, ever more slowly."""

import errno
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loop_cli.servers import ServerError
from loop_cli.stack.state import is_ready

if TYPE_CHECKING:
    from loop_cli.stack.embedded import EmbeddedStack

PAUSE = 0.1
FIRST_DELAY = 0.25
LONGEST_DELAY = 30.0
HEALTHY_AFTER = 60.0
"""Seconds. A process that ran this long starts with the first delay again."""

SPACE_EVERY = 5.0
LOW_SPACE = 200 * 1024 * 1024
DISK_FULL = os.strerror(errno.ENOSPC)


@dataclass(slots=True)
class _Record:
    """How often a process failed in a row, and when it may be started again."""

    failures: int = 0
    started: float = 0.0
    due: float | None = None
    coming_back: bool = False


class Watch:
    """Starts again what ended. `failures` has a line for each end that nobody asked for."""

    def __init__(self, stack: "EmbeddedStack") -> None:
        self._stack = stack
        self._records = {name: _Record() for name in stack.names()}
        self._space_checked = 0.0
        self._space_is_low = False
        self._held: set[str] = set()
        self.failures: list[str] = []

    def run(self, stopping: threading.Event, *, strict: bool) -> None:
        """Watch until `stopping` is set, or, under `strict`, until the first process fails."""
        for record in self._records.values():
            record.started = time.monotonic()
        while not stopping.wait(PAUSE):
            for name, record in self._records.items():
                self._look_at(name, record)
            if strict and self.failures:
                return
            self._stack.look_for_orders(stopping)
            self._look_at_space()

    def hold(self, name: str) -> None:
        """Leave a process alone until it is let go."""
        self._held.add(name)

    def let_go(self, name: str) -> None:
        """Watch a process again; if it ended meanwhile, that was asked for, and it is started at once."""
        if not self._stack.process(name).alive:
            self._records[name].due = time.monotonic()
        self._held.discard(name)

    def _look_at(self, name: str, record: _Record) -> None:
        if self._stack.process(name).alive:
            record.due = None
            if record.coming_back and self._is_ready(name):
                record.coming_back = False
                self._stack.tell(f"{name} is back")
            return
        if name in self._held:
            return
        if record.due is None:
            self._plan(name, record)
        elif time.monotonic() >= record.due:
            self._start_again(name, record)

    def _plan(self, name: str, record: _Record) -> None:
        now = time.monotonic()
        record.failures = 1 if now - record.started > HEALTHY_AFTER else record.failures + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (record.failures - 1))
        record.due = now + delay
        self._stack.has_ended(name)
        message = f"{self._stack.process(name).describe_end()}; its log is {self._stack.process(name).log}"
        self.failures.append(message)
        self._stack.tell(f"{message}; starting it again in {delay:g} s")

    def _start_again(self, name: str, record: _Record) -> None:
        record.due = None
        record.started = time.monotonic()
        record.coming_back = True
        try:
            self._stack.start_again(name)
        except (ServerError, OSError) as error:
            # The whole of it is in the log; this is said at every try.
            why = "the disk is full" if DISK_FULL in str(error) else str(error).splitlines()[0]
            self._stack.tell(f"{name} could not be started: {why}")

    def _is_ready(self, name: str) -> bool:
        port = self._stack.addresses.ports.get(name)
        return port is None or is_ready(port, timeout=0.5)

    def _look_at_space(self) -> None:
        now = time.monotonic()
        if now - self._space_checked < SPACE_EVERY:
            return
        self._space_checked = now
        low = (free := self._stack.layout.free_bytes()) < LOW_SPACE
        if low and not self._space_is_low:
            self._stack.tell(
                f"The disk that holds {self._stack.layout.root} has only {free // 2**20} MB left. When it is full, nothing "
                "more can be recorded; whoever sends gets an error and can send again. Make room."
            )
        self._space_is_low = low
        if not low:
            self._open_streams()

    def _open_streams(self) -> None:
        if "nats" in self._held or not self._stack.process("nats").alive or not self._stack.nats.ran_out_of_room():
            return
        self._stack.tell("NATS found no room on the disk, and keeps its streams shut from then on: it is started anew")
        self._stack.nats.stop()
        self._records["nats"].due = time.monotonic()
