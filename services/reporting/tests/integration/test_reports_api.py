"""Reports over HTTP: shapes, versions, CSV, what cannot be asked for; progress and rebuilding."""

import asyncio
import csv
import io
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_records import Sources, complaint, document, outcome, response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.errors import DomainError
from chassis.testing.fixtures import ServiceClient, caller
from chassis.unit_of_work import UnitOfWork
from reporting.adapters.progress_repository import assert_complete

DAY = date(2022, 4, 4)
REPORT = "/reporting/v1/reports/send-complaints"
TEAMS = f"{REPORT}/tables/stage-1-by-team"
Q1 = {"period": "2022-23-q1"}


@pytest.fixture
async def few(sources: Sources, profile: dict[str, Any]) -> None:
    """Two complaints."""
    await sources.record(
        complaint("a", DAY, categories=["send-other"], team="send-north"), complaint("b", DAY, team="send-north")
    )


@pytest.mark.usefixtures("few")
class TestReading:
    async def test_a_report_lists_its_period_and_tables(self, client: ServiceClient) -> None:
        body = (await client.get(REPORT, params=Q1)).json()
        assert body["period"] == {
            "code": "2022-23-q1",
            "label": "Quarter 1 of 2022/23 (April to June 2022)",
            "short": "Q1 22/23",
            "from": "2022-04-01",
            "to": "2022-06-30",
        }
        assert [table["code"] for table in body["tables"]][:2] == ["stage-1-by-team", "stage-1-by-need"]
        north = next(row for row in body["tables"][0]["rows"] if row["code"] == "send-north")
        assert north["cells"] == [
            {"state": "value", "value": 2, "n": None, "of": None, "text": None},
            {"state": "value", "value": 100, "n": 2, "of": 2, "text": None},
        ]

    async def test_a_table_is_as_it_is_within_its_report(self, client: ServiceClient) -> None:
        whole = (await client.get(REPORT, params=Q1)).json()["tables"][0]
        assert (await client.get(TEAMS, params=Q1)).json() == whole

    async def test_an_unchanged_answer_is_not_sent_again(self, client: ServiceClient, sources: Sources) -> None:
        first = await client.get(REPORT, params=Q1)
        held = {"If-None-Match": first.headers["etag"]}
        assert (await client.get(REPORT, params=Q1, headers=held)).status_code == 304
        await sources.record(complaint("c", DAY, team="send-south"))
        changed = await client.get(REPORT, params=Q1, headers=held)
        assert changed.status_code == 200
        assert changed.headers["etag"] != first.headers["etag"]

    async def test_without_a_period_the_latest_with_records_is_read(self, client: ServiceClient) -> None:
        assert (await client.get(REPORT)).json()["period"]["code"] == "2022-23-q1"

    async def test_reports_and_measures_are_listed(self, client: ServiceClient) -> None:
        reports = (await client.get("/reporting/v1/reports")).json()["reports"]
        assert reports[0]["report"] == "send-complaints"
        measures = (await client.get("/reporting/v1/measures")).json()["measures"]
        assert {"answers_favourable", "complaint_points"} <= {each["code"] for each in measures}

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/reporting/v1/reports/nothing?period=2022-23-q1", 404),
            (f"{REPORT}/tables/nothing?period=2022-23-q1", 404),
            (f"{REPORT}?period=2022-23-q5", 422),
            (f"{REPORT}?period=2022-23", 422),
            (f"{REPORT}?period=1066-67-q1", 422),
            (f"{REPORT}?period=%00", 422),
            (f"{REPORT}?period=x%27%20or%201%3D1", 422),
            ("/reporting/v1/reports/SEND", 422),
            ("/reporting/v1/reports/social-care-complaints?period=1990-91-q1", 200),
        ],
    )
    async def test_what_cannot_be_asked_for_is_a_problem(self, client: ServiceClient, path: str, status: int) -> None:
        answer = await client.get(path)
        assert answer.status_code == status
        if status != 200:
            assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_reader_of_one_service_area_reads_that_area(self, client: ServiceClient) -> None:
        identity = caller("reporting:read")
        limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({"safeguarding"})}))
        table = (await limited.get(TEAMS, params=Q1)).json()
        assert table["rows"] == []  # the teams are another area's
        assert table["notes"][-1] == "Only what concerns Safeguarding."


@pytest.mark.usefixtures("few")
class TestCsv:
    async def test_has_a_line_a_row_and_two_numbers_beside_each_share(self, client: ServiceClient) -> None:
        answer = await client.get(f"{TEAMS}.csv", params=Q1)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "send-complaints-stage-1-by-team-2022-23-q1.csv" in answer.headers["content-disposition"]
        assert not answer.content.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(io.StringIO(answer.text)))
        assert lines[0] == [
            "code",
            "Team",
            "Complaints (complaints)",
            "Share of complaints (%)",
            "Share of complaints: n",
            "Share of complaints: of",
        ]
        assert ["send-north", "North Team", "2", "100", "2", "2"] in lines

    async def test_words_that_a_spreadsheet_would_run_are_guarded(self, client: ServiceClient, operator: ServiceClient) -> None:
        held = document("worcestershire")
        held["organisation"]["teams"][1]["name"] = '=HYPERLINK("http://example.com")'
        await operator.put("/reporting/v1/profile", json={**held, "version": "other"})
        assert "'=HYPERLINK" in (await client.get(f"{TEAMS}.csv", params=Q1)).text


