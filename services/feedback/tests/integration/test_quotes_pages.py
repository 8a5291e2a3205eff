"""From a comment to an approved quote: consent, redaction, two people, release, withdrawal."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis.identity import HEADER, Identity
from chassis.testing.fixtures import ServiceClient, caller

TEXT = "My son Jayden waited nine months. Mrs Patel at Oakfield Primary was great."
LEFT = "My son [name] waited nine months. [name] at [school] was great."
COMMENTS, QUOTES, API = "/feedback/comments", "/feedback/quotes", "/feedback/v1/quotes"
EVENTS = "select subject, data::text from feedback.outbox where subject like '%.quote_%' order by position"
SCRIPT = "<script>alert(1)</script>"


async def redact(alex: Any, comment: str, **fields: Any) -> str:
    """Redact a comment; the address of the quote."""
    path = f"{COMMENTS}/{comment}/quote"
    sent = await alex.fill(path, path, **{"words": LEFT, **fields})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


async def take(who: Any, quote: str, step: str, **fields: Any) -> Any:
    return await who.fill(quote, f"{quote}/{step}", **fields)


async def events(sql: Any) -> list[dict[str, Any]]:
    rows = await sql.rows(EVENTS)
    return [{"what": row["subject"].rpartition(".")[2], **json.loads(row["data"])} for row in rows]


class TestConsent:
    @pytest.mark.parametrize("said", [False, None])
    async def test_without_a_yes_nothing_is_begun(self, seat: Any, tell: Any, sql: Any, said: bool | None) -> None:
        comment = await tell(TEXT, may_quote=said)
        alex = seat()
        page = (await alex.get(f"{COMMENTS}/{comment}")).text
        assert "Make a quote of it" not in page
        answer = await alex.get(f"{COMMENTS}/{comment}/quote")
        assert answer.status_code == 409
        assert "has not said that their words may be used" in answer.text
        assert (await alex.send(f"{COMMENTS}/{comment}/quote", page, words=LEFT, revision="0")).status_code == 409
        assert await sql.value("select count(*) from feedback.quote") == 0

    async def test_the_database_itself_refuses_one_without_consent_and_one_by_a_single_person(
        self, seat: Any, tell: Any, sql: Any, database: Any
    ) -> None:
        comment = UUID(await tell(TEXT, may_quote=None))
        connection = await asyncpg.connect(database.url("app"))
        insert = "insert into feedback.quote values ('worcestershire', $1, $2, 'waiting', 1, 1, '', 'alex', null)"
        try:
            for allowed in (False, True):
                await sql.execute("update feedback.response set may_quote = $1", allowed or None)
                async with connection.transaction():
                    await connection.execute(
                        "select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)"
                    )
                    await connection.execute("select set_config('app.reading', 'comments', true)")
                    if allowed:
                        await connection.execute(insert, UUID(int=1), comment)
                    else:
                        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                            async with connection.transaction():
                                await connection.execute(insert, UUID(int=1), comment)
        finally:
            await connection.close()
        with pytest.raises(asyncpg.CheckViolationError, match="quote_approved_by_somebody_else"):
            await sql.execute("update feedback.quote set state = 'approved', decided_by = 'alex'")


class TestRedacting:
    async def test_likely_names_are_marked_and_replaced_in_what_is_proposed(self, seat: Any, tell: Any) -> None:
        comment = await tell(TEXT)
        text = (await seat().get(f"{COMMENTS}/{comment}/quote")).text
        mark = '<mark class="loop-likely">Jayden<span class="govuk-visually-hidden"> (likely name)</span></mark>'
        assert mark in text
        assert LEFT in text

    async def test_a_name_that_is_left_must_be_looked_at_and_what_was_typed_is_kept(
        self, seat: Any, tell: Any, sql: Any
    ) -> None:
        comment = await tell(TEXT)
        path = f"{COMMENTS}/{comment}/quote"
        alex = seat()
        refused = await alex.fill(path, path, words="My son Jayden waited nine months.")
        assert refused.status_code == 422
        assert "Look at what may still say who somebody is: “Jayden”" in refused.text
        assert "My son Jayden waited nine months." in refused.text
        refused = await alex.fill(path, path, words="My son was really happy", looked="yes")
        assert "Not written there: “was”" in refused.text or "“really”" in refused.text
        assert await sql.value("select count(*) from feedback.quote") == 0
        await redact(alex, comment, words="My son Jayden waited nine months.", looked="yes")

    async def test_a_language_that_the_machine_does_not_read_is_said(self, seat: Any, tell: Any) -> None:
        comment = await tell("میرے بیٹے سے کسی نے نہیں پوچھا")
        assert "look at every word yourself" in (await seat().get(f"{COMMENTS}/{comment}/quote")).text

    async def test_two_who_redact_at_once_do_not_overwrite_one_another(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell(TEXT)
        path = f"{COMMENTS}/{comment}/quote"
        alex, ruth = seat(), seat("ruth")
        pages = [(await each.get(path)).text for each in (alex, ruth)]
        answers = await asyncio.gather(alex.send(path, pages[0], words=LEFT), ruth.send(path, pages[1], words="[…] was great."))
        assert sorted(each.status_code for each in answers) == [303, 412]
        [late] = [each for each in answers if each.status_code == 412]
        assert "Somebody else has worked on this quote" in late.text or "Somebody else began this quote" in late.text
        assert await sql.value("select count(*) from feedback.quote_history") == 1

    async def test_a_second_click_stores_one(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell(TEXT)
        path = f"{COMMENTS}/{comment}/quote"
        alex = seat()
        page = (await alex.get(path)).text
        answers = await asyncio.gather(*(alex.send(path, page, words=LEFT) for _ in range(4)))
        assert {each.status_code for each in answers} == {303}
        assert await sql.value("select count(*) from feedback.quote_history") == 1


class TestTwoPeople:
    async def test_another_person_approves_and_only_then_is_it_released(
        self, seat: Any, tell: Any, sql: Any, app: Any, keys: Any
    ) -> None:
        comment = await tell(TEXT, team="send-north")
        alex, ruth = seat(), seat("ruth")
        page = (await alex.get(f"{COMMENTS}/{comment}")).text
        await alex.send(f"{COMMENTS}/{comment}/themes", page, seen="", themes="timeliness")
        quote = await redact(alex, comment)
        assert "somebody else must look at it" in (await alex.get(quote)).text
        refused = await take(alex, quote, "approve")
        assert refused.status_code == 403
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read")) as machine:
            assert (await machine.get(API)).json() == {"items": [], "next": None}
            assert (await take(ruth, quote, "approve")).status_code == 303
            [item] = (await machine.get(API)).json()["items"]
            assert (item["words"], item["themes"], item["version"]) == (LEFT, ["timeliness"], 1)
            assert (await machine.get(f"{API}?theme=communication")).json()["items"] == []
            [event] = await events(sql)
            assert (event["what"], event["themes"], event["quote_id"]) == ("quote_released", ["timeliness"], item["quote_id"])
            assert "waited" not in str(event)
            for where in (await machine.get(API), await seat("kim", role="senior-reader").get(QUOTES)):
                for hidden in ("Jayden", "Patel", "Oakfield", comment, "send-north"):
                    assert hidden not in where.text
            file = (await seat("kim", role="senior-reader").get(f"{QUOTES}.csv")).text
            assert LEFT in file
            assert "Jayden" not in file

    async def test_approving_twice_and_by_two_at_once_releases_once(self, seat: Any, tell: Any, sql: Any) -> None:
        quote = await redact(seat(), await tell(TEXT))
        people = [seat("ruth"), seat("sam"), seat("ruth")]
        pages = [(await each.get(quote)).text for each in people]
        answers = await asyncio.gather(*(each.send(f"{quote}/approve", page) for each, page in zip(people, pages, strict=True)))
        assert {each.status_code for each in answers} <= {303, 412}
        assert await sql.value("select count(*) from feedback.approved_quote") == len(await events(sql)) == 1

    async def test_what_is_sent_back_is_redacted_again_and_what_was_approved_stays_until_then(
        self, seat: Any, tell: Any, sql: Any, client: Any, app: Any, keys: Any
    ) -> None:
        comment = await tell(TEXT)
        alex, ruth = seat(), seat("ruth")
        quote = await redact(alex, comment)
        assert (await take(ruth, quote, "send-back")).status_code == 422
        await take(ruth, quote, "send-back", reason="The months may say who it is.")
        assert "The months may say who it is." in (await alex.get(quote)).text
        await redact(alex, comment, words="[name] at [school] was great.")
        await take(ruth, quote, "approve")
        await redact(ruth, comment, words="[…] was great.")
        async with ServiceClient(app, keys, "feedback", caller("operator")) as reader:
            assert (await reader.get(API)).json()["items"][0]["words"] == "[name] at [school] was great."
            await take(alex, quote, "approve")
            [item] = (await reader.get(API)).json()["items"]
        assert (item["words"], item["version"]) == ("[…] was great.", 2)
        assert [each["version"] for each in await events(sql)] == [1, 2]
        everything = str(await sql.rows("select t::text as row from feedback.quote_history t"))
        assert "months" not in everything

    async def test_withdrawing_takes_it_from_everywhere_and_tells(self, seat: Any, tell: Any, sql: Any) -> None:
        alex, ruth = seat(), seat("ruth")
        quote = await redact(alex, await tell(TEXT))
        await take(ruth, quote, "approve")
        assert (await take(alex, quote, "withdraw")).status_code == 422
        assert (await take(alex, quote, "withdraw", reason="The family asked us to.")).status_code == 303
        assert "was great" not in (await alex.get(QUOTES)).text
        assert "was great" not in (await alex.get(f"{QUOTES}.csv")).text
        assert [each["what"] for each in await events(sql)] == ["quote_released", "quote_withdrawn"]
        page = (await ruth.get(COMMENTS)).text
        assert (await ruth.send(f"{quote}/approve", page, revision="3")).status_code == 409

    async def test_one_of_an_answer_whose_worry_is_open_again_is_used_nowhere(
        self, seat: Any, tell: Any, sql: Any, app: Any, keys: Any
    ) -> None:
        quote = await redact(seat(), await tell(TEXT))
        await take(seat("ruth"), quote, "approve")
        await sql.execute(
            "insert into feedback.concern (org, id, response_id, number, questions, opened_at, read_from, due_at) "
            "select org, id, id, 1, '{}', now(), now(), now() + interval '1 day' from feedback.response"
        )
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read")) as machine:
            assert (await machine.get(API)).json()["items"] == []
            closed = "state = 'closed', acknowledged_at = now(), triaged_at = now(), closed_at = now()"
            await sql.execute(f"update feedback.concern set {closed}, finding = 'no-concern'")
            assert len((await machine.get(API)).json()["items"]) == 1

    async def test_one_that_was_never_released_is_withdrawn_without_an_event(self, seat: Any, tell: Any, sql: Any) -> None:
        quote = await redact(seat(), await tell(TEXT))
        await take(seat(), quote, "withdraw", reason="A mistake.")
        assert await events(sql) == []

    async def test_another_council_and_a_guessed_address_find_nothing(self, seat: Any, tell: Any) -> None:
        quote = await redact(seat(), await tell(TEXT))
        for stranger in (seat("kim", org="telford-wrekin"), seat("lou", areas=frozenset({"through-care"}))):
            assert (await stranger.get(quote)).status_code == 404
            assert quote not in (await stranger.get(QUOTES)).text
        assert (await seat().get(f"{QUOTES}/{UUID(int=9)}")).status_code == 404
        page = (await seat("ruth").get(quote)).text
        assert (await seat("ruth").send(f"{quote}/no-such-step", page)).status_code == 404

    async def test_every_look_at_the_original_is_logged(self, seat: Any, tell: Any, sql: Any) -> None:
        quote = await redact(seat(), await tell(TEXT))
        before = await sql.value("select count(*) from feedback.comment_look where page = 'quote'")
        await seat("ruth").get(quote)
        looks = await sql.rows("select by_subject from feedback.comment_look where page = 'quote'")
        assert len(looks) == before + 1
        assert "staff:ruth" in {row["by_subject"] for row in looks}


async def test_a_quote_that_waits_stands_in_the_list_of_whoever_can_do_something(seat: Any, tell: Any) -> None:
    quote = await redact(seat(), await tell(TEXT))
    assert "You redacted it, so somebody else approves it." in (await seat().get(QUOTES)).text
    page = (await seat("ruth").get(QUOTES)).text
    assert quote in page.partition('id="waiting"')[2]
    assert "You redacted it" not in page
    await take(seat("ruth"), quote, "approve")
    assert "To be done" not in (await seat().get(QUOTES)).text


class TestFollowing:
    """A quote in use follows what becomes of its comment."""

    async def approved(self, seat: Any, tell: Any) -> tuple[str, str]:
        comment = await tell(TEXT)
        quote = await redact(seat(), comment)
        await take(seat("ruth"), quote, "approve")
        return comment, quote

    async def test_changed_themes_reach_it_and_are_told(self, seat: Any, tell: Any, sql: Any, app: Any, keys: Any) -> None:
        comment, _ = await self.approved(seat, tell)
        path = f"{COMMENTS}/{comment}"
        assert (await seat().fill(path, f"{path}/themes", themes=["communication"], seen="")).status_code == 303
        released = await events(sql)
        assert [(each["what"], each["version"], each["themes"]) for each in released] == [
            ("quote_released", 1, []), ("quote_released", 1, ["communication"]),
        ]  # fmt: skip
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read")) as machine:
            [item] = (await machine.get(f"{API}?theme=communication")).json()["items"]
            assert item["themes"] == ["communication"]

    async def test_it_is_withdrawn_when_its_worry_is_opened_again_and_the_officer_sees_it(
        self, seat: Any, tell: Any, sql: Any
    ) -> None:
        _, quote = await self.approved(seat, tell)
        await sql.execute(
            "insert into feedback.concern (org, id, response_id, number, questions, opened_at, read_from, due_at, state, "
            "acknowledged_at, triaged_at, closed_at, finding, looked_at_by, revision) "
            "select org, id, id, 1, '{}', now(), now(), now() + interval '1 day', 'closed', now(), now(), now(), "
            "'no-concern', 'staff:dee', 0 from feedback.response"
        )
        worry = f"/feedback/worries/{await sql.value('select id from feedback.concern')}"
        dee = seat("dee", "safeguarding-duty")
        assert (await dee.fill(f"{worry}/reopen", f"{worry}/reopen", words="Read it again.", revision="0")).status_code == 303
        assert [each["what"] for each in await events(sql)] == ["quote_released", "quote_withdrawn"]
        page = (await seat().get(QUOTES)).text
        assert "Withdrawn in the last three months" in page
        assert quote.rpartition("/")[2] in page.partition("Withdrawn in the last three months")[2]
        assert LEFT not in page
        assert (await seat().get(quote)).status_code == 404
        closed = "update feedback.concern set state = 'closed', closed_at = now(), finding = 'no-concern', triaged_at = now()"
        await sql.execute(closed)
        assert "The worry of this answer was opened again." in (await seat().get(quote)).text

    async def test_it_is_withdrawn_with_the_yes_of_its_writer_who_is_quoted_nowhere_any_more(
        self, seat: Any, tell: Any, sql: Any
    ) -> None:
        comment, quote = await self.approved(seat, tell)
        path = f"{COMMENTS}/{comment}"
        assert (await seat().fill(path, f"{path}/consent-ended")).status_code == 303
        assert [each["what"] for each in await events(sql)] == ["quote_released", "quote_withdrawn"]
        assert "They do not want to be quoted" not in (await seat().get(path)).text
        assert "who noted that its writer does not want to be quoted" in (await seat().get(path)).text
        assert (await seat().get(f"{path}/quote")).status_code == 409
        assert "Its writer does not want to be quoted." in (await seat().get(quote)).text

    async def test_a_yes_is_never_given_by_us(self, tell: Any, sql: Any, database: Any) -> None:
        await tell(TEXT, may_quote=None)
        connection = await asyncpg.connect(database.url("app"))
        try:
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)"
                )
                assert await connection.execute("update feedback.response set may_quote = true") == "UPDATE 0"
            await sql.execute("update feedback.response set may_quote = true")
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)"
                )
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await connection.execute("update feedback.response set may_quote = true")
        finally:
            await connection.close()


class TestTheApi:
    async def test_pages_follow_one_another_and_a_cursor_that_is_none_is_refused(
        self, seat: Any, tell: Any, app: Any, keys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from feedback.web import quotes as web  # noqa: PLC0415 - of this test alone

        monkeypatch.setattr(web, "PAGE", 2)
        for number in range(5):
            quote = await redact(seat(), await tell(f"It went well {number}"), words=f"It went well {number}")
            await take(seat("ruth"), quote, "approve")
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read")) as machine:
            seen: list[str] = []
            after: str | None = ""
            while after is not None:
                page = (await machine.get(API, params={"after": after})).json()
                seen += [item["words"] for item in page["items"]]
                after = page["next"]
            assert sorted(seen) == [f"It went well {number}" for number in range(5)]
            assert (await machine.get(f"{API}?after=x")).status_code == 422
            assert (await machine.get(f"{API}?theme=NO%20CODE")).status_code == 422
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read", org="telford-wrekin")) as other:
            assert (await other.get(API)).json()["items"] == []

    async def test_reporting_reads_in_its_own_name_those_that_it_asks_for(
        self, seat: Any, tell: Any, app: Any, keys: Any
    ) -> None:
        kept = []
        for number in range(2):
            quote = await redact(seat(), await tell(f"It went well {number}"), words=f"It went well {number}")
            await take(seat("ruth"), quote, "approve")
            kept.append(quote.rpartition("/")[2])

        async def asked(*areas: str, scope: str = "feedback:quotes:read") -> Any:
            identity = Identity("worcestershire", "service:reporting", "service", frozenset({scope}), frozenset(areas))
            headers = {HEADER: keys.service_signer.sign(identity, "feedback")}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://feedback") as http:
                return await http.get(API, params=[("quote", kept[1])], headers=headers)

        assert [item["words"] for item in (await asked()).json()["items"]] == ["It went well 1"]
        assert (await asked("nowhere")).json()["items"] == []
        assert (await asked(scope="events:read")).status_code == 403


async def test_a_script_in_a_quote_and_in_a_reason_is_words_on_every_page(seat: Any, tell: Any) -> None:
    comment = await tell(f"We said {SCRIPT} loud")
    alex, ruth = seat(), seat("ruth")
    quote = await redact(alex, comment, words=f"We said {SCRIPT} loud", looked="yes")
    await take(ruth, quote, "send-back", reason=SCRIPT)
    await redact(alex, comment, words=f"We said {SCRIPT} loud", looked="yes")
    await take(ruth, quote, "approve")
    for path in (quote, QUOTES, f"{COMMENTS}/{comment}/quote"):
        text = (await alex.get(path)).text
        assert "<script>" not in text
        assert "alert" in text


async def test_after_a_full_run_no_word_and_no_name_stands_where_it_must_not(
    seat: Any, tell: Any, sql: Any, capsys: Any
) -> None:
    comment = await tell(TEXT, team="send-north")
    alex, ruth = seat(), seat("ruth")
    await alex.fill(COMMENTS, f"{COMMENTS}/search", words="jayden")
    quote = await redact(alex, comment)
    await take(ruth, quote, "send-back", reason="Zyanah is the neighbour.")
    await redact(alex, comment)
    await take(ruth, quote, "approve")
    await take(ruth, quote, "withdraw", reason="Zyanah asked for it.")
    tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
    logged = capsys.readouterr()
    for where in [str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t")) for each in tables
                  if each["table_name"] not in {"profile", "alembic_version"}] + [logged.out + logged.err]:  # fmt: skip
        for hidden in ("jayden", "waited nine", "patel", "zyanah", "morgan"):
            assert hidden not in where.lower()
    for table in ("comment_look", "quote", "quote_history", "approved_quote"):
        for org in (None, "telford-wrekin"):
            assert (await sql.rows(f"select count(*) as n from feedback.{table}", role="app", org=org))[0]["n"] == 0
