"""Observations of KPIs over HTTP: batches, corrections, what is refused, and who sees which."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_kpis import batch, posted
from reporting_records import document
from sqlalchemy import text

from chassis.testing.fixtures import ServiceClient, caller
from chassis.unit_of_work import UnitOfWork

PATH = "/reporting/v1/kpis/observations"
WRITE = "reporting:kpis:write"


@pytest.fixture
def system(client: ServiceClient) -> ServiceClient:
    """A case system that posts KPIs of worcestershire."""
    return client.acting_as(caller(WRITE))


async def send(system: ServiceClient, *items: dict[str, Any], key: str = "") -> Any:
    return await system.post(PATH, json=batch(items), headers={"Idempotency-Key": key or f"key-{items}"[:200].replace(" ", "")})


def details(answer: Any) -> dict[str, str]:
    return {each["pointer"]: each["detail"] for each in answer.json()["errors"]}


@pytest.mark.usefixtures("profile")
class TestPosting:
    async def test_is_recorded_once_however_often_it_is_sent(self, system: ServiceClient) -> None:
        first = await send(system, posted("2026-04", 18, 20), posted("2026-05", 17, 20), key="april-and-may")
        assert first.status_code == 200, first.text
        assert [each["status"] for each in first.json()["results"]] == ["recorded", "recorded"]
        again = await send(system, posted("2026-04", 18, 20), posted("2026-05", 17, 20), key="april-and-may")
        assert again.headers["idempotency-replayed"] == "true"
        other = await send(system, posted("2026-04", 18, 20), key="april-once-more")
        assert [(each["status"], each["version"]) for each in other.json()["results"]] == [("unchanged", 1)]
        assert other.json()["results"][0]["observation_id"] == first.json()["results"][0]["observation_id"]

    async def test_another_figure_needs_a_reason_and_leaves_the_old_one(
        self, system: ServiceClient, client: ServiceClient
    ) -> None:
        await send(system, posted("2026-04", 18, 20))
        refused = await send(system, posted("2026-04", 19, 20))
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("observations-conflict")
        assert "18 of 20 is recorded" in details(refused)["/observations/0/reason"]
        corrected = await send(system, posted("2026-04", 19, 20, reason="A review was entered late"))
        assert [(each["status"], each["version"]) for each in corrected.json()["results"]] == [("corrected", 2)]
        both = (await client.get(f"{PATH}?versions=all")).json()["items"]
        assert [(each["version"], each["numerator"]) for each in both] == [(1, 18), (2, 19)]
        assert "entered late" not in str(both)
        now = (await client.get(PATH)).json()["items"]
        assert [(each["version"], each["numerator"]) for each in now] == [(2, 19)]

    async def test_of_a_version_that_is_not_the_newest_is_refused(self, system: ServiceClient) -> None:
        await send(system, posted("2026-04", 18, 20))
        await send(system, posted("2026-04", 19, 20, reason="one", corrects=1))
        late = await send(system, posted("2026-04", 20, 20, reason="two", corrects=1))
        assert late.status_code == 409
        assert "version 2 says 19 of 20" in details(late)["/observations/0/corrects"]

    async def test_two_at_once_are_one_correction_and_one_refusal(self, system: ServiceClient, client: ServiceClient) -> None:
        await send(system, posted("2026-04", 18, 20))
        answers = await asyncio.gather(
            *(send(system, posted("2026-04", n, 20, reason="counted again", corrects=1), key=f"both-{n}") for n in (19, 20))
        )
        assert sorted(each.status_code for each in answers) == [200, 409]
        assert len((await client.get(f"{PATH}?versions=all")).json()["items"]) == 2

    async def test_all_or_nothing_and_every_item_with_its_fault(self, system: ServiceClient, client: ServiceClient) -> None:
        answer = await send(
            system,
            posted("2026-04", 18, 20),
            posted("2026-05", 21, 20),
            posted("2026-05", 1, 2, kpi="foster-review"),
            posted("2099-01", 1, 2),
            posted("2026-05", 1),
            posted("2026-05", 1, 2, kpi="foster-unannounced-visits"),
            posted("2026-05", 1, 2, service_area="send"),
            posted("2026-05", 1, 2, team="send-north"),
            posted("2026-05", 1, 2, kpi="foster-enquiries"),
            posted("2026-05", 1, 2, kpi="ehc-reviews-decided", service_area="send"),
            posted("2026-04", 18, 20),
        )
        assert answer.status_code == 422
        found = details(answer)
        assert "are they the other way round" in found["/observations/1/numerator"].lower()
        assert "foster-annual-reviews" in found["/observations/2/kpi"]
        assert "in the future" in found["/observations/3/month"]
        assert "Reviews due in the month" in found["/observations/4/denominator"]
        assert "last month of one" in found["/observations/5/month"]
        assert "fostering-and-kinship" in found["/observations/6/service_area"]
        assert "Leave the team out" in found["/observations/7/team"]
        assert "Leave the denominator out" in found["/observations/8/denominator"]
        assert "send-north" in found["/observations/9/team"]
        assert "Item 1 is of the same" in found["/observations/10/month"]
        assert "Nothing was stored" in answer.json()["detail"]
        assert (await client.get(PATH)).json()["items"] == []

    @pytest.mark.parametrize(
        "item",
        [
            {**posted("2026-04", 1, 2), "month": "2026-13"},
            {**posted("2026-04", 1, 2), "month": "April 2026"},
            {**posted("2026-04", 1, 2), "numerator": -1},
            {**posted("2026-04", 1, 2), "numerator": 1.5},
            {**posted("2026-04", 1, 2), "numerator": "1"},
            {**posted("2026-04", 1, 2), "note": "x"},
        ],
    )
    async def test_what_has_not_the_form_is_named_too(self, system: ServiceClient, item: dict[str, Any]) -> None:
        answer = await send(system, posted("2026-05", 1, 2), item)
        assert answer.status_code == 422
        assert all(pointer.startswith("/observations/1/") for pointer in details(answer))

    async def test_needs_a_key_and_takes_no_more_than_a_thousand(self, system: ServiceClient) -> None:
        assert (await system.post(PATH, json=batch([posted("2026-04", 1, 2)]))).status_code == 422
        assert (await send(system, *([posted("2026-04", 1, 2)] * 1001), key="many")).status_code == 422
        assert (await system.post(PATH, json=batch([]), headers={"Idempotency-Key": "none"})).status_code == 422


@pytest.mark.usefixtures("profile")
class TestReading:
    async def test_pages_by_keyset_and_narrows(self, system: ServiceClient, client: ServiceClient) -> None:
        await send(system, *(posted(f"2026-0{month}", month, 20) for month in range(1, 8)))
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = (await client.get(f"{PATH}?limit=3{after and f'&after={after}'}")).json()
            seen += [each["month"] for each in page["items"]]
            after = page["next"]
        assert seen == [f"2026-0{month}" for month in range(1, 8)]
        some = (await client.get(f"{PATH}?from=2026-03&to=2026-04&kpi=foster-annual-reviews")).json()["items"]
        assert [each["month"] for each in some] == ["2026-03", "2026-04"]
        assert (await client.get(f"{PATH}?kpi=foster-medicals")).json()["items"] == []
        assert (await client.get(f"{PATH}?after=nonsense")).status_code == 422

    async def test_is_limited_to_the_callers_service_areas(self, system: ServiceClient, client: ServiceClient) -> None:
        await send(
            system,
            posted("2026-04", 1, 2),
            posted("2026-04", 1, 2, kpi="assessments-45-days", service_area="safeguarding"),
        )
        limited = client.acting_as(replace(caller("reporting:read"), areas=frozenset({"safeguarding"})))
        assert [each["kpi"] for each in (await limited.get(PATH)).json()["items"]] == ["assessments-45-days"]
        assert {each["code"] for each in (await limited.get("/reporting/v1/kpis")).json()["kpis"]} == {
            "assessments-45-days",
            "conferences-15-days",
        }
        writer = client.acting_as(replace(caller(WRITE), areas=frozenset({"safeguarding"})))
        answer = await send(writer, posted("2026-05", 1, 2))
        assert answer.status_code == 422
        assert "limited to: safeguarding" in details(answer)["/observations/0/service_area"]

    async def test_another_council_sees_and_changes_nothing(
        self, system: ServiceClient, client: ServiceClient, telford: ServiceClient
    ) -> None:
        await send(system, posted("2026-04", 18, 20))
        assert (await telford.get(PATH)).json()["items"] == []
        other = client.acting_as(caller(WRITE, org="telford-wrekin"))
        answer = await send(other, posted("2026-04", 19, 20, reason="not theirs"))
        assert answer.status_code == 422
        assert "fostering-reviews" in details(answer)["/observations/0/kpi"]
        assert (await client.get(PATH)).json()["items"][0]["numerator"] == 18


@pytest.mark.usefixtures("profile")
class TestTheProfile:
    async def test_cannot_judge_a_recorded_month_otherwise(self, system: ServiceClient, operator: ServiceClient) -> None:
        await send(system, posted("2026-04", 18, 20))
        body = document("worcestershire")
        target = body["kpis"]["kpis"][0]["targets"][1]
        target["value"] = 90
        refused = await operator.put("/reporting/v1/profile", json={**body, "version": "other"})
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert error["pointer"] == "/kpis/kpis/0/targets/1/value"
        assert "April 2026" in error["detail"]
        target["restated"] = "It was never agreed to be 95"
        assert (await operator.put("/reporting/v1/profile", json={**body, "version": "third"})).status_code == 200

    async def test_may_change_what_is_aimed_for_from_now_on(self, system: ServiceClient, operator: ServiceClient) -> None:
        await send(system, posted("2026-04", 18, 20))
        body = document("worcestershire")
        targets = body["kpis"]["kpis"][0]["targets"]
        targets[1]["until"] = "2026-04-30"
        targets.append({"from": "2026-05-01", "until": None, "value": 98})
        answer = await operator.put("/reporting/v1/profile", json={**body, "version": "other"})
        assert answer.status_code == 200, answer.text

    async def test_cannot_drop_a_kpi_that_has_figures(self, system: ServiceClient, operator: ServiceClient) -> None:
        await send(system, posted("2026-04", 18, 20))
        body = document("worcestershire")
        del body["kpis"]["kpis"][0]
        refused = await operator.put("/reporting/v1/profile?dry_run=true", json={**body, "version": "other"})
        assert "foster-annual-reviews" in refused.json()["errors"][0]["detail"]


@pytest.mark.usefixtures("profile")
class TestTheTable:
    async def test_keeps_no_words_in_clear_and_lets_nothing_be_changed(self, system: ServiceClient, app: FastAPI) -> None:
        await send(system, posted("2026-04", 18, 20))
        await send(system, posted("2026-04", 19, 20, reason="Typed by Alex"))
        uow: UnitOfWork = app.state.uow
        async with uow.begin("worcestershire") as transaction:
            rows = await transaction.connection.execute(text("select cast(k as text) from kpi_observation k"))
            assert not any("Alex" in row[0] for row in rows)
        for statement in ("update kpi_observation set numerator = 0", "delete from kpi_observation"):
            with pytest.raises(Exception, match="permission denied"):
                async with uow.begin("worcestershire") as transaction:
                    await transaction.connection.execute(text(statement))

    async def test_is_untouched_by_a_rebuild(
        self, system: ServiceClient, client: ServiceClient, operator: ServiceClient, sources: Any
    ) -> None:
        await send(system, posted("2026-04", 18, 20))
        await operator.post("/reporting/v1/replay")
        await sources.appliers["audit"].clear()
        assert len((await client.get(PATH)).json()["items"]) == 1


REPORT = {
    "code": "fostering",
    "title": "Fostering",
    "audience": "internal",
    "period": "quarter",
    "tables": [
        {
            "code": "kpis",
            "title": "Key performance indicators",
            "filter": {},
            "rows": {"by": "kpi", "label": "Indicator", "kpis": ["foster-annual-reviews", "foster-enquiries"]},
            "columns": [
                {"code": "in", "label": "In time, {period}", "show": "numerator", "unit": "number"},
                {"code": "out", "label": "Out of time", "show": "rest", "unit": "number"},
                {"code": "percent", "label": "%", "show": "value", "unit": "percent"},
                {"code": "target", "label": "Target", "show": "target", "unit": "target"},
                {"code": "rag", "label": "RAG", "show": "rag", "unit": "judgement"},
            ],
            "total": False,
            "chart": None,
            "notes": [],
        }
    ],
}


class TestReports:
    async def test_show_kpis_as_a_table(self, system: ServiceClient, operator: ServiceClient, client: ServiceClient) -> None:
        body = document("worcestershire")
        body["reports"]["reports"].append(REPORT)
        applied = await operator.put("/reporting/v1/profile", json={**body, "version": "with-kpis"})
        assert applied.status_code == 200, applied.text
        await send(
            system,
            *(posted(f"2026-0{month}", 18, 20) for month in (4, 5, 6)),
            *(posted(f"2026-0{month}", 11, kpi="foster-enquiries") for month in (4, 6)),
        )
        table = (await client.get("/reporting/v1/reports/fostering?period=2026-27-q1")).json()["tables"][0]
        assert table["columns"][0]["label"] == "In time, Q1 26/27"
        reviews, enquiries = table["rows"]
        assert [(each["state"], each["value"], each["text"]) for each in reviews["cells"]] == [
            ("value", 54, None),
            ("value", 6, None),
            ("value", 90, None),
            ("value", None, "95%"),
            ("value", None, "Amber"),
        ]
        assert [each["state"] for each in enquiries["cells"]][:2] == ["not-in-use", "not-in-use"]
        assert enquiries["cells"][2]["text"] == "22"
        assert any("Enquiries from people who want to foster: May 2026 not collected" in note for note in table["notes"])
        csv = (await client.get("/reporting/v1/reports/fostering/tables/kpis.csv?period=2026-27-q1")).text
        assert "foster-annual-reviews,Annual reviews of foster carers held in time,54,6,90,54,60,95%,Amber" in csv

    async def test_of_earlier_targets_are_judged_by_those(
        self, system: ServiceClient, operator: ServiceClient, client: ServiceClient
    ) -> None:
        body = document("worcestershire")
        body["reports"]["reports"].append(REPORT)
        await operator.put("/reporting/v1/profile", json={**body, "version": "with-kpis"})
        await send(system, *(posted(f"2025-0{month}", 18, 20) for month in (1, 2, 3)))
        table = (await client.get("/reporting/v1/reports/fostering?period=2024-25-q4")).json()["tables"][0]
        assert [each["text"] for each in table["rows"][0]["cells"]][3:] == ["90%", "Green"]
