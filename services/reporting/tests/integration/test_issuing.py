"""From a draft to an issued version that never changes: two people, quotes, files, another version, withdrawal."""

import asyncio
import hashlib
import io
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from reporting_desk import DESK, OF, Feedback, Person, issue, readable, staff
from reporting_records import Sources, complaint
from reporting_said import released, taken_back
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.pdf import Printed
from chassis.unit_of_work import UnitOfWork
from reporting.domain.frozen_report import Frozen
from reporting.settings import ReportingSettings
from reporting.web import issue_files

LIVE = f"/reporting/reports/social-care-complaints{OF}"
API = "/reporting/v1/issued"


async def late(sources: Sources, *references: str) -> None:
    """Complaints of the quarter that come in after it was reported."""
    await sources.record(
        *(complaint(each, date(2022, 5, 9), procedure="corporate", area="safeguarding") for each in references)
    )


async def rows(app: FastAPI, statement: str) -> list[Any]:
    """Rows as the web process sees them in worcestershire."""
    uow: UnitOfWork = app.state.uow
    async with uow.begin("worcestershire") as transaction:
        return list(await transaction.connection.execute(text(statement)))


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
        assert "Total Q1 22/23 59 60" in await sam.get(f"{DESK}{OF}")

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


class TestWhoSees:
    async def test_a_report_of_all_areas_is_for_those_who_see_all(
        self, alex: Person, sam: Person, desk_client: ServiceClient
    ) -> None:
        whole = await issue(alex, sam)
        of = f"{OF}&area=safeguarding"
        part = await issue(alex, sam, of=of)
        limited = Person(desk_client, staff("senior-reader", "Kim Fox", ("safeguarding",)))
        elsewhere = Person(desk_client, staff("senior-reader", "Lou Fox", ("fostering-and-kinship",)))
        for who, seen in ((limited, {part}), (elsewhere, set[str]())):
            for version in (whole, part):
                for path in (version, f"{version}/pdf", f"{version}/workbook"):
                    assert (await who.client.get(path)).status_code == (200 if version in seen else 404), path
            machine = desk_client.acting_as(
                type(who.identity)("worcestershire", "client:bi", "client", frozenset({"reporting:read"}), who.identity.areas)
            )
            told = (await machine.get(API)).json()["items"]
            assert {f"/reporting/issued/{each['id']}" for each in told} == seen
            assert all(each["service_area"] == "safeguarding" for each in told)
            assert (await machine.get(f"{API}/{whole.rpartition('/')[2]}")).status_code == 404
        assert "Safeguarding" in await limited.get(part)
        assert "Version 1 was issued on" in await limited.get(LIVE)
        assert "Version 1 was issued on" not in await elsewhere.get(LIVE)

    async def test_another_organisation_sees_none(self, alex: Person, sam: Person, desk_client: ServiceClient) -> None:
        version = await issue(alex, sam)
        other = desk_client.acting_as(caller("reporting:read", org="telford-wrekin"))
        assert (await other.get(API)).json()["items"] == []
        assert (await other.get(f"{API}/{version.rpartition('/')[2]}")).status_code == 404


class TestRecordsOfReportingsOwn:
    TABLES = ("report_commentary", "report_quotes", "report_issue", "report_file")

    async def test_a_rebuild_leaves_them_and_quotes_wait_until_it_is_done(
        self,
        alex: Person,
        sam: Person,
        robin: Person,
        feedback: Feedback,
        sources: Sources,
        desk_client: ServiceClient,
        desk_app: FastAPI,
    ) -> None:
        plain = await issue(alex, sam)
        path = f"{DESK}/quotes{OF}"
        quote = feedback.has("a", "They listened.")
        assert (await alex.post(path, **await alex.form(path), quotes=[quote])).status_code == 303
        await alex.write("key-messages", "Words.")
        quoting = await issue(alex, sam, reason="A quote was added.")
        held = {table: await rows(desk_app, f"select {table}::text from {table} order by 1") for table in self.TABLES}
        assert all(held.values())
        assert (await desk_client.acting_as(caller("operator")).post("/reporting/v1/replay")).status_code < 300
        for applier in sources.appliers.values():
            await applier.clear()
        assert "Version 1" in await robin.get(plain)
        assert "What you saved before is safe" in await robin.get(quoting, 503)
        await sources.project()
        assert "They listened." in await robin.get(quoting)
        assert {table: await rows(desk_app, f"select {table}::text from {table} order by 1") for table in self.TABLES} == held

    async def test_are_not_for_the_worker_and_not_for_another_organisation(
        self, alex: Person, sam: Person, worker_engine: AsyncEngine, desk_app: FastAPI
    ) -> None:
        await alex.write("key-messages", "Words.")
        await issue(alex, sam)
        for table in self.TABLES:
            with pytest.raises(DBAPIError, match="permission denied"):
                async with worker_engine.connect() as connection:
                    await connection.execute(text(f"select 1 from {table}"))
            uow: UnitOfWork = desk_app.state.uow
            async with uow.begin("telford-wrekin") as transaction:
                assert list(await transaction.connection.execute(text(f"select 1 from {table}"))) == []


