"""Restarting every program of an installation that runs, without a lost request: above all for a new version.

`loop restart` leaves an order in the data folder and waits; who runs the processes carries it out, as no other may start or
stop them. The programs come from the Python that the order names, so a new version lies in a folder of its own beside the one
that runs, and the `loop` of which folder was called decides which version it becomes: forward, and back.

First the migrations, which the version before must be able to live with (docs/guides/upgrading.md). Then who reads events, so
that it knows what the next may write; then who writes them; then the web processes; the gateway last. One after another, each
when the one before is ready. One that does not come up ends the order: what ran goes on, and both versions work side by side.
"""

import os
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout, StackError, read_json, write_json
from loop_cli.stack.migrations import MODULE, migrate
from loop_cli.stack.programs import StoppingError
from loop_cli.stack.services import GATEWAY, PROGRAMS, READERS, Program, environment

if TYPE_CHECKING:
    from loop_cli.stack.embedded import EmbeddedStack

LOOK_EVERY = 0.5
ORDER = "restart.json"
ANSWER = "restarted.json"

SEQUENCE: Sequence[Program] = (
    *(each for each in PROGRAMS if each.part == "worker" and each.service in READERS),
    *(each for each in PROGRAMS if each.part == "worker" and each.service not in READERS),
    *(each for each in PROGRAMS if each.part == "web" and each != GATEWAY),
    GATEWAY,
)


def ask(layout: Layout, python: Path) -> str:
    """Leave an order to restart everything with the programs of `python`; gives its id. Raises `StackError`."""
    if not layout.is_locked():
        raise StackError(f"Nothing runs with the data in {layout.root}. `loop up` starts it.")
    if read_json(layout.root / ORDER) is not None:
        raise StackError("A restart is under way. Wait for its end.")
    order = {"id": uuid4().hex, "python": str(python)}
    write_json(layout.root / ORDER, order)
    return order["id"]


def forget(layout: Layout) -> None:
    """Forget an order that nobody will carry out: everything starts anew. Call with the folder held."""
    (layout.root / ORDER).unlink(missing_ok=True)


def answer(layout: Layout, order: str) -> dict[str, Any] | None:
    """What came of an order: `failure` (empty where all went well), `restarted` (names), `seconds`; None while it goes on."""
    found: dict[str, Any] | None = read_json(layout.root / ANSWER)
    return found if found and found["id"] == order else None


def _trust(root: Path) -> None:
    """Refuse an order that others may have left: what it names is run with the installation's keys. Raises `StackError`."""
    found = root.stat()
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StackError(
            f"Other accounts can write in {root}, so the order may be theirs. `chmod 700 {root}`, and say `restart` again."
        )


class Rolling:
    """Looks for an order to restart everything, and carries it out. In the thread of the installation."""

    def __init__(self, stack: "EmbeddedStack") -> None:
        self._stack = stack
        self._due = 0.0

    def look(self, stopping: threading.Event) -> None:
        """Carry out what was ordered; called again and again."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + LOOK_EVERY
        self._stack.programs.drained()
        root = self._stack.layout.root
        order = read_json(root / ORDER)
        if order is None:
            return
        restarted: list[str] = []
        failure = ""
        try:
            self._carry_out(Path(order["python"]), restarted, stopping)
        except StoppingError:
            failure = "the installation was stopped"
        except (ServerError, OSError) as error:
            failure = str(error) or type(error).__name__
        seconds = round(time.monotonic() - now, 1)
        write_json(root / ANSWER, {"id": order["id"], "failure": failure, "restarted": restarted, "seconds": seconds})
        (root / ORDER).unlink()
        first = failure.partition("\n")[0]
        self._stack.tell(f"Not everything was restarted: {first}" if failure else f"Everything was restarted in {seconds} s")

    def _carry_out(self, python: Path, restarted: list[str], stopping: threading.Event) -> None:
        stack = self._stack
        _trust(stack.layout.root)
        stack.tell(f"Restarting everything, one process after another, as {python} has it")
        stack.programs.renew(python)
        launcher = stack.programs.launcher(MODULE)
        migrate(stack.layout, stack.postgres.port, stack.keys.passwords, launcher, python=python)
        for program in SEQUENCE:
            if stopping.is_set():
                raise StoppingError
            env = environment(program, stack.addresses, stack.keys, demo_sign_in=stack.demo_sign_in)
            if program.part == "worker":
                stack.programs.replace_worker(program, env, stack.addresses.ports[program.name], stopping)
            else:
                stack.programs.replace_web(program, env, stopping)
            restarted.append(program.name)
            stack.remember()
