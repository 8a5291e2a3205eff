"""Improvement plans as officers keep them: opened, followed, changed by two at once, closed; and who sees what."""

import asyncio
import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from reporting_kpis import batch, posted
from reporting_plans import LIST, Officer, day, officer_of
from reporting_records import Sources, complaint, ident
from reporting_rows import digest
from reporting_tracked import DAY, of_complaints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.days import british_today
from chassis.pages.csrf import FIELD
from chassis.testing.fixtures import Database, Databases, ServiceClient, caller
from chassis.testing.pdf import Printed
from reporting.domain import kpi_figures, periods

TODAY = british_today()
SOON, LATER = TODAY + timedelta(days=20), TODAY + timedelta(days=60)


@pytest.fixture
def officer(client: ServiceClient, profile: dict[str, Any]) -> Officer:
    """A quality-assurance officer."""
    return officer_of(client)


def words_of(answer: Any) -> str:
    return " ".join(answer.text.split())


async def drop_open(officer: Officer, action: str) -> None:
    """Drop every milestone of an action that is still open."""
    for each in dict.fromkeys(re.findall(r'href="([^"]+/milestones/[^"]+)"', (await officer.browser.get(action)).text)):
        if 'value="drop"' in (await officer.browser.get(each)).text:
            await officer.send(each, step="drop", note="One is enough")


class TestPlan:
    async def test_is_opened_followed_and_closed(self, officer: Officer) -> None:
        plan = await officer.open_plan()
        action = await officer.add_action(plan, SOON)
        page = words_of(await officer.browser.get(plan))
        for said in ("1. Answering", "Led by Head of SEND", "Rota drawn up"):
            assert said in page
        await officer.send(action, step="rag", rag="may-miss", note="Two posts are vacant")
        milestone = await officer.milestone(action)
        await officer.send(milestone, step="move", note="The printer is late", **day("on", LATER))
        assert "moved from" in words_of(await officer.browser.get(action))
        await officer.send(f"{action}/milestone", what="Rota in use", **day("due", LATER))
        refused = await officer.post(action, await officer.form(action), step="complete", note="It is in use")
        assert refused.status_code == 409
        assert "Milestones are still open" in refused.text
        assert "It is in use" in refused.text
        await officer.send(milestone, step="met", **day("on", TODAY))
        await drop_open(officer, action)
        await officer.send(action, step="complete", note="It is in use")
        assert "Completed" in words_of(await officer.browser.get(plan))
        await officer.send(plan, f"{plan}/close", note="All is done")
        closed = await officer.post(action, {**await officer.form(plan), "revision": "9"}, step="reopen", note="x")
        assert closed.status_code == 409
        assert "This plan is closed" in closed.text
        history = words_of(await officer.browser.get(f"{plan}/history"))
        moved = "How it stands: On track → May miss"
        for said in ("Two posts are vacant", "The printer is late", "Plan closed", moved, "All is done"):
            assert said in history
        await officer.send(plan, f"{plan}/reopen", note="Not quite")
        assert "Close the plan" in words_of(await officer.browser.get(plan))

    async def test_what_is_typed_is_shown_again_beside_every_fault(self, officer: Officer) -> None:
        form = await officer.form(f"{LIST}/new")
        refused = await officer.post(LIST, form, title="", purpose="Because", service_area="nowhere")
        assert refused.status_code == 422
        assert "Say what the plan is called" in refused.text
        assert "Because" in refused.text
        plan = await officer.open_plan()
        hidden = await officer.form(f"{plan}/workstreams/new")
        assert (await officer.post(f"{plan}/workstreams/new", hidden, title="A", lead="")).status_code == 422

    async def test_a_second_click_does_it_once(self, officer: Officer) -> None:
        form = await officer.form(f"{LIST}/new")
        sent = [await officer.post(LIST, form, title="Once", purpose="p", service_area="send") for _ in range(2)]
        assert {each.status_code for each in sent} == {303}
        assert words_of(await officer.browser.get(LIST)).count(">Once<") == 1
        plan = sent[0].headers["location"]
        hidden = await officer.form(f"{plan}/workstreams/new")
        for _ in range(2):
            assert (await officer.post(f"{plan}/workstreams/new", hidden, title="A", lead="B")).status_code == 303
        assert words_of(await officer.browser.get(plan)).count("Led by B") == 1

    async def test_a_form_that_is_not_ours_changes_nothing(self, officer: Officer) -> None:
        plan = await officer.open_plan()
        form = await officer.form(f"{plan}/workstreams/new")
        assert (await officer.post(f"{plan}/workstreams/new", {**form, FIELD: "x"}, title="A", lead="B")).status_code == 403


