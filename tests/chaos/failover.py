"""PostgreSQL is lost for good in the middle of a load, and its synchronous standby takes over."""

import asyncio
import contextlib
import subprocess
import tempfile
import time
from pathlib import Path

from rich.console import Console

from loop_cli.operator import Operator
from loop_cli.servers import PostgresServer, ServerError, free_port
from loop_cli.servers.postgres import SUPERUSER, account, installation, let_pass
from tests.chaos.auditor import audit
from tests.chaos.installation import Installation
from tests.chaos.mixed import MixedLoad
from tests.chaos.running import WRITES, come_to_rest
from tests.chaos.standing import wait

NAME = "standby"


class Standby(PostgresServer):
    """A copy that follows a primary, and answers questions meanwhile."""

    @classmethod
    def of(cls, primary: PostgresServer) -> "Standby":
        """Copy a primary that runs; not started."""
        made = cls(primary.directory.with_name(NAME), password=primary.password, port=free_port())
        who = account()
        source = f"host=127.0.0.1 port={primary.port} user={SUPERUSER} password={primary.password} application_name={NAME}"
        command: list[str | Path] = [
            installation() / "bin" / "pg_basebackup",
            "-D",
            made.directory,
            "-d",
            source,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
        ]
        made.directory.mkdir(mode=0o700)
        let_pass(made.directory)
        if who:
            subprocess.run(["chown", f"{who.pw_uid}:{who.pw_gid}", made.directory], check=True)
        copied = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=made.directory,
            user=who.pw_uid if who else None,
            group=who.pw_gid if who else None,
            extra_groups=[] if who else None,
        )
        if copied.returncode:
            raise ServerError(f"The standby could not be copied: {copied.stderr.strip()}")
        return made

    def _is_ready(self) -> bool:
        lines: list[str] = []
        with contextlib.suppress(FileNotFoundError):
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        # Line 8 is its state: `standby` says that it follows and can be asked.
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() in {"ready", "standby"}

    @property
    def is_primary(self) -> bool:
        """Whether it has taken over."""
        return self.run_sql("select not pg_is_in_recovery()") == "t"


class Pair(Installation):
    """An installation with a standby that every commit waits for."""

    standby: Standby | None = None

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        if self.standby is not None:
            self.standby.kill()

    def attach(self) -> Standby:
        """Make the standby, start it, and let commits wait for it."""
        standby = self.standby = Standby.of(self.postgres)
        standby.start()
        for statement in (f"alter system set synchronous_standby_names = '{NAME}'", "select pg_reload_conf()"):
            self.postgres.run_sql(statement)
        in_step = "select count(*) from pg_stat_replication where sync_state = 'sync'"
        wait(lambda: self.postgres.run_sql(in_step) == "1", "the standby is in step")
        return standby

    def fail_over(self, standby: Standby) -> None:
        """The primary is lost for good; the network leads to the standby from now on."""
        with self.held("postgres"):
            self.postgres.kill()
            standby.run_sql("select pg_promote(true)")
            wait(lambda: standby.is_primary, "the standby has taken over")
            self._postgres = standby


def fail_over(seed: int, console: Console) -> int:
    """Load, lose the primary, go on, audit; gives the exit code."""
    with tempfile.TemporaryDirectory(prefix="loop-chaos-") as folder, contextlib.ExitStack() as open_:
        Path(folder).chmod(0o711)
        stack = open_.enter_context(Pair(Path(folder) / "data", tell=console.print))
        operator = open_.enter_context(Operator.of(stack.layout.root))
        load = MixedLoad(stack.url, operator, seed=seed)
        standby = stack.attach()
        asyncio.run(_scenario(stack, standby, load, console))
        findings = audit(stack, load.journal)
    for each in (*findings, *load.unexpected):
        console.print(f"[bold red]{each}[/]", soft_wrap=True)
    if not findings and not load.unexpected:
        console.print(f"[bold green]{len(load.journal.sent)} records; every invariant holds.[/]")
    return 1 if findings or load.unexpected else 0


async def _scenario(stack: Pair, standby: Standby, load: MixedLoad, console: Console) -> None:
    async with load.running():
        await load.until(10, WRITES)
        began = time.monotonic()
        await asyncio.to_thread(stack.fail_over, standby)
        taken_over = time.monotonic() - began
        await load.until(10, WRITES)
        console.print(
            f"taken over after {taken_over:.1f} s, ten more of each kind written after {time.monotonic() - began:.1f} s"
        )
    await asyncio.to_thread(come_to_rest, stack)
