"""Case-management systems add calls and see how they stand."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from services.feedback.tests.calling import KIM, Person

from chassis.days import british_today
from chassis.testing.fixtures import Keys, ServiceClient, caller

DUE = british_today() + timedelta(days=5)
BODY = {"programme": "carer-calls", "reference": "FC-1", "due_on": str(DUE)}
TABLES = ("call", "call_log", "caller", "caller_duty", "entry")


@pytest.fixture
async def system(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """A case-management system."""
    async with ServiceClient(app, keys, "feedback", caller("feedback:calls:write", "feedback:calls:read")) as found:
        yield found


def key() -> dict[str, str]:
    """A fresh Idempotency-Key."""
    return {"Idempotency-Key": str(uuid4())}


async def test_a_call_is_added_once_by_its_key_and_by_its_reference(system: ServiceClient, sql: Any) -> None:
    same = key()
    first = await system.post("/feedback/v1/calls", json=BODY, headers=same)
    assert (first.status_code, first.json()["status"]) == (201, "added")
    assert (await system.post("/feedback/v1/calls", json=BODY, headers=same)).headers["Idempotency-Replayed"] == "true"
    again = await system.post("/feedback/v1/calls", json=BODY, headers=key())
    assert (again.status_code, again.json()["status"], again.json()["call_id"]) == (200, "unchanged", first.json()["call_id"])
    other = await system.post("/feedback/v1/calls", json={**BODY, "language": "en"}, headers=key())
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "reference-taken")
    month = await system.post("/feedback/v1/calls", json={**BODY, "due_on": str(DUE + timedelta(days=40))}, headers=key())
    assert month.status_code == 201
    assert await sql.value("select count(*) from feedback.call") == 2


async def test_what_does_not_fit_is_refused_with_pointers(system: ServiceClient) -> None:
    for change, pointer in (
        ({"programme": "nonsense"}, "/programme"),
        ({"team": "send-north"}, "/team"),
        ({"language": "fr"}, "/language"),
        ({"due_on": "2020-01-01"}, "/due_on"),
        ({"caller": "staff:nobody"}, "/caller"),
        ({"service_area": "nowhere"}, "/service_area"),
    ):
        answer = await system.post("/feedback/v1/calls", json={**BODY, **change}, headers=key())
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    for wrong in ({"reference": "a\u0000b"}, {"telephone": "01632"}, {"due_on": "soon"}, {"reference": ""}):
        assert (await system.post("/feedback/v1/calls", json={**BODY, **wrong}, headers=key())).status_code == 422
    assert (await system.post("/feedback/v1/calls", json=BODY)).status_code == 422


async def test_one_of_a_batch_that_does_not_fit_stops_no_other(system: ServiceClient) -> None:
    items = [BODY, {**BODY, "reference": "FC-2", "programme": "nonsense"}, BODY, {**BODY, "reference": "FC-3"}]
    answer = (await system.post("/feedback/v1/calls/batch", json={"calls": items}, headers=key())).json()
    assert answer["counts"] == {"added": 2, "unchanged": 1, "refused": 1}
    assert [each["status"] for each in answer["results"]] == ["added", "refused", "unchanged", "added"]
    assert answer["results"][1]["problem"]["errors"][0]["pointer"] == "/programme"


async def test_the_list_shows_how_calls_stand_by_pages(system: ServiceClient, app: FastAPI, keys: Keys) -> None:
    items = [{**BODY, "reference": f"FC-{number}"} for number in range(5)]
    await system.post("/feedback/v1/calls/batch", json={"calls": items}, headers=key())
    kim = Person.at(app, keys, KIM)
    first = (await system.get("/feedback/v1/calls", params={"limit": 3})).json()
    second = (await system.get("/feedback/v1/calls", params={"limit": 3, "after": first["next"]})).json()
    seen = [each["reference"] for each in (*first["items"], *second["items"])]
    assert (sorted(seen), second["next"]) == ([f"FC-{number}" for number in range(5)], None)
    await kim.log(f"/feedback/calls/{first['items'][0]['call_id']}", "wrong-number", note="A shop")
    [stands] = list((await system.get("/feedback/v1/calls?status=due&limit=1")).json()["items"])
    assert (stands["wrong_number"], stands["attempts"], stands["tried_on"]) == (True, 1, str(british_today()))
    assert "shop" not in str(stands)
    assert (await system.get("/feedback/v1/calls?status=done")).json()["items"] == []
    assert (await system.get("/feedback/v1/calls?programme=after-closure")).json()["items"] == []
    assert (await system.get("/feedback/v1/calls?after=nonsense")).status_code == 422
    assert (await system.get("/feedback/v1/calls?status=lost")).status_code == 422


async def test_another_council_and_another_area_see_nothing(system: ServiceClient, sql: Any) -> None:
    await system.post("/feedback/v1/calls", json=BODY, headers=key())
    grants = caller("feedback:calls:write", "feedback:calls:read")
    for identity in (replace(grants, org="telford-wrekin"), replace(grants, areas=frozenset({"send"}))):
        assert (await system.acting_as(identity).get("/feedback/v1/calls")).json()["items"] == []
    for table in TABLES:
        for org in (None, "", "telford-wrekin"):
            assert await sql.rows(f"select 1 from feedback.{table}", role="app", org=org) == []
