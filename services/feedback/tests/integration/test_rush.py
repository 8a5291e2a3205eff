"""Answers that come in a rush by an open link: nothing is lost, nothing counts unseen, and a person decides."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from feedback.domain.rush import LONG_MOST, SHORT_MOST, was_told

TOLD = "select count(*) from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"
CHANGED = (
    "select data ->> 'counted' as counted, count(*) as n from feedback.outbox "
    "where subject = 'loop.feedback.v1.response_counting_changed' group by 1 order by 1"
)
HELD = "select count(*) from feedback.response_standing where standing = 'held'"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_LAID = """
    insert into feedback.response (org, id, invitation_id, questionnaire, version, language, channel, service_area, about_on,
                                   answered_on, submitted_at, answers, worry)
    select 'worcestershire', gen_random_uuid(), $1, 'have-your-say', 1, 'en', 'link', 'send', current_date, current_date,
           $2::timestamptz + n * $3::interval, '{}', false
      from generate_series(1, $4::int) as n
"""
_LAID_HELD = """
    insert into feedback.response_standing (org, response_id, revision, standing, changed_at)
    select org, id, 1, 'held', submitted_at from feedback.response where invitation_id = $1
"""


@pytest.fixture
async def poster(issue: Any) -> Any:
    return await issue(questionnaire="have-your-say", channel="poster", reusable=True)


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        http.headers["accept"] = "text/html"
        check_pages(http)
        yield http


async def lay(sql: Any, poster: Any, number: int, *, apart: timedelta, last: datetime | None = None) -> datetime:
    """So many answers that are there already, the last one at a moment (now)."""
    begin = (last or datetime.now(UTC)) - number * apart
    await sql.execute(_LAID, poster["invitation_id"], begin, apart, number)
    return begin


async def answer(new_phone: Any, url: str) -> None:
    async with new_phone() as phone:
        await phone.open(url)
        await phone.answer(1, answer="1")
        assert await phone.send() == "/s/done"


async def decide(officer: Any, poster: Any, decision: str, *hours: str) -> httpx.Response:
    address = f"/feedback/links/{poster['invitation_id']}/answers"
    page = (await officer.get(address)).text
    fields = {"csrf": _CSRF.findall(page)[-1], "decision": decision, "hour": list(hours) or every(page)}
    sent: httpx.Response = await officer.post(address, data=fields)
    return sent


def every(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="hour" value="')[1:]]


class TestPace:
    async def test_what_comes_faster_than_families_do_is_kept_and_held(self, new_phone: Any, poster: Any, sql: Any) -> None:
        await lay(sql, poster, SHORT_MOST - 2, apart=timedelta(seconds=1))
        for _ in range(5):
            await answer(new_phone, poster["url"])
        assert await sql.value("select count(*) from feedback.response") == SHORT_MOST + 3
        assert (await sql.value(TOLD), await sql.value(HELD)) == (2, SHORT_MOST + 3)
        # Those that counted before it was seen are held with them, once, and the others are told.
        assert await sql.rows(CHANGED) == [{"counted": "false", "n": SHORT_MOST}]

    async def test_the_beginning_counts_again_when_a_person_says_so_and_is_told_in_order(
        self, new_phone: Any, poster: Any, sql: Any, officer: Any
    ) -> None:
        await lay(sql, poster, SHORT_MOST, apart=timedelta(seconds=1))
        await answer(new_phone, poster["url"])
        for decision in ("count", "leave-out", "count"):
            await decide(officer, poster, decision)
        assert await sql.value(TOLD) == 1  # the one that was held when it came
        revisions = (
            "select data ->> 'counted' as counted, (data ->> 'revision')::int as revision, count(*) as n from feedback.outbox "
            "where subject like '%response_counting_changed' group by 1, 2 order by 2"
        )
        found = [tuple(row.values()) for row in await sql.rows(revisions)]
        assert found == [("false", 1, 60), ("true", 2, 60), ("false", 3, 61), ("true", 4, 61)]

    async def test_what_a_person_has_decided_and_what_came_before_the_burst_stay_as_they_are(
        self, new_phone: Any, poster: Any, sql: Any
    ) -> None:
        await lay(sql, poster, 5, apart=timedelta(minutes=1), last=datetime.now(UTC) - timedelta(hours=1))
        await lay(sql, poster, SHORT_MOST, apart=timedelta(seconds=1))
        await sql.execute(
            "insert into feedback.response_standing (org, response_id, revision, standing, changed_at, changed_by) "
            "select org, id, 1, 'counted', now(), 'staff:o' from feedback.response order by submitted_at desc limit 10"
        )
        await asyncio.gather(*(answer(new_phone, poster["url"]) for _ in range(3)))
        assert await sql.value(HELD) == SHORT_MOST - 10 + 3
        assert await sql.rows(CHANGED) == [{"counted": "false", "n": SHORT_MOST - 10}]

    async def test_a_slow_stream_of_a_whole_day_is_held_too(self, new_phone: Any, poster: Any, sql: Any) -> None:
        await lay(sql, poster, LONG_MOST, apart=timedelta(minutes=2))
        await answer(new_phone, poster["url"])
        assert (await sql.value(TOLD), await sql.value(HELD)) == (0, 1)

    async def test_a_waiting_room_is_not_a_rush(self, new_phone: Any, poster: Any, sql: Any) -> None:
        await lay(sql, poster, 400, apart=timedelta(minutes=3))
        await answer(new_phone, poster["url"])
        assert (await sql.value(TOLD), await sql.value(HELD)) == (1, 0)

    async def test_letters_are_never_held_and_another_poster_is_not_touched(
        self, new_phone: Any, poster: Any, issue: Any, sql: Any
    ) -> None:
        await lay(sql, poster, SHORT_MOST, apart=timedelta(seconds=1))
        other = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        letters = [await issue(questionnaire="have-your-say") for _ in range(3)]
        await asyncio.gather(*(answer(new_phone, each["url"]) for each in [other, *letters]))
        assert (await sql.value(TOLD), await sql.value(HELD)) == (4, 0)

    async def test_a_worry_in_a_rush_reaches_a_person_all_the_same(self, issue: Any, sql: Any, family: Any) -> None:
        poster = await issue(questionnaire="living-where-i-live", channel="poster", reusable=True, service_area="safeguarding")
        await lay(sql, poster, SHORT_MOST, apart=timedelta(seconds=1))
        await family.open(poster["url"])
        await family.answer(4, answer="yes")
        await family.send()
        assert await sql.value(HELD) == SHORT_MOST + 1
        assert await sql.value("select count(*) from feedback.concern") == 1
        assert await sql.value("select count(*) from feedback.mail") == 1


class TestDeciding:
    async def test_ten_thousand_answers_are_looked_at_and_left_out_by_one_press(
        self, poster: Any, sql: Any, officer: Any
    ) -> None:
        # Within one hour, whatever the time is now.
        await lay(sql, poster, 10_000, apart=timedelta(milliseconds=100), last=datetime(2026, 5, 6, 14, 30, tzinfo=UTC))
        await sql.execute(_LAID_HELD, poster["invitation_id"])
        overview = (await officer.get("/feedback/")).text
        assert "10,000 answers of one poster came in a rush" in overview
        sent = await decide(officer, poster, "leave-out")
        assert sent.headers["location"].endswith("?changed=10000")
        assert "10,000 answers were changed" in (await officer.get(sent.headers["location"])).text
        assert "came in a rush" not in (await officer.get("/feedback/")).text
        assert await sql.value(TOLD) == 0
        assert await sql.rows(CHANGED) == []

    async def test_what_is_counted_is_told_as_of_when_it_was_sent_and_once(self, poster: Any, sql: Any, officer: Any) -> None:
        begin = await lay(sql, poster, 30, apart=timedelta(seconds=1), last=datetime(2026, 5, 6, 14, 30, tzinfo=UTC))
        await sql.execute(_LAID_HELD, poster["invitation_id"])
        first, second = await asyncio.gather(*(decide(officer, poster, "count") for _ in range(2)))
        assert sorted(each.headers["location"].partition("=")[2] for each in (first, second)) == ["0", "30"]
        assert await sql.value(TOLD) == 30
        assert await sql.value("select min(occurred_at) from feedback.outbox where subject ~ 'response_submitted'") > begin
        [row] = await sql.rows("select distinct data ->> 'questionnaire' as q from feedback.outbox where subject ~ 'submitted'")
        assert row == {"q": "have-your-say"}

    async def test_the_beginning_of_a_rush_that_counted_can_be_left_out_and_taken_back(
        self, poster: Any, sql: Any, officer: Any
    ) -> None:
        await lay(sql, poster, 40, apart=timedelta(seconds=1), last=datetime(2026, 5, 6, 14, 30, tzinfo=UTC))
        await decide(officer, poster, "leave-out")
        assert await sql.rows(CHANGED) == [{"counted": "false", "n": 40}]
        assert 'cells">0' not in (await officer.get("/feedback/")).text
        await decide(officer, poster, "count")
        assert await sql.rows(CHANGED) == [{"counted": "false", "n": 40}, {"counted": "true", "n": 40}]
        assert await sql.value(TOLD) == 0  # they were told when they came
        who = "select distinct changed_by from feedback.response_standing"
        assert await sql.rows(who) == [{"changed_by": "staff:o"}]

    async def test_what_was_held_then_left_out_is_told_when_it_counts_at_last(
        self, poster: Any, sql: Any, officer: Any
    ) -> None:
        await lay(sql, poster, 25, apart=timedelta(seconds=1), last=datetime(2026, 5, 6, 14, 30, tzinfo=UTC))
        await sql.execute(_LAID_HELD, poster["invitation_id"])
        for decision in ("leave-out", "count", "leave-out"):
            await decide(officer, poster, decision)
        assert await sql.value(TOLD) == 25
        assert await sql.rows(CHANGED) == [{"counted": "false", "n": 25}]

    @pytest.mark.parametrize(
        ("decision", "hours"),
        [("", ("2026-05-06T14:00:00+00:00",)), ("count", ("x",)), ("count", ("2026-05-06T14:00:00",)), ("held", ("x",))],
    )
    async def test_a_form_without_hours_or_decision_changes_nothing_and_says_so(
        self, poster: Any, sql: Any, officer: Any, decision: str, hours: tuple[str, ...]
    ) -> None:
        await lay(sql, poster, 30, apart=timedelta(seconds=1), last=datetime(2026, 5, 6, 14, 30, tzinfo=UTC))
        sent = await decide(officer, poster, decision, *hours)
        assert sent.status_code == 422
        assert "Nothing was changed" in sent.text
        assert await sql.value("select count(*) from feedback.response_standing") == 0

    async def test_a_letter_has_no_such_page_and_neither_has_another_organisation(
        self, app: FastAPI, keys: Keys, issue: Any, poster: Any, officer: Any
    ) -> None:
        letter = await issue()
        assert (await officer.get(f"/feedback/links/{letter['invitation_id']}/answers")).status_code == 404
        assert (await officer.get(f"/feedback/links/{uuid4()}/answers")).status_code == 404
        stranger = caller("role:qa-officer", org="telford-wrekin", subject="staff:t")
        async with ServiceClient(app, keys, "feedback", stranger) as other:
            assert (await other.get(f"/feedback/links/{poster['invitation_id']}/answers")).status_code == 404


class TestWasTold:
    @pytest.mark.parametrize(
        ("history", "told"),
        [((), True), (("held",), False), (("held", "left-out"), False), (("held", "left-out", "counted"), True),
         (("left-out",), True), (("held", "counted", "left-out"), True)],
    )  # fmt: skip
    def test_it_was_told_unless_it_was_held_and_never_counted(self, history: Any, told: bool) -> None:
        assert was_told(history) is told

    def test_what_was_held_after_it_had_counted_was_told(self) -> None:
        assert was_told(("held",), before_held=True)
