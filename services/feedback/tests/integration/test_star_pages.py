"""Outcome stars on the pages: entered, corrected, closed; who is due, who sees what, what many show, and two at once."""

import asyncio
import csv
import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

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


class TestEntering:
    async def test_a_star_is_entered_on_one_page_and_shown(self, sit: Sit, sql: Any) -> None:
        sam = sit()
        assert "Which star?" in await sam.text(f"{PATH}/new")
        sent = await sam.send(f"{PATH}/new?kind=test-star", **ENTRY)
        assert sent.status_code == 303, sent.text
        page = await sam.text(sent.headers["location"])
        for shown in (
            "EH-77",
            "5 January 2026",
            "The person with a worker’s help",
            "No answer",
            "Midway by 2 March 2026, overdue",
        ):
            assert shown in page, shown
        assert "EH-77" in await sam.text()
        assert "Start only: Happy 2, Safe 5" in await sam.text()

    async def test_a_second_click_records_it_once(self, sit: Sit, sql: Any) -> None:
        sam = sit()
        page = (await sam.get(f"{PATH}/new?kind=test-star")).text
        answers = await asyncio.gather(*(sam.post(f"{PATH}/new?kind=test-star", page, **ENTRY) for _ in range(3)))
        assert {each.status_code for each in answers} == {303}
        assert await sql.value("select count(*) from feedback.star_reading") == 1

    @pytest.mark.parametrize(
        ("change", "words", "status"),
        [
            ({"reference": ""}, "Write the person’s reference", 422),
            ({"taken_on-day": "31", "taken_on-month": "2"}, "Write a real day", 422),
            ({"taken_on-year": "2999"}, "Write a day that is not ahead", 422),
            ({"score-happy": "9"}, "Choose 1 to 5, or no answer", 422),
            ({"score-happy": "", "score-safe": ""}, "Give at least one star", 422),
            ({"point": ""}, "Choose start, midway or end", 422),
            ({"answered_by": "dog"}, "Choose who gave the stars", 422),
            ({"service_area": "safeguarding"}, "Choose a team of that service area", 422),
            ({"service_area": ""}, "Choose a service area", 422),
            ({"point": "end"}, "record the start first", 409),
        ],
    )
    async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
        self, sit: Sit, sql: Any, change: dict[str, str], words: str, status: int
    ) -> None:
        sent = await sit().send(f"{PATH}/new?kind=test-star", **{**ENTRY, **change})
        assert (sent.status_code, words in sent.text) == (status, True), sent.text
        assert 'value="Jo Bennett"' in sent.text
        assert await sql.value("select count(*) from feedback.star") == 0

    async def test_the_next_one_is_taken_from_the_persons_page(self, sit: Sit, star: str) -> None:
        sam = sit()
        day = {"taken_on-day": "4", "taken_on-month": "5", "taken_on-year": "2026"}
        sent = await sam.send(f"{star}/take", **{**ENTRY, **day, "point": "end", "score-happy": "4"})
        assert sent.headers["location"] == star
        page = await sam.text(star)
        assert "2 → 4, improved" in page
        assert "Closed on 4 May 2026 with its end star" in page
        assert "Happy: 2, then 4. Healthy: no answer, then no answer. Safe: 3, then 5." in page
        again = await sam.send(f"{star}/take", **{**ENTRY, **day, "point": "mid"})
        assert again.status_code == 409


