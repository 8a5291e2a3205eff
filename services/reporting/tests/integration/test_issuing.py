"""From a draft to an issued version that never changes: two people, quotes, files, another version, withdrawal."""

import asyncio
import hashlib
import io
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from reporting_desk import API, DESK, LIVE, OF, Feedback, Person, issue, late, readable, rows
from reporting_records import Sources
from reporting_said import released, taken_back
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.testing.fixtures import ServiceClient
from chassis.testing.pdf import Printed
from chassis.unit_of_work import UnitOfWork
from reporting.settings import ReportingSettings
from reporting.web import issue_files


class TestIssuing:
    async def test_takes_a_second_person_and_is_then_for_readers(self, alex: Person, sam: Person, robin: Person) -> None:
        await alex.write("key-messages", "More came in.\n- mostly about delay\n- some about staff")
        await alex.write("table-complaints-received", "Safeguarding has most.")
        version = await alex.prepare()
        assert "You prepared it, so a colleague has to read and check it" in await alex.get(version)
        assert (await robin.client.get(version)).status_code == 404
        assert (await alex.step(version, "check")).status_code == 403
        too_early = await sam.step(version, "issue")
        assert too_early.status_code == 409
        assert "Somebody else has to check it first" in readable(too_early.text)
        assert (await sam.step(version, "check")).status_code == 303
        assert (await alex.step(version, "issue")).headers["location"] == version
        page = await robin.get(version)
        assert "Version 1 Issued Alex Morgan," in page
        assert "Checked Sam Ash," in page
        assert "More came in. mostly about delay some about staff" in page
        assert "Safeguarding has most." in page
        assert "complaints-received" not in page
        assert "Children's social care complaints and compliments" in await robin.get("/reporting/issued")
        assert "Version 1 was issued on" in await robin.get(LIVE)
        assert "No figure has changed since." in await robin.get(LIVE)

    async def test_what_is_prepared_does_not_change_and_the_desk_says_what_did(
        self, alex: Person, sam: Person, sources: Sources
    ) -> None:
        version = await alex.prepare()
        await late(sources, "late-1")
        await alex.write("key-messages", "Written afterwards.")
        text = await sam.get(version)
        assert "Total 59" in text
        assert "Written afterwards." not in text
        desk = await sam.get(f"{DESK}{OF}")
        assert "Total Q1 22/23 59 60" in desk
        assert "Texts that are not as they were when it was prepared: Key messages (added)." in desk

    async def test_sending_back_wants_a_reason_and_leaves_the_texts(self, alex: Person, sam: Person) -> None:
        await alex.write("key-messages", "Kept.")
        version = await alex.prepare()
        refused = await sam.step(version, "send-back")
        assert refused.status_code == 422
        assert "Say what has to be changed" in readable(refused.text)
        assert (await sam.step(version, "send-back", reason="The year is wrong.")).status_code == 303
        text = await alex.get(f"{DESK}{OF}")
        assert "Sent back The year is wrong." in text
        assert "Kept." in text
        assert "Prepare version 1" in text

    async def test_second_clicks_do_nothing_more(self, alex: Person, sam: Person, desk_app: FastAPI) -> None:
        form = await alex.form(f"{DESK}{OF}")
        for _ in range(2):
            assert (await alex.post(f"{DESK}/prepare{OF}", **form)).status_code == 303
        version = f"/reporting/issued/{form['id']}"
        for who, step in ((sam, "check"), (sam, "check"), (alex, "issue"), (sam, "issue")):
            assert (await who.step(version, step)).status_code == 303
        assert [row.number for row in await rows(desk_app, "select number from report_issue")] == [1]
        assert len(await rows(desk_app, "select 1 from report_file")) == 2

    async def test_two_people_at_once_issue_one_version(self, alex: Person, sam: Person, desk_app: FastAPI) -> None:
        forms = [await who.form(f"{DESK}{OF}") for who in (alex, sam)]
        answers = await asyncio.gather(
            *(who.post(f"{DESK}/prepare{OF}", **form) for who, form in zip((alex, sam), forms, strict=True))
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        (row,) = await rows(desk_app, "select id, prepared_by from report_issue")
        version = f"/reporting/issued/{row.id}"
        checker = sam if row.prepared_by == alex.identity.subject else alex
        await checker.step(version, "check")
        both = await asyncio.gather(alex.step(version, "issue"), sam.step(version, "issue"))
        assert [answer.status_code for answer in both] == [303, 303]
        assert len(await rows(desk_app, "select 1 from report_file")) == 2

    async def test_a_stop_while_files_are_made_leaves_it_checked(
        self, alex: Person, sam: Person, desk_app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        version = await alex.prepare()
        await sam.step(version, "check")

        async def stop(*_: Any) -> None:
            raise RuntimeError("the process was ended")

        with monkeypatch.context() as patched:
            patched.setattr(issue_files.IssueFiles, "__call__", stop)
            assert (await alex.step(version, "issue")).status_code == 500
        assert [tuple(row) for row in await rows(desk_app, "select state, number from report_issue")] == [("checked", None)]
        assert await rows(desk_app, "select 1 from report_file") == []
        assert (await alex.step(version, "issue")).status_code == 303

    async def test_nobody_can_rewrite_what_was_issued(self, alex: Person, sam: Person, desk_app: FastAPI) -> None:
        await issue(alex, sam)
        uow: UnitOfWork = desk_app.state.uow
        for statement in (
            "update report_issue set frozen_sealed = ''",
            "update report_issue set prepared_by = 'x'",
            "delete from report_issue",
            "update report_file set content_sealed = ''",
            "delete from report_file",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with uow.begin("worcestershire") as transaction:
                    await transaction.connection.execute(text(statement))
        assert await sam.get(f"{DESK}{OF}")


class TestFiles:
    async def test_stay_the_same_bytes_and_hold_what_was_frozen(
        self, alex: Person, sam: Person, robin: Person, sources: Sources, desk_app: FastAPI
    ) -> None:
        await alex.write("key-messages", "More came in.")
        version = await issue(alex, sam)
        first = {kind: (await robin.client.get(f"{version}/{kind}")).content for kind in ("pdf", "workbook")}
        await late(sources, "late-1", "late-2")
        for kind, content in first.items():
            answer = await robin.client.get(f"{version}/{kind}")
            assert answer.content == content
            (row,) = await rows(desk_app, f"select digest, content_sealed from report_file where kind = '{kind}'")
            assert row.digest == hashlib.sha256(content).hexdigest()
            assert content[:20] not in row.content_sealed
        printed = Printed(first["pdf"])
        assert printed.standards == {"pdfua-1", "pdfa-2a"}
        headings = [words for level, words in printed.headings if level == 2]
        assert headings[:2] == ["Key messages", "The figures"]
        assert "Figures as at" in printed.text
        book = load_workbook(io.BytesIO(first["workbook"]))
        assert [cell.value for cell in book["1"]["A"]][:1] == ["Commentary"]
        assert ("Key messages", "More came in.") in list(book["1"].iter_rows(values_only=True))
        assert ("Total", 59, 64, 44, 52, 47) in list(book["2"].iter_rows(values_only=True))

    async def test_a_draft_is_marked_as_one(self, alex: Person) -> None:
        version = await alex.prepare()
        answer = await alex.client.get(f"{version}/pdf")
        assert answer.headers["content-disposition"].endswith('-2022-23-q1-draft.pdf"')
        assert "Draft for checking" in Printed(answer.content).text
        assert (await alex.client.get(f"{version}/workbook")).status_code == 404


class TestAgain:
    async def test_a_second_version_begins_with_what_changed(
        self, alex: Person, sam: Person, robin: Person, sources: Sources
    ) -> None:
        await alex.write("key-messages", "Fifty-nine.")
        first = await issue(alex, sam)
        await late(sources, "late-1")
        assert "Since then" in await robin.get(LIVE)
        refused = await alex.post(f"{DESK}/prepare{OF}", **await alex.form(f"{DESK}{OF}"))
        assert refused.status_code == 422
        assert "Say why it is issued again" in readable(refused.text)
        await alex.write("key-messages", "Sixty.")
        second = await issue(alex, sam, reason="One came in late.")
        text = await robin.get(second)
        before = text.partition("Key messages Sixty.")[0]
        assert "What changed since version 1 Why it was issued again: One came in late." in before
        assert "Complaints received Total Q1 22/23 59 60" in before
        assert "Key messages: changed" in before
        printed = Printed((await robin.client.get(f"{second}/pdf")).content)
        assert next(words for level, words in printed.headings if level == 2) == "What changed since version 1"
        book = load_workbook(io.BytesIO((await robin.client.get(f"{second}/workbook")).content))
        assert ("Complaints received", "Total", "Q1 22/23", "59", "60") in list(book["1"].iter_rows(values_only=True))
        assert "Fifty-nine." in await robin.get(first)
        assert "Version 2 was issued on" in await robin.get(LIVE)

    async def test_a_withdrawn_version_is_kept_and_marked(self, alex: Person, sam: Person, robin: Person) -> None:
        version = await issue(alex, sam)
        assert (await sam.step(version, "withdraw", reason="Wrong quarter.")).status_code == 303
        text = await robin.get(version)
        assert "Withdrawn on" in text
        assert "Wrong quarter." in text
        assert (await robin.client.get(f"{version}/pdf")).status_code == 200
        assert "and withdrawn on" in await robin.get(LIVE)
        assert "Prepare version 2" in await alex.get(f"{DESK}{OF}")


class TestQuotes:
    async def choose(self, who: Person, *quotes: str) -> None:
        path = f"{DESK}/quotes{OF}"
        form = await who.form(path)
        assert (await who.post(path, **form, quotes=list(quotes))).status_code == 303

    async def test_words_are_fetched_in_reportings_own_name_and_frozen(
        self, alex: Person, sam: Person, robin: Person, feedback: Feedback, desk_app: FastAPI
    ) -> None:
        quote = feedback.has("a", "[name] listened to me.")
        feedback.has("b", "Nobody called back.")
        assert "“Nobody called back.”" in await alex.get(f"{DESK}/quotes{OF}")
        await self.choose(alex, quote)
        version = await issue(alex, sam)
        assert {(each.org, each.subject, each.kind) for each in feedback.asked} == {
            ("worcestershire", "service:reporting", "service")
        }
        assert "“[name] listened to me.”" in await robin.get(version)
        assert "listened to me" in Printed((await robin.client.get(f"{version}/pdf")).content).text
        for table in ("report_issue", "report_quotes", "report_file"):
            held = " ".join(str(tuple(row)) for row in await rows(desk_app, f"select * from {table}"))
            assert "listened" not in held

    async def test_one_that_is_withdrawn_is_not_shown_any_more_and_dropped_by_the_next(
        self, alex: Person, sam: Person, robin: Person, feedback: Feedback, sources: Sources, desk_client: ServiceClient
    ) -> None:
        await sources.record(released("a"))
        await self.choose(alex, feedback.has("a", "They listened."), feedback.has("b", "It took long."))
        first = await issue(alex, sam)
        feedback.loses("a")
        await sources.record(taken_back("a"))
        text = await robin.get(first)
        assert "They listened." not in text
        assert "This quote was withdrawn on 1 June 2022." in text
        assert "do not pass it on" in text
        assert "quote" in await robin.get(f"{first}/pdf", 409)
        assert (await robin.client.get(f"{first}/workbook")).status_code == 200
        assert (await alex.client.get(f"{first}/pdf")).status_code == 200
        ident = first.rpartition("/")[2]
        told = (await desk_client.get(f"{API}/{ident}")).json()
        assert [(each["words"], each["withdrawn_on"]) for each in told["quotes"]] == [
            (None, "2022-06-01"), ("It took long.", None),
        ]  # fmt: skip
        assert (await desk_client.get(f"{API}/{ident}/pdf")).status_code == 409
        form = await alex.form(f"{DESK}{OF}")
        refused = await alex.post(f"{DESK}/prepare{OF}", **form, reason="A quote was withdrawn.")
        assert refused.status_code == 409
        assert "1 of the chosen quotes may not be used any more" in readable(refused.text)
        assert "1 of them may not be used any more and is not listed" in await alex.get(f"{DESK}/quotes{OF}")
        await self.choose(alex, feedback.has("b", "It took long."))
        second = await issue(alex, sam, reason="A quote was withdrawn.")
        text = await robin.get(second)
        assert "They listened." not in text
        assert "A quote (" in text
        assert "left out" in text

    async def test_a_choice_on_one_page_keeps_those_of_another(self, alex: Person, feedback: Feedback) -> None:
        feedback.page = 2
        kept = [feedback.has(each, f"Words {each}.") for each in ("a", "b", "c")]
        await self.choose(alex, kept[0])
        path = f"{DESK}/quotes{OF}&theme=&after=2"
        form = await alex.form(path)
        assert form["kept"] == kept[0]
        assert (await alex.post(f"{DESK}/quotes{OF}", **form, quotes=[kept[2]])).status_code == 303
        assert "2 chosen by Alex Morgan" in await alex.get(f"{DESK}{OF}")
        many = [str(UUID(int=number)) for number in range(31)]
        too_many = await alex.post(f"{DESK}/quotes{OF}", csrf=form["csrf"], seen="2", quotes=many)
        assert too_many.status_code == 422
        assert "Choose 30 quotes at most" in readable(too_many.text)

    async def test_one_that_is_withdrawn_between_check_and_issue_stops_it(
        self, alex: Person, sam: Person, feedback: Feedback
    ) -> None:
        await self.choose(alex, feedback.has("a", "They listened."))
        version = await alex.prepare()
        await sam.step(version, "check")
        feedback.loses("a")
        answer = await alex.step(version, "issue")
        assert answer.status_code == 409
        assert "Nothing was issued. Send the version back" in readable(answer.text)

    async def test_while_feedback_is_away_nothing_is_lost(
        self, alex: Person, sam: Person, feedback: Feedback, desk_app: FastAPI
    ) -> None:
        await self.choose(alex, feedback.has("a", "They listened."))
        form = await alex.form(f"{DESK}{OF}")
        feedback.away = True
        for answer in (
            await alex.client.get(f"{DESK}/quotes{OF}"),
            await alex.post(f"{DESK}/prepare{OF}", **form),
        ):
            assert answer.status_code == 503
            assert "Nothing was lost or changed" in readable(answer.text)
        assert await rows(desk_app, "select 1 from report_issue") == []
        feedback.away = False
        version = await alex.prepare()
        await sam.step(version, "check")
        feedback.away = True
        assert (await alex.step(version, "issue")).status_code == 503
        feedback.away = False
        assert (await alex.step(version, "issue")).status_code == 303

    async def test_without_an_address_a_report_without_quotes_is_issued_all_the_same(
        self, settings: ReportingSettings, alex: Person
    ) -> None:
        assert settings.feedback_url == ""
        assert (await alex.prepare()).startswith("/reporting/issued/")
