"""A child process with a log, that ends with its parent and can be stopped or killed at any time."""

import contextlib
import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends when the parent dies."""

PR_SET_NAME = 15
"""prctl(2): the name in `ps` and `top`, up to 15 bytes."""

PORTS = range(20_000, 32_000)
"""What `free_port` chooses from; deploy/firewall keeps other accounts of the machine away from them."""

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServerError(Exception):
    """A server or process cannot do its work; the message says what happened and what to do."""


def free_port() -> int:
    """Give a TCP port that nothing listens on at 127.0.0.1, and that no other caller is given while this process lives.

    Between the choice and the start of the server seconds may pass in which another installation, or another process of the
    tests, chooses too. It is below the range from which the system takes the ports of outgoing connections (32768 on Linux,
    49152 elsewhere): there, a client that keeps trying to reach a stopped server would in the end be connected to itself and
    hold the port.
    """
    while True:
        port = secrets.choice(PORTS)
        if _keep(port):
            return port


def _keep(port: int) -> bool:
    """Bind a port to a socket that never listens, for as long as we live; gives whether it was free.

    Linux lets a listener have the port beside it, as both reuse the address; whoever binds without that, as here, is told that
    it is taken. Elsewhere the two exclude each other, so nothing is kept.
    """
    if sys.platform != "linux":
        return port_is_free(port)
    with socket.socket() as kept:
        try:
            kept.bind(("127.0.0.1", port))
        except OSError:
            return False
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.detach()
        return True


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a listener could be opened on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def end_with_parent(sign: signal.Signals, parent: int) -> Callable[[], None]:
    """Make what runs in the child before exec: ask the kernel for `sign` when the parent is gone (Linux; else nothing).

    The kernel counts the thread that forked as the parent, so start processes from a thread that stays.
    """

    def before_exec() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
            if os.getppid() != parent:  # it died in between
                os._exit(1)

    return before_exec


def name_process(name: str) -> None:
    """Set this process' own name in `ps -o comm` (Linux; else nothing)."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


class Handle(Protocol):
    """What is needed of `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None:
        """Give the exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises `subprocess.TimeoutExpired`."""

    def send_signal(self, sig: int, /) -> None:
        """Send a signal, unless it has ended."""


@dataclass(slots=True)
class ChildProcess:
    """One process: its command, environment, log file and the signal that asks it to stop.

    `account` runs it as somebody else (only root can); `tied=False` lets it outlive the process that started it. `launcher`
    starts it in another way than as `command`, and hands back what stands for it. `handed` are descriptors that it gets, by the
    variable that tells it the number.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: pwd.struct_passwd | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    tied: bool = True
    launcher: "Callable[[ChildProcess], Handle] | None" = None
    handed: dict[str, int] = field(default_factory=dict)
    _process: Handle | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Start it; its output is appended to the log. Does not wait until it is ready."""
        if self.alive:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._process = self.launcher(self) if self.launcher else self._spawn()

    def _spawn(self) -> Handle:
        who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                pass_fds=tuple(self.handed.values()),
                cwd=self.cwd,
                start_new_session=True,  # a Ctrl-C reaches only the parent, which stops all in order
                preexec_fn=end_with_parent(self.stop_signal, os.getpid()) if self.tied else None,  # noqa: PLW1509 - two calls
                **who,  # type: ignore[call-overload]  # three keywords of three types
            )
        finally:
            os.close(descriptor)
        return process

    def _environment(self) -> dict[str, str] | None:
        if not self.handed:
            return None if self.env is None else dict(self.env)
        # A descriptor has the same number on the other side.
        return dict(os.environ if self.env is None else self.env) | {name: str(fd) for name, fd in self.handed.items()}

    @property
    def pid(self) -> int | None:
        """Process id while it runs or until its end was noticed."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Exit code once it has ended (negative: the signal), else None."""
        return self._process.poll() if self._process else None

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end; gives the exit code, None if it never ran. Raises `subprocess.TimeoutExpired`."""
        return self._process.wait(timeout) if self._process else None

    def describe_end(self) -> str:
        """Say in words how it ended."""
        code = self.exit_code
        if code is not None and code < 0:
            return f"{self.name} was ended by signal {-code} ({signal.Signals(-code).name})"
        return f"{self.name} stopped with exit code {code}"

    def ask_to_stop(self) -> None:
        """Send the stop signal and do not wait."""
        self.send(self.stop_signal)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None and self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def stop(self, timeout: float = 20.0) -> int | None:
        """Ask it to stop, wait up to `timeout` seconds, then kill it. Gives the exit code, None if it never ran."""
        if self._process is None:
            return None
        self.ask_to_stop()
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.poll()

    def kill(self) -> None:
        """Kill it and its children with SIGKILL, and wait until they are gone."""
        if self._process is None:
            return
        family = self.family()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self._process.wait()
        psutil.wait_procs(family, timeout=5)

    def family(self) -> list[psutil.Process]:
        """Give the process and all below it, the process first; empty when it does not run."""
        if self._process is None or not self.alive:
            return []
        try:
            top = psutil.Process(self._process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def log_tail(self, lines: int = 12) -> str:
        """Give the last lines of the log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


def wait_for(ready: Callable[[], bool], process: ChildProcess, timeout: float, pause: float = 0.02) -> None:
    """Wait until `ready()` or raise `ServerError`: the process ended, or `timeout` seconds are over."""
    deadline = time.monotonic() + timeout
    while not ready():
        if not process.alive:
            raise ServerError(f"{process.name} stopped while starting (exit {process.exit_code}):\n{process.log_tail()}")
        if time.monotonic() > deadline:
            raise ServerError(f"{process.name} was not ready after {timeout:.0f} s; its log is {process.log}")
        time.sleep(pause)