class TestTwoAtOnce:
    async def test_the_second_is_told_and_keeps_what_they_typed(self, client: ServiceClient, officer: Officer) -> None:
        other = officer_of(client, "sam", "role:complaints-officer")
        action = await officer.add_action(await officer.open_plan(), SOON)
        mine, theirs = await officer.form(action), await other.form(action)
        assert (await officer.post(action, mine, step="note", note="First")).status_code == 303
        refused = await other.post(action, theirs, step="rag", rag="missed", note="Second thoughts")
        assert refused.status_code == 412
        assert "Somebody else has changed this" in refused.text
        assert "Second thoughts" in refused.text
        assert "First" in refused.text

    async def test_of_many_who_send_at_the_same_moment_one_wins(self, client: ServiceClient, officer: Officer) -> None:
        action = await officer.add_action(await officer.open_plan(), SOON)
        others = [officer_of(client, f"s{n}") for n in range(5)]
        forms = [await each.form(action) for each in others]
        answers = await asyncio.gather(
            *(
                each.post(action, form, step="note", note=f"I am {n}")
                for n, (each, form) in enumerate(zip(others, forms, strict=True))
            )
        )
        assert sorted(each.status_code for each in answers) == [303, 412, 412, 412, 412]

    async def test_different_actions_are_changed_side_by_side(self, client: ServiceClient, officer: Officer) -> None:
        plan = await officer.open_plan()
        actions = [await officer.add_action(plan, SOON, f"Action {n}") for n in range(3)]
        forms = [await officer.form(each) for each in actions]
        answers = await asyncio.gather(
            *(officer.post(each, form, step="note", note="n") for each, form in zip(actions, forms, strict=True))
        )
        assert {each.status_code for each in answers} == {303}
        added = await asyncio.gather(*(officer.add_action(plan, SOON, f"More {n}") for n in range(3)))
        assert len(set(added)) == 3
        names = [each["name"] for each in (await read(client, plan))["workstreams"][0]["actions"]]
        assert names == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]

    async def test_an_action_is_not_completed_while_a_milestone_is_added(self, officer: Officer) -> None:
        action = await officer.add_action(await officer.open_plan(), SOON)
        await officer.send(await officer.milestone(action), step="met", **day("on", TODAY))
        adding, ending = await officer.form(f"{action}/milestone"), await officer.form(action)
        both = await asyncio.gather(
            officer.post(f"{action}/milestone", adding, what="One more", **day("due", LATER)),
            officer.post(action, ending, step="complete", note="Done"),
        )
        assert sorted(each.status_code for each in both) == [303, 409]


async def read(client: ServiceClient, plan: str) -> dict[str, Any]:
    """A plan over HTTP."""
    answer = await client.acting_as(caller("reporting:read")).get(plan.replace("/reporting/", "/reporting/v1/"))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def make_late(database: Database, databases: Databases) -> None:
    """Let the calendar go on: every milestone was due yesterday."""
    databases.execute(
        database.name,
        f"update reporting.plan_milestone set due_on = date '{TODAY - timedelta(days=1)}', first_due_on = due_on where true",
    )


