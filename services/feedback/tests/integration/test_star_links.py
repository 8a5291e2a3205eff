"""Links of outcome stars: what a family answers joins the person's star, or is put aside for a person to decide."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

PATH = "/feedback/stars"
ENTRY = {
    "reference": "EH-77", "point": "start", "taken_on-day": "5", "taken_on-month": "1", "taken_on-year": "2026",
    "answered_by": "with-help", "score-happy": "2", "score-healthy": "", "score-safe": "5", "service_area": "send",
    "team": "send-north", "worker": "Jo Bennett",
}  # fmt: skip


Sit = Callable[..., Any]


@pytest.fixture
def sit(sit_at_stars: Sit) -> Sit:
    """Seat somebody at the pages."""
    return sit_at_stars


@pytest.fixture
async def star(post_star: Any) -> str:
    """A person with a start, by the address of their page."""
    return f"{PATH}/{(await post_star('start', '2026-01-05')).json()['star_id']}"


class TestLinks:
    async def link(self, desk: Any, star: str, point: str = "mid") -> str:
        sent = await desk.send(f"{star}/link", point=point, channel="handed-over", language="", answered_by="self")
        assert sent.status_code == 303, sent.text
        page = (await desk.get(sent.headers["location"])).text
        found = re.search(r"http://loop.test/s/[a-z2-7]+", page)
        assert found
        return found[0]

    async def test_what_a_family_answers_joins_the_star_as_it_is_sent(self, sit: Sit, star: str, family: Any, sql: Any) -> None:
        sam = sit()
        url = await self.link(sam, star)
        assert "Midway: link of" in await sam.text(star)
        await family.open(url)
        start = " ".join((await family.get("/s/start")).text.split())
        assert "The grown-ups who work with you see that the answers are yours" in start
        assert "somebody here could find out" not in start
        await family.answer(1, answer="5")
        await family.answer(3, answer="1")
        await family.send()
        page = await sam.text(star)
        for shown in ("By a link", "2 → 5, improved", "3 → 1, worse", "The family, by a link"):
            assert shown in page, shown
        assert "Not answered yet" not in page
        [row] = await sql.rows("select point, channel, state, response_id from feedback.star_reading where channel = 'link'")
        assert (row["point"], row["state"]) == ("mid", "counted")
        subjects = await sql.rows("select subject from feedback.outbox order by position desc limit 2")
        assert {each["subject"].rpartition(".")[2] for each in subjects} == {"star_recorded", "response_submitted"}

    async def test_a_family_gives_the_start_by_a_link(self, sit: Sit, family: Any, sql: Any) -> None:
        sam = sit()
        entry = {**ENTRY, "score-happy": "", "score-safe": "", "do": "link"}
        assert (
            "Write the person’s reference" in (await sam.send(f"{PATH}/new?kind=test-star", **{**entry, "reference": ""})).text
        )
        page = (await sam.get(f"{PATH}/new?kind=test-star")).text
        answers = await asyncio.gather(*(sam.post(f"{PATH}/new?kind=test-star", page, **entry) for _ in range(2)))
        [leads] = {each.headers["location"] for each in answers}
        star = leads.removesuffix("/link")
        assert "Nothing yet" in await sam.text()
        assert "Start by" in await sam.text(f"{PATH}/due")
        await family.open(await self.link(sam, star, "start"))
        await family.answer(2, answer="3")
        await family.send()
        assert "Start only: Healthy 3" in await sam.text()
        assert await sql.value("select count(*) from feedback.star") == 1

    async def test_the_list_of_links_does_not_say_whose_it_is(self, sit: Sit, star: str, sql: Any) -> None:
        await self.link(sit(), star)
        [row] = await sql.rows("select reference from feedback.invitation")
        assert row["reference"] is None

    async def test_what_does_not_fit_any_more_is_put_aside_and_a_person_decides(
        self, sit: Sit, star: str, family: Any, post_star: Any, sql: Any
    ) -> None:
        sam = sit()
        url = await self.link(sam, star)
        await post_star("end", "2026-05-04")
        await family.open(url)
        await family.answer(1, answer="5")
        await family.send()
        page = (await sam.get(star)).text
        assert "Does not count: the star was closed" in page
        assert "To decide" in await sam.text()
        assert await sql.value("select count(*) from feedback.response") == 1
        [aside] = [link for link in set(re.findall(rf"{star}/readings/[0-9a-f-]+", page))
                   if "does not count as it came" in (await sam.get(link)).text]  # fmt: skip
        counted = {**ENTRY, "point": "mid", "taken_on-month": "3", "taken_on-day": "2", "score-happy": "5", "score-safe": ""}
        assert (await sam.send(aside, **counted)).status_code == 303
        assert "Does not count" not in await sam.text(star)
        assert await sql.value("select count(*) from feedback.star_reading where state = 'counted'") == 3

    async def test_one_without_a_star_is_put_aside_and_left_out(self, sit: Sit, star: str, family: Any, sql: Any) -> None:
        sam = sit()
        await family.open(await self.link(sam, star))
        await family.send()
        assert "Does not count: no star was given" in await sam.text(star)
        reading = await sql.value("select id from feedback.star_reading where state = 'aside'")
        link = f"{star}/readings/{reading}"
        assert (await sam.post(f"{link}/withdraw", (await sam.get(link)).text)).status_code == 303
        assert "star_withdrawn" not in str(await sql.rows("select subject from feedback.outbox"))

    async def test_a_link_that_is_issued_again_still_belongs_to_the_star(
        self, sit: Sit, star: str, family: Any, sql: Any
    ) -> None:
        sam, alex = sit(), sit("alex", role="qa-officer")
        await self.link(sam, star)
        address = f"/feedback/links/{await sql.value('select id from feedback.invitation')}"
        again = await alex.post(f"{address}/issue-again", (await alex.get(address)).text)
        told = (await alex.get(again.headers["location"])).text
        found = re.search(r"http://loop.test/s/[a-z2-7]+", told)
        assert found
        assert "Midway: link of" in await sam.text(star)
        await family.open(found[0])
        await family.answer(1, answer="4")
        await family.send()
        assert await sql.value("select count(*) from feedback.star_reading where channel = 'link' and state = 'counted'") == 1

    async def test_where_it_breaks_off_neither_answers_nor_star_are_kept(
        self, sit: Sit, star: str, family: Any, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("the process died")

        await family.open(await self.link(sit(), star))
        await family.answer(1, answer="4")
        with monkeypatch.context() as patch:
            patch.setattr("feedback.adapters.star_readings.note", broken)
            assert (await family.post("/s/check")).status_code == 500
        assert await sql.value("select count(*) from feedback.response") == 0
        assert await family.send() == "/s/done"
        assert await sql.value("select count(*) from feedback.star_reading") == 2

    async def test_only_who_issued_it_sees_it_and_a_star_that_is_over_gets_none(
        self, sit: Sit, star: str, post_star: Any
    ) -> None:
        sam = sit()
        sent = await sam.send(f"{star}/link", point="mid", channel="handed-over", language="", answered_by="self")
        assert (await sit("jo").get(sent.headers["location"])).status_code == 404
        wrong = await sam.send(f"{star}/link", point="start", channel="poster", language="xx", answered_by="")
        assert wrong.status_code == 422
        page = (await sam.get(f"{star}/link")).text
        await post_star("end", "2026-05-04")
        refused = await sam.post(f"{star}/link", page, point="end", channel="letter", language="", answered_by="self")
        assert refused.status_code == 422
        assert "This star is over" in await sam.text(f"{star}/link")
