"""The restricted queue: who sees what, each step once, and everything written down."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient
from chassis.testing.page_client import check_pages

ORG = "worcestershire"
SECRET = "He comes at night, dont tell anyone"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="(\d+)"')


def person(code: str, role: str = "safeguarding-duty", org: str = ORG, areas: frozenset[str] = frozenset()) -> Identity:
    """A member of staff."""
    return Identity(org, f"staff:{code}", "staff", frozenset({f"role:{role}"}), areas, label=f"{code.title()} Harris")


class Desk:
    """A member of staff at the pages of worries."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    async def get(self, path: str = "/feedback/worries") -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, headers={"accept": "text/html"})

    async def send(self, path: str, page: str, **fields: str) -> httpx.Response:
        """Send a form of a page that was opened before."""
        revision = _REVISION.search(page)
        data = {"csrf": _TOKEN.findall(page)[-1], "revision": revision[1] if revision else "", **fields}
        return await self.http.post(path, data=data, headers={"accept": "text/html"})

    async def take(self, worry: str, step: str, **fields: str) -> httpx.Response:
        """Open the page of a step and send it."""
        page = await self.get(f"{worry}/{step}" if step not in {"acknowledge", "origin"} else worry)
        assert page.status_code == 200, page.text
        return await self.send(f"{worry}/{step}", page.text, **fields)


Sit = Callable[..., Desk]


@pytest.fixture
async def sit(app: FastAPI, keys: Keys) -> AsyncIterator[Sit]:
    """Seat somebody at the pages."""
    opened: list[ServiceClient] = []

    def seat(code: str = "dee", **who: Any) -> Desk:
        client = ServiceClient(app, keys, "feedback", person(code, **who))
        check_pages(client)
        opened.append(client)
        return Desk(client)

    yield seat
    for each in opened:
        await each.aclose()


@pytest.fixture
async def worry(family: Any, issue: Any, sql: Any) -> str:
    """A worry that came by a letter, by the address of its page."""
    issued = await issue(questionnaire="living-where-i-live", service_area="through-care", reference="LAC-7")
    await family.open(issued["url"])
    await family.answer(1, answer="2")
    await family.answer(4, answer="yes")
    await family.answer(5, answer=SECRET)
    await family.send()
    return f"/feedback/worries/{await sql.value('select id from feedback.concern')}"


