"""A family asks to be contacted: once, apart from its answers, seen by whom it concerns, and deleted after."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.identity import Identity
from chassis.mail_queue import unseal
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.testing.page_client import check_pages
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.use_cases.watch_contacts import Contacts

ORG = "worcestershire"
PATH = "/feedback/contacts"
WRITTEN = {
    "name": "Jo Bloggs", "phone": "01632 960 777", "email": "jo.bloggs@example.org", "best": "after four",
    "about": "The plan of my son Sam",
}  # fmt: skip
SEND_TEAM, OTHER_TEAM = "send-contact@worcestershire.example", "family-contact@worcestershire.example"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="(\d+)"')


class Clock:
    """What the worker takes for now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def watch(app: FastAPI, database: Database, clock: Clock, secrets_of_service: Any) -> AsyncIterator[Contacts]:
    """The worker's task, as the role that the worker has."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield Contacts(UnitOfWork(engine), Context(secrets_of_service, Profiles(), "https://loop.example"), clock)
    await engine.dispose()


def person(code: str, role: str = "family-contact", org: str = ORG, areas: frozenset[str] = frozenset()) -> Identity:
    return Identity(org, f"staff:{code}", "staff", frozenset({f"role:{role}"}), areas, label=f"{code.title()} Clarke")


class Desk:
    """A member of staff at the pages."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    async def get(self, path: str = PATH) -> httpx.Response:
        return await self.http.get(path, headers={"accept": "text/html"})

    async def send(self, path: str, page: str, **fields: str) -> httpx.Response:
        revision = _REVISION.search(page)
        data = {"csrf": _TOKEN.findall(page)[-1], "revision": revision[1] if revision else "", **fields}
        return await self.http.post(path, data=data, headers={"accept": "text/html"})

    async def take(self, request: str, step: str, **fields: str) -> httpx.Response:
        page = await self.get(f"{request}/{step}" if step != "take" else request)
        assert page.status_code == 200, page.text
        return await self.send(f"{request}/{step}", page.text, **fields)


Sit = Callable[..., Desk]


@pytest.fixture
async def sit(app: FastAPI, keys: Keys) -> AsyncIterator[Sit]:
    opened: list[ServiceClient] = []

    def seat(code: str = "mo", **who: Any) -> Desk:
        client = ServiceClient(app, keys, "feedback", person(code, **who))
        check_pages(client)
        opened.append(client)
        return Desk(client)

    yield seat
    for each in opened:
        await each.aclose()


@pytest.fixture
async def sent(family: Any, issue: Any) -> None:
    """A family that has sent its answers."""
    await family.open((await issue())["url"])
    await family.answer_all()
    await family.send()