class TestCalendar:
    async def test_a_milestone_that_was_not_reached_is_missed_everywhere(
        self, client: ServiceClient, officer: Officer, database: Database, databases: Databases
    ) -> None:
        plan = await officer.open_plan()
        action = await officer.add_action(plan, SOON)
        await make_late(database, databases)
        page = words_of(await officer.browser.get(action))
        assert "Missed by the calendar" in page
        assert "Rota drawn up" in words_of(await officer.browser.get(f"{LIST}/due"))
        (shown,) = (await read(client, plan))["workstreams"][0]["actions"]
        assert (shown["rag"], shown["missed_by_calendar"]) == ("missed", True)
        (row,) = (await client.get("/reporting/odata/v4/PlanActions")).json()["value"]
        assert (row["rag"], row["state"]) == ("missed", "open")
        assert "Rota" not in str(row)
        (milestone,) = (await client.get("/reporting/odata/v4/PlanMilestones")).json()["value"]
        assert milestone["met_on"] is None
        assert row["changed_sequence"] >= milestone["changed_sequence"] > 0
        refused = await officer.post(action, await officer.form(action), step="rag", rag="on-track", note="All well")
        assert refused.status_code == 409


class TestMeasures:
    async def test_a_measure_stands_beside_the_action_with_what_may_be_said(
        self, client: ServiceClient, officer: Officer, sources: Sources
    ) -> None:
        quarter = periods.containing(TODAY, periods.Kind.QUARTER)
        before, now = quarter.shift(-3), quarter.shift(-1)
        await sources.record(
            *(complaint(f"b{n}", before.first) for n in range(3)), *(complaint(f"n{n}", now.last) for n in range(2))
        )
        plan = await officer.open_plan()
        action = await officer.add_action(plan, SOON)
        typed = {
            "measure": "complaints_received",
            "start": before.code,
            "service_area": "send",
            "better": "lower",
            "target": "2",
        }
        await officer.send(f"{action}/measure", **typed)
        page = words_of(await officer.browser.get(action))
        assert f"3, {before.short}" in page
        assert f"2, {now.short}" in page
        assert "2 or less: reached" in page
        assert "Two figures side by side" in page
        (shown,) = (await read(client, plan))["workstreams"][0]["actions"][0]["measures"]
        assert shown["code"] == "complaints_received"
        found = re.search(r'href="([^"]+/measures/[^"]+)"', (await officer.browser.get(action)).text)
        assert found
        assert (await officer.post(found[1], await officer.form(found[1]), note="")).status_code == 422
        await officer.send(found[1], note="It says nothing")
        assert "None yet" in words_of(await officer.browser.get(action))
        assert "It says nothing" in words_of(await officer.browser.get(f"{plan}/history"))

    async def test_a_kpi_stands_beside_the_action_as_its_months_make_it(self, client: ServiceClient, officer: Officer) -> None:
        quarter = periods.containing(TODAY, periods.Kind.QUARTER)
        before, now = quarter.shift(-2), quarter.shift(-1)
        system = client.acting_as(caller("reporting:kpis:write", subject="client:kpis"))
        figures = {before: 30, now: 39}
        items = [
            posted(f"{kpi_figures.shifted(period.first, month):%Y-%m}", n, 40)
            for period, n in figures.items()
            for month in range(3)
        ]
        answer = await system.post("/reporting/v1/kpis/observations", json=batch(items), headers={"Idempotency-Key": "tied"})
        assert answer.is_success, answer.text
        action = await officer.add_action(await officer.open_plan(area="fostering-and-kinship"), SOON)
        await officer.send(f"{action}/measure", kpi="foster-annual-reviews", start=before.code, better="higher", target="95")
        page = words_of(await officer.browser.get(action))
        assert f"75% (90 of 120), {before.short}" in page
        assert f"98% (117 of 120), {now.short}" in page
        assert "95% or more: reached" in page
        assert "Two figures side by side. Whether a month is more than chance makes" in page

    async def test_what_cannot_be_tied_is_said_beside_its_field(self, officer: Officer) -> None:
        action = await officer.add_action(await officer.open_plan(), SOON)
        form = await officer.form(f"{action}/measure")
        refused = await officer.post(f"{action}/measure", form, measure="", start="", target="many", better="higher")
        assert refused.status_code == 422
        for said in ("Choose a measure of the list", "Choose the quarter", "Give a whole number"):
            assert said in refused.text


