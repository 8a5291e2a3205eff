"""Posting one outcome over HTTP."""

import logging
from typing import Any

import httpx
import pytest
from services.audit.tests.conftest import WRITER, Call, limited_to, posted, rows

from chassis.testing.fixtures import Database, ServiceClient, caller


async def post(client: ServiceClient, body: Any, key: str = "k") -> httpx.Response:
    return await client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": key})


def problem(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition(":")[2]


class TestPostOutcome:
    async def test_a_new_outcome_is_recorded_with_the_suggested_grade(self, client: ServiceClient) -> None:
        answer = await post(client, posted(overall="good"))
        assert answer.status_code == 201
        assert answer.json() | {"outcome_id": ""} == {
            "outcome_id": "",
            "reference": "AUD-22-001",
            "version": 1,
            "status": "recorded",
            "suggested": "requires-improvement",
        }

    async def test_the_same_again_is_unchanged_under_the_same_id(self, client: ServiceClient, database: Database) -> None:
        first = await post(client, posted(), "1")
        body = posted()
        again = await post(client, body | {"sections": body["sections"][::-1]}, "2")
        assert again.status_code == 200
        assert again.json() == first.json() | {"status": "unchanged"}
        assert len(await rows(database, "select 1 from outbox")) == 1

    async def test_the_same_key_gets_the_first_answer_again(self, client: ServiceClient, database: Database) -> None:
        first = await post(client, posted(), "1")
        again = await post(client, posted(), "1")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert len(await rows(database, "select 1 from outcome_version")) == 1

    async def test_a_key_used_for_another_payload_is_refused(self, client: ServiceClient) -> None:
        await post(client, posted(), "1")
        answer = await post(client, posted(version=2), "1")
        assert (answer.status_code, problem(answer)) == (422, "idempotency-key-reused")

    async def test_without_a_key_nothing_is_done(self, client: ServiceClient) -> None:
        assert (await client.post("/audit/v1/outcomes", json=posted())).status_code == 422

    async def test_a_correction_counts_and_what_it_corrects_is_kept(self, client: ServiceClient, database: Database) -> None:
        first = (await post(client, posted(), "1")).json()
        answer = await post(client, posted(version=5, overall="inadequate", service_area="send", team="send-north"), "2")
        assert (answer.status_code, answer.json()["status"]) == (201, "corrected")
        assert answer.json()["outcome_id"] == first["outcome_id"]
        (current,) = await rows(database, "select version, overall, service_area, team from outcome")
        assert tuple(current) == (5, "inadequate", "send", "send-north")
        versions = await rows(database, "select version, content->>'overall' from outcome_version order by version")
        assert [tuple(version) for version in versions] == [(1, "requires-improvement"), (5, "inadequate")]

    async def test_the_same_version_with_other_content_is_a_conflict(self, client: ServiceClient) -> None:
        await post(client, posted(version=2), "1")
        answer = await post(client, posted(version=2, cases=3), "2")
        assert (answer.status_code, problem(answer), answer.json()["current_version"]) == (409, "version-conflict", 2)

    async def test_an_older_version_is_a_conflict_that_says_what_is_current(self, client: ServiceClient) -> None:
        await post(client, posted(version=2), "1")
        answer = await post(client, posted(version=1), "2")
        assert (answer.status_code, problem(answer)) == (409, "version-superseded")
        assert "Version 2 is already recorded" in answer.json()["detail"]

    async def test_every_violation_is_listed_and_the_key_may_be_used_for_the_corrected_one(self, client: ServiceClient) -> None:
        answer = await post(client, posted(overall="god", team="moon", cases=1))
        assert (answer.status_code, problem(answer)) == (422, "invalid-outcome")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/team", "/overall"]
        assert (await post(client, posted())).status_code == 201

    async def test_what_is_recorded_stays_unchanged_when_the_profile_no_longer_has_its_codes(
        self, client: ServiceClient, call_as: Call, database: Database
    ) -> None:
        await post(client, posted(), "1")
        database_rows = await rows(database, "select document::text from profile where org = 'worcestershire'")
        document = database_rows[0][0].replace("social-care-case-file", "case-file-2023")
        operator = call_as(caller("operator"))
        headers = {"content-type": "application/json"}
        changed = document[:-1] + ', "version": "2023"}'
        assert (await operator.put("/audit/v1/profile", content=changed, headers=headers)).json()["changed"]
        answer = await post(client, posted(), "2")
        assert (answer.status_code, answer.json()["status"], answer.json()["suggested"]) == (200, "unchanged", None)
        refused = await post(client, posted(version=2), "3")
        assert "case-file-2023" in refused.json()["errors"][0]["detail"]

    async def test_two_systems_may_use_the_same_reference(self, client: ServiceClient, call_as: Call) -> None:
        other = call_as(caller("audit:outcomes:write", subject="client:other"))
        first, second = (await post(client, posted())).json(), (await post(other, posted(cases=4))).json()
        assert second["status"] == "recorded"
        assert first["outcome_id"] != second["outcome_id"]

    async def test_an_organisation_without_profile_is_told_how_to_get_one(self, call_as: Call) -> None:
        answer = await post(call_as(WRITER), posted())
        assert (answer.status_code, problem(answer)) == (409, "no-profile")


class TestServiceAreas:
    async def test_a_limited_client_posts_within_its_areas_only(self, client: ServiceClient, call_as: Call) -> None:
        limited = call_as(limited_to("send"))
        answer = await post(limited, posted())
        assert (answer.status_code, problem(answer)) == (403, "service-area-not-allowed")
        assert (await post(limited, posted(service_area="send"))).status_code == 201

    async def test_a_limited_client_cannot_take_an_outcome_out_of_another_area(
        self, client: ServiceClient, call_as: Call
    ) -> None:
        await post(client, posted())
        limited = call_as(limited_to("send"))
        assert (await post(limited, posted(version=2, service_area="send"), "2")).status_code == 403


class TestCase:
    async def test_the_number_of_a_case_is_nowhere_but_its_pseudonym_is(
        self, client: ServiceClient, database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        outcome_id = (await post(client, posted(), "1")).json()["outcome_id"]
        answers = [
            await post(client, posted(), "1"),
            await post(client, posted(overall="god"), "2"),
            await client.get("/audit/v1/outcomes"),
            await client.get(f"/audit/v1/outcomes/{outcome_id}"),
        ]
        stored = []
        for table in ("outcome", "outcome_version", "outbox", "idempotency"):
            stored += [row[0] for row in await rows(database, f"select t::text from {table} t")]
        assert len(stored) == 4
        logged = caplog.text + capsys.readouterr().out
        assert "/audit/v1/outcomes/{outcome_id}" in logged
        assert not [text for text in (*stored, logged, *(answer.text for answer in answers)) if "LCS-204418" in text]
        ((event_key, kept_key),) = await rows(
            database, "select data->>'case_key', content->>'case_key' from outbox, outcome_version"
        )
        assert event_key == kept_key
        assert len(event_key) == 32
        assert not [answer for answer in answers if event_key in answer.text]

    async def test_the_same_case_has_the_same_pseudonym_within_its_organisation_only(
        self, client: ServiceClient, call_as: Call, database: Database
    ) -> None:
        await post(client, posted(), "1")
        await post(client, posted(reference="AUD-2"), "2")
        body = posted(
            kind="targeted",
            tool="themed-audit",
            service_area="family-safeguarding",
            overall=None,
            sections=[],
            activity={"single": 1},
        )
        other = call_as(caller("audit:outcomes:write", org="telford-wrekin"))
        assert (await post(other, body, "1")).status_code == 201
        found = await rows(database, "select org, content->>'case_key' from outcome_version order by org desc")
        (_, first), (_, second), (_, elsewhere) = found
        assert first == second
        assert first != elsewhere


class TestBadInput:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"null",
            b"[]",
            b'"text"',
            b"NaN",
            b"\xff\xfe",
            b'{"reference": "\\ud800"}',
            b'{"reference": "a\\u0000b"}',
            b'{"version": ' + b"9" * 5000 + b"}",
            b"[" * 100_000,
            b'{"a":' * 50_000,
        ],
        ids=lambda content: repr(content[:20]),
    )
    @pytest.mark.parametrize("path", ["/audit/v1/outcomes", "/audit/v1/outcomes/batch"])
    async def test_what_is_no_outcome_is_malformed(self, client: ServiceClient, path: str, content: bytes) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")

    @pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml"])
    async def test_another_media_type_is_refused_with_the_one_that_is_read(
        self, client: ServiceClient, media_type: str | None
    ) -> None:
        headers = {"Idempotency-Key": "k"} | ({"content-type": media_type} if media_type else {})
        answer = await client.post("/audit/v1/outcomes", content=b'{"reference": "a"}', headers=headers)
        assert answer.status_code == 415
        assert "application/json" in answer.json()["detail"]

    async def test_a_nul_in_any_text_is_refused(self, client: ServiceClient) -> None:
        for name in ("reference", "tool", "service_area", "team", "overall", "kind", "rag"):
            assert (await post(client, posted(**{name: "a\0b"}))).status_code == 422, name
        # The case's number is not stored, so anything in it is as good as another.
        assert (await post(client, posted(case_reference="a\0b"))).status_code == 201
