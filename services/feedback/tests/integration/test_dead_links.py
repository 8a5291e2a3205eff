"""Links that lead nowhere, codes that are guessed, forms that are forged: each has a kind answer."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.responses import Response

from chassis.testing.statements import statements
from feedback.domain import links
from feedback.pages import visit as visits

TODAY = date.today  # the service counts British days; nothing here depends on the hour
UNKNOWN = "/s/" + "a" * 32


async def withdraw(client: Any, issued: dict[str, Any]) -> None:
    path = f"/feedback/v1/invitations/{issued['invitation_id']}/withdrawal"
    answer = await client.post(path, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 200, answer.text


class TestUnknownAndWithdrawn:
    async def test_they_look_the_same_to_the_last_byte(self, family: Any, issue: Any, client: Any) -> None:
        issued = await issue()
        await withdraw(client, issued)
        with statements() as work:
            unknown = await family.get(UNKNOWN)
        with statements() as same_work:
            withdrawn = await family.get(issued["url"])
        assert work == same_work
        assert work
        assert unknown.status_code == withdrawn.status_code == 404
        assert unknown.content == withdrawn.content
        assert set(unknown.headers) == set(withdrawn.headers)
        assert "We cannot open this survey" in unknown.text

    async def test_a_survey_that_is_withdrawn_under_somebodys_hands_is_unknown_too(
        self, family: Any, issue: Any, client: Any, sql: Any
    ) -> None:
        issued = await issue()
        await family.open(issued["url"])
        await family.answer(1, answer="yes")
        token = await family.token("/s/question/2")
        await withdraw(client, issued)
        for answer in (
            await family.get("/s/start"),
            await family.http.post("/s/question/2", data={"csrf": token, "answer": "yes"}),
            await family.http.post("/s/check", data={"csrf": token}),
        ):
            assert answer.status_code == 404
            assert "We cannot open this survey" in answer.text
        assert await sql.value("select count(*) from feedback.response") == 0
        assert await sql.value("select count(*) from feedback.draft") == 0

    @pytest.mark.parametrize("path", ["/s/x", "/s/" + "A" * 33, "/s/%00", "/s/" + "é" * 8, "/s/" + "a" * 500, "/s/'or'1'='1"])
    async def test_whatever_is_typed_gets_the_same_page(self, family: Any, path: str) -> None:
        page = await family.get(path)
        assert page.status_code == 404
        assert page.content == (await family.get(UNKNOWN)).content

    async def test_capital_letters_do_no_harm(self, family: Any, issue: Any) -> None:
        base, _, token = (await issue())["url"].rpartition("/")
        await family.open(f"{base}/{token.upper()}")

    async def test_an_address_below_s_that_is_none_is_a_page(self, family: Any) -> None:
        page = await family.get("/s/question/one/two")
        assert page.status_code == 404
        assert "We cannot find this page" in page.text

    async def test_a_question_of_absurd_number_is_a_page_too(self, family: Any) -> None:
        page = await family.get("/s/question/" + "9" * 5000)
        assert page.status_code == 404


class TestExpired:
    async def expire(self, sql: Any) -> None:
        await sql.execute("update feedback.invitation set issued_on = $1, expires_on = $2", date(2026, 1, 1), date(2026, 1, 2))

    async def test_a_link_ends_kindly(self, family: Any, issue: Any, sql: Any) -> None:
        issued = await issue()
        await self.expire(sql)
        page = await family.get(issued["url"])
        assert page.status_code == 410
        assert "This survey has ended" in page.text

    async def test_an_answer_after_the_end_is_not_stored_and_is_told_so(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        token = await family.token("/s/check")
        await self.expire(sql)
        page = await family.http.post("/s/check", data={"csrf": token})
        assert page.status_code == 410
        assert await sql.value("select count(*) from feedback.response") == 0

    async def test_the_last_day_still_counts(self, family: Any, issue: Any) -> None:
        issued = await issue(expires_on=str(TODAY() + timedelta(days=1)))
        await family.open(issued["url"])


class TestForgedCookies:
    @pytest.mark.parametrize("value", ["", "x", "AAAA", "a" * 5000, "ÿ", '{"org":"worcestershire"}'])
    async def test_a_made_up_cookie_opens_nothing(self, family: Any, value: str) -> None:
        page = await family.http.get("/s/start", headers={"cookie": f"loop-survey={value}".encode("latin-1")})
        assert page.status_code == 403
        assert "Open your link again" in page.text

    async def test_a_cookie_that_was_changed_opens_nothing(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        value = family.http.cookies["loop-survey"]
        for place in (0, 5, len(value) // 2, len(value) - 3):
            changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
            family.http.cookies.set("loop-survey", changed, domain="loop.test", path="/s")
            page = await family.http.get("/s/start", headers={"cookie": f"loop-survey={changed}"})
            assert page.status_code == 403, place

    async def test_the_cookie_is_for_this_site_and_no_script(self, family: Any, issue: Any) -> None:
        answer = await family.get((await issue())["url"])
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/s", "max-age="))
        assert "secure" not in cookie  # this installation is reached by http
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"

    async def test_a_cookie_of_one_organisation_reaches_nothing_of_another(
        self, family: Any, issue: Any, secrets_of_service: Any
    ) -> None:
        ident = (await issue())["invitation_id"]
        response = Response()
        visits.keep(response, visits.Visit.begin("telford-wrekin", ident, ident, "en"), secrets_of_service, secure=False)
        cookie = response.headers["set-cookie"].partition(";")[0]
        page = await family.http.get("/s/start", headers={"cookie": cookie})
        assert page.status_code == 404


class TestForgedForms:
    async def test_a_form_that_is_not_ours_keeps_what_was_typed_and_stores_nothing(
        self, family: Any, issue: Any, sql: Any
    ) -> None:
        await family.open((await issue())["url"])
        for token in ("", "x", "A" * 64):
            page = await family.http.post("/s/question/1", data={"csrf": token, "answer": "partly"})
            assert page.status_code == 403
            assert "Nothing is lost" in page.text
            assert 'value="partly" checked' in page.text
        assert await sql.value("select count(*) from feedback.draft") == 0

    async def test_a_form_of_another_survey_in_the_same_browser_is_refused(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        token = await family.token("/s/question/1")
        await family.open((await issue(questionnaire="annual-review"))["url"])
        page = await family.http.post("/s/question/1", data={"csrf": token, "answer": "yes"})
        assert page.status_code == 403
        assert await sql.value("select count(*) from feedback.draft") == 0

    async def test_opening_the_same_link_again_keeps_open_forms_good(self, family: Any, issue: Any) -> None:
        url = (await issue())["url"]
        await family.open(url)
        token = await family.token("/s/question/1")
        await family.open(url)
        sent = await family.http.post("/s/question/1", data={"csrf": token, "answer": "yes"})
        assert sent.status_code == 303

    async def test_sending_with_a_forged_form_shows_the_check_again(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        page = await family.http.post("/s/check", data={"csrf": "forged"})
        assert page.status_code == 403
        assert "Nothing is lost" in page.text
        assert await sql.value("select count(*) from feedback.response") == 0
        assert await family.send() == "/s/done"


class TestBadInput:
    @pytest.mark.parametrize(
        "typed",
        [
            "<script>alert(1)</script>", "'; drop table feedback.response; --", "{{ 7 * 7 }}", "../../etc/passwd", "\u202eabc",
            "%s%n", "$(id)", "👩‍👧", "a\x07b", "</textarea><h1>", "yes\nno",
        ],
    )  # fmt: skip
    async def test_injections_are_text_where_text_is_asked_for_and_refused_elsewhere(
        self, family: Any, issue: Any, typed: str
    ) -> None:
        await family.open((await issue(questionnaire="have-your-say", channel="poster", reusable=True))["url"])
        for number in (1, 2):
            page = await family.post(f"/s/question/{number}", answer=typed)
            assert page.status_code == 422, page.text
        for part in ("day", "month", "year"):
            fields = {"answer-day": "1", "answer-month": "2", "answer-year": "2022", f"answer-{part}": typed}
            assert (await family.post("/s/question/2", **fields)).status_code == 422
        assert await family.answer(3, answer=typed) == "/s/check"
        page = await family.get("/s/check")
        assert page.status_code == 200
        again = (await family.get("/s/question/3")).text
        assert re.search(r"<textarea[^>]*>\n", again)
        assert "<script" not in again + page.text
        assert await family.send() == "/s/done"

    async def test_a_text_that_is_too_long_is_kept_on_the_page(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue(questionnaire="have-your-say", channel="poster", reusable=True))["url"])
        page = await family.post("/s/question/3", answer="long " * 1000)
        assert page.status_code == 422
        assert "Make it shorter by 999 characters: 4000 fit in here" in page.text
        assert "long " * 1000 in page.text
        assert await sql.value("select count(*) from feedback.draft") == 0

    async def test_a_nul_a_huge_form_and_another_media_type_are_kind_pages(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        urlencoded = {"content-type": "application/x-www-form-urlencoded"}
        for content, headers, status in (
            (b"answer=%00", urlencoded, 422),
            (b"answer=" + b"x" * 70_000, urlencoded, 413),
            (b"%ff%fe=x", urlencoded, 422),
            (b"{}", {"content-type": "application/json"}, 422),
        ):
            page = await family.http.post("/s/question/1", content=content, headers=headers)
            assert page.status_code == status
            assert page.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize("answer", ["maybe", "YES", "skipped", "does-not-apply", "yes,no"])
    async def test_an_answer_that_was_not_offered_is_not_taken(self, family: Any, issue: Any, answer: str) -> None:
        await family.open((await issue())["url"])
        page = await family.post("/s/question/1", answer=answer)
        assert page.status_code == 422
        assert "Choose one of the answers below" in page.text

    @pytest.mark.parametrize("number", [0, 9, 99999999999999999999])
    async def test_a_question_that_is_not_there_leads_to_the_next_one(self, family: Any, issue: Any, number: int) -> None:
        await family.open((await issue())["url"])
        assert (await family.get(f"/s/question/{number}")).headers["location"] == "/s/question/1"


class TestShortCodes:
    async def test_a_code_opens_the_survey_however_it_is_typed(self, family: Any, issue: Any) -> None:
        issued = await issue()
        typed = issued["short_code"].lower().replace("-", " ").replace("0", "O").replace("1", "l").replace("8", "b")
        sent = await family.post("/s/code", code=f"  {typed} ")
        assert sent.headers["location"] == "/s/start"
        assert "New EHCP" in (await family.get("/s/start")).text

    async def test_unknown_and_withdrawn_codes_get_the_same_words_for_the_same_work(
        self, family: Any, issue: Any, client: Any
    ) -> None:
        issued = await issue()
        await withdraw(client, issued)
        pages, work = [], []
        for code in (issued["short_code"], links.new_code()):
            with statements() as asked:
                pages.append(await family.post("/s/code", code=code))
            work.append(asked)
        assert work[0] == work[1]
        assert work[0]
        # What cannot be a code is known without asking.
        pages.append(await family.post("/s/code", code="abc"))
        assert {page.status_code for page in pages} == {422}
        assert all("We do not know this code" in page.text for page in pages)

    async def test_an_empty_or_forged_form_is_told_kindly(self, family: Any) -> None:
        assert "Write the code from your letter" in (await family.post("/s/code", code="")).text
        forged = await family.http.post("/s/code", data={"code": "C4K7M-2PQ9X", "csrf": "x"})
        assert forged.status_code == 403
        assert "C4K7M-2PQ9X" in forged.text

    async def test_guessing_is_paused_and_links_go_on_working(self, family: Any, other_phone: Any, issue: Any) -> None:
        issued = await issue()
        for _ in range(10):
            assert (await family.post("/s/code", code=links.new_code())).status_code == 422
        paused = await family.post("/s/code", code=issued["short_code"])
        assert paused.status_code == 429
        assert "Wait a quarter of an hour" in paused.text
        sent = await other_phone.post("/s/code", code=issued["short_code"])
        assert sent.headers["location"] == "/s/start"
        await family.open(issued["url"])

    async def test_many_browsers_that_guess_together_are_paused_too(self, family: Any, issue: Any, sql: Any) -> None:
        await sql.execute(
            "insert into feedback.code_failure (visitor, minute, failures) values ('*', date_trunc('minute', now()), 60)"
        )
        assert (await family.post("/s/code", code=(await issue())["short_code"])).status_code == 429

    async def test_no_code_is_kept_in_the_clear(self, issue: Any, sql: Any) -> None:
        issued = await issue()
        token = issued["url"].rpartition("/")[2]
        plain = issued["short_code"].replace("-", "")
        for table in ("link", "invitation", "idempotency", "outbox"):
            rows = str(await sql.rows(f"select t::text as row from feedback.{table} t"))
            assert token not in rows
            assert plain not in rows
            assert issued["short_code"] not in rows
        [kept] = await sql.rows("select * from feedback.link")
        assert kept["token_hash"] == links.token_hash(token)