class TestTakenUp:
    async def test_an_action_of_the_tracker_is_taken_up_once_and_stands_beside_it(
        self, client: ServiceClient, officer: Officer, sources: Sources
    ) -> None:
        for on, events in of_complaints():
            await sources.record(*events, on=on)
        key = f"complaints:{ident('learning', 'two')}"
        plan = await officer.open_plan()
        assert f"tracked={key.replace(':', '%3A')}" in (await officer.browser.get(f"{LIST}/take?key={key}")).text
        action = await officer.add_action(plan, SOON, tracked=key)
        page = words_of(await officer.browser.get(action))
        assert "C-7 A1" in page
        assert ": completed" in page
        with pytest.raises(AssertionError, match="taken that action up already"):
            await officer.add_action(plan, SOON, tracked=key)
        assert (await officer.browser.get(f"{LIST}/take?key=audit:no:a1")).status_code == 404
        assert DAY < TODAY


class TestFiles:
    async def test_it_is_printed_and_saved(self, officer: Officer) -> None:
        plan = await officer.open_plan()
        await officer.add_action(plan, SOON)
        printed = Printed((await officer.browser.get(f"{plan}/pdf")).content)
        assert printed.title == "Answers in time"
        assert "Draw up a rota" in printed.text
        book = load_workbook(io.BytesIO((await officer.browser.get(f"{plan}/workbook")).content))
        assert [each.title for each in book.worksheets] == ["Contents", "1", "2", "3"]
        assert "Draw up a rota" in [cell.value for row in book["1"].iter_rows() for cell in row]


class TestWhoSees:
    async def test_a_limited_reader_sees_plans_of_their_areas(self, client: ServiceClient, officer: Officer) -> None:
        send, other = await officer.open_plan(), await officer.open_plan("Safer", "safeguarding")
        limited = client.acting_as(replace(caller("role:senior-reader"), areas=frozenset({"safeguarding"})))
        assert (await limited.get(send)).status_code == 404
        assert (await limited.get(other)).status_code == 200
        assert "Answers in time" not in (await limited.get(LIST)).text
        for path in (f"{send}/pdf", f"{send}/workbook", f"{send}/history"):
            assert (await limited.get(path)).status_code == 404
        machine = client.acting_as(replace(caller("reporting:read"), areas=frozenset({"safeguarding"})))
        assert [each["title"] for each in (await machine.get("/reporting/v1/plans")).json()["plans"]] == ["Safer"]

    async def test_another_council_sees_nothing_of_it(
        self, client: ServiceClient, officer: Officer, telford: ServiceClient, database: Database
    ) -> None:
        plan = await officer.open_plan()
        await officer.add_action(plan, SOON)
        assert (await telford.get(plan.replace("/reporting/", "/reporting/v1/"))).status_code == 404
        assert (await telford.get("/reporting/v1/plans")).json() == {"plans": []}
        for name in ("PlanActions", "PlanMilestones"):
            assert (await telford.get(f"/reporting/odata/v4/{name}")).json()["value"] == []
            assert len((await client.get(f"/reporting/odata/v4/{name}")).json()["value"]) == 1

    async def test_words_lie_sealed_and_history_cannot_be_changed(self, officer: Officer, database: Database, app: Any) -> None:
        await officer.add_action(await officer.open_plan(), SOON)
        async with app.state.uow.begin("worcestershire") as transaction:
            for table in ("plan", "plan_workstream", "plan_action", "plan_milestone", "plan_step"):
                rows = (await transaction.connection.execute(text(f"select words from {table}"))).scalars().all()
                assert rows
                assert not any(b"rota" in bytes(each).lower() or b"SEND" in bytes(each) for each in rows)
            may = "has_table_privilege('reporting.plan_step', '{}')"
            allowed = f"select {may.format('update')}, {may.format('delete')}"
            assert tuple((await transaction.connection.execute(text(allowed))).one()) == (False, False)

    async def test_a_rebuild_does_not_touch_them(
        self, client: ServiceClient, officer: Officer, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        plan = await officer.open_plan()
        await officer.add_action(plan, SOON)
        before = await read(client, plan)
        await sources.appliers["audit"].clear()
        assert await digest(worker_engine)
        assert await read(client, plan) == before
