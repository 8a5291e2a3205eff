"""Somebody asks what is held of them: what is found, what is handed out, and nothing of anybody else."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.testing import files
from chassis.testing.fixtures import ROOT, Database, Keys, ServiceClient, caller
from chassis.testing.inventory import undeclared
from chassis.testing.page_client import PageClient
from chassis.testing.subjects import Answering, data_of, fields_of, proposed, token
from complaints.subject import SUBJECT

SAM = {
    "reference": "CRM-1",
    "received_on": "2022-07-18",
    "said": "complaint",
    "narrative": "Nobody came to see Kim. MARK-OF-SAM",
    "people": [
        {"role": "complainant", "name": "Sam Réed", "email": "sam@example.org"},
        {"role": "child", "name": "Kim Reed"},
    ],
}
ALEX = {
    "reference": "CRM-2",
    "received_on": "2022-07-19",
    "said": "complaint",
    "narrative": "Our school is full. MARK-OF-ALEX",
    "people": [{"role": "complainant", "name": "Alex Stone", "phone": "01905 555 123"}],
}
GOSSIP = {**ALEX, "reference": "CRM-3", "narrative": "My neighbour, Sam Reed, was shouted at. MARK-OF-GOSSIP"}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys, client: ServiceClient) -> AsyncIterator[Answering]:
    async with PageClient(AsPerson(app, keys, person("data-protection"))) as browser:
        yield Answering(browser, "complaints")


def day_of(name: str, day: int, month: int, year: int) -> dict[str, str]:
    """A day in the three fields of a form."""
    return {f"{name}-day": str(day), f"{name}-month": str(month), f"{name}-year": str(year)}


async def came(desk: Desk, body: dict[str, Any]) -> str:
    answer = await desk.post("representations", body)
    assert answer.status_code == 201, answer.text
    return f"representation/{answer.json()['representation_id']}"


class TestAccess:
    async def test_what_is_about_somebody_is_found_and_handed_out_and_nothing_of_others(
        self, officer: Answering, desk: Desk, database: Database
    ) -> None:
        sam, alex, gossip = [await came(desk, body) for body in (SAM, ALEX, GOSSIP)]
        sent = {"Content-Disposition": 'attachment; filename="bruise of Kim.png"'}
        picture = files.png(60)
        ident = sam.partition("/")[2]
        added = await desk.client.post(
            f"/complaints/v1/representations/{ident}/files",
            content=picture,
            headers={**sent, "Idempotency-Key": "file-1", "Content-Type": "image/png"},
        )
        assert added.status_code == 201, added.text
        at = await officer.opens(names="sam reed")
        found, page = await officer.searches(at)
        assert set(proposed(page)) == {sam, gossip}
        assert "somebody of this name is in it" in page
        assert "the name stands in: what came in, what was said" in page
        assert "feedback service" in page
        await officer.ticks(found, [sam, gossip])
        package = await officer.fetches(at)
        Draft202012Validator(json.loads(package["data.schema.json"])).validate(data_of(package))
        everything = b"".join(content for name, content in package.items() if name != "data.schema.json")
        # Their own words and name are given; the child's name, another's words and everybody else are not.
        assert b"MARK-OF-SAM" in everything
        assert b"sam@example.org" in everything
        for other in (b"Kim Reed", b"Alex Stone", b"555 123", b"MARK-OF-ALEX", b"MARK-OF-GOSSIP"):
            assert other not in everything, other
        assert alex.partition("/")[2].encode() not in everything
        assert [content for name, content in package.items() if name.startswith("files/")] == [picture]
        text = package["read-me-first.html"].decode()
        assert "Kept back: about another person" in text
        assert "nobody has read it for this request yet" in text
        assert "Worcestershire" in text
        entries = fetch(
            database.url("admin"),
            "select parameters ->> 'record_id' from complaints.trail where route like '%/package' and method = 'POST' "
            "and parameters ? 'record_id' order by 1",
        )
        assert {row[0] for row in entries} == {each.partition("/")[2] for each in (sam, gossip)}
        kept = fetch(database.url("admin"), "select row_to_json(r)::text from complaints.subject_request r")
        assert "reed" not in str(kept).lower()

    async def test_a_reviewer_gives_a_part_and_what_changes_later_is_kept_back_again(
        self, officer: Answering, desk: Desk, database: Database
    ) -> None:
        gossip = await came(desk, GOSSIP)
        at = await officer.opens(names="Sam Reed")
        found, _ = await officer.searches(at)
        await officer.ticks(found, [gossip], representation="mentioned")
        record = f"{at}/records/{gossip}"
        piece = f"representation/{gossip.partition('/')[2]}/details"
        page = await officer.client.get(record)
        assert "MARK-OF-GOSSIP" in page.text
        part = await officer.client.get(f"{record}/part", params={"piece": piece})
        seen = part.text.partition('name="seen" value="')[2].partition('"')[0]
        data = {"csrf": token(part.text), "seen": seen, "given": "[…] Sam Reed, was shouted at.", "reason": "who said it"}
        wrong = await officer.client.post(f"{record}/part?piece={piece}", data={**data, "seen": "0"})
        assert (wrong.status_code, "changed while you were reading" in wrong.text) == (422, True)
        assert (await officer.client.post(f"{record}/part?piece={piece}", data=data)).status_code == 303
        given = fields_of(await officer.fetches(at))["representation", "details"]
        assert (given["value"], given["redacted"]) == ("[…] Sam Reed, was shouted at.", "who said it")
        # Everything else stays as it was when the form of the whole record is sent.
        page = await officer.client.get(record)
        select = page.text.partition(f'name="choice-{piece}"')[2].partition("</select>")[0]
        assert '<option value="redact" selected>' in select
        other = await came(desk, ALEX)
        fetch(
            database.url("admin"),
            f"update complaints.representation set details = (select details from complaints.representation where id = "
            f"'{other.partition('/')[2]}') where id = '{gossip.partition('/')[2]}' returning 1",
        )
        package = await officer.fetches(at)
        assert "changed after it was reviewed" in fields_of(package)["representation", "details"]["withheld"]
        assert b"shouted at" not in b"".join(package.values())

    async def test_staff_find_what_they_did_and_their_names_only(
        self, officer: Answering, desk: Desk, app: FastAPI, keys: Keys
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as colleague:
            people = f"/complaints/{ident}/people"
            opened = await colleague.get(people)
            data = {"csrf": token(opened.text), "role": "complainant", "name": "Jo Hill", "from-day": "2", "from-month": "5"}
            assert (await colleague.post(people, data={**data, "from-year": "2022"})).status_code == 303
        at = await officer.opens(staff="staff:alex")
        found, page = await officer.searches(at)
        assert proposed(page) == [f"complaint/{ident}"]
        await officer.ticks(found, proposed(page))
        package = await officer.fetches(at)
        assert b"Jo Hill" not in b"".join(package.values())
        assert fields_of(package)["complaint", "procedure"]["words"] != fields_of(package)["complaint", "procedure"]["value"]
        assert (
            fields_of(package)["complaint_change", "step"]["words"] != fields_of(package)["complaint_change", "step"]["value"]
        )
        assert fields_of(package)["opened", "by_name"]["value"] == "Alex Morgan"
        assert data_of(package)["records"][0]["role"] == "staff"

    async def test_a_statement_stands_beside_the_record_and_in_the_package(
        self, officer: Answering, desk: Desk, app: FastAPI, keys: Keys
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        at = await officer.opens(references="send-22-001")
        found, page = await officer.searches(at)
        await officer.ticks(found, [f"complaint/{ident}"])
        form = f"{at}/records/complaint/{ident}/statement"
        page = (await officer.client.get(form)).text
        kept = page.partition('name="id" value="')[2].partition('"')[0]
        data = {"csrf": token(page), "id": kept, "says": "I never shouted.", "decision": "noted"}
        assert (await officer.client.post(form, data=data)).status_code == 422
        day = {"on-day": "28", "on-month": "7", "on-year": "2022"}
        whole = {**data, **day, "reason": "It is what the officer heard."}
        for _ in range(2):
            assert (await officer.client.post(form, data=whole)).status_code == 303
        package = await officer.fetches(at)
        assert [each["says"] for each in data_of(package)["records"][0]["statements"]] == ["I never shouted."]
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as colleague:
            shown = (await colleague.get(f"/complaints/{ident}")).text
        assert shown.count("I never shouted.") == 1


class TestRestriction:
    async def test_a_restricted_record_is_marked_kept_and_changed_by_nobody_but_whom_the_officer_lets(
        self, officer: Answering, desk: Desk, app: FastAPI, keys: Keys, database: Database
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        at = await officer.opens(references="send-22-001")
        found, page = await officer.searches(at)
        await officer.ticks(found, [f"complaint/{ident}"])
        form = f"{at}/records/complaint/{ident}/restriction"
        page = (await officer.client.get(form)).text
        kept = page.partition('name="id" value="')[2].partition('"')[0]
        data = {"csrf": token(page), "id": kept, "ground": "accuracy", "reason": "Sam says that the dates are wrong."}
        wrong = await officer.client.post(form, data=data)
        assert (wrong.status_code, "Enter the day from which" in wrong.text, "Sam says" in wrong.text) == (422, True, True)
        for _ in range(2):
            assert (await officer.client.post(form, data={**data, **day_of("from", 1, 7, 2022)})).status_code == 303
        page = (await officer.client.get(form)).text
        other = await officer.client.post(form, data={**data, **day_of("from", 1, 7, 2022), "id": str(new_id())})
        assert (other.status_code, "restricted already" in other.text) == (409, True)
        assert "Records whose use is restricted" in (await officer.client.get("/complaints/subjects")).text
        colleague = AsPerson(app, keys, person("complaints-officer"))
        who = person("complaints-officer").subject
        people = f"/complaints/{ident}/people"
        added = {"role": "complainant", "name": "Jo Hill", **day_of("from", 2, 5, 2022)}
        async with PageClient(colleague) as browser:
            shown = (await browser.get(f"/complaints/{ident}")).text
            assert "restricted since 1 July 2022" in shown
            assert "Sam says that the dates are wrong." in shown
            opened = await browser.get(people)
            assert "restricted since" in opened.text
            refused = await browser.post(people, data={"csrf": token(opened.text), **added})
            assert (refused.status_code, "use of this record is restricted" in refused.text) == (409, True)
            let = {"csrf": token(page), "writer": who, **day_of("until", 1, 1, 2999)}
            assert (await officer.client.post(f"{form}/writer", data=let)).status_code == 303
            assert (await browser.post(people, data={"csrf": token(opened.text), **added})).status_code == 303
            assert (await officer.client.post(f"{form}/writer", data={"csrf": token(page), "writer": ""})).status_code == 303
            more = {"csrf": token(opened.text), **added, "name": "Lee Hill"}
            assert (await browser.post(people, data=more)).status_code == 409
            early = {"csrf": token(page), "why": "The dates were put right.", **day_of("told", 30, 6, 2022)}
            told = await officer.client.post(f"{form}/end", data=early)
            assert (told.status_code, "told before (Article 18(3))" in told.text) == (422, True)
            late = {**early, **day_of("told", 20, 7, 2022)}
            assert (await officer.client.post(f"{form}/end", data=late)).status_code == 303
            assert "restricted since" not in (await browser.get(f"/complaints/{ident}")).text
            assert (await browser.post(people, data=more)).status_code == 303
        assert "The dates were put right." in (await officer.client.get(form)).text
        entries = fetch(
            database.url("admin"),
            "select route from complaints.trail where method = 'POST' and route like '%/restriction%' order by route",
        )
        assert {row[0].rpartition("/")[2] for row in entries} == {"restriction", "end", "writer"}
        sealed = fetch(database.url("admin"), "select row_to_json(r)::text from complaints.subject_restriction r")
        assert "dates" not in str(sealed)


class TestClock:
    async def test_it_runs_a_month_and_is_extended_once_in_time(self, officer: Answering, desk: Desk) -> None:
        at = await officer.opens("SAR-7", (2022, 6, 30), names="Sam Reed")
        page = (await officer.client.get(at)).text
        # 30 July 2022 is a Saturday.
        assert "Answer by 1 August 2022" in page
        day = {"told-day": "30", "told-month": "7", "told-year": "2022"}
        late = await officer.client.post(f"{at}/extend", data={"csrf": token(page), **day, "why": "Much of it."})
        assert (late.status_code, "not in the future" in late.text) == (422, True)
        told = {"csrf": token(page), **day, "told-day": "29", "why": "Much of it."}
        assert (await officer.client.post(f"{at}/extend", data=told)).status_code == 303
        assert "Answer by 30 September 2022" in (await officer.client.get(at)).text
        assert (await officer.client.post(f"{at}/extend", data=told)).status_code == 409
        assert (await officer.client.post(f"{at}/close", data={"csrf": token(page), "outcome": "partly"})).status_code == 303
        assert "Answered, some of it kept back" in (await officer.client.get("/complaints/subjects")).text


class TestMachines:
    async def test_the_operator_looks_opens_and_fetches(self, client: ServiceClient, desk: Desk) -> None:
        sam = await came(desk, SAM)
        body = {"entitlement": "access", "received_on": "2022-07-01", "known": {"names": ["Sam Reed"]}}
        async with client.acting_as(caller("operator")) as operator:
            found = (await operator.post("/complaints/v1/subject/searches", json={"contacts": ["SAM@example.org"]})).json()
            assert [f"{each['kind']}/{each['id']}" for each in found["items"]] == [sam]
            assert found["place"] is None
            assert "trail_checkpoint" in found["elsewhere"]
            bad = await operator.post("/complaints/v1/subject/searches", json={"names": ["Sam"], "place": "[0,[],0].x"})
            assert bad.status_code == 422
            for _ in range(2):
                answer = await operator.put("/complaints/v1/subject/requests/SAR-9", json=body)
                assert (answer.status_code, answer.json()["due_on"]) == (200, "2022-08-01")
            other = await operator.put("/complaints/v1/subject/requests/SAR-9", json={**body, "received_on": "2022-07-02"})
            assert other.status_code == 409
            weak = await operator.post("/complaints/v1/subject/requests/SAR-9/package", json={"passphrase": "secret"})
            assert weak.status_code == 422
            words = {"passphrase": "abcde-fghjk-mnpqr-stuvw-xyz23"}
            package = await operator.post("/complaints/v1/subject/requests/SAR-9/package", json=words)
            assert (package.status_code, package.content[:2]) == (200, b"PK")
        async with client.acting_as(caller("operator", org="north")) as other_org:
            nothing = (await other_org.post("/complaints/v1/subject/searches", json={"names": ["Sam Reed"]})).json()
            assert nothing["items"] == []
            gone = await other_org.post("/complaints/v1/subject/requests/SAR-9/package", json=words)
            assert gone.status_code == 404
        limited = Identity("worcestershire", "staff:x", "staff", frozenset({"role:data-protection"}), frozenset({"send"}), "X")
        async with client.acting_as(limited) as somebody:
            assert (await somebody.get("/complaints/subjects")).status_code == 403


def test_every_column_of_the_inventory_is_handed_out_or_said_to_be_kept_back() -> None:
    assert undeclared(SUBJECT, ROOT / "docs" / "privacy.md") == []
