"""Giving new passwords to an installation that runs: process after process, each while it is stopped.

PostgreSQL and NATS ask for a password when somebody connects. A process that went on with an old one would be refused the next
connection that its pool needs, so each gets its new one between stopping, in which it finishes what it has begun, and starting.
Workers go first and together: nobody waits for them, and events lie in the outbox meanwhile. Then the services, one at a time;
the gateway is last. Everything can be done twice, so what fails is tried again.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chassis.broker_rights import ADMIN
from loop_cli.servers import ServerError
from loop_cli.stack import passwords
from loop_cli.stack.broker import users
from loop_cli.stack.keys import Keys
from loop_cli.stack.programs import GRACE_SECONDS
from loop_cli.stack.services import GATEWAY, PROGRAMS, SERVICES, Program, environment, roles
from loop_cli.stack.state import is_ready

if TYPE_CHECKING:
    from loop_cli.stack.embedded import EmbeddedStack

LOOK_EVERY = 0.5
AGAIN_AFTER = 10.0
READY_SECONDS = 120.0

GROUPS = (
    tuple(program for program in PROGRAMS if program.part == "worker"),
    *((program,) for program in PROGRAMS if program.part == "web" and program != GATEWAY),
    (GATEWAY,),
)
"""Who is stopped together. What needs a new password at NATS is all in the first."""


class _StoppingError(Exception):
    """The installation is being stopped; the next start finishes the change."""


class Rotation:
    """Looks for a change of passwords that was begun, and carries it out. In the thread of the installation."""

    def __init__(self, stack: "EmbeddedStack") -> None:
        self._stack = stack
        self._due = 0.0

    def look(self, stopping: threading.Event) -> None:
        """Carry out what was begun; called again and again."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + LOOK_EVERY
        kept = self._stack.keys.passwords
        if (wanted := passwords.coming(self._stack.layout, kept)) is None:
            return
        try:
            self._carry_out(wanted, stopping)
        except _StoppingError:
            self._stack.tell("Stopping before every password was changed; the next start changes the others")
        except (ServerError, OSError) as error:
            self._due = time.monotonic() + AGAIN_AFTER
            why = (str(error).splitlines() or [type(error).__name__])[0]
            self._stack.tell(f"Not every password was changed: {why}; trying again in {AGAIN_AFTER:g} s")

    def _carry_out(self, wanted: dict[str, str], stopping: threading.Event) -> None:
        stack = self._stack
        passwords.enter(stack.postgres, stack.keys.passwords["postgres"], wanted["postgres"])
        stack.tell("Changing the passwords of PostgreSQL and NATS; each process is started again")
        for group in GROUPS:
            self._renew(group, wanted, stopping)
        owners = [role for service in SERVICES for role in roles(service) if role.endswith("_owner")]
        passwords.give_out(stack.layout, stack.postgres, wanted, owners)
        stack.keys.passwords.update(wanted)
        stack.tell(f"{len(wanted)} passwords were changed")

    def _renew(self, group: Sequence[Program], wanted: dict[str, str], stopping: threading.Event) -> None:
        """Stop processes, change their passwords, start them. A try before may have done it for some."""
        stack = self._stack
        keys = Keys(wanted, stack.keys.folder)
        new = {each.name: environment(each, stack.addresses, keys, demo_sign_in=stack.demo_sign_in) for each in group}
        left = [each for each in group if stack.process(each.name).env != new[each.name]]
        if not left:
            return
        if stopping.is_set():
            raise _StoppingError
        processes = [stack.process(each.name) for each in left]
        for process in processes:
            process.ask_to_stop()
        for process in processes:
            process.stop(GRACE_SECONDS)
        try:
            stack.postgres.run_sql(passwords.alter_sql(wanted, [each.role for each in left]))
            if any(each.part == "worker" for each in left):
                stack.nats.reload(user=ADMIN, users=users(wanted))
            for process in processes:
                process.env = new[process.name]
        finally:
            for process in processes:
                process.start()
            stack.remember()
        self._wait_ready([process.name for process in processes], stopping)
        stack.tell(f"{', '.join(process.name for process in processes)}: back with new passwords")

    def _wait_ready(self, names: Iterable[str], stopping: threading.Event) -> None:
        deadline = time.monotonic() + READY_SECONDS
        ports = self._stack.addresses.ports
        while waiting := [name for name in names if not is_ready(ports[name])]:
            for name in waiting:
                if not self._stack.process(name).alive:
                    raise ServerError(self._stack.process(name).describe_end())
            if time.monotonic() > deadline:
                raise ServerError(f"not ready after {READY_SECONDS:.0f} s: {', '.join(waiting)}")
            if stopping.wait(0.05):
                raise _StoppingError
