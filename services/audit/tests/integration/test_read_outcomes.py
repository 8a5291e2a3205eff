"""Reading outcomes over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from services.audit.tests.conftest import Call, limited_to, posted

from chassis.testing.fixtures import ServiceClient, caller

READER = "audit:outcomes:read"


async def record(client: ServiceClient, *bodies: dict[str, Any], key: str = "k") -> list[str]:
    answer = await client.post("/audit/v1/outcomes/batch", json={"outcomes": bodies}, headers={"Idempotency-Key": key})
    assert answer.json()["counts"]["refused"] == 0, answer.text
    return [result["outcome_id"] for result in answer.json()["results"]]


class TestListOutcomes:
    async def test_pages_follow_the_order_of_recording_and_hold_each_outcome_once(self, client: ServiceClient) -> None:
        await record(client, *(posted(reference=f"AUD-{number}") for number in range(7)), key="1")
        await record(client, posted(reference="AUD-2", version=2, cases=5), key="2")
        seen, after, pages = [], None, 0
        while pages == 0 or after:
            params = {"limit": 3} | ({"after": after} if after else {})
            page = (await client.get("/audit/v1/outcomes", params=params)).json()
            seen += [(item["reference"], item["version"]) for item in page["items"]]
            after, pages = page["next"], pages + 1
        assert seen == [(f"AUD-{number}", 2 if number == 2 else 1) for number in range(7)]
        assert pages == 3

    async def test_an_exactly_full_page_is_the_last(self, client: ServiceClient) -> None:
        await record(client, posted(reference="a"), posted(reference="b"))
        assert (await client.get("/audit/v1/outcomes", params={"limit": 2})).json()["next"] is None

    @pytest.mark.parametrize(
        ("params", "references"),
        [
            ({"tool": "fostering"}, ["foster"]),
            ({"service_area": "send"}, ["north"]),
            ({"team": "send-north"}, ["north"]),
            ({"completed_from": "2022-07-07"}, ["north"]),
            ({"completed_to": "2022-07-06"}, ["file", "foster"]),
            ({"completed_from": "2022-07-06", "completed_to": "2022-07-06", "tool": "fostering"}, ["foster"]),
            ({"tool": "nothing"}, []),
        ],
        ids=str,
    )
    async def test_it_is_narrowed_by_each_filter(
        self, client: ServiceClient, params: dict[str, str], references: list[str]
    ) -> None:
        await record(
            client,
            posted(reference="file"),
            posted(reference="foster", tool="fostering", service_area="fostering-and-kinship", sections=[]),
            posted(reference="north", service_area="send", team="send-north", completed_on="2022-07-07"),
        )
        listed = (await client.get("/audit/v1/outcomes", params=params)).json()["items"]
        assert [item["reference"] for item in listed] == references

    @pytest.mark.parametrize(
        "params",
        [
            {"limit": 0},
            {"limit": 1001},
            {"after": "x"},
            {"after": "WzFd" * 30},
            {"after": "WyJhIl0"},
            {"after": "Wy0xXQ"},
            {"after": "WzFlMzBd"},
            {"after": "é"},
            {"tool": "A B"},
            {"tool": "a\0"},
            {"completed_from": "yesterday"},
            {"completed_from": "1654646400"},
            {"unknown": "1"},
        ],
        ids=str,
    )
    async def test_a_malformed_question_is_refused(self, client: ServiceClient, params: dict[str, Any]) -> None:
        assert (await client.get("/audit/v1/outcomes", params=params)).status_code == 422

    async def test_a_limited_client_sees_its_service_areas_only(self, client: ServiceClient, call_as: Call) -> None:
        await record(client, posted(), posted(reference="x", service_area="send"))
        limited = call_as(limited_to("send", "moon"))
        for params in ({}, {"service_area": "safeguarding"}, {"service_area": "send"}):
            listed = (await limited.get("/audit/v1/outcomes", params=params)).json()["items"]
            assert {item["service_area"] for item in listed} <= {"send"}
        assert len((await limited.get("/audit/v1/outcomes")).json()["items"]) == 1


class TestGetOutcome:
    async def test_it_holds_what_was_posted_but_the_case_and_every_version_of_it(self, client: ServiceClient) -> None:
        (outcome_id, _) = await record(client, posted(), posted(version=2, overall="inadequate"))
        answer = (await client.get(f"/audit/v1/outcomes/{outcome_id}")).json()
        expected = {name: value for name, value in posted(version=2, overall="inadequate").items() if name != "case_reference"}
        expected["sections"] = sorted(expected["sections"], key=lambda section: section["section"])
        assert {name: answer[name] for name in expected} == expected
        assert (answer["outcome_id"], answer["suggested"], answer["tool_version"]) == (outcome_id, "requires-improvement", 1)
        assert "case_key" not in answer
        assert [(each["version"], each["overall"]) for each in answer["history"]] == [
            (2, "inadequate"),
            (1, "requires-improvement"),
        ]

    async def test_its_etag_changes_with_the_version_only(self, client: ServiceClient) -> None:
        (outcome_id,) = await record(client, posted())
        path = f"/audit/v1/outcomes/{outcome_id}"
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        await record(client, posted(version=2), key="2")
        changed = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200
        assert changed.headers["etag"] != first.headers["etag"]

    async def test_what_is_not_there_and_what_may_not_be_seen_look_the_same(self, client: ServiceClient, call_as: Call) -> None:
        (outcome_id,) = await record(client, posted())
        nowhere = await client.get(f"/audit/v1/outcomes/{uuid4()}")
        elsewhere = await call_as(caller(READER, org="telford-wrekin")).get(f"/audit/v1/outcomes/{outcome_id}")
        outside = await call_as(limited_to("send")).get(f"/audit/v1/outcomes/{outcome_id}")
        answers = [answer.json() for answer in (nowhere, elsewhere, outside)]
        for answer in answers:
            del answer["request_id"]
        assert answers[0]["status"] == 404
        assert answers[0] == answers[1] == answers[2]

    async def test_a_limited_client_sees_of_the_history_what_lies_within_its_areas(
        self, client: ServiceClient, call_as: Call
    ) -> None:
        (outcome_id, *_) = await record(client, posted(), posted(version=2, service_area="send"))
        limited = call_as(limited_to("send"))
        assert [each["version"] for each in (await limited.get(f"/audit/v1/outcomes/{outcome_id}")).json()["history"]] == [2]
        former = call_as(limited_to("safeguarding"))
        assert (await former.get(f"/audit/v1/outcomes/{outcome_id}")).status_code == 404

    async def test_an_id_that_is_none_is_malformed(self, client: ServiceClient) -> None:
        assert (await client.get("/audit/v1/outcomes/one")).status_code == 422