@pytest.fixture
async def request_(family: Any, sent: None, sql: Any) -> str:
    """A request, by the address of its page."""
    answer = await family.post("/s/contact", **WRITTEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/s/contact"), answer.text
    return f"{PATH}/{await sql.value('select id from feedback.contact_request')}"


async def mails(sql: Any, secrets: Any) -> list[tuple[str, str, str]]:
    rows = await sql.rows("select recipient, content from feedback.mail order by created_at, key")
    opened = [unseal(secrets, ORG, bytes(row["recipient"]), bytes(row["content"])) for row in rows]
    return [(each.to, each.subject, each.body) for each in opened]


class TestAsking:
    async def test_it_is_offered_after_the_answers_and_says_who_and_when(self, family: Any, sent: None) -> None:
        assert "Ask somebody to contact me" in (await family.get("/s/done")).text
        page = (await family.get("/s/contact")).text
        assert "Somebody from the SEND family contact team will contact you, on " in page
        assert "Only the people who contact you see it. It is deleted 30 days after" in page
        assert "0800 1111" in page
        assert 'autocomplete="tel"' in page

    async def test_a_request_is_kept_sealed_and_leads_to_no_answer(self, request_: str, family: Any, sql: Any) -> None:
        [row] = await sql.rows("select * from feedback.contact_request")
        assert b"Jo" not in row["details"]
        assert not {"response_id", "invitation_id", "draft_id", "asked_at"} & set(row)
        response = await sql.value("select id from feedback.response")
        invitation = await sql.value("select id from feedback.invitation")
        everything = str(
            [await sql.rows(f"select t::text as r from feedback.{t} t") for t in ("contact_request", "contact_once")]
        )
        assert str(response) not in everything
        assert str(invitation) not in everything
        # Random of the fourth kind, not ordered by time.
        assert row["id"].version == 4
        assert "We will contact you" in (await family.get("/s/contact")).text
        assert "You asked us to contact you" in (await family.get("/s/done")).text

    async def test_what_was_promised_stays_what_was_promised(self, request_: str, family: Any, sql: Any) -> None:
        await sql.execute("update feedback.contact_once set day = '2026-12-03'")
        assert "on 7/12/2026 at the latest" in (await family.get("/s/contact")).text

    async def test_before_the_answers_are_sent_nobody_is_asked(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        token = await family.token("/s/question/1")
        for answer in (await family.get("/s/contact"), await family.http.post("/s/contact", data={"csrf": token, **WRITTEN})):
            assert answer.headers["location"] == "/s/done"
        assert await sql.value("select count(*) from feedback.contact_request") == 0

    async def test_it_is_kept_once_however_often_it_is_sent(self, family: Any, sent: None, sql: Any) -> None:
        token = await family.token("/s/contact")
        data = {"csrf": token, **WRITTEN}
        answers = await asyncio.gather(*(family.http.post("/s/contact", data=data) for _ in range(4)))
        answers.append(await family.http.post("/s/contact", data={**data, "name": "Somebody else"}))
        assert {each.headers["location"] for each in answers} == {"/s/contact"}
        assert await sql.value("select count(*) from feedback.contact_request") == 1

    async def test_what_is_wrong_is_said_beside_its_field_and_nothing_that_was_typed_is_lost(
        self, family: Any, sent: None, sql: Any
    ) -> None:
        answer = await family.post("/s/contact", **{**WRITTEN, "phone": "123", "name": ""})
        assert answer.status_code == 422
        for words in ("Write your name", "Write a telephone number with all its digits", "jo.bloggs@example.org", "my son Sam"):
            assert words in answer.text
        stale = await family.http.post("/s/contact", data={**WRITTEN, "csrf": "x"})
        assert stale.status_code == 403
        assert "Nothing is lost" in stale.text
        assert "my son Sam" in stale.text
        assert await sql.value("select count(*) from feedback.contact_request") == 0

    async def test_what_somebody_types_is_shown_as_they_typed_it(self, family: Any, sent: None) -> None:
        answer = await family.post("/s/contact", **{**WRITTEN, "phone": "", "email": '"><script>alert(1)</script>'})
        assert answer.status_code == 422
        assert "<script>" not in answer.text

    async def test_on_a_poster_every_visit_asks_for_itself(self, family: Any, other_phone: Any, issue: Any, sql: Any) -> None:
        poster = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        for phone in (family, other_phone):
            await phone.open(poster["url"])
            await phone.answer(3, answer="Thank you")
            await phone.send()
            assert (await phone.post("/s/contact", **WRITTEN)).status_code == 303
        assert await sql.value("select count(*) from feedback.contact_request") == 2

    async def test_a_child_is_told_in_a_childs_words_who_will_call(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue(questionnaire="living-where-i-live", service_area="through-care"))["url"])
        await family.answer(1, answer="5")
        await family.send()
        page = (await family.get("/s/contact")).text
        assert "Do you want somebody to call you?" in page
        assert "Somebody from the family contact team will call you." in page
        assert "What do you want to talk about?" in page
        assert (await family.post("/s/contact", name="Lee", phone="07700 900 123")).status_code == 303
        assert "Somebody will call you" in (await family.get("/s/contact")).text
        assert await sql.value("select young from feedback.contact_request")

    async def test_where_the_profile_names_nobody_it_is_not_offered(
        self, family: Any, sent: None, operator: Any, documents: Any
    ) -> None:
        document = documents(ORG)
        del document["families"]["contact"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": uuid4().hex})).status_code == 200
        assert "Ask somebody to contact me" not in (await family.get("/s/done")).text
        assert (await family.get("/s/contact")).headers["location"] == "/s/done"

    async def test_it_speaks_the_surveys_language(self, family: Any, issue: Any) -> None:
        await family.open((await issue(language="cy"))["url"])
        await family.answer_all()
        await family.send()
        page = (await family.get("/s/contact")).text
        assert 'lang="cy"' in page
        assert "Rhywun o&#39;r tîm cyswllt teuluoedd ADY fydd yn cysylltu â chi" in page
        answer = await family.post("/s/contact", name="Jo")
        assert "Ysgrifennwch rif ffôn" in answer.text
        token = await family.token("/s/contact")
        switched = await family.http.post("/s/language?back=contact", data={"csrf": token, "language": "en"})
        assert switched.headers["location"] == "/s/contact"
        assert "Ask somebody to contact you" in (await family.get("/s/contact")).text


class TestWorries:
    async def test_words_of_the_list_open_a_worry_that_outlives_the_request(
        self, family: Any, sent: None, sql: Any, sit: Sit, watch: Contacts, clock: Clock
    ) -> None:
        words = "my step dad hits me and i cant tell anyone"
        assert (await family.post("/s/contact", **{**WRITTEN, "about": words})).status_code == 303
        [concern] = await sql.rows("select * from feedback.concern")
        assert concern["response_id"] is None
        assert b"dad" not in concern["asked"]
        assert await sql.value("select key from feedback.mail") == f"worry:{concern['id']}:opened"
        clock.now += timedelta(days=91)
        await watch.once()
        assert await sql.value("select count(*) from feedback.contact_request") == 0
        duty = sit("dee", role="safeguarding-duty")
        assert "W-0001" in (await duty.get("/feedback/worries")).text
        page = (await duty.get(f"/feedback/worries/{concern['id']}")).text
        for shown in (words, "01632 960 777", "A request to be contacted", "They asked to be contacted"):
            assert shown in page
        assert (await duty.take(f"/feedback/worries/{concern['id']}", "take")).status_code == 404
        assert (await duty.get("/feedback/worries/counts")).status_code == 200

    async def test_other_words_open_none(self, request_: str, sql: Any) -> None:
        assert await sql.value("select count(*) from feedback.concern") == 0


class TestQueue:
    async def test_the_queue_shows_no_name_and_a_request_shows_it_and_that_is_written_down(
        self, request_: str, sit: Sit, sql: Any
    ) -> None:
        mo = sit()
        queue = (await mo.get()).text
        reference = await sql.value("select reference from feedback.contact_request")
        assert reference in queue
        for hidden in WRITTEN.values():
            assert hidden not in queue
        await mo.get(request_)
        page = (await mo.get(request_)).text
        for shown in WRITTEN.values():
            assert shown in page
        await sit("al").get(request_)
        looks = await sql.rows("select by_subject, by_name from feedback.contact_history where what = 'read' order by at")
        assert [row["by_subject"] for row in looks] == ["staff:mo", "staff:al"]
        assert b"Clarke" not in looks[0]["by_name"]

    async def test_it_is_taken_tried_reached_and_closed(self, request_: str, sit: Sit, sql: Any) -> None:
        mo = sit()
        for step, words in (("take", ""), ("tried", "No answer at four"), ("reached", ""), ("close", "Sent the plan")):
            answer = await mo.take(request_, step, words=words)
            assert (answer.status_code, answer.headers["location"]) == (303, request_), step
        page = (await mo.get(request_)).text
        for shown in ("Took it", "Tried and did not reach them", "No answer at four", "Sent the plan", "Mo Clarke"):
            assert shown in page
        words = await sql.rows("select words from feedback.contact_history where words is not null")
        assert not any(b"plan" in row["words"] for row in words)
        assert "Closed, and deleted after 30 days" in (await mo.get()).text

    async def test_two_people_at_once_and_two_clicks(self, request_: str, sit: Sit, sql: Any) -> None:
        mo, al = sit(), sit("al")
        pages = [(await each.get(request_)).text for each in (mo, al)]
        first, second = await asyncio.gather(mo.send(f"{request_}/take", pages[0]), al.send(f"{request_}/take", pages[1]))
        assert sorted([first.status_code, second.status_code]) == [303, 412]
        assert await sql.value("select count(*) from feedback.contact_history where what = 'take'") == 1
        winner, page = (mo, pages[0]) if first.status_code == 303 else (al, pages[1])
        assert (await winner.send(f"{request_}/take", page)).status_code == 303, "a second click"
        form = (await winner.get(f"{request_}/close")).text
        other = al if winner is mo else mo
        await other.take(request_, "take")
        stale = await winner.send(f"{request_}/close", form, words="Rang and sent the plan")
        assert stale.status_code == 412
        assert "Rang and sent the plan" in stale.text

    async def test_closing_needs_words(self, request_: str, sit: Sit) -> None:
        mo = sit()
        await mo.take(request_, "take")
        answer = await mo.take(request_, "close", words="  ")
        assert answer.status_code == 422
        assert "Say what was done" in answer.text
        assert (await mo.get(f"{request_}/take")).status_code == 404
        assert (await mo.get(f"{request_}/nothing")).status_code == 404

    async def test_others_see_nothing(self, request_: str, sit: Sit, sql: Any) -> None:
        for who in ({"role": "qa-officer"}, {"role": "safeguarding-duty"}, {"role": "manager"}):
            assert (await sit("x", **who).get(request_)).status_code == 403
        elsewhere = sit("y", areas=frozenset({"safeguarding"}))
        assert (await elsewhere.get(request_)).status_code == 404
        assert "C-" not in (await elsewhere.get()).text
        for role in ("family-contact", "qa-officer"):
            assert (await sit("z", org="telford-wrekin", role=role).get(request_)).status_code == 404
        assert await sql.value("select count(*) from feedback.contact_history") == 0

    async def test_where_nobody_is_named_any_more_the_family_contact_team_has_them(
        self, request_: str, sit: Sit, operator: Any, documents: Any
    ) -> None:
        document = documents(ORG)
        del document["families"]["contact"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": uuid4().hex})).status_code == 200
        assert WRITTEN["phone"] in (await sit().get(request_)).text


class TestTelling:
    async def test_whose_it_is_is_told_in_a_batch_and_once(
        self, family: Any, other_phone: Any, issue: Any, watch: Contacts, sql: Any, secrets_of_service: Any
    ) -> None:
        for phone in (family, other_phone):
            await phone.open((await issue())["url"])
            await phone.answer_all()
            await phone.send()
            await phone.post("/s/contact", **WRITTEN)
        assert await sql.value("select count(*) from feedback.mail") == 0, "not at the moment of asking"
        assert await watch.once() == 1
        assert await watch.once() == 0
        [(to, subject, body)] = await mails(sql, secrets_of_service)
        assert (to, subject) == (SEND_TEAM, "2 families ask to be contacted")
        assert "https://loop.example/feedback/contacts" in body
        for hidden in (*WRITTEN.values(), "EHCP", "send"):
            assert hidden not in body

    async def test_those_that_wait_too_long_are_reminded_of_each_working_day_until_they_are_reached(
        self, request_: str, watch: Contacts, clock: Clock, sql: Any, secrets_of_service: Any, sit: Sit
    ) -> None:
        await sql.execute("update feedback.contact_request set asked_on = '2026-12-01', due_on = '2026-12-03'")
        clock.now = datetime(2026, 12, 3, 12, tzinfo=UTC)
        assert await watch.once() == 1  # that it came in
        for day, hour, asked in ((4, 8, 0), (4, 9, 1), (4, 15, 0), (5, 12, 0), (6, 12, 0), (7, 12, 1)):
            clock.now = datetime(2026, 12, day, hour, tzinfo=UTC)
            assert await watch.once() == asked, (day, hour)
        mo = sit()
        await mo.take(request_, "take")
        clock.now = datetime(2026, 12, 8, 12, tzinfo=UTC)
        assert await watch.once() == 1, "taking it is not reaching them"
        await mo.take(request_, "reached")
        clock.now = datetime(2026, 12, 9, 12, tzinfo=UTC)
        assert await watch.once() == 0
        assert {subject for _, subject, _ in (await mails(sql, secrets_of_service))[1:]} == {"A family waits to be contacted"}

    async def test_several_workers_tell_once(self, request_: str, watch: Contacts) -> None:
        assert sum(await asyncio.gather(*(watch.once() for _ in range(4)))) == 1


class TestDeleting:
    @pytest.mark.parametrize(("closed_days", "asked_days", "left"), [(29, 31, 1), (30, 31, 0), (None, 89, 1), (None, 90, 0)])
    async def test_nothing_is_left_in_any_table_when_its_time_is_over(
        self,
        request_: str,
        watch: Contacts,
        clock: Clock,
        sql: Any,
        sit: Sit,
        closed_days: int | None,
        asked_days: int,
        left: int,
    ) -> None:
        mo = sit()
        for step in ("take", "tried", "reached", *(["close"] if closed_days is not None else [])):
            await mo.take(request_, step, words="Spoke with Jo Bloggs")
        ident = request_.rpartition("/")[2]
        reference = await sql.value("select reference from feedback.contact_request")
        today = clock.now.date()
        closed_on: date | None = today - timedelta(days=closed_days) if closed_days is not None else None
        await sql.execute(
            "update feedback.contact_request set asked_on = $1, due_on = $1, closed_on = $2",
            today - timedelta(days=asked_days), closed_on,
        )  # fmt: skip
        await sql.execute("update feedback.contact_once set day = $1", today - timedelta(days=asked_days))
        await watch.once()
        assert await sql.value("select count(*) from feedback.contact_request") == left
        assert bool(await sql.value("select count(*) from feedback.contact_history")) == bool(left)
        assert await sql.value("select count(*) from feedback.contact_once") == 0
        if left:
            return
        # Neither the request nor its reference nor a sealed word of it: not in one table of the service.
        tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
        for each in tables:
            rows = str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t"))
            for trace in (ident, reference, "Bloggs", "960 777"):
                assert trace not in rows, each["table_name"]

    async def test_the_day_of_the_last_mail_holds_no_trace_either(
        self, request_: str, watch: Contacts, clock: Clock, sql: Any
    ) -> None:
        await watch.once()
        ident = request_.rpartition("/")[2]
        [mail] = await sql.rows("select key from feedback.mail")
        assert ident not in mail["key"]


class TestPrivacy:
    async def test_nothing_of_it_stands_in_logs_events_or_tables_in_the_clear(
        self, request_: str, watch: Contacts, sit: Sit, sql: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        structlog.reset_defaults()
        mo = sit()
        await mo.take(request_, "take")
        await mo.take(request_, "close", words="Spoke with Jo Bloggs")
        await watch.once()
        tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
        stored = [str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t")) for each in tables]
        logged = capsys.readouterr()
        for text in (*stored, logged.out, logged.err):
            for part in ("Bloggs", "960 777", "son Sam", "after four"):
                assert part not in text
        assert await sql.value("select count(*) from feedback.outbox where subject not like '%.invitation_issued' "
                               "and subject not like '%.response_submitted'") == 0  # fmt: skip

    async def test_the_worker_cannot_read_what_was_written_and_others_see_nothing(self, request_: str, sql: Any) -> None:
        for statement in ("select details from feedback.contact_request", "select words from feedback.contact_history"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(statement, role="worker", org=ORG)
        for table in ("contact_request", "contact_history", "contact_once"):
            query = f"select count(*) as seen from feedback.{table}"
            for org in (None, "telford-wrekin"):
                assert (await sql.rows(query, role="app", org=org))[0]["seen"] == 0
        for statement in ("delete from feedback.contact_request", "update feedback.contact_history set at = now()",
                          "update feedback.contact_request set details = ''", "delete from feedback.contact_once"):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(statement, role="app", org=ORG)
