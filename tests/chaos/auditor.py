"""The auditor: what must hold in an installation after whatever happened to it, each invariant by itself.

`audit(stack, journal)` waits for nothing and changes nothing; whoever calls it has waited until reporting stands at the end of
every log. What it gives is empty where all is well.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import httpx
from typer.testing import CliRunner

from chassis.calendar import WorkingDays
from loop_cli import trail
from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.invariants import INVARIANTS, VIEWS
from tests.chaos.journal import Journal
from tests.chaos.mixed import ORGS, new_client

QUERIES = "queries"
SHOWN = 20
"""Rows that a finding carries at most."""
COLUMNS = "kind text, org text, reference text, key text, answer text, id uuid, parts bigint"
FEEDS = {
    "AuditOutcomes": ("outcome_id",),
    "Complaints": ("complaint_id",),
    "ComplaintStages": ("complaint_id", "stage"),
    "Compliments": ("compliment_id",),
    "SurveyInvitations": ("invitation_id",),
    "SurveyResponses": ("response_id",),
    "SurveyAnswers": ("response_id", "question"),
    "KpiObservations": ("observation_id",),
}
"""Tables of the feed, by what tells a row."""
TABLES = {
    "AuditOutcomes": "fact_audit",
    "Complaints": "fact_complaint",
    "ComplaintStages": "fact_stage",
    "Compliments": "fact_compliment",
    "SurveyInvitations": "fact_invitation",
    "SurveyResponses": "fact_response",
    "SurveyAnswers": "fact_answer",
    "KpiObservations": "kpi_observation",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """An invariant that does not hold: in words, how many rows break it, and some of them."""

    invariant: str
    count: int
    rows: list[Row]

    def __str__(self) -> str:
        rows = "".join(f"\n    {json.dumps(row, default=str)}" for row in self.rows)
        return f"Does not hold: {self.invariant} ({self.count}){rows}"


def finding(invariant: str, rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """A finding where there is anything wrong."""
    found = [dict(row) for row in rows]
    return [Finding(invariant, len(found), found[:SHOWN])] if found else []


def audit(stack: EmbeddedStack, journal: Journal | None = None, only: str | None = None) -> list[Finding]:
    """Check every invariant, or only the queries, or one of `CHECKS`; with a journal, also those of what was sent."""
    found = in_database(stack, journal or Journal()) if only in {None, QUERIES} else []
    for name, check in CHECKS.items():
        found += check(stack) if only in {None, name} else []
    return found


def in_database(stack: EmbeddedStack, journal: Journal) -> list[Finding]:
    """All invariants that are queries, in one snapshot."""
    sent = json.dumps([asdict(each) for each in journal.sent], ensure_ascii=False)
    queries = ", ".join(f"('{number}', ({_json_of(sql)}))" for number, sql in enumerate(INVARIANTS.values()))
    answer = stack.postgres.run_sql(
        f"begin isolation level repeatable read;"
        f"create temp table sent on commit drop as select * from jsonb_to_recordset($sent${sent}$sent$) as s ({COLUMNS});"
        f"analyze sent; {VIEWS} select jsonb_object_agg(n, rows) from (values {queries}) as q (n, rows); rollback",
        database="loop",
    )
    rows = json.loads(answer)
    return [each for number, words in enumerate(INVARIANTS) for each in finding(words, rows[str(number)])]


def _json_of(sql: str) -> str:
    return f"select coalesce(jsonb_agg(to_jsonb(wrong)), '[]') from ({sql}) as wrong"


def rows_of(stack: EmbeddedStack, sql: str) -> list[Row]:
    """The rows of a query."""
    found: list[Row] = json.loads(stack.postgres.run_sql(_json_of(sql), database="loop"))
    return found


def view(stack: EmbeddedStack, name: str) -> list[Row]:
    """The rows of one of the views."""
    found: list[Row] = json.loads(stack.postgres.run_sql(f"{VIEWS} {_json_of(f'select * from {name}')}", database="loop"))
    return found


def clocks(stack: EmbeddedStack) -> list[Finding]:
    """Every stage that is not heard by a panel, counted day by day; a suspension moves no limit."""
    stages = rows_of(
        stack,
        "select * from complaints.stage where panel_report_within is null and counts_from <> 'agreed'",
    )
    wrong = []
    for stage in stages:
        day_zero, limit = date.fromisoformat(stage["started_on"]), stage["limit_days"]
        if stage["extended_on"]:
            limit = stage.get("extended_to") or stage["extension_to"]
        if stage["counts_from"] == "acknowledged":
            if stage["acknowledged_on"]:
                day_zero = date.fromisoformat(stage["acknowledged_on"])
            else:
                limit += stage["acknowledge_within"]
        due = day_after(WorkingDays.load(stage["calendar"]), day_zero, limit)
        if str(due) != stage["due_on"]:
            wrong.append({"counted": str(due), **{name: value for name, value in stage.items() if value is not None}})
    return finding("A stage is due so many working days after its day 0, counted one by one", wrong)


def day_after(calendar: WorkingDays, day: date, limit: int) -> date:
    """The day so many working days later: week day by week day, without bank holidays; not as the product counts."""
    while limit:
        day += timedelta(days=1)
        limit -= day.isoweekday() <= 5 and calendar.holiday(day) is None
    return day


def chains(stack: EmbeddedStack) -> list[Finding]:
    """Every chain of the trail, walked along by the operator's command."""
    wrong = []
    for org in ORGS:
        result = CliRunner().invoke(trail.app, ["verify", "--org", org, "--data", str(stack.layout.root)])
        if result.exit_code:
            wrong.append({"org": org, "said": result.output, "error": repr(result.exception)})
    return finding("Every chain of the trail holds", wrong)


