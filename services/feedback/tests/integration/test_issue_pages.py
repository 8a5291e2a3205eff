"""Officers issue one link, see who has not answered, withdraw and issue again; nobody learns what was said."""

import asyncio
import csv
import io
import re
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.housekeeping import Housekeeping
from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.pdf import Printed

NEW = "/feedback/links/new"
LETTER = {
    "questionnaire": "new-ehcp", "service_area": "send", "team": "send-north", "channel": "letter", "language": "cy",
    "reference": "EHCP-1",
}  # fmt: skip
_FIELD = 'name="{}" value="([^"]+)"'


class Officer:
    """A QA officer's browser without script: every page checked."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        http.headers["accept"] = "text/html"
        check_pages(http)

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(path, params=query or None)

    async def field(self, path: str, name: str) -> str:
        found = re.findall(_FIELD.format(name), (await self.get(path)).text)
        return str(found[-1])

    async def post(self, path: str, *, at: str = "", **fields: str) -> httpx.Response:
        token = await self.field(at or path, "csrf")
        return await self.http.post(path, data={"csrf": token, **fields})

    async def issue(self, **changes: str) -> str:
        """Issue one link; the address of the page that tells it."""
        sent = await self.post(NEW, **{**LETTER, "key": await self.field(NEW, "key"), **changes})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    async def link(self, told: str) -> str:
        rows = list(csv.DictReader(io.StringIO((await self.get(f"{told}/links.csv")).text.lstrip("\ufeff"))))
        return rows[0]["link"]


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


def shown(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


class TestOneLink:
    async def test_a_letter_is_issued_told_and_begins_in_its_language(self, officer: Any, family: Any, sql: Any) -> None:
        told = await officer.issue()
        page = await officer.get(told)
        link = await officer.link(told)
        assert link in page.text
        await family.open(link)
        assert 'lang="cy"' in (await family.get("/s/start")).text
        [row] = await sql.rows("select client, reference, language, issue, team from feedback.invitation")
        assert row == {"client": "staff:new-ehcp", "reference": "EHCP-1", "language": "cy", "issue": 1, "team": "send-north"}

    async def test_a_poster_is_for_everybody(self, officer: Any, sql: Any) -> None:
        told = await officer.issue(channel="poster", language="")
        pdf = Printed((await officer.get(f"{told}/poster.pdf")).content)
        assert "Everybody gets the same code" in pdf.text
        assert await sql.value("select reusable from feedback.invitation")

    async def test_every_file_is_there_and_only_those(self, officer: Any) -> None:
        told = await officer.issue(language="en")
        for name, kind in (
            ("links.csv", "text/csv; charset=utf-8"),
            ("links.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("inserts-1.pdf", "application/pdf"),
            ("sheet-1.pdf", "application/pdf"),
            ("code.svg", "image/svg+xml"),
            ("code.png", "image/png"),
        ):
            answer = await officer.get(f"{told}/{name}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, kind), name
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
        for name in ("poster.pdf", "inserts-2.pdf", "inserts-0.pdf", "links.txt"):
            assert (await officer.get(f"{told}/{name}")).status_code == 404, name

    async def test_a_workbook_for_a_mail_merge_has_link_and_code(self, officer: Any) -> None:
        told = await officer.issue()
        book = openpyxl.load_workbook(io.BytesIO((await officer.get(f"{told}/links.xlsx")).content))
        rows = list(book.worksheets[0].values)
        assert rows[0][:4] == ("reference", "link", "short code", "address to type")
        assert rows[1][:2] == ("EHCP-1", await officer.link(told))

    async def test_two_clicks_at_once_issue_one_link(self, officer: Any, sql: Any) -> None:
        page = (await officer.get(NEW)).text
        fields = {name: re.findall(_FIELD.format(name), page)[-1] for name in ("csrf", "key")}
        sent = await asyncio.gather(*(officer.http.post(NEW, data={**LETTER, **fields, "reference": ""}) for _ in range(3)))
        assert len({answer.headers["location"] for answer in sent}) == 1
        assert await sql.value("select count(*) from feedback.invitation") == 1

    async def test_whoever_goes_back_and_changes_the_form_is_asked_and_issues_another(self, officer: Any, sql: Any) -> None:
        page = (await officer.get(NEW)).text
        fields = {name: re.findall(_FIELD.format(name), page)[-1] for name in ("csrf", "key")}
        assert (await officer.http.post(NEW, data={**LETTER, **fields})).status_code == 303
        changed = {**LETTER, **fields, "reference": "EHCP-2"}
        again = await officer.http.post(NEW, data=changed)
        assert again.status_code == 422
        assert "press again to issue another" in again.text
        key = re.findall(_FIELD.format("key"), again.text)[-1]
        assert (await officer.http.post(NEW, data={**changed, "key": key})).status_code == 303
        assert await sql.value("select count(*) from feedback.invitation") == 2

    async def test_a_reference_that_has_a_link_is_said_beside_its_field(self, officer: Any, colleague: Any, sql: Any) -> None:
        await officer.issue()
        sent = await colleague.post(NEW, **LETTER, key="other")
        assert sent.status_code == 422
        assert "has a link for this questionnaire already" in sent.text
        assert await sql.value("select count(*) from feedback.invitation") == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"questionnaire": ""}, "questionnaire"), ({"service_area": ""}, "service_area"),
            ({"channel": "pigeon"}, "channel"),
            ({"team": "no-such"}, "team"), ({"team": "<b>"}, "team"), ({"language": "so"}, "language"),
            ({"expires_on-day": "31", "expires_on-month": "2", "expires_on-year": "2027"}, "expires_on"),
            ({"expires_on-day": "1", "expires_on-month": "2", "expires_on-year": "2020"}, "expires_on"),
            ({"about_on-day": "x"}, "about_on"),
            ({"reference": "x" * 101}, "reference"), ({"questionnaire": "no-such"}, "questionnaire"),
        ],
    )  # fmt: skip
    async def test_what_is_wrong_is_said_beside_its_field(
        self, officer: Any, sql: Any, changes: dict[str, str], field: str
    ) -> None:
        sent = await officer.post(NEW, **{**LETTER, "key": "k", **changes})
        assert sent.status_code == 422
        assert f'href="#{field}"' in sent.text
        assert await sql.value("select count(*) from feedback.invitation") == 0

    async def test_a_form_of_somebody_else_is_refused(self, officer: Any, colleague: Any) -> None:
        token = await colleague.field(NEW, "csrf")
        assert (await officer.http.post(NEW, data={**LETTER, "csrf": token, "key": "k"})).status_code == 403


class TestToldOnce:
    async def test_nobody_else_can_open_them_and_a_stolen_table_tells_none(
        self, officer: Any, colleague: Any, sql: Any
    ) -> None:
        told = await officer.issue()
        assert (await colleague.get(told)).status_code == 404
        assert (await colleague.get(f"{told}/links.csv")).status_code == 404
        token = (await officer.link(told)).rpartition("/")[2]
        code = re.search(r"Short code (\S+)", shown(await officer.get(told)))
        assert code is not None
        for table in ("invitation", "link", "outbox", "idempotency", "upload", "draft", "profile"):
            rows = str(await sql.rows(f"select t::text as row from feedback.{table} t"))
            assert token not in rows, table
            assert code[1] not in rows, table

    async def test_they_are_deleted_when_the_officer_says_so_and_go_on_working(self, officer: Any, family: Any) -> None:
        told = await officer.issue()
        link = await officer.link(told)
        assert (await officer.post(told)).status_code == 303
        gone = await officer.get(told)
        assert gone.status_code == 404
        assert "issue it again" in shown(gone)
        await family.open(link)

    async def test_they_are_kept_for_eight_hours(self, officer: Any, sql: Any) -> None:
        told = await officer.issue()
        kept = await sql.value("select expires_at - made_at from feedback.upload")
        assert kept.total_seconds() == 8 * 3600
        hours = "- interval '9 hours'"
        await sql.execute(f"update feedback.upload set made_at = made_at {hours}, expires_at = expires_at {hours}")
        assert (await officer.get(told)).status_code == 404

    async def test_the_worker_clears_them_away_afterwards(self, officer: Any, sql: Any, database: Any) -> None:
        await officer.issue()
        hours = "- interval '9 hours'"
        await sql.execute(f"update feedback.upload set made_at = made_at {hours}, expires_at = expires_at {hours}")
        engine = create_async_engine(database.url("worker").replace("postgresql", "postgresql+asyncpg"))
        try:
            assert await Housekeeping(engine, uploads=True).clear() == 1
        finally:
            await engine.dispose()
        assert await sql.value("select count(*) from feedback.upload") == 0

    async def test_no_log_line_has_a_link_or_a_code(self, officer: Any, capsys: Any) -> None:
        told = await officer.issue()
        token = (await officer.link(told)).rpartition("/")[2]
        await officer.get(f"{told}/inserts-1.pdf")
        written = capsys.readouterr()
        assert token not in written.out + written.err


class TestIssuedAgain:
    async def listed(self, officer: Any, sql: Any) -> str:
        return f"/feedback/links/{await sql.value('select id from feedback.invitation order by id desc limit 1')}"

    async def test_the_old_link_dies_and_the_new_one_lives_under_the_same_reference(
        self, officer: Any, family: Any, other_phone: Any, sql: Any
    ) -> None:
        old = await officer.link(await officer.issue(language="en"))
        await family.open(old)
        await family.answer(1, answer="yes")
        page = await self.listed(officer, sql)
        told = (await officer.post(f"{page}/issue-again", at=page)).headers["location"]
        new = await officer.link(told)
        assert (await family.get("/s/question/2")).status_code == 404  # who was in the survey is out of it
        assert (await other_phone.get(old)).status_code == 404
        await other_phone.open(new)
        await other_phone.answer_all()
        await other_phone.send()
        rows = await sql.rows("select issue, withdrawn_on, used_on, reference from feedback.invitation order by issue")
        assert [row["issue"] for row in rows] == [1, 2]
        assert rows[0]["withdrawn_on"]
        assert not rows[0]["used_on"]
        assert rows[1]["used_on"]
        assert {row["reference"] for row in rows} == {"EHCP-1"}
        assert await sql.value("select count(*) from feedback.draft where not submitted") == 0
        subjects = [row["subject"] for row in await sql.rows("select subject from feedback.outbox order by position")]
        assert [each.rpartition(".")[2] for each in subjects] == [
            "invitation_issued", "invitation_withdrawn", "invitation_issued", "response_submitted",
        ]  # fmt: skip
        assert "took its place" in shown(await officer.get(page))

    async def test_two_clicks_issue_it_once_and_a_colleague_is_told(self, officer: Any, colleague: Any, sql: Any) -> None:
        await officer.issue()
        page = await self.listed(officer, sql)
        token = await officer.field(page, "csrf")
        sent = await asyncio.gather(*(officer.http.post(f"{page}/issue-again", data={"csrf": token}) for _ in range(3)))
        assert len({answer.headers["location"] for answer in sent}) == 1
        newest = await self.listed(officer, sql)
        refused = await colleague.http.post(f"{page}/issue-again", data={"csrf": await colleague.field(newest, "csrf")})
        assert refused.status_code == 409
        assert await sql.value("select count(*) from feedback.invitation") == 2

    async def test_an_answered_letter_is_not_issued_again(self, officer: Any, family: Any, sql: Any) -> None:
        await family.open(await officer.link(await officer.issue(language="en")))
        await family.send()
        page = await self.listed(officer, sql)
        assert "Issue a new link" not in (await officer.get(page)).text
        token = await officer.field(NEW, "csrf")
        assert (await officer.http.post(f"{page}/issue-again", data={"csrf": token})).status_code == 409

    async def test_a_family_that_submits_at_that_moment_is_counted_or_told_and_nobody_waits_for_ever(
        self, officer: Any, family: Any, sql: Any
    ) -> None:
        for number in range(6):
            await family.open(await officer.link(await officer.issue(language="en", reference=f"R-{number}")))
            await family.answer(1, answer="yes")
            page = await self.listed(officer, sql)
            csrf = await officer.field(page, "csrf")
            token = await family.token("/s/check")
            sent, again = await asyncio.gather(
                family.http.post("/s/check", data={"csrf": token}),
                officer.http.post(f"{page}/issue-again", data={"csrf": csrf}),
            )
            assert (sent.status_code, again.status_code) in {(303, 409), (404, 303)}
        answered = await sql.value("select count(*) from feedback.invitation where used_on is not null")
        assert answered == await sql.value("select count(*) from feedback.response")

    async def test_a_link_of_a_machine_keeps_its_reference_and_client(
        self, officer: Any, issue: Any, client: Any, sql: Any
    ) -> None:
        issued = await issue(reference="A-1")
        page = await self.listed(officer, sql)
        assert (await officer.post(f"{page}/issue-again", at=page)).status_code == 303
        rows = await sql.rows("select client, reference, issue from feedback.invitation order by issue")
        assert [(row["client"], row["reference"]) for row in rows] == [("client:test", "A-1")] * 2
        body = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter", "reference": "A-1"}
        answer = await client.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": "again"})
        assert answer.json()["status"] == "unchanged"
        assert answer.json()["invitation_id"] != issued["invitation_id"]

    async def test_withdrawing_twice_changes_nothing(self, officer: Any, family: Any, sql: Any) -> None:
        link = await officer.link(await officer.issue())
        page = await self.listed(officer, sql)
        token = await officer.field(page, "csrf")
        for _ in range(2):
            assert (await officer.http.post(f"{page}/withdraw", data={"csrf": token})).status_code == 303
        assert (await family.get(link)).status_code == 404
        assert "Withdrawn" in shown(await officer.get(page))


class TestList:
    async def test_it_says_who_has_not_answered_and_nothing_of_what_was_said(
        self, officer: Any, family: Any, other_phone: Any, sql: Any
    ) -> None:
        for number in range(4):
            link = await officer.link(await officer.issue(reference=f"EHCP-{number}", language="en"))
            if number == 0:
                await family.open(link)
                await family.answer_all()
                await family.send()
            if number == 1:
                await other_phone.open(link)
                await other_phone.answer(1, answer="no")
        await officer.issue(reference="", channel="poster")
        text = shown(await officer.get("/feedback/links"))
        for words in ("EHCP-0 New EHCP", "Begun", "Not answered", "In use"):
            assert words in text
        waiting = shown(await officer.get("/feedback/links", stands="waiting"))
        assert [name for name in ("EHCP-0", "EHCP-1", "EHCP-2", "EHCP-3") if name in waiting] == ["EHCP-1", "EHCP-2", "EHCP-3"]
        assert "EHCP-1" in shown(await officer.get("/feedback/links", stands="begun"))
        assert "EHCP-2" not in shown(await officer.get("/feedback/links", stands="begun"))
        answered = await officer.get("/feedback/links", stands="answered")
        assert "EHCP-0" in shown(answered)
        response = await sql.value("select id from feedback.response")
        assert str(response) not in answered.text
        assert str(response) not in (await officer.get("/feedback/links")).text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"reference": "ehcp-"}, True), ({"reference": "HCP"}, False),
            ({"reference": "%"}, False), ({"reference": "_"}, False),
            ({"team": "send-north"}, True), ({"team": "x"}, False),
            ({"channel": "letter"}, True), ({"channel": "email"}, False),
            ({"month": "1999-01"}, False), ({"month": "x"}, True), ({"questionnaire": "new-ehcp"}, True),
            ({"questionnaire": "'; drop"}, False), ({"stands": "ended"}, False), ({"stands": "withdrawn"}, False),
            ({"stands": "poster"}, False), ({"stands": "no-such"}, True),
        ],
    )  # fmt: skip
    async def test_it_is_narrowed(self, officer: Any, query: dict[str, str], found: bool) -> None:
        await officer.issue()
        assert ("EHCP-1" in (await officer.get("/feedback/links", **query)).text) == found

    async def test_those_who_have_not_answered_can_be_fetched_as_a_sheet(self, officer: Any, family: Any) -> None:
        await family.open(await officer.link(await officer.issue(language="en", reference="=A-1")))
        await family.send()
        await officer.issue(reference="=A-2")
        answer = await officer.get("/feedback/links.csv", stands="waiting")
        rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert [(row["reference"], row["stands"], row["team"]) for row in rows] == [("'=A-2", "Not answered", "North Team")]

    async def test_this_month_holds_it(self, officer: Any, sql: Any) -> None:
        await officer.issue()
        month = await sql.value("select to_char(issued_on, 'YYYY-MM') from feedback.invitation")
        assert "EHCP-1" in (await officer.get("/feedback/links", month=month)).text

    async def test_pages_follow_one_another_without_a_gap(self, officer: Any, client: Any) -> None:
        body = [
            {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter", "reference": f"B-{number:03}"}
            for number in range(120)
        ]
        await client.post("/feedback/v1/invitations/batch", json={"invitations": body}, headers={"Idempotency-Key": "k"})
        path, seen = "/feedback/links?channel=letter", []
        while path:
            page = (await officer.http.get(path)).text
            seen += re.findall(r">(B-\d+)<", page)
            more = re.search(r'href="([^"]+)">Earlier links', page)
            path = more[1].replace("&amp;", "&") if more else ""
        assert sorted(seen) == [f"B-{number:03}" for number in range(120)]

    async def test_an_officer_of_one_area_sees_that_area(self, app: FastAPI, keys: Keys, officer: Any, sql: Any) -> None:
        await officer.issue()
        ident = await sql.value("select id from feedback.invitation")
        elsewhere = Identity("worcestershire", "staff:x", "staff", frozenset({"role:qa-officer"}), frozenset({"safeguarding"}))
        other_org = Identity("telford-wrekin", "staff:x", "staff", frozenset({"role:qa-officer"}))
        for identity in (elsewhere, other_org):
            async with ServiceClient(app, keys, "feedback", identity) as http:
                narrow = Officer(http)
                assert "EHCP-1" not in (await narrow.get("/feedback/links")).text
                assert (await narrow.get(f"/feedback/links/{ident}")).status_code == 404
                token = await narrow.field(NEW, "csrf")
                for step in ("withdraw", "issue-again"):
                    assert (await http.post(f"/feedback/links/{ident}/{step}", data={"csrf": token})).status_code == 404
