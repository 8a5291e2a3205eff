"""Running all migrations in one child process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from loop_cli.servers import ChildProcess
from loop_cli.servers.process import Handle
from loop_cli.stack.database import DATABASE, migrations_fingerprint
from loop_cli.stack.layout import Layout, StackError
from loop_cli.stack.services import SERVICES

MODULE = "loop_cli.stack.migrate"
LONGEST = 600.0
"""Seconds that all migrations together may take."""


def migrate(
    layout: Layout,
    port: int,
    passwords: Mapping[str, str],
    launcher: Callable[[ChildProcess], Handle] | None,
    *,
    python: Path | None = None,
) -> bool:
    """Migrate as the owners at the database on `port`, unless the data have seen exactly these migrations already.

    With `python`, which `launcher` starts too, to what that has installed, whatever the data have seen. Gives whether anything
    had to be done; raises `StackError` with the end of the log if a migration fails.
    """
    # Of another version only a process of it knows what its migrations are; the next start looks for itself.
    fingerprint = migrations_fingerprint() if python is None else None
    if python is None and layout.stamp().get("migrations") == fingerprint:
        return False
    plan = []
    for service in SERVICES:
        owner = f"{service}_owner"
        url = f"postgresql://{owner}:{passwords[owner]}@127.0.0.1:{port}/{DATABASE}"
        plan.append({"service": service, "url": url})
    job = ChildProcess(
        "migrations",
        [python or sys.executable, "-m", MODULE],
        layout.logs / "migrations.log",
        env={**os.environ, "LOOP_MIGRATIONS": json.dumps(plan)},
        launcher=launcher,
    )
    job.start()
    try:
        code = job.wait(LONGEST)
    except subprocess.TimeoutExpired:
        raise StackError(f"The migrations took longer than {LONGEST:.0f} s; see {job.log}.") from None
    finally:
        job.kill()
    if code:
        raise StackError(f"A migration failed, and was undone. Nothing was lost. The end of {job.log}:\n{job.log_tail()}")
    layout.note(migrations=fingerprint)
    return True