def feeds(stack: EmbeddedStack) -> list[Finding]:
    """What a BI tool of each organisation is given, held against the tables: the same rows, and no other organisation's."""
    wrong: list[Row] = []
    with Operator.of(stack.layout.root) as operator:
        for org in ORGS:
            headers = new_client(operator, org, "reporting:read")
            with httpx.Client(base_url=stack.url, headers=headers, timeout=120) as client:
                for name, key in FEEDS.items():
                    wrong += [{"org": org, "feed": name, **each} for each in _compared(stack, client, org, name, key)]
    return finding("A feed holds what its table holds", wrong)


def _compared(stack: EmbeddedStack, client: httpx.Client, org: str, name: str, key: tuple[str, ...]) -> Iterable[Row]:
    given = [tuple(str(row[part]) for part in key) for row in pages(client, f"/reporting/odata/v4/{name}")]
    only_current = " where org = '{}'" if name != "KpiObservations" else " where org = '{}' and version = 1"
    table = rows_of(stack, f"select {', '.join(key)} from reporting.{TABLES[name]}{only_current.format(org)}")
    there = [tuple(str(row[part]) for part in key) for row in table]
    for each in sorted(set(given) - set(there)):
        yield {"only in": "feed", "key": each}
    for each in sorted(set(there) - set(given)):
        yield {"only in": "table", "key": each}
    if len(given) != len(set(given)):
        yield {"only in": "feed", "key": "some rows come twice"}


def pages(client: httpx.Client, path: str) -> Iterable[Row]:
    """Every row of a table of the feed."""
    while path:
        answer = client.get(path, headers={"Prefer": "odata.maxpagesize=5000"})
        answer.raise_for_status()
        body = answer.json()
        yield from body["value"]
        path = body.get("@odata.nextLink", "")


def organisations(stack: EmbeddedStack) -> list[Finding]:
    """Every row of every table belongs to an organisation that there is, or to the installation."""
    tables = rows_of(
        stack,
        """select table_schema as schema, table_name as name from information_schema.columns join information_schema.tables
             using (table_schema, table_name) where column_name = 'org' and table_type = 'BASE TABLE'
              and table_schema in ('audit', 'complaints', 'feedback', 'reporting', 'gateway')""",
    )
    each = " union all ".join(
        f"select '{table['schema']}.{table['name']}' as name, org, count(*) from {table['schema']}.{table['name']} group by org"
        for table in tables
    )
    known = ", ".join(f"'{org}'" for org in (*ORGS, "*"))
    return finding(
        "Every row is of an organisation that there is", rows_of(stack, f"select * from ({each}) a where org not in ({known})")
    )


CHECKS: dict[str, Callable[[EmbeddedStack], list[Finding]]] = {
    "clocks": clocks,
    "chains": chains,
    "feeds": feeds,
    "organisations": organisations,
}
"""Invariants that are no query."""