class TestReading:
    async def test_the_queue_shows_the_clock_and_no_word(self, sit: Sit, worry: str) -> None:
        text = (await sit().get()).text
        assert "W-0001" in text
        assert "Due by the end of" in text
        assert "Not looked at" in text
        for hidden in (SECRET, "LAC-7", "unsafe"):
            assert hidden not in text

    async def test_the_words_are_read_by_the_duty_team_and_that_is_written_down_once_a_look(
        self, sit: Sit, worry: str, sql: Any
    ) -> None:
        dee = sit()
        for _ in range(2):
            await dee.get(worry)
        text = (await dee.get(worry)).text
        assert SECRET in text
        assert "Is there anything that makes you feel unsafe?" in text
        assert "2 of 5" in text
        assert "Dee Harris" in text
        assert "LAC-7" not in text
        await sit("sam").get(worry)
        looks = await sql.rows("select by_subject, by_name from feedback.concern_history where what = 'read' order by at")
        assert [row["by_subject"] for row in looks] == ["staff:dee", "staff:sam"]
        assert b"Dee" not in looks[0]["by_name"]

    async def test_whose_link_it_was_is_shown_to_who_asks_and_that_is_written_down(
        self, sit: Sit, worry: str, sql: Any
    ) -> None:
        dee = sit()
        for _ in range(2):
            page = (await dee.get(worry)).text
            token = _TOKEN.findall(page)[0]
            answer = await dee.http.post(f"{worry}/origin", data={"csrf": token}, headers={"accept": "text/html"})
            assert answer.status_code == 303
        assert "LAC-7" in (await dee.get(worry)).text
        assert await sql.value("select count(*) from feedback.concern_history where what = 'identified'") == 1

    async def test_of_a_poster_nobody_can_find_out_whose_it_was(self, sit: Sit, family: Any, issue: Any, sql: Any) -> None:
        issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        await family.open(issued["url"])
        await family.answer(3, answer="I want to die")
        await family.send()
        text = (await sit().get(f"/feedback/worries/{await sql.value('select id from feedback.concern')}")).text
        assert "A link that many use" in text
        assert "Look up whose" not in text
        assert "Words opened this worry" in text

    async def test_what_staff_entered_is_found_by_their_own_reference_and_outlives_its_questionnaire(
        self, sit: Sit, client: Any, sql: Any, operator: Any, documents: Any
    ) -> None:
        body = {
            "reference": "CALL-118", "questionnaire": "have-your-say", "channel": "call", "language": "en",
            "service_area": "send", "about_on": "2022-05-12", "answered_on": "2022-05-30",
            "answers": {"how-are-we-doing": {"score": 2}, "in-your-words": {"text": "We are not safe <b>here</b>"}},
        }  # fmt: skip
        await client.post("/feedback/v1/responses", json=body, headers={"Idempotency-Key": "k"})
        document = documents(ORG)
        document["questionnaires"] = [each for each in document["questionnaires"] if each["code"] != "have-your-say"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "2"})).status_code == 200
        dee, address = sit(), f"/feedback/worries/{await sql.value('select id from feedback.concern')}"
        page = (await dee.get(address)).text
        assert "We are not safe &lt;b&gt;here&lt;/b&gt;" in page
        assert "CALL-118" not in page
        await dee.send(f"{address}/origin", page)
        assert "CALL-118" in (await dee.get(address)).text

    @pytest.mark.parametrize("role", ["qa-officer", "senior-reader"])
    async def test_others_see_counts_and_lateness_and_never_words(self, sit: Sit, worry: str, role: str, sql: Any) -> None:
        await sql.execute(
            "update feedback.concern set opened_at = '2026-01-05', read_from = '2026-01-05', due_at = '2026-01-06'"
        )
        other = sit("ruth", role=role)
        assert (await other.get()).status_code == 403
        assert (await other.get(worry)).status_code == 403
        counts = (await other.get("/feedback/worries/counts")).text
        assert "January 2026" in counts
        assert SECRET not in counts
        overview = " ".join((await other.get("/feedback/")).text.split())
        assert "1 answer shows a worry about somebody’s safety and is not closed; 1 is late" in overview
        assert await sql.value("select count(*) from feedback.concern_history where what = 'read'") == 0

    async def test_another_council_and_another_service_area_find_nothing(self, sit: Sit, worry: str) -> None:
        for stranger in (sit("kim", org="telford-wrekin"), sit("lou", areas=frozenset({"send"}))):
            assert "W-0001" not in (await stranger.get()).text
            assert (await stranger.get(worry)).status_code == 404
            assert (await stranger.get(f"{worry}/triage")).status_code == 404
            page = (await stranger.get("/feedback/worries/counts")).text
            assert "No worry has come in" in page
        assert (await sit("ann", areas=frozenset({"through-care"})).get(worry)).status_code == 200

    async def test_a_guessed_address_says_nothing(self, sit: Sit, worry: str) -> None:
        assert (await sit().get(f"/feedback/worries/{UUID(int=7)}")).status_code == 404
        assert (await sit().get(f"{worry}/no-such-step")).status_code == 404