class TestCorrecting:
    async def test_a_correction_shows_what_stood_before(self, sit: Sit, star: str, sql: Any) -> None:
        sam = sit()
        [link] = set(re.findall(rf"{star}/readings/[0-9a-f-]+", (await sam.get(star)).text))
        sent = await sam.send(link, **{**ENTRY, "score-happy": "3", "score-safe": ""})
        assert sent.status_code == 303, sent.text
        page = await sam.text(star)
        assert "Start of 5 January 2026: Happy 2, Safe 3" in page
        assert "Start of 5 January 2026: Happy 3" in page
        assert "Sam Harris" in page

    async def test_of_two_at_once_the_second_is_told_with_what_was_typed(self, sit: Sit, star: str, sql: Any) -> None:
        sam, jo = sit(), sit("jo")
        [link] = set(re.findall(rf"{star}/readings/[0-9a-f-]+", (await sam.get(star)).text))
        pages = [(await each.get(link)).text for each in (sam, jo)]
        answers = await asyncio.gather(
            sam.post(link, pages[0], **{**ENTRY, "score-happy": "4"}), jo.post(link, pages[1], **{**ENTRY, "score-happy": "5"})
        )
        assert sorted(each.status_code for each in answers) == [303, 412]
        [late] = [each for each in answers if each.status_code == 412]
        assert "Somebody else has changed this reading" in late.text
        assert await sql.value("select count(*) from feedback.star_history where what = 'corrected'") == 1
        again = await (jo if answers[1] is late else sam).post(link, late.text, **{**ENTRY, "score-happy": "1"})
        assert again.status_code == 303

    async def test_withdrawing_leaves_it_in_the_history(self, sit: Sit, star: str) -> None:
        sam = sit()
        [link] = set(re.findall(rf"{star}/readings/[0-9a-f-]+", (await sam.get(star)).text))
        page = (await sam.get(link)).text
        for _ in range(2):
            assert (await sam.post(f"{link}/withdraw", page)).status_code == 303
        assert "Withdrawn" in await sam.text(star)
        assert (await sam.get(link)).status_code == 404


class TestClosing:
    async def test_without_an_end_star_for_a_reason_and_open_again(self, sit: Sit, star: str) -> None:
        sam = sit()
        assert "Choose why there is no end star" in (await sam.send(f"{star}/close", reason="")).text
        assert (await sam.send(f"{star}/close", reason="moved-away")).status_code == 303
        page = await sam.get(star)
        assert "without an end star: Moved away" in page.text
        assert "EH-1" not in await sam.text(f"{PATH}/due")
        assert (await sam.post(f"{star}/reopen", page.text)).status_code == 303
        assert "Goes on" in await sam.text(star)
        assert "EH-1" in await sam.text(f"{PATH}/due")

    async def test_who_works_with_them_is_changed(self, sit: Sit, star: str, sql: Any) -> None:
        sam = sit()
        wrong = await sam.send(f"{star}/move", service_area="safeguarding", team="send-north", worker="Lee")
        assert (wrong.status_code, 'value="Lee"' in wrong.text) == (422, True)
        await sam.send(f"{star}/move", service_area="send", team="send-south", worker="Lee Walsh")
        page = await sam.text(star)
        assert "South Team" in page
        assert "Lee Walsh" in page
        assert "Walsh" not in str(await sql.rows("select t::text from feedback.star t"))


class TestDue:
    async def test_by_team_and_worker_without_those_that_are_over(self, sit: Sit, post_star: Any) -> None:
        await post_star("start", "2026-01-05", person="late")
        await post_star("start", "2026-01-05", person="south", team="send-south", worker="Sam Okafor")
        await post_star("start", "2026-01-05", person="over")
        await post_star("end", "2026-03-05", person="over")
        sam = sit()
        page = await sam.text(f"{PATH}/due")
        assert "late" in page
        assert ">over<" not in page
        assert ">south<" not in await sam.text(f"{PATH}/due?team=send-north")
        worker = re.search(r'<option value="([0-9a-f]{32})">Sam Okafor', page)
        assert worker
        only = await sam.text(f"{PATH}/due?worker={worker[1]}")
        assert (">south<" in only, ">late<" in only) == (True, False)

    async def test_a_person_is_found_by_reference_which_stands_in_no_address(self, sit: Sit, star: str) -> None:
        sam = sit()
        page = (await sam.get()).text
        found = await sam.post(f"{PATH}/find", page, reference=" eh-1 ")
        assert found.headers["location"] == star
        nobody = await sam.post(f"{PATH}/find", page, reference="EH-2")
        assert "EH-2" not in nobody.headers["location"]
        assert "Nobody fits" in await sam.text(nobody.headers["location"])


