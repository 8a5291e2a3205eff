"""Starting, awaiting, replacing and stopping the ten programs together.

The port of a web process is opened here and handed to it (`chassis.serving`), so that its successor takes connections from the
same queue: a restart refuses nobody. Of one that ended by itself the port is closed until it is started again; its callers
shall hear at once that it is away, and not wait for what may not come.
"""

import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from chassis.serving import DRAIN
from loop_cli.servers import ChildProcess, ServerError, free_port
from loop_cli.servers.process import Handle
from loop_cli.stack.keys import Keys
from loop_cli.stack.launch import Nursery
from loop_cli.stack.layout import Layout, StackError
from loop_cli.stack.services import GATEWAY, PROGRAMS, STOP_ORDER, Addresses, Program, environment
from loop_cli.stack.state import is_ready

GRACE_SECONDS = 15.0
"""How long a process may take to finish what it has begun; its own limit is 10 s."""

DRAIN_SECONDS = 135.0
"""How long a drained process may take to end by itself; its own limit is 120 s."""

READY_SECONDS = 180.0
BACKLOG = 2048


class StoppingError(Exception):
    """The installation is being stopped."""


class Programs:
    """The processes of the five deployables, by name; empty until `start`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.processes: dict[str, ChildProcess] = {}
        self._listeners: dict[str, socket.socket] = {}
        self._drained: list[tuple[ChildProcess, float]] = []
        self._retired: list[Nursery] = []
        self._python = Path(sys.executable)
        # Forking is safe on Linux only; elsewhere each program is started as a Python of its own.
        self._nursery = Nursery(layout.logs / "nursery.log") if sys.platform == "linux" else None

    def prepare(self) -> None:
        """Begin with the imports, while the servers start."""
        if self._nursery is not None:
            self._nursery.start()

    def launcher(self, module: str) -> Callable[[ChildProcess], Handle] | None:
        """How to start `module` as a process here; None: with a Python of its own."""
        return self._nursery.launcher(module) if self._nursery else None

    def start(self, addresses: Addresses, keys: Keys, *, demo_sign_in: bool) -> None:
        """Start all, without waiting."""
        for program in PROGRAMS:
            self.processes[program.name] = self._made(program, environment(program, addresses, keys, demo_sign_in=demo_sign_in))
        for program in PROGRAMS:
            self.start_again(program.name)

    def _made(self, program: Program, env: dict[str, str]) -> ChildProcess:
        command = [str(self._python), "-m", program.module]
        log = self._layout.logs / f"{program.name}.log"
        return ChildProcess(program.name, command, log, env=env, launcher=self.launcher(program.module))

    def start_again(self, name: str) -> None:
        """Start a process that does not run, with its port opened for it."""
        process = self.processes[name]
        port = (process.env or {}).get("LOOP_PORT")
        if port is not None:
            if name not in self._listeners:
                self._listeners[name] = _listening(int(port))
            process.handed = {"LOOP_LISTEN_FD": self._listeners[name].fileno()}
        process.start()

    def close_port(self, name: str) -> None:
        """Refuse connections to a web process that has ended, until it is started again."""
        if (listener := self._listeners.pop(name, None)) is not None:
            listener.close()
            self.processes[name].handed = {}

    # --------------------------------------------------------------------------------------------------- one after another

    def renew(self, python: Path) -> None:
        """From now on start programs as `python` has them installed; what runs goes on until it is replaced."""
        self._python = python
        if self._nursery is not None:
            self._retired.append(self._nursery)
            self._nursery = Nursery(self._layout.logs / "nursery.log", python)
            self._nursery.start()

    def replace_web(self, program: Program, env: dict[str, str], stopping: threading.Event) -> None:
        """Start a web process beside the one that runs, and drain that one when the new one takes connections.

        Raises `ServerError` where the new one does not come up; the one before then goes on as if nothing had been.
        """
        old, new = self.processes[program.name], self._made(program, env)
        if not old.alive:
            self.processes[program.name] = new
            self.start_again(program.name)
            return
        reading, writing = os.pipe()
        try:
            new.handed = old.handed | {"LOOP_READY_FD": writing}
            try:
                new.start()
            finally:
                os.close(writing)
            _wait_for_byte(reading, new, stopping)
        except BaseException:
            new.kill()
            raise
        finally:
            os.close(reading)
        new.handed = dict(old.handed)
        self.processes[program.name] = new
        old.send(DRAIN)
        self._drained.append((old, time.monotonic() + DRAIN_SECONDS))

    def replace_worker(self, program: Program, env: dict[str, str], port: int, stopping: threading.Event) -> None:
        """Stop a worker and start its successor: nobody waits for one, and what it has to do lies in the database.

        Raises `ServerError` where the new one does not come up; the one before is started again.
        """
        old, new = self.processes[program.name], self._made(program, env)
        old.stop(GRACE_SECONDS)
        try:
            new.start()
            _wait_until_ready(new, port, stopping)
        except BaseException:
            new.kill()
            if not stopping.is_set():
                old.start()
            raise
        self.processes[program.name] = new

    def drained(self) -> list[ChildProcess]:
        """Processes that finish what they had begun; those whose time is over are ended."""
        for process, deadline in self._drained:
            if time.monotonic() > deadline:
                process.stop(GRACE_SECONDS)
        self._drained = [each for each in self._drained if each[0].alive]
        for nursery in [each for each in self._retired if not each.is_needed]:
            nursery.stop()
            self._retired.remove(nursery)
        return [process for process, _ in self._drained]

    # ------------------------------------------------------------------------------------------------------------ together

    def wait_ready(self, addresses: Addresses, stopping: threading.Event, timeout: float = READY_SECONDS) -> None:
        """Wait until all are ready; raises `StackError` if one ends, `stopping` is set or the time is over."""
        deadline = time.monotonic() + timeout
        waiting = list(self.processes)
        while waiting := [name for name in waiting if stopping.is_set() or not is_ready(addresses.ports[name])]:
            if stopping.is_set():
                raise StackError("Stopped while starting.")
            for name in waiting:
                process = self.processes[name]
                if not process.alive:
                    raise StackError(f"{process.describe_end()} while it was starting.\n{process.log_tail()}")
            if time.monotonic() > deadline:
                raise StackError(f"Not ready after {timeout:.0f} s: {', '.join(waiting)}. Logs: {self._layout.logs}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop all, in order, and wait for it."""
        for process, _ in self._drained:
            process.ask_to_stop()
        for process, _ in self._drained:
            process.stop(GRACE_SECONDS)
        for programs in STOP_ORDER:
            for program in programs:
                self.close_port(program.name)
            group = [self.processes[program.name] for program in programs if program.name in self.processes]
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.stop(GRACE_SECONDS)
        for nursery in (self._nursery, *self._retired):
            if nursery is not None:
                nursery.stop()


