"""Posting many outcomes in one call."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
from services.audit.tests.conftest import Call, limited_to, posted, rows

from chassis.testing.fixtures import Database, ServiceClient

PATH = "/audit/v1/outcomes/batch"


async def post(client: ServiceClient, items: Any, key: str = "k") -> httpx.Response:
    return await client.post(PATH, json={"outcomes": items}, headers={"Idempotency-Key": key})


def numbered(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [posted(reference=f"AUD-{number:04}", **changes) for number in range(count)]


def statuses(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json()["results"]]


class TestPostBatch:
    async def test_a_refused_outcome_stops_no_other(self, client: ServiceClient) -> None:
        items: list[Any] = numbered(7)
        items[1] = {"reference": 5}
        items[3] |= {"overall": "god"}
        items[4] = "nonsense"
        items[5] = None
        answer = await post(client, items)
        assert statuses(answer) == ["recorded", "refused", "recorded", "refused", "refused", "refused", "recorded"]
        assert answer.json()["counts"] == {"recorded": 3, "corrected": 0, "unchanged": 0, "refused": 4}
        listed = (await client.get("/audit/v1/outcomes")).json()["items"]
        assert [each["reference"] for each in listed] == ["AUD-0000", "AUD-0002", "AUD-0006"]

    async def test_each_refusal_has_its_own_problem_with_pointers_into_the_outcome(self, client: ServiceClient) -> None:
        answer = await post(client, [posted(), posted(reference="x", overall="god", themes=["moon"]), {"version": "1"}])
        first, second, third = answer.json()["results"]
        assert (first["index"], first["problem"], first["suggested"]) == (0, None, "requires-improvement")
        assert (second["index"], second["outcome_id"], second["version"]) == (1, None, None)
        assert second["problem"]["type"] == "urn:learning-loop:problem:invalid-outcome"
        assert second["problem"]["status"] == 422
        assert [error["pointer"] for error in second["problem"]["errors"]] == ["/themes/0", "/overall"]
        assert third["problem"]["type"] == "urn:learning-loop:problem:malformed-payload"
        assert "/version" in [error["pointer"] for error in third["problem"]["errors"]]

    async def test_the_second_of_a_reference_sees_the_first(self, client: ServiceClient, database: Database) -> None:
        items = [posted(), posted(), posted(version=3, cases=2), posted(version=2), posted(version=3), posted(version=4)]
        answer = await post(client, items)
        assert statuses(answer) == ["recorded", "unchanged", "corrected", "refused", "refused", "corrected"]
        problems = [result["problem"]["type"].rpartition(":")[2] for result in answer.json()["results"] if result["problem"]]
        assert problems == ["version-superseded", "version-conflict"]
        assert len({result["outcome_id"] for result in answer.json()["results"]} - {None}) == 1
        assert [row[0] for row in await rows(database, "select version from outcome")] == [4]
        assert [row[0] for row in await rows(database, "select version from outcome_version order by 1")] == [1, 3, 4]
        told = await rows(database, "select (data->>'version')::int from outbox order by position")
        assert [row[0] for row in told] == [1, 3, 4]

    async def test_corrections_and_new_ones_come_together(self, client: ServiceClient) -> None:
        await post(client, numbered(3), "1")
        items = [*numbered(2, version=2, cases=2), posted(reference="AUD-0002"), posted(reference="NEW")]
        assert statuses(await post(client, items, "2")) == ["corrected", "corrected", "unchanged", "recorded"]

    async def test_the_same_key_gets_the_first_answer_again(self, client: ServiceClient, database: Database) -> None:
        first, again = await post(client, numbered(3)), await post(client, numbered(3))
        assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
        assert len(await rows(database, "select 1 from outcome_version")) == 3

    async def test_a_limited_client_is_refused_what_lies_outside_of_its_areas(
        self, client: ServiceClient, call_as: Call
    ) -> None:
        limited = call_as(limited_to("send"))
        answer = await post(limited, [posted(), posted(reference="x", service_area="send")])
        assert statuses(answer) == ["refused", "recorded"]
        assert answer.json()["results"][0]["problem"]["status"] == 403


class TestLimits:
    async def test_a_thousand_are_taken(self, client: ServiceClient, database: Database) -> None:
        answer = await post(client, numbered(1000))
        assert answer.json()["counts"]["recorded"] == 1000
        assert len(await rows(database, "select 1 from outbox")) == 1000

    async def test_one_more_is_refused_as_a_whole(self, client: ServiceClient, database: Database) -> None:
        answer = await post(client, numbered(1001))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/outcomes"
        assert await rows(database, "select 1 from outcome") == []

    async def test_a_million_items_are_refused_unread(self, client: ServiceClient) -> None:
        content = b'{"outcomes":[' + b",".join([b"0"] * 1_000_000) + b"]}"
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=content, headers=headers)
        assert answer.status_code == 422
        assert len(answer.content) < 1000

    async def test_none_is_refused(self, client: ServiceClient) -> None:
        assert (await post(client, [])).status_code == 422
        assert (await post(client, {"0": posted()})).status_code == 422

    async def test_an_unknown_member_of_the_envelope_is_refused(self, client: ServiceClient) -> None:
        body = {"outcomes": [posted()], "dry_run": True}
        answer = await client.post(PATH, json=body, headers={"Idempotency-Key": "k"})
        assert answer.json()["errors"][0]["pointer"] == "/dry_run"

    async def test_eight_mebibytes_are_read_and_more_are_not(self, client: ServiceClient) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        content = orjson.dumps({"outcomes": [posted()]})
        full = content.ljust(8 * 1024 * 1024)
        assert (await client.post(PATH, content=full, headers=headers)).status_code == 200
        answer = await client.post(PATH, content=full + b" ", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")

    async def test_a_body_of_undeclared_length_is_cut_off_at_the_same_limit(self, client: ServiceClient) -> None:
        async def endless() -> AsyncIterator[bytes]:
            for _ in range(9 * 16):
                yield b" " * 65536

        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=endless(), headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")

    async def test_one_outcome_may_not_be_as_large_as_a_batch(self, client: ServiceClient) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post("/audit/v1/outcomes", content=b" " * (1024 * 1024 + 1), headers=headers)
        assert answer.status_code == 413

    async def test_an_answer_lists_so_many_wrong_places_and_no_more(self, client: ServiceClient) -> None:
        wrong = posted(sections=[{"section": f"s{number}"} for number in range(100)])
        answer = await post(client, [wrong] * 150)
        assert statuses(answer) == ["refused"] * 150
        listed = [result["problem"]["errors"] for result in answer.json()["results"]]
        assert [len(errors) for errors in (listed[0], listed[99], listed[149])] == [100, 100, 2]
        assert listed[149][1]["detail"] == "… and 99 more."


class TestConcurrency:
    async def test_batches_with_the_same_references_wait_for_one_another(
        self, client: ServiceClient, database: Database
    ) -> None:
        items = numbered(60)
        batches = [items if number % 2 else items[::-1] for number in range(8)]
        answers = await asyncio.gather(*(post(client, batch, f"b{number}") for number, batch in enumerate(batches)))
        counted = Counter(status for answer in answers for status in statuses(answer))
        assert counted == {"recorded": 60, "unchanged": 7 * 60}
        assert len(await rows(database, "select 1 from outbox")) == 60

    async def test_who_sends_too_many_at_once_is_told_to_send_them_one_after_the_other(self, client: ServiceClient) -> None:
        answers = await asyncio.gather(*(post(client, numbered(20), f"b{number}") for number in range(20)))
        counted = Counter(answer.status_code for answer in answers)
        assert set(counted) == {200, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["type"] == "urn:learning-loop:problem:too-many-batches"

    async def test_batches_and_single_outcomes_of_the_same_references_agree_on_versions(
        self, client: ServiceClient, database: Database
    ) -> None:
        async def single(number: int) -> int:
            body = posted(reference=f"AUD-{number % 5:04}", version=1 + number // 5, cases=1 + number // 5)
            answer = await client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": f"s{number}"})
            return answer.status_code

        batches = [post(client, numbered(5, version=version, cases=version), f"b{version}") for version in range(1, 9)]
        answers = await asyncio.gather(*batches, *(single(number) for number in range(40)))
        assert {getattr(answer, "status_code", answer) for answer in answers} <= {200, 201, 409}
        current = await rows(database, "select version from outcome")
        assert [row[0] for row in current] == [8] * 5
        stray = await rows(
            database,
            "select 1 from outcome_version v where (content->>'cases')::int <> version "
            "or not exists (select from outbox where data->>'outcome_id' = v.outcome_id::text "
            "and (data->>'version')::int = v.version)",
        )
        assert stray == []
        ((versions, events),) = await rows(
            database, "select (select count(*) from outcome_version), (select count(*) from outbox)"
        )
        assert versions == events
