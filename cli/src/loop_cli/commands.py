"""`loop up`, `down`, `status`, `logs`, `reset`: the embedded installation."""

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from loop_cli.stack.archive.keeper import Archive
from loop_cli.stack.embedded import DEFAULT_PORT, EmbeddedStack
from loop_cli.stack.layout import Layout, StackError
from loop_cli.stack.notify import Notify
from loop_cli.stack.state import State, end_leftovers, is_ready, memory_of

app = typer.Typer()
console = Console(highlight=False, soft_wrap=True)

Data = Annotated[Path, typer.Option("--data", envvar="LOOP_DATA", help="Data folder.", file_okay=False)]
DEFAULT_DATA = Path(".loop")
STOP_SECONDS = 90.0


def stop_on_signals() -> threading.Event:
    """Give an event that Ctrl-C, SIGTERM and a closed terminal set; the second Ctrl-C changes nothing, we are at it."""
    asked = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    return asked


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    port: Annotated[int, typer.Option(help="Port of the gateway at 127.0.0.1.", envvar="LOOP_GATEWAY_PORT")] = DEFAULT_PORT,
    archive: Annotated[
        Path | None,
        typer.Option("--archive", envvar="LOOP_ARCHIVE", help="Folder for what it takes to go back to a moment."),
    ] = None,
    archive_recipient: Annotated[
        list[str] | None,
        typer.Option(
            "--archive-recipient", envvar="LOOP_ARCHIVE_RECIPIENT", help="Public key (age1…) of who may read it; repeat it."
        ),
    ] = None,
    archive_seconds: Annotated[
        int, typer.Option(envvar="LOOP_ARCHIVE_SECONDS", min=10, help="Seconds that may be lost with the disk.")
    ] = 300,
    archive_days: Annotated[
        int, typer.Option(envvar="LOOP_ARCHIVE_DAYS", min=1, help="Days that one can go back; what is older is deleted.")
    ] = 30,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Stop with an error when a process dies.")] = False,
    demo_sign_in: Annotated[
        bool, typer.Option("--demo-sign-in", help="Let anybody sign in, as made-up people. Never live.")
    ] = False,
) -> None:
    """Start PostgreSQL, NATS and all services, watch them, and stop them at Ctrl-C."""
    asked, systemd = stop_on_signals(), Notify()
    kept = Archive(archive, tuple(archive_recipient or ()), archive_seconds, archive_days) if archive else None
    stack = EmbeddedStack(data, port=port, strict=strict, demo_sign_in=demo_sign_in, tell=console.print, archive=kept)
    console.print(f"Starting PostgreSQL, NATS and ten processes; data in {stack.layout.root} …")
    stack.start(asked)
    try:
        steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in stack.timings.items() if step != "total")
        console.print(
            f"Ready at [bold]{stack.url}[/bold] after {stack.timings['total']:.1f} s ({steps}), "
            f"{stack.memory_bytes() / 2**20:.0f} MB resident. Ctrl-C stops it."
        )
        systemd.say("READY=1")
        while not asked.wait(0.2) and stack.is_running:
            pass
        console.print("Stopping …")
        systemd.say("STOPPING=1")
    finally:
        stack.stop()
    stack.wait()
    console.print("Stopped; the data are kept.")


@app.command()
def down(data: Data = DEFAULT_DATA) -> None:
    """Stop the installation that runs from the data folder."""
    layout = Layout.at(data)
    if stop_running(layout):
        console.print("Stopped; the data are kept.")
    else:
        console.print(f"Nothing runs with the data in {layout.root}.")


def stop_running(layout: Layout) -> bool:
    """Stop what runs from a data folder and wait for its end; gives whether anything ran.

    Raises `StackError` if it does not end in time.
    """
    state = State.read(layout)
    supervisor = state.supervisor.process() if state else None
    if supervisor is not None and layout.is_locked():
        supervisor.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while state and state.supervisor.process():
            if time.monotonic() > deadline:
                raise StackError(f"Process {supervisor.pid} has not stopped after {STOP_SECONDS:.0f} s.")
            time.sleep(0.05)
        return True
    if layout.is_locked():
        raise StackError(f"The data in {layout.root} are in use by an installation that is just starting. Try again.")
    return bool(end_leftovers(layout))


@app.command()
def reset(
    data: Data = DEFAULT_DATA,
    *,
    force: Annotated[bool, typer.Option("--force", help="Stop it first if it is running.")] = False,
) -> None:
    """Delete the data folder, with everything that was recorded in it."""
    layout = Layout.at(data)
    if not layout.root.exists():
        console.print(f"There are no data in {layout.root}.")
        return
    if layout.is_locked():
        if not force:
            raise StackError(f"It is running with the data in {layout.root}. Stop it first, or `loop reset --force`.")
        stop_running(layout)
    end_leftovers(layout)
    layout.delete()
    console.print(f"Deleted {layout.root}.")


@app.command()
def status(data: Data = DEFAULT_DATA) -> None:
    """Show what runs, where, and whether it is ready; exits 1 if something is not."""
    layout = Layout.at(data)
    state = State.read(layout)
    if state is None or not layout.is_locked():
        console.print(f"Nothing runs with the data in {layout.root}.")
        raise typer.Exit(1)
    table = Table(box=None, pad_edge=False)
    for column in ("process", "pid", "port", "state", "memory"):
        table.add_column(column, justify="left" if column in {"process", "state"} else "right")
    all_well = True
    for entry in state.processes:
        process = entry.process()
        well = process is not None and (entry.name in {"postgres", "nats"} or is_ready(entry.port))
        all_well &= well
        word = "ready" if well else "not ready" if process else "[red]ended[/red]"
        family = [process, *process.children(recursive=True)] if process else []
        table.add_row(entry.name, str(entry.pid), str(entry.port), word, f"{memory_of(family) / 2**20:.0f} MB")
    console.print(f"{state.url}, supervisor process {state.supervisor.pid}, data in {layout.root}\n", table, sep="")
    raise typer.Exit(0 if all_well else 1)


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="Process, such as audit-worker; all if none is named.")] = None,
    data: Data = DEFAULT_DATA,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Lines from the end of each.")] = 20,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
) -> None:
    """Show the ends of the logs."""
    folder = Layout.at(data).logs
    paths = sorted(path for path in folder.glob("*.log") if name in (None, path.stem))
    if not paths:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log"))) or "none yet"
        raise StackError(f"There is no log {name or ''} in {folder}; there are: {known}.")
    if follow:
        _follow(paths, lines)
    for path in paths:
        if len(paths) > 1:
            console.rule(path.stem, align="left")
        console.print("\n".join(path.read_text(errors="replace").splitlines()[-lines:]), markup=False)


def _follow(paths: list[Path], lines: int) -> NoReturn:
    os.execvp("tail", ["tail", "-n", str(lines), "-F", *map(str, paths)])  # noqa: S606 - it does this better
