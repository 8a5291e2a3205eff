"""Learning on the staff pages: what asks for an action, actions until they are reviewed, lists and sheets."""

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from services.complaints.tests.integration.test_pages import words
from services.complaints.tests.learning import ACTION, Officer, upheld
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.identity import Identity
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

SAM = Identity("worcestershire", "staff:sam", "staff", frozenset({"role:manager"}), frozenset(), "Sam Okafor")
LIST = "/complaints/learning"


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Officer(client)


@pytest.fixture
async def sam(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with PageClient(AsPerson(app, keys, SAM)) as client:
        yield Officer(client)


async def shown(officer: Officer, query: str) -> str:
    return words((await officer.client.get(f"{LIST}?{query}")).text)


class TestPoints:
    async def test_upheld_points_ask_until_an_action_or_a_reason_is_recorded(self, desk: Desk, officer: Officer) -> None:
        ident, (first, second) = await upheld(desk)
        await upheld(desk, "SEND-22-002", "not-upheld")
        assert "2 points that ask for an action" in await shown(officer, "")
        await officer.record(ident, first)
        assert (await officer.decline(ident, second)).status_code == 303
        text = await shown(officer, "show=asks")
        assert "0 points that ask for an action" in text
        record = words((await officer.client.get(f"/complaints/{ident}")).text)
        assert "SEND-22-001 A1 On track Write to each family every month. Sam Okafor, due 31 August 2022" in record
        assert "No action, decided 29 July 2022 by staff:alex: The policy had changed already." in record

    async def test_a_dropped_action_leaves_the_point_asking(self, desk: Desk, officer: Officer) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        assert "1 point that asks" in await shown(officer, "")
        assert (await officer.step(action, "drop")).status_code == 303
        assert "2 points" in await shown(officer, "")

    async def test_an_action_replaces_a_reason_for_none_and_both_stay(self, desk: Desk, officer: Officer, events: Any) -> None:
        ident, (first, _) = await upheld(desk)
        await officer.decline(ident, first)
        await officer.record(ident, first)
        record = words((await officer.client.get(f"/complaints/{ident}")).text)
        assert "The policy had changed already. An action followed on 29 July 2022." in record
        assert [event for event, _ in events()][-2:] == ["learning_declined", "learning_action_recorded"]
        refused = await officer.decline(ident, first)
        assert refused.status_code == 409
        assert "This point has an action." in refused.text

    async def test_what_a_later_stage_finds_otherwise_stays_and_says_so(self, desk: Desk, officer: Officer) -> None:
        ident, (first, _) = await upheld(desk)
        await officer.record(ident, first)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
        await desk.answered(ident, 2, "2022-06-20", "not-upheld")
        record = words((await officer.client.get(f"/complaints/{ident}")).text)
        assert "Stage 2 found otherwise (not upheld); what was recorded stays." in record
        assert "0 points" in await shown(officer, "")

    async def test_without_a_finding_nothing_can_be_recorded(self, desk: Desk, officer: Officer) -> None:
        ident = str((await desk.receive())["complaint_id"])
        point = (await desk.read(ident))["points"][0]["point_id"]
        answer = await officer.post(f"/complaints/{ident}/points/{point}/action", **ACTION)
        assert answer.status_code == 409
        assert "Record the response of the stage first" in answer.text
        assert "Write to each family every month." in answer.text


class TestRecording:
    async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(self, desk: Desk, officer: Officer) -> None:
        ident, (first, _) = await upheld(desk)
        path = f"/complaints/{ident}/points/{first}/action"
        for changes, field, said in (
            ({"what": " "}, "what", "Say what is to be done"),
            ({"owner_name": "", "owner_sign_in": "", "owner_email": ""}, "owner_name", "Say who sees to it"),
            ({"owner_email": "sam at council"}, "owner_email", "Enter an e-mail address"),
            ({"due-day": "31", "due-month": "2"}, "due", "Enter a day, month and year"),
            ({"due-year": "2021"}, "due", "Give a day that is still to come"),
            ({"service_area": "moon"}, "service_area", "not a known code"),
            ({"themes": ["moon"]}, "themes", "not a known code"),
        ):
            page = await officer.post(path, **{**ACTION, **changes})
            assert page.status_code == 422, changes
            assert f'href="#{field}"' in page.text, changes
            assert said in page.text, changes
        assert "2 points" in await shown(officer, "")

    async def test_sent_twice_it_is_recorded_once(self, desk: Desk, officer: Officer, events: Any) -> None:
        ident, (first, _) = await upheld(desk)
        path = f"/complaints/{ident}/points/{first}/action"
        hidden = await officer.form(path)
        for _ in range(2):
            assert (await officer.post(path, hidden, **ACTION)).status_code == 303
        assert [event for event, _ in events()].count("learning_action_recorded") == 1

    async def test_the_second_of_two_is_told_and_sees_what_the_first_recorded(self, desk: Desk, officer: Officer) -> None:
        ident, (first, _) = await upheld(desk)
        path = f"/complaints/{ident}/points/{first}/action"
        hidden = await officer.form(path)
        await officer.record(ident, first)
        second = await officer.post(path, hidden, **{**ACTION, "what": "Call them."})
        assert second.status_code == 412
        assert "Somebody recorded something of this point after you opened it" in second.text
        assert "Call them." in second.text
        assert "SEND-22-001 A1" in second.text

    async def test_words_and_names_are_sealed_and_in_no_event(
        self, desk: Desk, officer: Officer, database: Database, events: Any
    ) -> None:
        ident, (first, _) = await upheld(desk)
        await officer.record(ident, first)
        kept = str(fetch(database.url("admin"), "select * from complaints.learning_action"))
        for secret in ("Write", "Sam", "staff:sam", "sam@"):
            assert secret not in kept
            assert secret not in str(events())
        told = dict(events())["learning_action_recorded"]
        assert told["status"] == "open"
        assert (told["due_on"], told["finding"], told["themes"]) == ("2022-08-31", "upheld", ["communication", "timeliness"])


class TestAction:
    async def test_is_followed_until_it_made_a_difference(self, desk: Desk, officer: Officer, events: Any) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        day = {"due-day": "30", "due-month": "9", "due-year": "2022"}
        for step, note, more in (
            ("note", "Half of them are written.", {}),
            ("move", "The printer is late.", day),
            ("done", "All letters went out.", {}),
            ("reopen", "Two were forgotten.", day),
            ("done", "Now all of them.", {}),
            ("review", "Half as many calls.", {"difference": "partly"}),
        ):
            assert (await officer.step(action, step, note, **more)).status_code == 303, step
        text = words((await officer.client.get(f"{LIST}/{action}")).text)
        assert "Made a difference Partly" in text
        assert "Set first for 31 August 2022" in text
        for said in ("Half of them are written.", "The printer is late.", "Two were forgotten.", "Half as many calls."):
            assert said in text
        told = [(event, data["status"], data["revision"]) for event, data in events() if event.startswith("learning")]
        assert told == [
            ("learning_action_recorded", "open", 1),
            ("learning_action_changed", "open", 3),
            ("learning_action_completed", "done", 4),
            ("learning_action_changed", "open", 5),
            ("learning_action_completed", "done", 6),
            ("learning_action_reviewed", "reviewed", 7),
        ]
        # What leads to the action, and whether anything shows that it was done: never what.
        kept = [(data["code"], data["evidence"]) for event, data in events() if event.startswith("learning")]
        assert kept == [("a1", False), ("a1", False), ("a1", True), ("a1", False), ("a1", True), ("a1", True)]

    async def test_the_second_of_two_is_told(self, desk: Desk, officer: Officer) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        path = f"{LIST}/{action}"
        hidden = await officer.form(path)
        changing = await officer.form(f"{path}/change")
        await officer.step(action, "note", "First.")
        second = await officer.post(path, hidden, step="done", note="Second.")
        assert second.status_code == 412
        assert "Somebody changed this action after you opened it" in second.text
        assert "Second." in second.text
        late = await officer.post(f"{path}/change", changing, **{**ACTION, "what": "Third."})
        assert late.status_code == 412
        assert "Third." in late.text

    async def test_what_who_and_themes_are_changed(self, desk: Desk, officer: Officer, sam: Officer, events: Any) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        nobody = {"owner_name": "", "owner_sign_in": "", "owner_email": ""}
        changed = {**ACTION, **nobody, "team": "send-north", "what": "Call them.", "themes": ["communication"]}
        assert (await officer.post(f"{LIST}/{action}/change", **changed)).status_code == 303
        text = words((await officer.client.get(f"{LIST}/{action}")).text)
        assert "What is to be done Call them." in text
        assert (await sam.client.get(f"{LIST}/{action}")).status_code == 404
        assert events()[-1][1]["team"] == "send-north"

    async def test_its_owner_sees_it_alone_and_says_when_it_is_done(self, desk: Desk, officer: Officer, sam: Officer) -> None:
        ident, (first, second) = await upheld(desk)
        action = await officer.record(ident, first)
        other = await officer.record(ident, second, owner_name="Lee Walsh", owner_sign_in="staff:lee", owner_email="")
        mine = (await sam.client.get(f"{LIST}/mine")).text
        assert "SEND-22-001 A1" in mine
        assert "SEND-22-001 A2" not in mine
        assert (await sam.client.get(f"{LIST}/{other}")).status_code == 404
        assert (await sam.client.get(LIST)).status_code == 403
        refused = await sam.step(action, "drop")
        assert refused.status_code == 403
        assert (await sam.step(action, "done", "All letters went out.")).status_code == 303
        assert "Done SEND-22-001 A1" not in mine
        assert "All letters went out." in (await sam.client.get(f"{LIST}/{action}")).text
        assert "1 done, to be reviewed" in await shown(officer, "show=to-review")

    async def test_a_senior_reader_of_another_area_does_not_find_it(
        self, app: FastAPI, keys: Keys, desk: Desk, officer: Officer
    ) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        async with AsyncExitStack() as stack:
            for areas, status in (((), 200), (("send",), 200), (("safeguarding",), 404)):
                identity = person("senior-reader", *areas)
                client = await stack.enter_async_context(PageClient(AsPerson(app, keys, identity)))
                assert (await client.get(f"{LIST}/{action}")).status_code == status, areas


class TestList:
    async def test_filters(self, desk: Desk, officer: Officer) -> None:
        ident, (first, second) = await upheld(desk)
        await officer.record(ident, first)
        soon = {"due-day": "2", "due-month": "8", "owner_name": "Lee Walsh", "owner_sign_in": "", "themes": ["timeliness"]}
        await officer.record(ident, second, **soon)
        for query, expected in (
            ("show=open", ["A2", "A1"]),
            ("show=overdue", []),
            ("show=all&theme=communication", ["A1"]),
            ("show=all&owner=lee++WALSH", ["A2"]),
            ("show=all&owner=staff:sam", ["A1"]),
            ("show=all&colour=amber", ["A2"]),
            ("show=all&colour=green", ["A1"]),
            ("show=all&colour=red", []),
            ("show=all&quarter=2022-23-q2", ["A2", "A1"]),
            ("show=all&quarter=2022-23-q1", []),
            ("show=all&service_area=safeguarding", []),
            ("show=dropped&colour=red", []),
        ):
            text = (await officer.client.get(f"{LIST}?{query}")).text
            found = [part.split("<")[0] for part in text.split(">SEND-22-001 ")[1:]]
            assert found == expected, query
        assert (await officer.client.get(f"{LIST}?quarter=2022-23-q9")).status_code == 422
        assert (await officer.client.get(f"{LIST}?after=nonsense")).status_code == 422

    async def test_pages_and_sheets_hold_every_action_once(
        self, desk: Desk, officer: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("PAGE_ROWS", "SHEET_ROWS"):
            monkeypatch.setattr(f"complaints.pages.learning.{name}", 2)
        ident, (first, second) = await upheld(desk)
        for number in range(5):
            await officer.record(ident, (first, second)[number % 2], what=f"=Letter {number}")
        address, seen = f"{LIST}?show=all", []
        while address:
            text = (await officer.client.get(address)).text
            seen += [part.split("<")[0] for part in text.split(">SEND-22-001 ")[1:]]
            further = text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0] if 'rel="next"' in text else ""
            address = f"{LIST}{further.replace('&amp;', '&')}" if further else ""
        assert sorted(seen) == ["A1", "A2", "A3", "A4", "A5"]
        csv = await officer.client.get(f"{LIST}/sheet.csv?show=all")
        assert csv.headers["content-disposition"] == 'attachment; filename="learning.csv"'
        lines = csv.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 6
        assert "'=Letter 0" in csv.text  # a spreadsheet runs none of it
        book = load_workbook(io.BytesIO((await officer.client.get(f"{LIST}/sheet.xlsx?show=open")).content))
        sheet = book.worksheets[0]
        assert sorted(str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)) == [
            f"SEND-22-001 A{n}" for n in range(1, 6)
        ]
