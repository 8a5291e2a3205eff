"""`loop compare`: the published figures beside those of a running installation, or beside a recount of the records."""

from pathlib import Path
from typing import Annotated, Self

import httpx
import typer
from rich.console import Console

from loop_cli.compare_cells import Computed, PrintedCell, Table, cells_of, load_cells, load_rules
from loop_cli.compare_recount import Recount
from loop_cli.compare_tables import Cells, compare, show
from loop_cli.demo_credentials import FILE, Credentials
from loop_cli.profile_files import SHIPPED, checkout, read_profile
from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout, read_json
from loop_cli.stack.state import State

app = typer.Typer()
console = Console(highlight=False)


def printed_cells(demo: Path | None = None) -> list[PrintedCell]:
    """The printed figures that ship in demo/, each with the cell that it is."""
    folder = demo or checkout() / "demo"
    return load_cells(folder / "published", load_rules(folder / "mapping.yaml"))


class Reports:
    """Reads tables from reporting as a BI tool of each organisation does; a report is asked for once."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._credentials = credentials
        self._reports: dict[tuple[str, str, str], dict[str, Cells]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def table(self, table: Table) -> Cells:
        """The cells of a table; raises ServerError when reporting refuses."""
        key = (table.organisation, table.report, table.period)
        if key not in self._reports:
            answer = self._http.get(
                f"/reporting/v1/reports/{table.report}",
                params={"period": table.period},
                headers={"X-API-Key": self._credentials[table.organisation]["bi"]["api_key"]},
            )
            if answer.is_error:
                raise ServerError(
                    f"Report {table.report} of {table.period} was answered {answer.status_code}: {answer.text[:500]}"
                )
            self._reports[key] = {each["code"]: cells_of(each) for each in answer.json()["tables"]}
        return self._reports[key].get(table.table, {})


def recounts() -> dict[str, Recount]:
    """The records of both organisations, counted from the files."""
    return {
        code: Recount.of(read_profile(checkout() / "profiles" / code), checkout() / "demo" / "records" / code)
        for code in SHIPPED
    }


@app.command("compare")
def compare_command(
    data: Annotated[Path, typer.Option("--data", envvar="LOOP_DATA", help="Data folder.", file_okay=False)] = Path(".loop"),
    *,
    records: Annotated[bool, typer.Option("--records", help="Recount the records instead; nothing has to run.")] = False,
) -> None:
    """Put the published figures beside the computed ones; exits 1 if one differs without a named reason."""
    if records:
        counted = recounts()

        def fetch(table: Table) -> dict[tuple[str, str], Computed]:
            return counted[table.organisation].table(table.report, table.period, table.table)

        compared = compare(printed_cells(), fetch)
    else:
        layout = Layout.at(data)
        state, credentials = State.read(layout), read_json(layout.root / FILE)
        if state is None or not credentials:
            raise ServerError(f"No demonstration runs with the data in {layout.root}. `loop demo` starts it.")
        with Reports(state.url, credentials) as reports:
            compared = compare(printed_cells(), reports.table)
    show(console, compared)
    raise typer.Exit(1 if any(each.outcome == "differs" for each in compared) else 0)
