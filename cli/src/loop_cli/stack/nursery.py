"""A process that has imported what all programs share, and forks them: `python -m loop_cli.stack.nursery <descriptor>`.

Ten Pythons that each import the same libraries take ten times the processor time (measured: 1.7 s each) and memory. A fork
of this one has them already, and shares the memory until it writes to it. Each program is still a process of its own, runs
the same module as `python -m` would, and can be killed alone. Not used where forking is not safe (macOS).

Reads and writes JSON lines on the descriptor: `{"name", "module", "env", "log"}` is answered by `{"name", "pid"}`; the end of a
child is told as `{"pid", "status"}` (as of waitpid). Ends with the descriptor; its children end with it.
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


def preload() -> None:
    """Import what is shared; what is not installed is left to the program that needs it, which then says so."""
    for module in SHARED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the collector leaves these objects alone, so their pages stay shared


def run(order: dict[str, Any], parent: int) -> NoReturn:
    """Become the program: its environment, its log, its module. In the forked child."""
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


def main(descriptor: int) -> None:
    """Fork on demand until the other side closes."""
    preload()
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    us = os.getpid()
    with socket.socket(fileno=descriptor) as channel, channel.makefile("rb") as orders:
        while True:
            ready, _, _ = select.select([channel.fileno(), wake_read], [], [])
            if wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 1024)
                reap(channel)
            if channel.fileno() in ready:
                line = orders.readline()
                if not line:
                    return
                order = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    channel.close()
                    os.close(wake_read)
                    os.close(wake_write)
                    run(order, us)
                channel.sendall(json.dumps({"name": order["name"], "pid": pid}).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
