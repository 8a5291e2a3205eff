"""Starting, awaiting and stopping the ten programs together."""

import sys
import threading
import time
from collections.abc import Callable

from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.process import Handle
from loop_cli.stack.keys import Keys
from loop_cli.stack.launch import Nursery
from loop_cli.stack.layout import Layout, StackError
from loop_cli.stack.services import GATEWAY, PROGRAMS, STOP_ORDER, Addresses, environment
from loop_cli.stack.state import is_ready

GRACE_SECONDS = 15.0
"""How long a process may take to finish what it has begun; its own limit is 10 s."""


class Programs:
    """The processes of the five deployables, by name; empty until `start`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.processes: dict[str, ChildProcess] = {}
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
            self.processes[program.name] = ChildProcess(
                program.name,
                program.command,
                self._layout.logs / f"{program.name}.log",
                env=environment(program, addresses, keys, demo_sign_in=demo_sign_in),
                launcher=self.launcher(program.module),
            )
        for process in self.processes.values():
            process.start()

    def wait_ready(self, addresses: Addresses, stopping: threading.Event, timeout: float = 180.0) -> None:
        """Wait until all are ready; raises `StackError` if one ends, `stopping` is set or the time is over."""
        deadline = time.monotonic() + timeout
        waiting = list(self.processes)
        while waiting := [name for name in waiting if not is_ready(addresses.ports[name])]:
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
        for programs in STOP_ORDER:
            group = [self.processes[program.name] for program in programs if program.name in self.processes]
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.stop(GRACE_SECONDS)
        if self._nursery is not None:
            self._nursery.stop()


def choose_ports(gateway: int) -> dict[str, int]:
    """Give every program a free port of its own; the gateway's is given."""
    ports = {GATEWAY.name: gateway}
    for program in PROGRAMS:
        if program != GATEWAY:
            while (port := free_port()) in ports.values():
                pass
            ports[program.name] = port
    return ports