class TestMachines:
    async def test_list_read_and_fetch_what_was_issued(
        self, alex: Person, sam: Person, desk_client: ServiceClient, sources: Sources
    ) -> None:
        await alex.write("key-messages", "Words.")
        first = await issue(alex, sam)
        await late(sources, "late-1")
        waiting = await issue(alex, sam, reason="Late.")
        told = (await desk_client.get(API, params={"report": "social-care-complaints", "period": "2022-23-q1"})).json()
        assert [(each["number"], each["state"]) for each in told["items"]] == [(2, "issued"), (1, "issued")]
        assert (await desk_client.get(API, params={"report": "case-file-audits"})).json()["items"] == []
        answer = await desk_client.get(f"{API}/{waiting.rpartition('/')[2]}")
        body = answer.json()
        assert body["reason"] == "Late."
        assert {"table", "title", "row", "column", "before", "after"} == set(body["changes"][0])
        assert body["texts"] == [{"section": "key-messages", "title": "Key messages", "words": "Words."}]
        assert set(body["positions"]) == {"audit", "feedback", "complaints"}
        assert body["content"]["tables"][0]["code"] == "complaints-received"
        tagged = await desk_client.get(answer.request.url.path, headers={"If-None-Match": answer.headers["etag"]})
        assert tagged.status_code == 304
        pdf = await desk_client.get(f"{API}/{first.rpartition('/')[2]}/pdf")
        assert pdf.content == (await alex.client.get(f"{first}/pdf")).content
        assert (await desk_client.get(API, params={"after": "nonsense"})).status_code == 422

    async def test_see_nothing_that_is_on_its_way(self, alex: Person, desk_client: ServiceClient) -> None:
        version = (await alex.prepare()).rpartition("/")[2]
        assert (await desk_client.get(f"{API}/{version}")).status_code == 404
        officer = desk_client.acting_as(alex.identity)
        assert (await officer.get(f"{API}/{version}")).status_code == 404


class TestPublic:
    async def test_holds_nothing_that_was_suppressed_and_names_nobody(
        self, alex: Person, sam: Person, robin: Person, desk_app: FastAPI
    ) -> None:
        desk, of = "/reporting/reports/complaints-annual-public/desk", "?period=2021-22"
        version = await issue(alex, sam, desk=desk, of=of)
        secrets = desk_app.state.desk.secrets
        (row,) = await rows(desk_app, "select id, frozen_sealed from report_issue")
        content = secrets.open_bytes("worcestershire", "reporting/issued", row.frozen_sealed, bound=str(row.id))
        frozen = Frozen.load(content)
        cells = [(column, cell) for table in frozen.view.tables for each in table.rows
                 for column, cell in zip(table.columns, each.cells, strict=True)]  # fmt: skip
        assert any(cell.state.value == "suppressed" for _, cell in cells)
        assert not [cell for column, cell in cells if column.show == "count" and cell.value and cell.value < 6]
        assert all((cell.value, cell.n, cell.of) == (None, None, None) for _, cell in cells if cell.state.value == "suppressed")
        assert b"Tally" not in content
        page = await robin.get(version)
        assert "Alex Morgan" not in page.partition("The figures")[0].rpartition("Version 1")[2]
        printed = Printed((await robin.client.get(f"{version}/pdf")).content)
        assert "Alex Morgan" not in printed.text
        assert "Internal" not in printed.text
