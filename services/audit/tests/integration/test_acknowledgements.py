"""Acknowledged practice: recorded, told to the managers, confirmed, corrected, withdrawn; over the API and on the pages."""

import asyncio
import json
from datetime import date
from typing import Any

from services.audit.tests.conftest import Call, rows
from services.audit.tests.disputes import (
    OFFICER,
    READER,
    SENIOR,
    Browser,
    Caller,
    day_fields,
    form_values,
    manager,
    praising,
    staffed,
    system,
)

from chassis.testing.fixtures import Database

__all__ = ["staffed", "system"]


async def told(database: Database) -> list[dict[str, Any]]:
    query = "select data::text as data from outbox where subject like '%practice_acknowledged' order by position"
    return [json.loads(row["data"]) for row in await rows(database, query)]


class TestAcknowledge:
    async def test_the_managers_of_the_team_are_told(self, system: Caller, database: Database) -> None:
        made = await system.made("acknowledgements", praising())
        assert made["reference"] == "PA-2026-001"
        read = await system.read(f"acknowledgements/{made['acknowledgement_id']}")
        assert [(notice["person"], notice["seen_on"]) for notice in read["notices"]] == [("dana-price", None)]
        assert read["good"].startswith("Read the child's own words")
        (event,) = await told(database)
        assert (event["origin"], event["themes"], event["seen_on"]) == ("review", ["voice-of-the-child"], None)
        for secret in ("own words", "w-5120", "dana-price", "jo-bennett"):
            assert secret not in str(event)

    async def test_a_team_whose_manager_nobody_knows_has_a_notice_too(self, system: Caller) -> None:
        for team in ("send-post-16", None):
            made = await system.made("acknowledgements", praising(team=team))
            read = await system.read(f"acknowledgements/{made['acknowledgement_id']}")
            assert [notice["person"] for notice in read["notices"]] == [None]

    async def test_the_same_of_a_system_is_stored_once(self, system: Caller) -> None:
        body = praising(reference="GP-118")
        answers = await asyncio.gather(*(system.post("acknowledgements", body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
        other = await system.post("acknowledgements", praising(reference="GP-118", origin="family"))
        assert other.status_code == 409

    async def test_what_cannot_be_is_refused_with_its_place(self, system: Caller, database: Database) -> None:
        for changes, pointer in (
            ({"raised_by": "mayor"}, "/raised_by"),
            ({"origin": "dream"}, "/origin"),
            ({"themes": ["voice-of-the-child", "moon"]}, "/themes/1"),
            ({"team": "moon"}, "/team"),
            ({"acknowledged_on": "2026-11-26"}, "/acknowledged_on"),
            ({"raised_person": "ghost"}, "/raised_person"),
            ({"worker": "jo-bennett"}, "/worker"),
            ({"worker": "Jo Bennett"}, "/worker"),
            ({"good": ""}, "/good"),
        ):
            answer = await system.post("acknowledgements", praising(**changes))
            assert answer.status_code == 422, changes
            assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        assert await rows(database, "select 1 from acknowledgement") == []


class TestLater:
    async def test_a_manager_confirms_and_the_world_is_told(self, system: Caller, database: Database) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        await system.made(f"acknowledgements/{ident}/confirmation", {"seen_on": "2026-11-23"}, If_Match='"1"')
        made = await system.made(f"acknowledgements/{ident}/confirmation", {"seen_on": "2026-11-23", "shared_on": "2026-11-24"})
        assert (made["seen_on"], made["shared_on"], made["revision"]) == ("2026-11-23", "2026-11-24", 3)
        assert [(each["seen_on"], each["shared_on"]) for each in await told(database)] == [
            (None, None),
            ("2026-11-23", None),
            ("2026-11-23", "2026-11-24"),
        ]

    async def test_a_stale_confirmation_is_told_what_changed(self, system: Caller) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        await system.made(f"acknowledgements/{ident}/correction", {"origin": "family"})
        late = await system.post(f"acknowledgements/{ident}/confirmation", {"seen_on": "2026-11-23"}, If_Match='"1"')
        assert late.status_code == 412
        assert [(each["fact"], each["was"], each["became"]) for each in late.json()["changes"]] == [
            ("origin", "review", "family")
        ]

    async def test_a_correction_keeps_what_it_was_and_the_same_again_changes_nothing(self, system: Caller) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        body = {"worker": "w-7", "themes": [], "good": "Other words."}
        await system.made(f"acknowledgements/{ident}/correction", body)
        assert (await system.post(f"acknowledgements/{ident}/correction", body)).status_code == 200
        read = await system.read(f"acknowledgements/{ident}")
        changes = {each["fact"]: (each["was"], each["became"]) for each in read["changes"] if each["step"] == "correct"}
        assert changes == {"worker": ("w-5120", "w-7"), "themes": ("voice-of-the-child", None), "good": (None, None)}

    async def test_what_was_withdrawn_stays_readable_and_as_it_is(self, system: Caller, database: Database) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        body = {"withdrawn_on": "2026-11-24", "reason": "Another worker."}
        await system.made(f"acknowledgements/{ident}/withdrawal", body)
        assert (await told(database))[-1]["withdrawn_on"] == "2026-11-24"
        seen, other = {"seen_on": "2026-11-24"}, {"worker": "w-8"}
        for step, more in (("withdrawal", body), ("confirmation", seen), ("correction", other)):
            answer = await system.post(f"acknowledgements/{ident}/{step}", more)
            assert answer.status_code == 409, step
        assert (await system.read(f"acknowledgements/{ident}"))["withdrawal"] == "Another worker."

    async def test_days_that_cannot_be_are_refused(self, system: Caller) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        for step, body, pointer in (
            ("confirmation", {"seen_on": "2026-11-19"}, "/seen_on"),
            ("confirmation", {"seen_on": "2026-11-23", "shared_on": "2026-11-26"}, "/shared_on"),
            ("withdrawal", {"withdrawn_on": "2026-11-19", "reason": "x"}, "/withdrawn_on"),
            ("correction", {"acknowledged_on": "2026-11-26"}, "/acknowledged_on"),
        ):
            answer = await system.post(f"acknowledgements/{ident}/{step}", body)
            assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        await system.made(f"acknowledgements/{ident}/confirmation", {"seen_on": "2026-11-21"})
        answer = await system.post(f"acknowledgements/{ident}/correction", {"acknowledged_on": "2026-11-22"})
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/acknowledged_on"]
        unknown = await system.post(f"acknowledgements/{ident}/confirmation", {"seen_on": "2026-11-22", "notice": 9})
        assert unknown.status_code == 404


class TestList:
    async def test_it_is_narrowed_and_paged(self, system: Caller) -> None:
        made = [
            await system.made("acknowledgements", praising(acknowledged_on=f"2026-11-{10 + number % 5}")) for number in range(7)
        ]
        other = praising(service_area="safeguarding", team=None, origin="family", themes=["timeliness"])
        last = await system.made("acknowledgements", other)
        await system.made(
            f"acknowledgements/{last['acknowledgement_id']}/confirmation", {"seen_on": "2026-11-23", "shared_on": "2026-11-23"}
        )
        seen, following = [], "acknowledgements?limit=3"
        while following:
            found = await system.read(following)
            seen += [(each["acknowledged_on"], each["reference"]) for each in found["items"]]
            following = f"acknowledgements?limit=3&after={found['next']}" if found["next"] else ""
        assert len(set(seen)) == len(made) + 1
        assert [day for day, _ in seen] == sorted((day for day, _ in seen), reverse=True)
        for query, number in (
            ("service_area=safeguarding", 1),
            ("team=send-north", 7),
            ("theme=timeliness", 1),
            ("origin=family", 1),
            ("to_confirm=true", 7),
        ):
            assert len((await system.read(f"acknowledgements?{query}"))["items"]) == number, query
        for query in ("after=x", "after=WzEsMl0", "after=WyJ4IiwieSJd", "theme=X", "limit=501"):
            assert (await system.client.get(f"/audit/v1/acknowledgements?{query}")).status_code == 422


class TestWho:
    async def test_who_has_to_do_with_it_sees_it(self, system: Caller, call_as: Call) -> None:
        ident = (await system.made("acknowledgements", praising(worker="chris-doyle")))["acknowledgement_id"]
        for who, sees in (
            ("jo-bennett", True),  # saw it
            ("dana-price", True),  # manages the team
            ("chris-doyle", True),  # did it
            ("lee-walsh", False),
            ("pat-gone", False),
        ):
            async with call_as(manager(who)) as client:
                assert (await client.get(f"/audit/v1/acknowledgements/{ident}")).status_code == (200 if sees else 404), who
                found = (await client.get("/audit/v1/acknowledgements")).json()["items"]
                assert len(found) == sees, who

    async def test_readers_get_no_words(self, system: Caller, call_as: Call) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        for reader in (READER, SENIOR):
            async with call_as(reader) as client:
                read = (await client.get(f"/audit/v1/acknowledgements/{ident}")).json()
            assert (read["good"], read["worker"]) == (None, "w-5120")


class TestPages:
    async def test_a_chair_records_it_and_the_manager_confirms(self, system: Caller, call_as: Call) -> None:
        typed = {
            "raised_by": "cp-chair",
            "worker_code": "W-5120",
            "service_area": "send",
            "team": "send-north",
            "origin": "review",
            "themes": "voice-of-the-child",
            "good": "Read the child's own words.",
        }
        async with call_as(manager("jo-bennett")) as client:
            jo = Browser(client)
            address = (await jo.filled("/audit/acknowledgements/new", typed)).headers["location"]
            page = await jo.get(address)
            assert "w-5120" in page
            assert "Child protection chair: Jo Bennett" in page
            assert "Dana Price" in page
            assert "not confirmed yet" in page
            assert "Confirm that you know" not in page
            await jo.get(f"{address}/confirm", 403)
        async with call_as(manager("dana-price")) as client:
            dana = Browser(client)
            assert "no manager has confirmed yet" in await dana.get("/audit/acknowledgements?to_confirm=yes")
            form = await dana.form(f"{address}/confirm")
            assert (form["seen_on-day"], form["shared_on-day"]) == ("25", "")
            await dana.send(f"{address}/confirm", form | day_fields("shared_on", date(2026, 11, 25)))
            page = await dana.get(address)
            assert "shared with the worker 25 November 2026" in page
            assert "Correct the record" not in page
            assert "No acknowledgement fits" in await dana.get("/audit/acknowledgements?to_confirm=yes")
            await dana.get(f"{address}/correct", 403)

    async def test_what_is_wrong_is_said_beside_its_field(self, system: Caller, call_as: Call) -> None:
        typed = {"raised_by": "auditor", "service_area": "send", "origin": "audit", "good": "x", "worker_code": "Jo B."}
        async with call_as(OFFICER) as client:
            officer = Browser(client)
            answer = await officer.filled("/audit/acknowledgements/new", typed, 422)
            assert "must be small letters, digits and hyphens only" in answer.text
            assert form_values(answer.text)["worker_code"] == "Jo B."
            answer = await officer.filled("/audit/acknowledgements/new", typed | {"worker_code": ""}, 422)
            assert "Worker: say whose practice it was" in answer.text

    async def test_it_is_corrected_withdrawn_and_overtaken(self, system: Caller, call_as: Call) -> None:
        ident = (await system.made("acknowledgements", praising()))["acknowledgement_id"]
        address = f"/audit/acknowledgements/{ident}"
        async with call_as(OFFICER) as client:
            officer = Browser(client)
            late = await officer.form(f"{address}/confirm")
            await officer.filled(f"{address}/correct")  # as it stands: nothing changes
            assert "Corrected" not in await officer.get(address)
            form = await officer.form(f"{address}/correct")
            assert form["worker_code"] == "w-5120"
            await officer.send(f"{address}/correct", form | {"worker": "chris-doyle", "worker_code": ""})
            assert "Worker: w-5120 became Chris Doyle" in await officer.get(address)
            overtaken = await officer.send(f"{address}/confirm", late, 412)
            assert "Worker: w-5120 became Chris Doyle" in overtaken.text
            await officer.filled(f"{address}/withdraw", {"reason": "Another team."})
            page = await officer.get(address)
            assert "It counts nowhere" in page
            assert "Confirm that you know" not in page
            assert "Withdrawn" in await officer.get("/audit/acknowledgements")
            await officer.get(f"{address}/dance", 404)

    async def test_no_address_breaks_the_list(self, system: Caller, call_as: Call) -> None:
        async with call_as(OFFICER) as client:
            officer = Browser(client)
            assert "No good practice is recorded" in await officer.get("/audit/acknowledgements")
            for query in ("after=x", "after=WzEsMl0", "theme=%00"):
                await officer.get(f"/audit/acknowledgements?{query}", 422)
            await officer.get("/audit/acknowledgements?theme=x&origin=%F0")
