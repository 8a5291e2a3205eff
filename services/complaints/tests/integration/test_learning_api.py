"""Actions over the API: recorded once whatever is repeated, changed only by who has seen them, read without a page."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from services.complaints.tests.learning import upheld
from services.complaints.tests.support import Desk, fetch

from chassis.testing.fixtures import Database, ServiceClient, caller

ACTION = {
    "what": "Write to each family every month.",
    "owner": {"name": "Sam Okafor", "sign_in": "staff:sam", "email": "sam@council.example"},
    "service_area": "send",
    "team": None,
    "themes": ["communication"],
    "due_on": "2022-08-31",
}
SAFEGUARDING = replace(caller("complaints:read"), areas=frozenset({"safeguarding"}))
CHANGE = {name: value for name, value in ACTION.items() if name != "due_on"}


async def record(desk: Desk, complaint: str, point: str, **changes: Any) -> dict[str, Any]:
    answer = await desk.post(f"complaints/{complaint}/points/{point}/learning-actions", {**ACTION, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == '"1"'
    return found


async def step(desk: Desk, action: str, revision: int, **body: Any) -> httpx.Response:
    return await desk.post(f"learning-actions/{action}/steps", {"note": "Because.", **body}, If_Match=f'"{revision}"')


class TestRecording:
    async def test_a_point_asks_until_an_action_is_recorded(self, desk: Desk) -> None:
        ident, (first, second) = await upheld(desk)
        asking = (await desk.client.get("/complaints/v1/points-that-ask-for-learning")).json()
        assert [each["point_id"] for each in asking["items"]] in ([first, second], [second, first])
        action = await record(desk, ident, first)
        reason = await desk.post(f"complaints/{ident}/points/{second}/no-learning-action", {"reason": "Changed already."})
        assert reason.status_code == 201
        assert (await desk.client.get("/complaints/v1/points-that-ask-for-learning")).json()["items"] == []
        read = await desk.client.get(f"/complaints/v1/learning-actions/{action['action_id']}")
        body = read.json()
        assert read.headers["ETag"] == '"1"'
        assert {name: body[name] for name in ACTION} == ACTION
        assert (body["standing"], body["finding"], body["code"]) == ("on-track", "upheld", "a1")
        assert [each["step"] for each in body["history"]] == ["set"]

    async def test_repeated_it_is_recorded_once_and_its_words_are_in_no_stored_answer(
        self, desk: Desk, database: Database
    ) -> None:
        ident, (first, _) = await upheld(desk)
        path = f"/complaints/v1/complaints/{ident}/points/{first}/learning-actions"
        key = {"Idempotency-Key": str(uuid4())}
        answers = [await desk.client.post(path, json=ACTION, headers=key) for _ in range(2)]
        assert [each.json()["action_id"] for each in answers] == [answers[0].json()["action_id"]] * 2
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        # The answer is cleared away after a while; the id that the key gives still finds what was recorded.
        fetch(database.url("admin"), "delete from complaints.idempotency")
        again = await desk.client.post(path, json=ACTION, headers=key)
        assert (again.status_code, again.json()) == (200, answers[0].json())
        other = await desk.client.post(path, json={**ACTION, "what": "Call."}, headers=key)
        assert other.status_code == 422
        assert "Write" not in str(fetch(database.url("admin"), "select body from complaints.idempotency"))

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"due_on": "2022-07-01"}, "/due_on"),
            ({"due_on": "soon"}, "/due_on"),
            ({"what": ""}, "/what"),
            ({"owner": {"name": ""}}, "/owner_name"),
            ({"owner": {"name": "Sam", "email": "nobody"}}, "/owner_email"),
            ({"service_area": "moon"}, "/service_area"),
            ({"team": "moon"}, "/team"),
            ({"themes": ["moon"]}, "/themes/0"),
            ({"surprise": 1}, "/surprise"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_place(self, desk: Desk, changes: dict[str, Any], pointer: str) -> None:
        ident, (first, _) = await upheld(desk)
        answer = await desk.post(f"complaints/{ident}/points/{first}/learning-actions", {**ACTION, **changes})
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]


class TestSteps:
    async def test_an_action_is_followed_until_it_made_a_difference(self, desk: Desk) -> None:
        ident, (first, _) = await upheld(desk)
        action = (await record(desk, ident, first))["action_id"]
        changed = await desk.client.put(
            f"/complaints/v1/learning-actions/{action}",
            json={**CHANGE, "team": "send-north"},
            headers={"Idempotency-Key": "change", "If-Match": '"1"'},
        )
        assert changed.json()["revision"] == 2
        assert (await step(desk, action, 2, step="move", due_on="2022-09-30")).json()["revision"] == 3
        done = await step(desk, action, 3, step="done", note="All letters went out.")
        assert (done.json()["status"], done.headers["ETag"]) == ("done", '"4"')
        listed = (await desk.client.get("/complaints/v1/learning-actions?show=to-review")).json()
        assert [each["evidence"] for each in listed["items"]] == ["All letters went out."]
        assert (await step(desk, action, 4, step="review", difference="yes")).json()["status"] == "reviewed"
        body = (await desk.client.get(f"/complaints/v1/learning-actions/{action}")).json()
        assert [each["step"] for each in body["history"]] == ["set", "changed", "moved", "done", "reviewed"]
        assert (body["first_due_on"], body["due_on"], body["team"]) == ("2022-08-31", "2022-09-30", "send-north")

    async def test_who_has_not_seen_the_last_change_changes_nothing(self, desk: Desk) -> None:
        ident, (first, _) = await upheld(desk)
        action = (await record(desk, ident, first))["action_id"]
        assert (await step(desk, action, 1, step="note")).status_code == 200
        stale = await step(desk, action, 1, step="done")
        assert (stale.status_code, stale.json()["type"].rsplit(":", 1)[-1]) == (412, "stale")
        for tags, status in (({}, 428), ({"If_Match": "*"}, 428), ({"If_Match": '"x"'}, 412)):
            answer = await desk.post(f"learning-actions/{action}/steps", {"step": "done", "note": "Done."}, **tags)
            assert answer.status_code == status, tags
        assert (await step(desk, action, 2, step="reopen", due_on="2022-09-30")).status_code == 409

    async def test_of_another_area_or_organisation_it_is_not_there(self, desk: Desk, client: ServiceClient) -> None:
        ident, (first, _) = await upheld(desk)
        action = (await record(desk, ident, first))["action_id"]
        for other in (SAFEGUARDING, caller("complaints:read", org="telford-wrekin")):
            async with client.acting_as(other) as somebody:
                assert (await somebody.get(f"/complaints/v1/learning-actions/{action}")).status_code == 404
        async with client.acting_as(SAFEGUARDING) as somebody:
            assert (await somebody.get("/complaints/v1/learning-actions")).json()["items"] == []

    async def test_who_only_reads_is_not_told_how_the_owner_is_reached(self, desk: Desk, client: ServiceClient) -> None:
        ident, (first, _) = await upheld(desk)
        action = (await record(desk, ident, first))["action_id"]
        async with client.acting_as(caller("complaints:read")) as reader:
            owner = (await reader.get(f"/complaints/v1/learning-actions/{action}")).json()["owner"]
        assert owner == {"name": "Sam Okafor", "sign_in": "", "email": ""}

    async def test_pages_hold_every_action_once(self, desk: Desk) -> None:
        ident, (first, _) = await upheld(desk)
        for _ in range(3):
            await record(desk, ident, first)
        codes: list[str] = []
        after: dict[str, str] = {}
        while True:
            body = (await desk.client.get("/complaints/v1/learning-actions", params={"limit": 2, **after})).json()
            codes += [each["code"] for each in body["items"]]
            if body["next"] is None:
                break
            after = {"after": body["next"]}
        assert sorted(codes) == ["a1", "a2", "a3"]
