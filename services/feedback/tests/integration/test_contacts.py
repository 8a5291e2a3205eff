"""A family asks to be contacted: once, apart from its answers, and seen by whom it concerns."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services.feedback.tests.contacting import ORG, WRITTEN, Sit
from services.feedback.tests.sending import Clock

from feedback.use_cases.watch_contacts import Contacts


@pytest.fixture
def clock() -> Clock:
    """Now, as the pages have it."""
    found = Clock()
    found.now = datetime.now(UTC)
    return found


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
        written = await family.switch("contact", language="cy", name="Sam", phone="07700 900")
        assert 'lang="cy"' in written.text
        assert all(f'value="{each}"' in written.text for each in ("Sam", "07700 900"))


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
