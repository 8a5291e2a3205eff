"""Applying an organisation's profile."""

import json
from typing import Any

import httpx
import pytest
from services.audit.tests.conftest import Call, posted, profile_document

from chassis.testing.fixtures import ServiceClient, caller

PATH = "/audit/v1/profile"


@pytest.fixture
def operator(call_as: Call) -> ServiceClient:
    return call_as(caller("operator"))


def changed(*path: Any, value: Any) -> dict[str, Any]:
    document = profile_document("worcestershire") | {"version": "changed"}
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


class TestPutProfile:
    async def test_the_same_again_changes_nothing(self, operator: ServiceClient) -> None:
        document = profile_document("worcestershire")
        first, again = await operator.put(PATH, json=document), await operator.put(PATH, json=document)
        assert (first.json()["changed"], again.json()["changed"]) == (True, False)

    async def test_a_dry_run_checks_and_changes_nothing(self, operator: ServiceClient, call_as: Call) -> None:
        assert (await operator.put(f"{PATH}?dry_run=true", json=profile_document("worcestershire"))).status_code == 200
        client = call_as(caller("audit:outcomes:write"))
        refused = await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "k"})
        assert refused.json()["type"] == "urn:learning-loop:problem:no-profile"

    @pytest.mark.parametrize(
        ("path", "value", "pointer"),
        [
            (("audit", "tools", 0, "kind"), "loop", "/audit/tools/0/kind"),
            (("audit", "tools", 0, "colour"), "red", "/audit/tools/0/colour"),
            (("audit", "tools", 0, "scale"), "school", "/audit/tools/0/scale"),
            (("organisation", "service_areas", 0, "used_for", "audits"), 1, "/organisation/service_areas/0/used_for/audits"),
            (("organisation", "code"), "telford-wrekin", "/organisation/code"),
        ],
    )
    async def test_what_is_wrong_is_said_with_its_place(
        self, operator: ServiceClient, path: tuple[Any, ...], value: Any, pointer: str
    ) -> None:
        assert pointers(await operator.put(PATH, json=changed(*path, value=value))) == [pointer]

    async def test_what_other_services_own_is_passed_over(self, operator: ServiceClient) -> None:
        answer = await operator.put(PATH, json=changed("organisation", "contacts", value={"anything": "goes"}))
        assert answer.json()["changed"] is True

    @pytest.mark.parametrize("label", ["a\0b", "\ud800"], ids=["nul", "surrogate"])
    async def test_a_label_that_cannot_be_stored_is_refused(self, operator: ServiceClient, label: str) -> None:
        headers = {"content-type": "application/json"}
        content = json.dumps(changed("organisation", "name", value=label))
        assert (await operator.put(PATH, content=content, headers=headers)).status_code == 422