class TestSteps:
    async def test_danger_is_taken_on_triaged_handed_over_and_closed(self, sit: Sit, worry: str, sql: Any) -> None:
        dee = sit()
        await dee.take(worry, "acknowledge")
        await dee.take(worry, "triage", code="immediate-danger", words="He is in the house now.")
        assert 'href="' + f'{worry}/close"' not in (await dee.get(worry)).text
        await dee.take(worry, "hand-over", code="police", words="Rang 999, log 4711.")
        sent = await dee.take(worry, "close", words="Police and social worker are there.")
        assert (sent.status_code, sent.headers["location"]) == (303, worry)
        text = " ".join((await dee.get(worry)).text.split())
        for shown in (
            "Triaged: Somebody is in immediate danger",
            "Handed over: Police",
            "log 4711",
            "Closed",
            "Triaged in time",
        ):
            assert shown in text, shown
        [row] = await sql.rows("select state, revision, finding, handed_to from feedback.concern")
        assert tuple(row.values()) == ("closed", 4, "immediate-danger", "police")
        everything = str(await sql.rows("select t::text as row from feedback.concern_history t"))
        assert "log 4711" not in everything  # the number alone may stand in what is sealed, by chance
        assert "Harris" not in everything
        assert "There is no worry to look at" in (await dee.get()).text

    async def test_what_is_missing_is_said_and_what_was_typed_is_kept(self, sit: Sit, worry: str) -> None:
        dee = sit()
        await dee.take(worry, "acknowledge")
        sent = await dee.take(worry, "triage", words="Typed already.")
        assert sent.status_code == 422
        assert "Choose what it is" in sent.text
        assert "Typed already." in sent.text
        assert (await dee.take(worry, "triage", code="no-concern")).status_code == 422

    async def test_a_step_out_of_order_is_refused_with_what_to_do(self, sit: Sit, worry: str, sql: Any) -> None:
        dee = sit()
        answer = await dee.get(f"{worry}/close")
        assert answer.status_code == 409
        assert "Nobody has acknowledged it yet: do that first." in answer.text
        page = await dee.get(worry)
        assert (await dee.send(f"{worry}/triage", page.text, code="no-concern", words="Ok")).status_code == 409
        assert await sql.value("select revision from feedback.concern") == 0

    async def test_a_second_click_changes_nothing_and_answers_the_same(self, sit: Sit, worry: str, sql: Any) -> None:
        dee = sit()
        page = (await dee.get(worry)).text
        answers = await asyncio.gather(*(dee.send(f"{worry}/acknowledge", page) for _ in range(4)))
        assert {each.status_code for each in answers} == {303}
        assert await sql.value("select count(*) from feedback.concern_history where what = 'acknowledge'") == 1

    async def test_of_two_at_once_one_is_first_and_the_other_is_told_with_what_was_typed(
        self, sit: Sit, worry: str, sql: Any
    ) -> None:
        dee, sam = sit(), sit("sam")
        await dee.take(worry, "acknowledge")
        pages = [(await each.get(f"{worry}/triage")).text for each in (dee, sam)]
        answers = await asyncio.gather(
            dee.send(f"{worry}/triage", pages[0], code="no-concern", words="A game."),
            sam.send(f"{worry}/triage", pages[1], code="immediate-danger", words="He is there."),
        )
        assert sorted(each.status_code for each in answers) == [303, 412]
        [late] = [each for each in answers if each.status_code == 412]
        assert "Somebody else has taken a step" in late.text
        assert ("A game." in late.text) != ("He is there." in late.text)
        assert await sql.value("select count(*) from feedback.concern_history where what = 'triage'") == 1
        # Having seen it, the other decides again.
        again = await (sam if "He is there." in late.text else dee).send(
            f"{worry}/triage", late.text, code="follow-up-today", words="Both were wrong."
        )
        assert again.status_code == 303

    async def test_two_who_take_it_on_at_once_are_not_both_told_that_they_have_it(self, sit: Sit, worry: str) -> None:
        dee, sam = sit(), sit("sam")
        pages = [(await each.get(worry)).text for each in (dee, sam)]
        answers = await asyncio.gather(dee.send(f"{worry}/acknowledge", pages[0]), sam.send(f"{worry}/acknowledge", pages[1]))
        assert sorted(each.status_code for each in answers) == [303, 412]

    async def test_a_form_of_somebody_else_is_refused(self, sit: Sit, worry: str, sql: Any) -> None:
        page = (await sit().get(worry)).text
        assert (await sit("sam").send(f"{worry}/acknowledge", page)).status_code == 403
        assert await sql.value("select state from feedback.concern") == "open"

    async def test_what_breaks_off_in_the_middle_is_not_half_done(
        self, sit: Sit, worry: str, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("the process died")

        dee = sit()
        page = (await dee.get(worry)).text
        with monkeypatch.context() as patch:
            patch.setattr("feedback.adapters.worry_history.add", broken)
            assert (await dee.send(f"{worry}/acknowledge", page)).status_code == 500
        assert await sql.value("select state from feedback.concern") == "open"
        assert (await dee.send(f"{worry}/acknowledge", page)).status_code == 303

    async def test_the_database_itself_refuses_a_step_that_was_skipped(self, worry: str, sql: Any) -> None:
        for change in ("state = 'closed', closed_at = now()", "state = 'triaged'", "finding = 'no-concern'", "revision = 1"):
            with pytest.raises(Exception, match="violates check constraint"):
                await sql.execute(f"update feedback.concern set {change}")

    async def test_what_became_of_the_mail_is_shown(self, sit: Sit, worry: str, sql: Any) -> None:
        assert "At once, to the duty address: waits to be sent" in (await sit().get(worry)).text
        await sql.execute("update feedback.mail set state = 'failed', last_error = 'refused the recipient'")
        assert "could not be sent (refused the recipient)" in (await sit().get(worry)).text