class TestProfile:
    async def test_a_wrong_recipe_is_refused_with_its_place(self, operator: ServiceClient) -> None:
        held = document("worcestershire")
        held["reports"]["reports"][0]["tables"][0]["columns"][0]["measure"] = "nothing"
        for query in ("", "?dry_run=true"):
            answer = await operator.put(f"/reporting/v1/profile{query}", json={**held, "version": "1"})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "/reports/reports/0/tables/0/columns/0/measure"


class TestOperation:
    async def test_progress_names_every_source(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(outcome("a", DAY), outcome("b", DAY, cases=-1), response("a", DAY, {"q": "yes"}))
        body = (await client.get("/reporting/v1/progress")).json()
        assert body == {
            "sources": [
                {"source": "audit", "applied": 2, "dead_letters": 1},
                {"source": "complaints", "applied": 0, "dead_letters": 0},
                {"source": "feedback", "applied": 1, "dead_letters": 0},
            ],
            "complete": True,
        }

    async def test_while_it_is_rebuilt_nothing_half_is_shown(
        self, client: ServiceClient, operator: ServiceClient, sources: Sources, few: None
    ) -> None:
        before = (await client.get(REPORT, params=Q1)).content
        answer = await operator.post("/reporting/v1/replay")
        assert (answer.status_code, answer.json()["command"]) == (202, "rebuild")
        assert (await client.get(REPORT, params=Q1)).content == before  # nothing was cleared yet
        await sources.appliers["audit"].clear()
        for path in (REPORT, "/reporting/odata/v4/ComplaintPoints", "/reporting/odata/v4/ComplaintPoints/$count"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers.get("retry-after", "1")) == (503, "1")
        assert (await client.get("/reporting/v1/progress")).json()["complete"] is False
        await sources.project()
        assert (await client.get("/reporting/v1/progress")).json()["complete"] is True
        assert (await client.get(REPORT, params=Q1)).content == before

    async def test_a_rebuild_waits_for_a_report_that_is_being_read(
        self, app: FastAPI, operator: ServiceClient, sources: Sources, few: None
    ) -> None:
        await operator.post("/reporting/v1/replay")
        uow: UnitOfWork = app.state.uow
        async with uow.begin("worcestershire") as transaction:
            await assert_complete(transaction)
            clearing = asyncio.create_task(sources.appliers["audit"].clear())
            await asyncio.wait([clearing], timeout=0.3)
            assert not clearing.done()
            count = text("select count(*) from fact_complaint")
            assert (await transaction.connection.execute(count)).scalar_one() == 2
        await clearing
        async with uow.begin("worcestershire") as transaction:
            with pytest.raises(DomainError, match="being-rebuilt"):
                await assert_complete(transaction)

    async def test_asking_twice_for_a_rebuild_does_it_once(self, operator: ServiceClient) -> None:
        answers = [(await operator.post("/reporting/v1/replay")).json() for _ in range(2)]
        assert answers[0] == answers[1]

    async def test_commands_are_kept_with_who_gave_them(self, operator: ServiceClient, worker_engine: AsyncEngine) -> None:
        await operator.post("/reporting/v1/dead-letters/redrive")
        await operator.post("/reporting/v1/replay")
        listed = (await operator.get("/reporting/v1/commands")).json()["commands"]
        assert [(each["command"], each["requested_by"]) for each in listed] == [
            ("rebuild", "client:test"),
            ("redrive", "client:test"),
        ]
        async with worker_engine.connect() as connection:
            waiting = await connection.execute(text("select command from consumer_command order by requested_at"))
            assert list(waiting.scalars()) == ["redrive", "rebuild"]

    async def test_dead_letters_are_listed_page_by_page(self, operator: ServiceClient, sources: Sources) -> None:
        await sources.record(*(outcome(f"{n}", DAY, cases=-1) for n in range(5)))
        seen: list[int] = []
        after: str | None = None
        while True:
            params = {"limit": "2", **({"after": after} if after else {})}
            body = (await operator.get("/reporting/v1/dead-letters", params=params)).json()
            seen += [each["sequence"] for each in body["items"]]
            after = body["next"]
            if after is None:
                break
        assert sorted(seen) == [1, 2, 3, 4, 5]
        assert (await operator.get("/reporting/v1/dead-letters", params={"after": "W10"})).status_code == 422
        assert (await operator.get("/reporting/v1/dead-letters", params={"after": "WyJ4Il0"})).status_code == 422