class TestWhoSeesWhat:
    async def test_another_area_and_another_council_find_nobody(self, sit: Sit, star: str) -> None:
        for stranger in (sit("kim", org="telford-wrekin"), sit("lou", areas=frozenset({"safeguarding"}))):
            assert "EH-1" not in await stranger.text()
            assert (await stranger.get(star)).status_code == 404
            assert (await stranger.get(f"{star}/take")).status_code == 404
            assert "EH-1" not in await stranger.text(f"{PATH}/due")
        assert (await sit("ann", areas=frozenset({"send"})).get(star)).status_code == 200
        assert (await sit().get(f"{PATH}/{UUID(int=7)}")).status_code == 404

    async def test_a_senior_reader_sees_what_many_add_up_to_and_nobody(self, sit: Sit, star: str) -> None:
        ruth = sit("ruth", role="senior-reader")
        for closed in (PATH, star, f"{PATH}/due", f"{PATH}/new"):
            assert (await ruth.get(closed)).status_code == 403
        page = await ruth.text(f"{PATH}/summary?kind=test-star")
        assert "EH-1" not in page
        assert "A few people have only a start so far." in page
        assert f'href="{PATH}"' not in page

    async def test_a_council_without_stars_is_told_so(self, sit: Sit) -> None:
        kim = sit("kim", org="telford-wrekin")
        for path in (PATH, f"{PATH}/new", f"{PATH}/summary"):
            assert "takes no outcome stars" in await kim.text(path)
        assert "Nobody is due" in await kim.text(f"{PATH}/due")
        assert (await kim.get(f"{PATH}/new?kind=test-star")).status_code == 404


class TestSummary:
    @pytest.fixture
    async def many(self, client: Any, star_profile: Any) -> None:
        """Twelve people who improved, eleven who stayed, seven who got worse, two with only a start."""
        ways = [("north", 4)] * 12 + [("north", 2)] * 11 + [("south", 1)] * 7 + [("north", None)] * 2
        for n, (team, last) in enumerate(ways):
            body = {
                "person": f"P-{n}", "star": "test-star", "point": "start", "taken_on": "2026-07-06", "scores": {"happy": 2},
                "service_area": "send", "team": f"send-{team}",
            }  # fmt: skip
            after: list[dict[str, Any]] = (
                [{"point": "mid", "taken_on": "2026-10-05", "scores": {"happy": last}}] if last else []
            )
            for place, more in enumerate(({}, *after)):
                key = {"Idempotency-Key": f"{n}-{place}"}
                sent = await client.post("/feedback/v1/stars", json={**body, **more}, headers=key)
                assert sent.status_code == 201, sent.text

    async def figures(self, desk: Any, **query: str) -> dict[str, list[str]]:
        answer = await desk.http.get(f"{PATH}/summary.csv", params={"kind": "test-star", "scale": "happy", **query})
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        return {row[0]: row[1:] for row in rows[1:]}

    async def test_people_with_both_are_counted_and_small_groups_withheld(self, sit: Sit, many: None) -> None:
        ruth = sit("ruth", role="senior-reader")
        found = await self.figures(ruth)
        assert found["Happy"] == ["30", "12", "11", "7", "40", "0.6", "0"]
        assert found["Safe"] == ["0", "0", "0", "0", "[x]", "[x]", "[x]"]
        teams = await self.figures(ruth, by="team")
        assert teams["North Team"][:4] == ["23", "12", "11", "0"]
        assert teams["South Team"] == ["7", "0", "0", "7", "[c]", "[c]", "[c]"]
        assert teams["All"][:4] == ["30", "12", "11", "7"]
        quarters = await self.figures(ruth, by="quarter")
        assert quarters["Q3 2026/27"][:4] == ["30", "12", "11", "7"]
        assert quarters["Q2 2026/27"][:4] == ["0", "0", "0", "0"]
        limited = sit("lou", role="senior-reader", areas=frozenset({"safeguarding"}))
        assert (await self.figures(limited))["Happy"][0] == "0"

    @pytest.mark.parametrize("by", ["scale", "team", "quarter", "nonsense"])
    async def test_the_page_is_good_by_every_group(self, sit: Sit, many: None, by: str) -> None:
        page = await sit().text(f"{PATH}/summary?kind=test-star&by={by}&scale=happy")
        assert "People with both" in page
        assert "A few people have only a start so far." in page
