"""Profiles: those that ship are taken, those that contradict themselves are refused with every place."""

from collections.abc import Callable
from typing import Any

import pytest
from services.complaints.tests.support import Desk, complaint, profile_document

from chassis.testing.fixtures import ServiceClient, caller

Change = Callable[[dict[str, Any]], None]


def stage(document: dict[str, Any], procedure: int = 0, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = document["complaints"]["procedures"][procedure]["stages"][number]
    return found


class TestProfile:
    @pytest.mark.parametrize("organisation", ["worcestershire", "telford-wrekin"])
    async def test_those_that_ship_are_taken(self, client: ServiceClient, organisation: str) -> None:
        async with client.acting_as(caller("operator", org=organisation)) as operator:
            answer = await operator.put("/complaints/v1/profile?dry_run=true", json=profile_document(organisation))
        assert answer.status_code == 200, answer.text

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            (lambda document: stage(document).update(limit=0), "/complaints/procedures/0/stages/0/limit"),
            (lambda document: stage(document).update(limit="10"), "/complaints/procedures/0/stages/0/limit"),
            (lambda document: stage(document).update(extension_to=10), "/complaints/procedures/0/stages/0/extension_to"),
            (lambda document: stage(document).update(number=2), "/complaints/procedures/0/stages/0/number"),
            (lambda document: stage(document).update(counts_from="requested"), "/complaints/procedures/0/stages/0/counts_from"),
            (
                lambda document: stage(document, 1).update(acknowledge_within=None),
                "/complaints/procedures/1/stages/0/acknowledge_within",
            ),
            (lambda document: stage(document).update(surprise=1), "/complaints/procedures/0/stages/0/surprise"),
            (
                lambda document: document["complaints"]["procedures"][0].update(formality="informal"),
                "/complaints/procedures/0/stages",
            ),
            (
                lambda document: document["complaints"]["categories"][0].update(procedures=["moon"]),
                "/complaints/categories/0/procedures/0",
            ),
            (
                lambda document: document["complaints"]["categories"][0].update(themes=["moon"]),
                "/complaints/categories/0/themes/0",
            ),
            (lambda document: document["complaints"]["findings"].pop(), "/complaints/findings"),
            (lambda document: document["complaints"]["needs"][1].update(code="semh"), "/complaints/needs/1/code"),
            (
                lambda document: document["organisation"]["teams"][0].update(service_area="moon"),
                "/organisation/teams/0/service_area",
            ),
            (
                lambda document: document["complaints"]["learning"].update(complaints_unit_email="nobody"),
                "/complaints/learning/complaints_unit_email",
            ),
            (
                lambda document: document["complaints"]["learning"]["heads_of_service"][0].update(service_areas=["moon"]),
                "/complaints/learning/heads_of_service/0/service_areas/0",
            ),
            (
                lambda document: document["complaints"]["learning"]["themes"][0].update(code="timeliness"),
                "/complaints/learning/themes/0/code",
            ),
            (
                lambda document: document["complaints"]["learning"].update(escalate_after=0),
                "/complaints/learning/escalate_after",
            ),
            (lambda document: document.pop("complaints"), "/complaints"),
        ],
    )
    async def test_what_contradicts_itself_is_refused_with_its_place(
        self, client: ServiceClient, change: Change, pointer: str
    ) -> None:
        document = profile_document("worcestershire")
        change(document)
        async with client.acting_as(caller("operator")) as operator:
            answer = await operator.put("/complaints/v1/profile", json=document)
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]


class TestLaterProfile:
    @staticmethod
    async def apply(client: ServiceClient, change: Change) -> None:
        document = {**profile_document("worcestershire"), "version": "1" * 64}
        change(document)
        async with client.acting_as(caller("operator")) as operator:
            answer = await operator.put("/complaints/v1/profile", json=document)
        assert answer.status_code == 200, answer.text

    async def test_changes_no_running_clock(self, desk: Desk) -> None:
        before = await desk.receive()

        def shorter(document: dict[str, Any]) -> None:
            for procedure in document["complaints"]["procedures"]:
                procedure["stages"][0].update(limit=5, extension_to=7)

        await self.apply(desk.client, shorter)
        running = await desk.read(before["complaint_id"])
        assert running["stages"][0]["clock"] == before["stage"]["clock"]
        extended = await desk.step(before["complaint_id"], 1, "extension", extended_on="2022-05-11", reason="Two agencies")
        assert extended.json()["stage"]["clock"]["limit"] == 20
        after = await desk.receive(reference="SEND-22-002")
        assert after["stage"]["clock"]["limit"] == 5

    async def test_without_the_procedure_what_has_begun_goes_on(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]

        def without_send(document: dict[str, Any]) -> None:
            own = document["complaints"]
            own["procedures"] = [each for each in own["procedures"] if each["code"] != "send"]
            for each in (*own["categories"], *own["letters"]["templates"]):
                each["procedures"] = [code for code in each["procedures"] if code != "send"]

        await self.apply(desk.client, without_send)
        assert (await desk.post("complaints", complaint(reference="SEND-22-002"))).status_code == 422
        assert (await desk.post("complaints", complaint())).status_code == 200
        await desk.answered(ident)
        assert (await desk.read(ident))["stages"][0]["clock"]["words"] == "answered on day 9 of 10"
        asked = await desk.step(ident, 2, "request", requested_on="2022-05-20")
        assert asked.status_code == 409
        assert await desk.references() == ["SEND-22-001"]