def _listening(port: int) -> socket.socket:
    """A socket that listens at 127.0.0.1; connections wait in it until a process takes them."""
    # With its protocol named: asyncio takes Nagle's wait away from no other.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _wait_for_byte(reading: int, process: ChildProcess, stopping: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not select.select([reading], [], [], 0.1)[0]:
        _go_on(process, deadline, stopping)
    if not os.read(reading, 1):
        process.kill()
        raise ServerError(f"{process.describe_end()} while it was starting; its log is {process.log}")


def _wait_until_ready(process: ChildProcess, port: int, stopping: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(port):
        if not process.alive:
            raise ServerError(f"{process.describe_end()} while it was starting; its log is {process.log}")
        _go_on(process, deadline, stopping)
        time.sleep(0.05)


def _go_on(process: ChildProcess, deadline: float, stopping: threading.Event) -> None:
    if stopping.is_set():
        raise StoppingError
    if time.monotonic() > deadline:
        raise ServerError(f"{process.name} was not ready after {READY_SECONDS:.0f} s; its log is {process.log}")


def choose_ports(gateway: int) -> dict[str, int]:
    """Give every program a free port of its own; the gateway's is given."""
    ports = {GATEWAY.name: gateway}
    for program in PROGRAMS:
        if program != GATEWAY:
            while (port := free_port()) in ports.values():
                pass
            ports[program.name] = port
    return ports
