"""What runs from a data folder: written while it runs, read by `status` and `down`, and by the next start after a crash."""

import contextlib
import http.client
import os
import signal
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import psutil

from loop_cli.stack.layout import Layout, read_json, write_json


@dataclass(frozen=True, slots=True)
class Entry:
    """A running process. A process id is only good together with the time when it was started: ids are used again."""

    name: str
    pid: int
    started: float
    port: int

    def process(self) -> psutil.Process | None:
        """Give the process, if it still is the same one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


@dataclass(frozen=True, slots=True)
class State:
    """The supervisor, the address of the gateway, and the processes."""

    supervisor: Entry
    url: str
    processes: tuple[Entry, ...]

    @classmethod
    def read(cls, layout: Layout) -> "State | None":
        """Read it; None where nothing was written."""
        content = read_json(layout.state)
        if not content:
            return None
        return cls(Entry(**content["supervisor"]), content["url"], tuple(Entry(**one) for one in content["processes"]))

    def write(self, layout: Layout) -> None:
        """Write it."""
        write_json(layout.state, asdict(self))


def entry_of(name: str, pid: int, port: int = 0) -> Entry | None:
    """Describe a running process; None if it has ended meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return Entry(name, pid, psutil.Process(pid).create_time(), port)
    return None


def this_process() -> Entry:
    """Describe ourselves."""
    return Entry("supervisor", os.getpid(), psutil.Process().create_time(), 0)


def end_leftovers(layout: Layout) -> list[str]:
    """End processes that a supervisor left behind when it was killed; gives their names. Call with the lock held."""
    state = State.read(layout)
    if state is None:
        return []
    left = {entry.name: process for entry in state.processes if (process := entry.process())}
    for name, process in left.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    _, stubborn = psutil.wait_procs(left.values(), timeout=15)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    layout.state.unlink(missing_ok=True)
    return list(left)


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """Sum of resident memory in bytes; where the system tells, memory that several share is counted once (PSS)."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            full = process.memory_full_info()
            total += int(getattr(full, "pss", 0) or full.rss)
    return total


def is_ready(port: int, timeout: float = 2.0) -> bool:
    """Whether the process on `port` answers `/readyz` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
