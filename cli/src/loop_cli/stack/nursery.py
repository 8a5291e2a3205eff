"""A process that has imported what all programs share, and forks them: `python -m loop_cli.stack.nursery <descriptor>`.

Ten Pythons that each import the same libraries take ten times the processor time (measured: 1.7 s each) and memory. A fork
of this one has them already, and shares the memory until it writes to it. Each program is still a process of its own, runs
the same module as `python -m` would, and can be killed alone. Not used where forking is not safe (macOS).

Reads and writes JSON lines on the descriptor: `{"name", "module", "env", "log", "handed"}` is answered by `{"name", "pid"}`.
`handed` names variables; the descriptors whose numbers they get come with the line. One order is under way at a time. The end
of a child is told as `{"pid", "status"}` (as of waitpid). Ends with the descriptor; its children end with it.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from loop_cli.servers.process import end_with_parent, name_process

SHARED = (
    "asyncpg", "aiohttp", "alembic.command", "fastapi", "httptools", "httpx", "jinja2", "joserfc.jwt", "nats",
    "prometheus_client", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.ext.asyncio", "structlog", "uvicorn", "uvloop",
    "chassis.migrate", "chassis.pages.environment", "chassis.profiles", "chassis.web", "chassis.worker",
)  # fmt: skip
"""Imported before the first fork. None starts a thread or opens a connection at import."""

MOST_HANDED = 4


def preload() -> None:
    """Import what is shared; what is not installed is left to the program that needs it, which then says so."""
    for module in SHARED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the collector leaves these objects alone, so their pages stay shared


def run(order: dict[str, Any], handed: list[int], parent: int) -> NoReturn:
    """Become the program: its environment, its log, its module, and what is handed to it. In the forked child."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        os.setsid()
        end_with_parent(signal.SIGTERM, parent)()
        name_process(order["name"])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number in (1, 2):
            os.dup2(log, number)
        os.close(log)
        os.environ.clear()
        os.environ.update(order["env"])
        os.environ.update({name: str(number) for name, number in zip(order.get("handed", ()), handed, strict=True)})
        sys.argv = [order["module"]]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str) or type(error) is not SystemExit:
            print(error, file=sys.stderr)  # noqa: T201 - its last words
    except BaseException:  # noqa: BLE001 - as the interpreter would
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - as the interpreter would
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def reap(channel: socket.socket) -> None:
    """Tell about every child that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        channel.sendall(json.dumps({"pid": pid, "status": status}).encode() + b"\n")


def receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next order and the descriptors that came with it; None when the other side has closed."""
    line, handed = b"", list[int]()
    while not line.endswith(b"\n"):
        content, descriptors, _, _ = socket.recv_fds(channel, 64 * 1024, MOST_HANDED)
        if not content:
            return None, handed
        line += content
        handed += descriptors
    order: dict[str, Any] = json.loads(line)
    return order, handed


def main(descriptor: int) -> None:
    """Fork on demand until the other side closes."""
    preload()
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    us = os.getpid()
    with socket.socket(fileno=descriptor) as channel:
        while True:
            ready, _, _ = select.select([channel.fileno(), wake_read], [], [])
            if wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 1024)
                reap(channel)
            if channel.fileno() in ready:
                order, handed = receive(channel)
                if order is None:
                    return
                pid = os.fork()
                if pid == 0:
                    channel.close()
                    os.close(wake_read)
                    os.close(wake_write)
                    run(order, handed, us)
                for number in handed:
                    os.close(number)
                channel.sendall(json.dumps({"name": order["name"], "pid": pid}).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
