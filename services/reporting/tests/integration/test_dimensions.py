"""Dimension tables are what the profile in force, and what was published since, make of them: in the same transaction."""

from datetime import date
from typing import Any

from reporting_records import Sources, document
from reporting_rows import clear, facts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import ServiceClient, caller
from contracts.feedback import PublishedQuestion, PublishedVersion, QuestionnairePublished
from reporting.domain.dimension_tables import ALL, OF_PROFILES

FEED = "/reporting/odata/v4"
TEAMS = f"{FEED}/Teams"


async def applied(operator: ServiceClient, body: dict[str, Any], version: str = "next", **options: Any) -> dict[str, Any]:
    answer = await operator.put("/reporting/v1/profile", json={**body, "version": version}, params=options)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def dump(engine: AsyncEngine) -> dict[str, list[dict[str, Any]]]:
    return {each.table: await facts(engine, each.table) for each in ALL}


def published(edition: int, label: str) -> QuestionnairePublished:
    question = PublishedQuestion(question="needs-met", kind="one", options=("yes", "no"), positive=("yes",), label=label)
    version = PublishedVersion(version=9, begins_on=date(2030, 1, 1), questions=(question,))
    return QuestionnairePublished(questionnaire="new-ehcp", edition=edition, label="Anew", versions=(version,))


class TestApplying:
    async def test_fills_every_table_with_the_profile(self, worker_engine: AsyncEngine, profile: dict[str, Any]) -> None:
        found = await dump(worker_engine)
        assert all(found.values())
        assert {row["in_profile"] for name, rows in found.items() for row in rows if "in_profile" in row} == {True}
        assert [row["label"] for row in found["dim_team"] if row["team"] == "send-north"] == ["North Team"]

    async def test_a_dry_run_changes_nothing(self, operator: ServiceClient, worker_engine: AsyncEngine) -> None:
        await applied(operator, document("worcestershire"), dry_run=True)
        assert not any((await dump(worker_engine)).values())

    async def test_a_code_that_leaves_the_profile_keeps_its_row(
        self, operator: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        body = document("worcestershire")
        team = body["organisation"]["teams"].pop(0)
        body["reports"]["reports"] = []  # they name it
        await applied(operator, body)
        rows = {row["team"]: row for row in await facts(worker_engine, "dim_team")}
        assert (rows[team["code"]]["in_profile"], rows[team["code"]]["label"]) == (False, team["name"])
        await applied(operator, document("worcestershire"), "back")
        rows = {row["team"]: row for row in await facts(worker_engine, "dim_team")}
        assert rows[team["code"]]["in_profile"]

    async def test_a_name_that_was_corrected_replaces_the_history(
        self, operator: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        body = document("worcestershire")
        body["organisation"]["teams"][0]["former_names"] = [{"name": "Wrong", "until": "2020-01-01"}]
        await applied(operator, body)
        body["organisation"]["teams"][0]["former_names"] = []
        await applied(operator, body, "again")
        names = [row["label"] for row in await facts(worker_engine, "dim_name") if row["code"] == "send-assessment"]
        assert names == ["Assessment Team"]

    async def test_an_organisation_writes_its_own_only(
        self, client: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        before = await dump(worker_engine)
        other = client.acting_as(caller("operator", org="telford-wrekin"))
        await applied(other, document("telford-wrekin"))
        assert await dump(worker_engine) == before
        assert {row["org"] for row in await facts(worker_engine, "dim_tool", "telford-wrekin")} == {"telford-wrekin"}


class TestPublished:
    async def test_a_questionnaire_is_known_as_soon_as_its_event_is_read(
        self, sources: Sources, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        await sources.record(published(1, "Were your needs met?"))
        new = [row for row in await facts(worker_engine, "dim_question") if row["questionnaire_version"] == 9]
        assert [(row["label"], row["question_key"]) for row in new] == [("Were your needs met?", "new-ehcp/9/needs-met")]

    async def test_the_order_of_profile_and_events_makes_no_difference(
        self, operator: ServiceClient, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(published(2, "Newer"), published(1, "Older"))
        assert not await facts(worker_engine, "dim_question")  # without a profile there is nobody to tell it to
        await applied(operator, document("worcestershire"))
        before = await dump(worker_engine)
        await clear(sources)
        await sources.project()
        assert await dump(worker_engine) == before
        assert [row["label"] for row in before["dim_question"] if row["questionnaire_version"] == 9] == ["Newer"]


class TestReading:
    async def test_makes_what_an_upgrade_left_empty(
        self, client: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        before = await dump(worker_engine)
        async with worker_engine.begin() as connection:
            await connection.execute(
                text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
            )
            await connection.execute(text("update dim_state set shape = 0"))
            await connection.execute(text("update dim_team set label = 'x'"))
        teams = (await client.get(TEAMS)).json()["value"]
        assert "x" not in {row["label"] for row in teams}
        assert await dump(worker_engine) == before

    async def test_joins_to_the_facts_by_the_names_of_their_columns(
        self, client: ServiceClient, profile: dict[str, Any]
    ) -> None:
        found = (await client.get(f"{FEED}/Teams?$filter=team eq 'send-north'")).json()["value"]
        assert [(row["label"], row["service_area"]) for row in found] == [("North Team", "send")]
        days = (await client.get(f"{FEED}/Dates?$filter=quarter eq '2022-23-q1' and working_day eq true&$count=true")).json()
        assert days["@odata.count"] == 60

    async def test_without_a_profile_there_are_no_rows(self, client: ServiceClient) -> None:
        assert (await client.get(TEAMS)).json()["value"] == []


class TestTenancy:
    async def test_nobody_sees_another_organisations_dimensions(
        self, client: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        for each in ALL:
            assert await facts(worker_engine, each.table, "telford-wrekin") == []
            assert await facts(worker_engine, each.table, "") == []
        other = client.acting_as(caller("reporting:read", org="telford-wrekin"))
        assert (await other.get(TEAMS)).json()["value"] == []
        assert OF_PROFILES
