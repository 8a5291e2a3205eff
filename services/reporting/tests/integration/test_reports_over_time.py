"""Reports where time plays tricks: renamed and merged teams, late corrections, empty quarters, one organisation alone."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from reporting_records import Sources, complaint, document, ident, outcome, responded, response

from chassis.testing.fixtures import ServiceClient, caller
from contracts import complaints

Read = Callable[..., Awaitable[dict[str, Any]]]

SPRING, SUMMER = date(2022, 5, 3), date(2022, 8, 1)  # the first and the second quarter of 2022/23
ROWS = {"by": "dimension", "label": "Team", "dimension": "team", "members": ["send-north", "send-south", "send-post-16"]}
COUNT = {"measure": "complaints_received", "show": "count", "unit": "complaints"}
COLUMNS = [
    {**COUNT, "code": "before", "label": "{period}", "period": {"from": -1, "to": -1}},
    {**COUNT, "code": "now", "label": "{period}"},
]
TABLE = {"title": "By team", "filter": {}, "rows": ROWS, "columns": COLUMNS, "total": True, "chart": None, "notes": []}
REPORT = {
    "code": "teams",
    "title": "Teams",
    "audience": "internal",
    "period": "quarter",
    "tables": [{**TABLE, "code": "as-it-was"}, {**TABLE, "code": "rolled-up", "merged": "rolled-up"}],
}
MERGED = {
    "send-north": {"until": "2022-06-30", "merged_into": {"code": "send-south", "from": "2022-07-01"}},
    "send-south": {"name": "South and North Team", "former_names": [{"name": "South Team", "until": "2022-06-30"}]},
}


@pytest.fixture
async def read(client: ServiceClient, operator: ServiceClient) -> Read:
    """Reads a table of the report of teams, of which North became part of South in July 2022."""
    body = document("worcestershire")
    organisation = body["organisation"]
    organisation["teams"] = [team | MERGED.get(team["code"], {}) for team in organisation["teams"]]
    body["reports"]["reports"].append(REPORT)
    answer = await operator.put("/reporting/v1/profile", json={**body, "version": "merged"})
    assert answer.status_code == 200, answer.text

    async def table(code: str, period: str, reader: ServiceClient = client) -> dict[str, Any]:
        answer = await reader.get(f"/reporting/v1/reports/teams/tables/{code}?period={period}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return table


def cells(table: dict[str, Any]) -> dict[str, list[Any]]:
    """By label: values, or the state where there is none."""
    return {
        row["label"]: [cell["state"] if cell["value"] is None else cell["value"] for cell in row["cells"]]
        for row in table["rows"]
    }


class TestMergedTeams:
    @pytest.fixture(autouse=True)
    async def received(self, sources: Sources, read: Read) -> None:
        await sources.record(
            complaint("n1", SPRING, team="send-north"), complaint("n2", SPRING, team="send-north"),
            complaint("s1", SPRING, team="send-south"), complaint("s2", SUMMER, team="send-south"),
            complaint("late", SUMMER, team="send-north"),  # somebody still took the old team
            complaint("nobody", SUMMER),
        )  # fmt: skip

    async def test_are_counted_as_they_were_and_the_table_says_so(self, read: Read) -> None:
        found = await read("as-it-was", "2022-23-q2")
        assert cells(found) == {
            "North Team": [2, 1],  # what is there is shown, although the team was gone
            "South and North Team": [1, 1],
            "Post-16 Team": [0, 0],
            "Not listed above": [0, 1],
            "Total": [3, 3],
        }
        assert found["notes"][:2] == [
            "North Team became part of South and North Team on 1 July 2022. Each is counted as it was on the day.",
            "South and North Team was called South Team until 30 June 2022.",
        ]

    async def test_roll_up_to_what_they_are_at_the_end_of_the_period(self, read: Read) -> None:
        found = await read("rolled-up", "2022-23-q2")
        assert cells(found) == {
            "South and North Team": [3, 2],
            "Post-16 Team": [0, 0],
            "Not listed above": [0, 1],
            "Total": [3, 3],
        }
        assert "is counted under South and North Team throughout" in found["notes"][0]

    async def test_a_report_of_the_time_before_has_the_names_and_teams_of_then(self, read: Read) -> None:
        found = await read("rolled-up", "2022-23-q1")
        assert cells(found) == {
            "North Team": ["not-collected", 2],
            "South Team": ["not-collected", 1],
            "Post-16 Team": ["not-collected", 0],
            "Total": ["not-collected", 3],
        }
        assert not found["notes"]

    async def test_the_feed_keeps_the_team_of_the_day_and_tells_what_it_became(self, client: ServiceClient) -> None:
        rows = (await client.get("/reporting/odata/v4/Complaints?$filter=team eq 'send-north'")).json()["value"]
        assert len(rows) == 3
        (team,) = (await client.get("/reporting/odata/v4/Teams?$filter=team eq 'send-north'")).json()["value"]
        assert (team["merged_into"], team["merged_on"], team["rolls_up_to"]) == ("send-south", "2022-07-01", "send-south")
        names = (await client.get("/reporting/odata/v4/FormerAndPresentNames?$filter=code eq 'send-south'")).json()["value"]
        assert [(each["label"], each["label_until"]) for each in names] == [
            ("South Team", "2022-06-30"),
            ("South and North Team", None),
        ]


class TestLateCorrections:
    async def test_of_an_outcome_change_the_quarter_that_it_is_of(
        self, sources: Sources, client: ServiceClient, profile: dict[str, Any]
    ) -> None:
        outcomes = "/reporting/odata/v4/AuditOutcomes"
        await sources.record(outcome("a", SPRING, overall="good"), on=SPRING)
        (first,) = (await client.get(outcomes)).json()["value"]
        await sources.record(outcome("a", SPRING, overall="inadequate", version=2), on=date(2023, 2, 1))
        (second,) = (await client.get(outcomes)).json()["value"]
        assert (second["overall"], second["completed_on"]) == ("inadequate", "2022-05-03")
        assert second["occurred_at"] == first["occurred_at"]  # never changes; what follows is the moment of the correction
        assert second["changed_at"] > first["changed_at"]
        assert second["changed_sequence"] > first["changed_sequence"]

    async def test_of_the_day_move_it_to_the_other_quarter_and_leave_nothing_behind(self, sources: Sources, read: Read) -> None:
        await sources.record(complaint("a", SUMMER, team="send-south"))
        await sources.record(complaint("a", SPRING, team="send-south"))
        assert cells(await read("as-it-was", "2022-23-q2"))["Total"] == [1, 0]

    async def test_a_late_answer_is_of_the_quarter_that_it_is_about(
        self, sources: Sources, client: ServiceClient, profile: dict[str, Any]
    ) -> None:
        await sources.record(response("a", SPRING, {"needs-met": "yes"}), on=SPRING)
        path = "/reporting/v1/reports/send-quality-assurance?period=2022-23-q1"
        before = (await client.get(path)).headers["etag"]
        await sources.record(response("b", SPRING, {"needs-met": "no"}), on=SUMMER)
        assert (await client.get(path)).headers["etag"] != before

    async def test_a_complaint_made_in_error_counts_nowhere_and_stays_in_the_feed(
        self, sources: Sources, read: Read, client: ServiceClient
    ) -> None:
        await sources.record(complaint("a", SUMMER, team="send-south", categories=["send-other"]), responded("a", SUMMER, 3))
        assert cells(await read("as-it-was", "2022-23-q2"))["Total"][1] == 1
        await sources.record(complaints.ComplaintVoided(complaint_id=ident("complaint", "a"), decided_on=date(2023, 1, 9)))
        assert cells(await read("as-it-was", "2022-23-q2"))["Total"][1] == 0
        for name in ("Complaints", "ComplaintStages"):
            (row,) = (await client.get(f"/reporting/odata/v4/{name}")).json()["value"]
            assert row["made_in_error_on"] == "2023-01-09", name
        (point,) = (await client.get("/reporting/odata/v4/SupersededPoints")).json()["value"]
        assert (point["became"], point["service_area"]) == ("taken-back", "send")


class TestNothing:
    async def test_an_empty_quarter_between_two_is_zero_and_one_before_the_first_is_not_collected(
        self, sources: Sources, read: Read
    ) -> None:
        await sources.record(complaint("a", SPRING, team="send-south"), complaint("b", date(2023, 1, 9), team="send-south"))
        assert cells(await read("as-it-was", "2022-23-q3"))["Total"] == [0, 0]
        assert cells(await read("as-it-was", "2022-23-q1"))["Total"] == ["not-collected", 1]

    async def test_a_quarter_to_come_is_not_collected(self, sources: Sources, read: Read) -> None:
        await sources.record(complaint("a", SPRING, team="send-south"))
        found = cells(await read("as-it-was", "2099-00-q4"))
        assert set(found["Total"]) == {"not-collected"}

    async def test_without_any_record_every_figure_is_not_collected(self, read: Read) -> None:
        found = cells(await read("as-it-was", "2022-23-q2"))
        assert {cell for row in found.values() for cell in row} <= {"not-collected", "not-in-use"}


class TestOneOrganisationAlone:
    async def test_the_other_that_has_a_profile_and_no_records_reads_nothing_of_it(
        self, sources: Sources, read: Read, telford: ServiceClient
    ) -> None:
        await sources.record(complaint("a", SUMMER, team="send-south"))
        assert cells(await read("as-it-was", "2022-23-q2"))["Total"][1] == 1
        reports = (await telford.get("/reporting/v1/reports")).json()["reports"]
        for each in reports:
            period = {"any": "2022-06..2022-09", "year": "2022-23", "quarter": "2022-23-q2", "half-year": "2022-23-h1"}[
                each["made_for"]
            ]
            tables = (await telford.get(f"/reporting/v1/reports/{each['report']}?period={period}")).json()["tables"]
            found = [cell for table in tables for row in table["rows"] for cell in row["cells"]]
            # A target of the profile is words, and no figure of anybody's.
            assert {cell["state"] for cell in found if cell["value"] is not None} == set()

    async def test_a_third_without_a_profile_is_told_how_to_get_one(self, client: ServiceClient, read: Read) -> None:
        answer = await client.acting_as(caller("reporting:read", org="elsewhere")).get("/reporting/v1/reports/teams")
        assert answer.status_code == 409
        assert "loop profile apply" in answer.json()["detail"]
