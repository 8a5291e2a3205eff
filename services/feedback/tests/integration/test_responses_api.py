"""Staff enter the answers that somebody gave on a call, at a visit, in an audit or on paper."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.identity import Identity

PATH = "/feedback/v1/responses"
CALL = {
    "reference": "CALL-1",
    "questionnaire": "annual-review",
    "channel": "call",
    "language": "en",
    "service_area": "send",
    "team": None,
    "about_on": "2022-05-12",
    "answered_on": "2022-05-30",
    "answers": {
        "invited": {"choice": "yes"},
        "paperwork-in-time": {"skipped": True},
        "easy-to-contact": {"does_not_apply": True},
    },
}
CHILD = {**CALL, "questionnaire": "living-where-i-live", "service_area": "through-care", "reference": "VISIT-1"}
EVENT = "select data::text from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"


async def post(client: Any, body: Any, key: str | None = None) -> httpx.Response:
    answer: httpx.Response = await client.post(PATH, json=body, headers={"Idempotency-Key": key or str(uuid4())})
    return answer


class TestEntering:
    async def test_it_is_stored_and_told_with_all_four_states(self, client: Any, sql: Any) -> None:
        answer = await post(client, CALL)
        assert answer.status_code == 201, answer.text
        event = json.loads(await sql.value(EVENT))
        assert event["response_id"] == answer.json()["response_id"]
        assert (event["channel"], event["about_on"], event["answered_on"]) == ("call", "2022-05-12", "2022-05-30")
        assert event["invitation_id"] is None
        states = {each["question"]: each["state"] for each in event["answers"]}
        assert len(states) == 12
        assert [states[code] for code in ("invited", "paperwork-in-time", "easy-to-contact", "received-documents")] == [
            "answered", "skipped", "does-not-apply", "not-asked",
        ]  # fmt: skip

    async def test_the_same_again_is_unchanged_and_other_content_a_conflict(self, client: Any, sql: Any) -> None:
        first = (await post(client, CALL)).json()
        again = await post(client, CALL)
        assert (again.status_code, again.json()) == (200, {**first, "status": "unchanged"})
        other = await post(client, {**CALL, "answered_on": "2022-05-31"})
        assert (other.status_code, other.json()["type"]) == (409, "urn:learning-loop:problem:reference-taken")
        assert await sql.value("select count(*) from feedback.response") == 1

    async def test_the_same_key_answers_as_before(self, client: Any, sql: Any) -> None:
        first = await post(client, CALL, "k-1")
        again = await post(client, CALL, "k-1")
        assert (again.status_code, again.json()) == (201, first.json())
        assert (await post(client, {**CALL, "reference": "CALL-2"}, "k-1")).status_code == 422

    async def test_six_at_once_store_one(self, client: Any, sql: Any) -> None:
        answers = await asyncio.gather(*(post(client, CALL) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert await sql.value("select count(*) from feedback.response") == 1

    async def test_another_client_may_use_the_same_reference(self, client: Any, sql: Any) -> None:
        await post(client, CALL)
        other = client.acting_as(Identity("worcestershire", "client:2", "client", frozenset({"feedback:responses:write"})))
        assert (await post(other, CALL)).status_code == 201

    async def test_free_text_is_sealed_and_a_worry_opens_a_concern(
        self, client: Any, sql: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        answers = {
            "how-home-feels": {"score": 2},
            "who-helps": {"choices": ["carer", "friend"]},
            "feel-unsafe": {"choice": "yes"},
            "tell-us-more": {"text": "The dog next door"},
        }
        assert (await post(client, {**CHILD, "answers": answers})).status_code == 201
        assert await sql.value("select count(*) from feedback.concern") == 1
        assert "concern.opened" in capsys.readouterr().out
        for table in ("response", "response_text", "idempotency", "outbox", "draft"):
            assert "dog" not in str(await sql.rows(f"select t::text as row from feedback.{table} t"))
        answered = {each["question"]: each for each in json.loads(await sql.value(EVENT))["answers"]}
        assert answered["how-home-feels"]["score"] == 2
        assert answered["who-helps"]["choices"] == ["carer", "friend"]
        assert answered["tell-us-more"] == {"question": "tell-us-more", "state": "answered", "choices": [], "score": None}


class TestRefusing:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"questionnaire": "no-such"}, "/questionnaire"),
            ({"service_area": "no-such"}, "/service_area"),
            ({"team": "no-such"}, "/team"),
            ({"language": "so"}, "/language"),
            ({"answered_on": "2999-01-01"}, "/answered_on"),
            ({"answered_on": "2020-01-01"}, "/answered_on"),
            ({"about_on": "2999-01-01"}, "/about_on"),
            ({"answers": {"no-such": {"choice": "yes"}}}, "/answers/no-such"),
            ({"answers": {"invited": {"choice": "perhaps"}}}, "/answers/invited"),
            ({"answers": {"invited": {"choices": ["yes", "no"]}}}, "/answers/invited"),
            ({"answers": {"invited": {"score": 3}}}, "/answers/invited"),
            ({"answers": {"invited": {"does_not_apply": True}}}, "/answers/invited"),
        ],
    )
    async def test_what_the_profile_does_not_have_is_named_by_its_place(
        self, client: Any, sql: Any, changes: dict[str, Any], pointer: str
    ) -> None:
        answer = await post(client, {**CALL, **changes})
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert await sql.value("select count(*) from feedback.response") == 0

    @pytest.mark.parametrize(
        ("answers", "pointer"),
        [
            ({"how-home-feels": {"score": 6}}, "/answers/how-home-feels"),
            ({"who-helps": {"choices": ["carer", "carer"]}}, "/answers/who-helps"),
            ({"tell-us-more": {"text": "x"}}, "/answers/tell-us-more"),
            ({"feel-unsafe": {"choice": "no"}, "tell-us-more": {"text": "x"}}, "/answers/tell-us-more"),
            ({"feel-unsafe": {"choice": "yes"}, "tell-us-more": {"choice": "yes"}}, "/answers/tell-us-more"),
        ],
    )
    async def test_an_answer_that_does_not_fit_its_question_is_refused(
        self, client: Any, answers: dict[str, Any], pointer: str
    ) -> None:
        answer = await post(client, {**CHILD, "answers": answers})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize(
        "changes",
        [
            {"answers": {"invited": {}}}, {"answers": {"invited": {"choice": "yes", "score": 1}}}, {"answers": {"invited": 1}},
            {"answers": {"invited": {"skipped": False}}}, {"answers": {"invited": {"choice": None}}}, {"answers": []},
            {"answers": {"invited": {"text": "x" * 4001}}}, {"answers": {"invited": {"text": "a\x00"}}}, {"channel": "link"},
            {"answers": {"invited": {"score": "3"}}}, {"answers": {"invited": {"date": "2022-02-30"}}}, {"reference": None},
            {"answered_on": None}, {"language": "e"}, {"more": 1}, {"answers": {"Not A Code": {"skipped": True}}},
            {"answers": {f"q-{number}": {"skipped": True} for number in range(201)}}, {"answered_on": "1999-12-31T00:00:00Z"},
            {"answers": {"invited": {"score": 10**30}}}, {"answers": {"invited": {"text": "\ud800"}}},
        ],
    )  # fmt: skip
    async def test_a_malformed_request_is_a_problem_and_never_an_error_of_ours(
        self, client: Any, changes: dict[str, Any]
    ) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=json.dumps({**CALL, **changes}), headers=headers)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 5000])
    async def test_what_is_no_json_object_is_a_problem(self, client: Any, content: bytes) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=content, headers=headers)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_huge_body_is_refused_unread(self, client: Any) -> None:
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=b"x" * (2 * 1024 * 1024), headers=headers)
        assert answer.status_code == 413

    async def test_without_an_idempotency_key_nothing_is_done(self, client: Any, sql: Any) -> None:
        assert (await client.post(PATH, json=CALL)).status_code == 422
        assert await sql.value("select count(*) from feedback.response") == 0


class TestQuestionnaires:
    async def test_they_are_listed_and_read_with_their_versions(self, client: Any) -> None:
        listed = (await client.get("/feedback/v1/questionnaires")).json()["items"]
        codes = [each["code"] for each in listed]
        assert {"annual-review", "have-your-say", "living-where-i-live", "new-ehcp"} <= set(codes)
        assert {each["version"] for each in listed if each["code"] == "new-ehcp"} == {1}
        read = (await client.get("/feedback/v1/questionnaires/living-where-i-live")).json()
        [version] = read["versions"]
        assert version["from"] == "2022-04-01"
        assert [question["number"] for question in version["questions"]] == [1, 2, 3, 4, 5]
        assert version["questions"][4]["show_if"] == {"question": "feel-unsafe", "choices": ["yes"]}
        assert "worry" not in version["questions"][3]

    async def test_an_unknown_one_and_one_of_another_organisation_are_not_there(self, client: Any) -> None:
        for code in ("no-such", "my-social-worker", "%00", "x" * 81):
            assert (await client.get(f"/feedback/v1/questionnaires/{code}")).status_code in {404, 422}
