"""Starting programs through the nursery (see there): handles that behave as `subprocess.Popen` does."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import psutil

from loop_cli.servers import ChildProcess, ServerError
from loop_cli.servers.process import Handle, end_with_parent

FORK_SECONDS = 120.0
"""How long the first fork may take: it waits for the imports."""


class Fork:
    """A forked program; what `ChildProcess` needs of `Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Give the exit code, None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises `subprocess.TimeoutExpired`."""
        if not self._ended.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def send_signal(self, number: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def end(self, code: int) -> None:
        """Note that it has ended."""
        self.returncode = code
        self._ended.set()


def _send(channel: socket.socket, content: bytes, descriptors: Sequence[int]) -> None:
    sent = socket.send_fds(channel, [content], descriptors) if descriptors else 0
    channel.sendall(content[sent:])


class Nursery:
    """The client of one nursery process; a dead one is replaced at the next launch. Use from one thread."""

    def __init__(self, log: Path, python: Path | str = sys.executable) -> None:
        """`python` is that of a virtual environment: what it has installed is what the programs run."""
        self._log = log
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._forks: dict[int, Fork] = {}
        self._answers: SimpleQueue[int] = SimpleQueue()

    def start(self) -> None:
        """Start importing; returns at once."""
        if self._process is not None and self._process.poll() is None:
            return
        ours, theirs = socket.socketpair()
        self._answers = SimpleQueue()
        with theirs, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._python), "-u", "-m", "loop_cli.stack.nursery", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                # glibc would keep one heap a thread; the programs have few threads that allocate.
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM, os.getpid()),  # noqa: PLW1509 - it makes two system calls
            )
        self._channel = ours
        threading.Thread(
            target=self._listen, args=(self._process, ours, self._answers), name="loop-nursery", daemon=True
        ).start()

    def launcher(self, module: str) -> Callable[[ChildProcess], Handle]:
        """Give the function that starts a `ChildProcess` as a fork that runs `module`."""
        return lambda child: self.launch(child.name, module, child.env or {}, child.log, child.handed)

    def launch(
        self, name: str, module: str, env: Mapping[str, str], log: Path, handed: Mapping[str, int] | None = None
    ) -> Fork:
        """Fork a program; its output goes to `log`. `handed` are descriptors for it, by the variable that names each."""
        handed = handed or {}
        self.start()
        if self._channel is None:
            raise ServerError("The nursery was not started.")
        order = {"name": name, "module": module, "env": dict(env), "log": str(log), "handed": list(handed)}
        try:
            _send(self._channel, json.dumps(order).encode() + b"\n", [*handed.values()])
            pid = self._answers.get(timeout=FORK_SECONDS)
        except (OSError, Empty) as error:
            raise ServerError(f"{name} could not be started; see {self._log}") from error
        return self._forks[pid]

    def _listen(self, process: "subprocess.Popen[bytes]", channel: socket.socket, answers: "SimpleQueue[int]") -> None:
        forks = {}
        with contextlib.suppress(OSError), channel, channel.makefile("rb") as lines:
            for line in lines:
                told = json.loads(line)
                pid = told["pid"]
                if "name" in told:
                    forks[pid] = self._forks[pid] = Fork(pid)
                    answers.put(pid)
                else:
                    forks.pop(pid).end(os.waitstatus_to_exitcode(told["status"]))
        # The nursery is gone, and its children were sent SIGTERM by the kernel. A dying process closes its channel a moment
        # before it can be waited for; whoever is told here that a child ended may start it again at once, in a new nursery.
        process.wait()
        for fork in forks.values():
            # One that does not listen, or a zombie where nobody reaps, must not keep the end of the others from being told.
            with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                psutil.Process(fork.pid).wait(20)
            fork.end(-signal.SIGTERM)

    @property
    def is_needed(self) -> bool:
        """Whether a program that it has forked still runs."""
        return any(fork.returncode is None for fork in self._forks.values())

    def stop(self) -> None:
        """End it; the programs should be stopped before."""
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_RDWR)
        if self._process is not None:
            self._process.kill()  # it holds nothing
            self._process.wait()
