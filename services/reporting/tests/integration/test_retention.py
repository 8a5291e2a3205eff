"""What staff write in reporting is reduced when its time is over: no figure, and no report that was issued, changes."""

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from reporting_desk import DESK, OF, Feedback, Person, issue, rows
from reporting_kpis import batch, posted
from reporting_plans import Officer, officer_of
from reporting_records import document
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.retention import holding, proofs
from chassis.retention.holding import Wanted
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.retained import left_out
from chassis.unit_of_work import UnitOfWork
from reporting.adapters.profiles import Profiles
from reporting.adapters.retained import DECLARED, none_needed
from reporting.sealed import SEALED
from reporting.use_cases.retain import retention

ORG = "worcestershire"
LATER = datetime(2060, 1, 2, 12, tzinfo=UTC)
STAY = {"report_issue.frozen_sealed": "a report that was issued is a publication"}


def worker(database: Database, app: FastAPI) -> Running:
    """The worker's task, as the role that the worker has, when everything is over for long."""
    url = database.url("worker").replace("postgresql:", "postgresql+asyncpg:")
    made = retention(UnitOfWork(create_async_engine(url, poolclass=NullPool)), Profiles(), app.state.desk.secrets)
    made._now = lambda: LATER
    return made


async def keep(client: ServiceClient, **periods: dict[str, int]) -> Any:
    """Apply a profile in which kinds are kept for so long."""
    body = {**document(ORG), "version": f"{len(periods)}" * 64, "retention": {"reporting": periods}}
    return await client.acting_as(caller("operator")).put("/reporting/v1/profile", json=body)


async def test_no_table_is_forgotten_and_nothing_sealed_stays(app: FastAPI, profile: dict[str, Any]) -> None:
    named = (
        "select relname::text as name from pg_class where relnamespace = 'reporting'::regnamespace and relkind in ('r', 'p')"
    )
    tables = [row.name for row in await rows(app, named)]
    facts = none_needed(frozenset(tables))
    assert len(facts) > 60
    assert left_out(DECLARED, SEALED, [each for each in tables if each not in facts], STAY) == []


async def test_words_and_names_go_and_what_was_issued_stays_as_it_was(
    alex: Person, sam: Person, feedback: Feedback, desk_client: ServiceClient, desk_app: FastAPI, database: Database
) -> None:
    quotes = f"{DESK}/quotes{OF}"
    quote = feedback.has("a", "They listened.")
    chosen = await alex.post(quotes, **await alex.form(quotes), quotes=[quote])
    assert chosen.status_code == 303, chosen.text
    await alex.write("key-messages", "More came in. MARK")
    version = await issue(alex, sam)
    machine = desk_client.acting_as(caller("reporting:kpis:write"))
    for key, figure in (("a", posted("2026-04", 18, 20)), ("b", posted("2026-04", 19, 20, reason="MARK was late"))):
        sent = {"Idempotency-Key": key}
        assert (await machine.post("/reporting/v1/kpis/observations", json=batch([figure]), headers=sent)).status_code == 200
    officer: Officer = officer_of(desk_client)
    plan = await officer.open_plan()
    issued = await alex.client.get(f"{version}/pdf")
    figures = "select kpi, month, numerator, denominator, version from kpi_observation order by 1, 2, 5"
    before = await rows(desk_app, figures)
    sealed = {
        f"{each.table}.{each.name}": [
            row.value for row in await rows(desk_app, f"select {each.name}::text as value from {each.table}") if row.value
        ]
        for each in SEALED.columns
        if each.table in DECLARED.tables and f"{each.table}.{each.name}" not in STAY and each.table != "subject_note"
    }
    had = {name for name, values in sealed.items() if values}
    assert had >= {"report_commentary.words_sealed", "report_quotes.name_sealed", "report_issue.issued_name", "plan.words",
                   "plan_step.by_name", "kpi_observation.reason"}  # fmt: skip
    closed = "update plan set state = 'closed', closed_on = opened_on where true returning id"
    async with desk_app.state.uow.begin(ORG) as transaction:
        await transaction.connection.exec_driver_sql(closed)
        asked = Wanted("kind", "An inquiry", LATER.date().replace(year=2070), kind="plan")
        await holding.place(transaction, desk_app.state.desk.secrets, "staff:dp", asked, LATER.date())
    kinds = ("commentary", "quotes", "issue", "plan", "kpi")
    assert (await keep(desk_client, **{each: {"years": 6} for each in kinds})).status_code == 200
    task = worker(database, desk_app)
    tally = await task.serve(ORG)
    assert (dict(tally.reduced), dict(tally.held), tally.failed) == (
        {"commentary": 1, "quotes": 1, "issue": 1, "kpi": 1}, {"plan": 1}, 0,
    )  # fmt: skip
    async with desk_app.state.uow.begin(ORG) as transaction:
        lift = "update retention_hold set lifted_by = 'x', lifted_at = now(), lifted_sealed = '\\x00'"
        await transaction.connection.exec_driver_sql(lift)
    assert dict((await task.serve(ORG)).reduced) == {"plan": 1}
    for name, values in sealed.items():
        table, _, column = name.partition(".")
        left = {row.value for row in await rows(desk_app, f"select {column}::text as value from {table}")}
        assert not left & set(values), name
    assert await rows(desk_app, figures) == before
    again = await alex.client.get(f"{version}/pdf")
    assert (again.status_code, again.content == issued.content) == (200, True)
    for path in (version, plan, f"{plan}/history", f"{DESK}/commentary{OF}", DESK + OF, "/reporting/plans"):
        answer = await alex.client.get(path)
        assert answer.status_code in {200, 404}, path
        assert "Head of SEND" not in answer.text
    async with desk_app.state.uow.begin(ORG) as transaction:
        assert await proofs.check(transaction, desk_app.state.desk.secrets, "reporting") == (5, "")


async def test_a_data_protection_officer_sees_what_is_due_and_a_wrong_period_is_refused(
    alex: Person, desk_client: ServiceClient
) -> None:
    await alex.write("key-messages", "More came in.")
    assert (await keep(desk_client, commentary={"years": 6})).status_code == 200
    refused = await keep(desk_client, commentary={"years": 6}, comments={"years": 6})
    assert (refused.status_code, "no kind of record here" in refused.text) == (422, True)
    officer = desk_client.acting_as(caller("role:data-protection"))
    page = await officer.get("/reporting/retention")
    assert page.status_code == 200
    assert "Texts beside figures" in page.text
    assert "Reports that were issued" in page.text
    for path in ("due/commentary", "holds", "proofs"):
        assert (await officer.get(f"/reporting/retention/{path}")).status_code == 200
