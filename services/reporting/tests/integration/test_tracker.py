"""The learning tracker against records of all three services: page, files, JSON, measures and feed tell the same."""

import io
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from reporting_counting import Counting
from reporting_records import Sources, ident
from reporting_tracked import DAY, later, of_audits, of_complaints, of_feedback

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from reporting.adapters.tracker_repository import TrackerRepository
from reporting.domain.tallies import Tally
from reporting.domain.tracker import TrackedAction, standing
from reporting.domain.tracker_filters import TrackerFilters

LATEST = later(80)
PAGE = "/reporting/learning"


@pytest.fixture
async def records(sources: Sources, profile: dict[str, Any]) -> None:
    """What three services told of actions, each on its day."""
    for on, events in sorted([*of_audits(), *of_complaints(), *of_feedback()], key=lambda each: each[0]):
        await sources.record(*events, on=on)


@pytest.fixture
def reader(client: ServiceClient) -> ServiceClient:
    """A senior reader's browser."""
    staff = client.acting_as(caller("role:senior-reader", subject="staff:alex"))
    staff.headers["accept"] = "text/html"
    check_pages(staff)
    return staff


async def found(app: FastAPI, day: date, **more: Any) -> dict[str, TrackedAction]:
    """Every action as it stood on a day, by its name."""
    async with app.state.uow.begin("worcestershire") as transaction:
        rows = await TrackerRepository(transaction).page(TrackerFilters(day, show="all", **more), 1000)
    return {f"{each.source} {each.name}": each for each in reversed(rows)}


@pytest.mark.usefixtures("records")
class TestTracker:
    async def test_an_action_stands_as_it_did_on_the_day(self, app: FastAPI) -> None:
        def told(actions: dict[str, TrackedAction]) -> dict[str, str]:
            return {name.removeprefix("audit "): each.standing for name, each in actions.items() if each.source == "audit"}

        first = {"SE-2022-04-001 A1": "on-track", "SE-2022-04-001 A2": "on-track", "SE-2022-04-001 A3": "on-track"}
        assert told(await found(app, DAY)) == {**first, "Action X": "on-track", "Action Y": "on-track"}
        month = await found(app, later(30))
        assert told(month) == {
            "SE-2022-04-001 A1": "completed", "SE-2022-04-001 A2": "on-track", "SE-2022-04-001 A3": "on-track",
            "SE-2022-04-001 A4": "on-track", "Action X": "completed", "Action Y": "missed",
        }  # fmt: skip
        assert month["audit SE-2022-04-001 A2"].moved
        assert month["audit SE-2022-04-001 A2"].first_due_on == later(30)
        assert (month["audit SE-2022-04-001 A1"].evidence, month["audit Action X"].evidence) == (True, None)
        assert month["complaints C-7 A1"].standing == "may-miss"
        latest = await found(app, LATEST)
        assert latest["audit SE-2022-04-001 A3"].standing == "dropped"
        assert latest["audit SE-2022-04-001 A1"].found == "Loop closed. Made a difference in part"
        assert latest["audit SE-2022-04-001 A3"].difference is None  # dropped: it made none
        assert latest["audit Action Y"].found == ""

    async def test_a_complaints_action_is_reviewed_and_says_whether_it_made_a_difference(self, app: FastAPI) -> None:
        async with app.state.uow.begin("worcestershire") as transaction:
            key = f"complaints:{ident('learning', 'two')}"
            (each,) = await TrackerRepository(transaction).page(TrackerFilters(LATEST, show="all", keys=(key,)), 5)
        assert (each.standing, each.days_late, each.found) == ("completed", 3, "Made a difference in part")

    async def test_a_change_counts_while_it_stands_on_the_public_page(self, app: FastAPI) -> None:
        async def changes(day: date) -> int:
            async with app.state.uow.begin("worcestershire") as transaction:
                rows = await TrackerRepository(transaction).page(TrackerFilters(day, show="all", source="feedback"), 5)
            return len(rows)

        assert [await changes(later(days)) for days in (13, 14, 49, 50)] == [0, 2, 2, 1]

    async def test_the_statement_and_the_rule_agree_on_every_day(self, app: FastAPI) -> None:
        for days in range(80):
            day = later(days)
            for name, each in (await found(app, day)).items():
                assert each.standing == standing(each.status, each.due_on, day), (name, day)

    async def test_the_days_from_which_an_action_may_miss_are_the_profiles(
        self, app: FastAPI, operator: ServiceClient, profile: dict[str, Any]
    ) -> None:
        body = {**profile, "reports": {**profile["reports"], "tracker": {"may_miss_days": 30}}, "version": "wider"}
        assert (await operator.put("/reporting/v1/profile", json=body)).status_code == 200
        assert (await found(app, DAY))["complaints C-7 A1"].standing == "may-miss"

    async def test_measures_and_tracker_agree_to_the_number(self, app: FastAPI, counted: Counting) -> None:
        for days in (0, 15, 30, 40, 80):
            day = later(days)
            rows = (await all_of(app, day)).values()
            by = Counter(each.standing for each in rows)
            asked = Tally("tracked_actions", DAY, day, (), "learning_standing", ("on-track", "may-miss", "missed", "completed"))
            dropped = {None: by["dropped"]} if by["dropped"] else {}
            assert await counted(asked) == {name: n for name, n in by.items() if name != "dropped"} | dropped
            assert await counted(Tally("tracked_missed", DAY, day)) == {None: by["missed"]}
            open_ = sum(by[name] for name in ("on-track", "may-miss", "missed"))
            assert await counted(Tally("tracked_open", DAY, day)) == {None: open_}

    async def test_shares_count_what_they_say(self, counted: Counting) -> None:
        # Due by then: a1 in time, x in time, y not, a4 not, a2 (moved to day 60) not, both of complaints not in time.
        assert await counted(Tally("tracked_in_time", DAY, LATEST)) == {None: (2, 7)}
        # Done: a1 reviewed; x of another system never; the complaint's reviewed.
        assert await counted(Tally("tracked_reviewed", DAY, LATEST)) == {None: (2, 3)}
        # a1 of the audit and the complaint's: both in part.
        assert await counted(Tally("tracked_difference", DAY, LATEST)) == {None: (2, 2)}


