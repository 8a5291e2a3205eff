"""`loop demo`: everything from nothing to printed figures beside computed ones, as the outside world would bring it about."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from threading import Event
from typing import Annotated, Any, TypeVar

import httpx
import psutil
import typer
from rich.console import Console

from chassis.days import british_today
from chassis.profiles import ProfileFaults
from loop_cli.commands import DEFAULT_DATA, stop_on_signals
from loop_cli.compare import Reports, printed_cells, recounts
from loop_cli.compare_tables import compare, show
from loop_cli.demo_api import DemoError
from loop_cli.demo_audits import begin_audits
from loop_cli.demo_credentials import Credentials, load_or_issue
from loop_cli.demo_feedback import ORGANISATION, begin_feedback
from loop_cli.demo_load import Loaded, load
from loop_cli.demo_plans import begin_plan
from loop_cli.demo_proof import recounted
from loop_cli.demo_reports import issue_reports
from loop_cli.demo_show import where_to_look
from loop_cli.keys import ensure
from loop_cli.operator import Operator
from loop_cli.profile import Refused, send
from loop_cli.profile_files import SHIPPED, checkout, read_profile
from loop_cli.servers import ServerError
from loop_cli.stack import DEFAULT_PORT, EmbeddedStack, StackError

app = typer.Typer()
_T = TypeVar("_T")

MOST_DIFFERENCES = 20


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


@app.command("demo")
def demo(
    data: Annotated[Path, typer.Option("--data", envvar="LOOP_DATA", help="Data folder.", file_okay=False)] = DEFAULT_DATA,
    port: Annotated[int, typer.Option(help="Port of the gateway at 127.0.0.1.", envvar="LOOP_GATEWAY_PORT")] = DEFAULT_PORT,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Stop by itself; exit 1 if a figure is wrong or an event lost.")
    ] = False,
) -> None:
    """Start everything, send the records of demo/, and put the computed figures beside the printed ones."""
    raise typer.Exit(run(check=check, data=data, port=port))


def run(*, check: bool, data: Path | str = DEFAULT_DATA, port: int = DEFAULT_PORT, console: Console | None = None) -> int:
    """The whole demonstration; gives the exit status, 1 when a figure differs, an event was lost or counted twice.

    Raises `ServerError` with what to do when something cannot start, is refused, or ends by itself.
    """
    console = console or Console(highlight=False)
    if not (checkout() / "demo" / "mapping.yaml").exists():
        raise DemoError(f"The records are not at {checkout() / 'demo'}: the demonstration runs from a checkout (`make demo`).")
    asked = stop_on_signals()
    stack = EmbeddedStack(data, port=port, strict=check, demo_sign_in=True, tell=console.print)
    console.print(f"Starting PostgreSQL, NATS and ten processes; data in {stack.layout.root} …")
    stack.start(asked)
    status = 1
    try:
        console.print(f"Ready after {stack.timings['total']:.1f} s.")
        status = _demonstrate(stack, console, asked, check=check)
    except Interrupted:
        status = 1 if check else 0
        console.print("Stopping before the end; what was sent is kept, and the next start goes on from there.")
    except httpx.HTTPError as error:
        raise _of_failure(stack, DemoError(f"{stack.url} does not answer ({type(error).__name__}).")) from error
    except ServerError as error:
        raise _of_failure(stack, error) from error
    finally:
        stack.stop()
    if check:
        stack.wait()
    else:
        console.print("Stopped; the data are kept.")
    return status


def _demonstrate(stack: EmbeddedStack, console: Console, asked: Event, *, check: bool) -> int:
    credentials = prepare(stack, console)
    if begin_audits(stack.url, checkout() / "demo" / "records", british_today()):
        console.print("A round of audits is circulated; sign in as Sam Okafor or Priya Shah to find one.")
    if begin_feedback(stack.url, credentials[ORGANISATION]["family-work"], checkout() / "demo" / "records", british_today()):
        console.print(
            "Stars, comments, quotes, a change and calls are there; sign in as Alex Morgan or Kim Taylor to see them."
        )
    if begin_plan(stack.url, checkout() / "demo" / "records", british_today()):
        console.print("An improvement plan is open; sign in as Alex Morgan to see it.")
    loaded = _until_asked(load(stack, credentials, console), stack, asked)
    console.print()
    with Reports(stack.url, credentials) as reports:
        compared = compare(printed_cells(), reports.table)
        show(console, compared)
        number, differences = recounted(recounts(), reports.table)
    wrong = [f"{each.cell.table_title}: {each.cell.row_label}" for each in compared if each.outcome == "differs"]
    wrong += [str(each) for each in differences]
    for each in wrong[:MOST_DIFFERENCES]:
        console.print(f"[bold red]Wrong:[/] {each}", soft_wrap=True)
    console.print(f"{number} figures of all reports, recounted from the records: [bold]{len(differences)}[/] differ.")
    _tell_events(loaded, console)
    if issue_reports(stack.url, checkout() / "demo" / "records"):
        console.print("A report of each organisation is issued, with commentary: see Issued reports, as Ruth Adeyemi for one.")
    failures = stack.failures
    for failure in failures:
        console.print(f"[bold red]Failed:[/] {failure}")
    is_good = not wrong and not failures
    _verdict(stack, console, is_good=is_good)
    if not check:
        where_to_look(stack, credentials, console)
        while not asked.wait(0.2) and stack.is_running:
            pass
        console.print("Stopping …")
    return 0 if is_good else 1


def prepare(stack: EmbeddedStack, console: Console) -> Credentials:
    """Profiles in force, and credentials for the systems that send."""
    key = stack.keys.operator_key.read_text().strip()
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        for code in SHIPPED:
            ensure(stack.layout.root, code)
            try:
                applied = send(read_profile(checkout() / "profiles" / code), client, dry_run=False)
            except (ProfileFaults, Refused) as error:
                raise DemoError(f"The profile {code} was not applied.\n{error}") from error
            words = "applied" if any(each.changed for each in applied) else "in force already"
            console.print(f"Profile {code}: {words}.")
    with Operator(stack.url, key) as operator:
        return load_or_issue(operator, stack.layout.root, SHIPPED)


def _until_asked(work: Coroutine[Any, Any, _T], stack: EmbeddedStack, asked: Event) -> _T:
    """Does the work, and gives it up when somebody asks to stop or the installation has ended."""

    async def watched() -> _T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait([task], timeout=0.1)
            if not task.done() and (asked.is_set() or not stack.is_running):
                task.cancel()
                await asyncio.wait([task])
                raise Interrupted if asked.is_set() else StackError("The installation ended in the middle of the work.")
        return task.result()

    try:
        return asyncio.run(watched())
    except BaseExceptionGroup as group:
        raise first_of(group) from group


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group, however deep."""
    error = group.exceptions[0]
    return first_of(error) if isinstance(error, BaseExceptionGroup) else error


def _of_failure(stack: EmbeddedStack, error: ServerError) -> ServerError:
    """What went wrong first: a process that ended by itself explains whatever was not answered after it."""
    return StackError("\n".join(stack.failures)) if stack.failures else error


def _tell_events(loaded: Loaded, console: Console) -> None:
    events = sum(log.rows for log in loaded.logs.values())
    logs = ", ".join(f"{source} {log.rows}" for source, log in loaded.logs.items())
    console.print(f"{events} events ({logs}): all published in order and projected, none put aside.")
    if not loaded.added:
        console.print("[green]All records were there already; nothing was added a second time.[/]")
    else:
        console.print(f"{loaded.added} events are new; sending everything again adds nothing.")


def _verdict(stack: EmbeddedStack, console: Console, *, is_good: bool) -> None:
    seconds = time.time() - psutil.Process().create_time()
    word = "[bold green]Everything agrees[/]" if is_good else "[bold red]Not everything agrees[/]"
    memory = stack.memory_bytes() / 2**20
    console.print(
        f"{word} after {seconds:.1f} s, of which {stack.timings['total']:.1f} s until everything was ready; "
        f"{memory:.0f} MB resident in all processes together."
    )


__all__ = ["DemoError", "app", "run"]