async def all_of(app: FastAPI, day: date) -> dict[str, TrackedAction]:
    """Every action by its key."""
    async with app.state.uow.begin("worcestershire") as transaction:
        rows = await TrackerRepository(transaction).page(TrackerFilters(day, show="all"), 1000)
    return {each.key: each for each in rows}


@pytest.mark.usefixtures("records")
class TestPages:
    async def test_the_page_shows_what_is_asked_for_with_the_counts(self, reader: ServiceClient) -> None:
        answer = await reader.get(f"{PAGE}?show=all&on={later(30)}&sort=area")
        assert answer.status_code == 200
        assert "as it stood at the end of 4 May 2022" in answer.text
        assert f"/audit/audits/{ident('audit', 'ours')}" in answer.text
        assert f"/audit/outcomes/{ident('audit', 'theirs')}" in answer.text
        assert "Not told" in answer.text
        assert "moved from" in answer.text
        assert "Communication" in (await reader.get(f"{PAGE}?show=all&theme=communication")).text

    async def test_what_cannot_be_asked_is_said_beside_its_field(self, reader: ServiceClient) -> None:
        answer = await reader.get(f"{PAGE}?on-day=31&on-month=2&on-year=2022&area=nowhere")
        assert answer.status_code == 422
        assert "Enter a day, month and year" in answer.text
        assert (await reader.get(f"{PAGE}?after=xxxx")).status_code == 422

    async def test_files_hold_every_row_that_fits(self, reader: ServiceClient) -> None:
        csv = await reader.get(f"{PAGE}/actions.csv?show=all&on={LATEST}")
        assert csv.headers["content-disposition"] == f'attachment; filename="learning-{LATEST}.csv"'
        assert len(csv.text.splitlines()) == 1 + 9
        assert "SE-2022-04-001 A1,Audits" in csv.text
        book = load_workbook(io.BytesIO((await reader.get(f"{PAGE}/workbook?show=all&on={LATEST}")).content))
        assert book["2"].max_row >= 10
        assert "As it stood at the end of 23 June 2022." in [row[0].value for row in book["Contents"].iter_rows()]

    async def test_a_reader_of_some_service_areas_sees_those(self, client: ServiceClient) -> None:
        limited = client.acting_as(replace(caller("reporting:read"), areas=frozenset({"fostering-and-kinship"})))
        body = (await limited.get(f"/reporting/v1/learning?show=all&on={LATEST}")).json()
        assert [each["code"] for each in body["actions"]] == ["x", "y"]
        assert (body["counts"]["completed"], body["counts"]["missed"]) == (1, 1)
        rows = (await limited.get("/reporting/odata/v4/LearningActions")).json()["value"]
        assert {each["service_area"] for each in rows} == {"fostering-and-kinship"}


@pytest.mark.usefixtures("records")
class TestMachines:
    @pytest.mark.parametrize("sort", ["due", "set", "area"])
    async def test_pages_follow_one_another_without_gap_or_repeat(self, client: ServiceClient, sort: str) -> None:
        seen: list[str] = []
        address = f"/reporting/v1/learning?show=all&on={LATEST}&sort={sort}&limit=2"
        body = (await client.get(address)).json()
        while True:
            seen += [each["key"] for each in body["actions"]]
            if body["next"] is None:
                break
            body = (await client.get(f"{address}&after={body['next']}")).json()
        assert len(seen) == len(set(seen)) == 9
        assert seen == [each["key"] for each in (await client.get(address.replace("limit=2", "limit=99"))).json()["actions"]]

    async def test_the_feed_holds_every_action_once_and_no_word(self, client: ServiceClient) -> None:
        rows = (await client.get("/reporting/odata/v4/LearningActions?$orderby=action_key")).json()["value"]
        assert len(rows) == 9
        assert {each["standing"] for each in rows} == {"missed", "completed", "dropped"}
        shown = (await client.get("/reporting/v1/learning?show=all&limit=99")).json()["actions"]
        assert {each["action_key"]: each["standing"] for each in rows} == {each["key"]: each["standing"] for each in shown}

    async def test_an_unknown_filter_is_refused_with_its_name(self, client: ServiceClient) -> None:
        answer = await client.get("/reporting/v1/learning?source=nowhere")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/source"
