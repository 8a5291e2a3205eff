"""Outcome stars over the API: natural key, corrections, closing, and what is told of them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.identity import Identity
from contracts import BY_SUBJECT

STARS = "/feedback/v1/stars"


async def send(client: Any, path: str, body: Any = None, key: str | None = None) -> Any:
    """Post to a path below the stars."""
    return await client.post(f"{STARS}{path}", json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def told(sql: Any) -> list[dict[str, Any]]:
    """The events of stars, in order, each with its name."""
    rows = await sql.rows(
        "select subject, data::text as data from feedback.outbox where subject like '%.star_%' order by position"
    )
    return [
        {"event": row["subject"].rpartition(".")[2], **BY_SUBJECT[row["subject"]].model_validate_json(row["data"]).model_dump()}
        for row in rows
    ]


class TestRecording:
    async def test_a_course_from_start_to_end(self, post_star: Any, client: Any, sql: Any) -> None:
        start = await post_star("start", "2026-01-05")
        assert (start.status_code, start.json()["status"]) == (201, "recorded")
        await post_star("mid", "2026-03-02", scores={"happy": 4})
        end = await post_star("end", "2026-05-04", scores={"happy": 5, "healthy": 2, "safe": 3})
        assert end.status_code == 201, end.text
        [item] = (await client.get(STARS)).json()["items"]
        assert (item["person"], item["worker"], item["closed_on"], item["reason"]) == (
            "EH-1", "Jo Bennett", "2026-05-04", "end-star",
        )  # fmt: skip
        assert [each["point"] for each in item["readings"]] == ["start", "mid", "end"]
        assert [each["event"] for each in await told(sql)] == ["star_recorded"] * 3 + ["star_closed"]

    async def test_what_is_told_holds_a_keyed_pseudonym_codes_and_scores_and_no_reference(
        self, post_star: Any, sql: Any
    ) -> None:
        await post_star("start", "2026-01-05", person="EH-2026-0417", worker="Jo Bennett")
        [event] = await told(sql)
        assert (event["point"], event["star"], event["channel"], event["team"]) == (
            "start",
            "test-star",
            "system",
            "send-north",
        )
        assert event["scores"] == (
            {"scale": "happy", "score": 2, "lowest": 1, "highest": 5}, {"scale": "safe", "score": 3, "lowest": 1, "highest": 5},
        )  # fmt: skip
        assert len(event["person"]) == 32
        for table in ("outbox", "star", "star_reading", "star_history", "idempotency"):
            rows = str(await sql.rows(f"select t::text as row from feedback.{table} t"))
            assert "EH-2026-0417" not in rows, table
            assert "Bennett" not in rows, table

    async def test_the_same_again_changes_nothing_and_other_scores_are_refused(self, post_star: Any, sql: Any) -> None:
        first = await post_star("start", "2026-01-05", key="one")
        again = await post_star("start", "2026-01-05", key="one")
        assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
        known = await post_star("start", "2026-01-05", person=" eh-1 ")
        assert (known.status_code, known.json()["status"]) == (200, "unchanged")
        other = await post_star("start", "2026-01-05", scores={"happy": 5})
        assert (other.status_code, other.json()["reading_id"]) == (409, first.json()["reading_id"])
        assert await sql.value("select count(*) from feedback.star_reading") == 1
        assert len(await told(sql)) == 1

    async def test_four_who_post_the_same_at_once_record_it_once(self, post_star: Any, sql: Any) -> None:
        answers = await asyncio.gather(*(post_star("start", "2026-01-05") for _ in range(4)))
        assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
        assert await sql.value("select count(*) from feedback.star") == 1
        assert await sql.value("select count(*) from feedback.star_reading") == 1

    async def test_of_two_ends_at_once_one_is_refused(self, post_star: Any, sql: Any) -> None:
        await post_star("start", "2026-01-05")
        answers = await asyncio.gather(post_star("end", "2026-05-04"), post_star("end", "2026-05-05"))
        assert sorted(each.status_code for each in answers) == [201, 409]
        assert [each["event"] for each in await told(sql)] == ["star_recorded", "star_recorded", "star_closed"]

    @pytest.mark.parametrize(
        ("point", "day", "changes", "status", "words"),
        [
            ("mid", "2026-02-02", {}, 409, "record the start first"),
            ("start", "2999-01-01", {}, 422, "/taken_on"),
            ("start", "2021-01-01", {}, 422, "no version that was in force"),
            ("start", "2026-01-05", {"star": "webster"}, 422, "webstar-children"),
            ("start", "2026-01-05", {"scores": {"sad": 3}}, 422, "/scores/sad"),
            ("start", "2026-01-05", {"scores": {"happy": 6}}, 422, "from 1 to 5"),
            ("start", "2026-01-05", {"scores": {"happy": True}}, 422, "/scores/happy"),
            ("start", "2026-01-05", {"scores": {}}, 422, "/scores"),
            ("start", "2026-01-05", {"team": "send-est"}, 422, "send-north"),
            ("start", "2026-01-05", {"service_area": "through-care", "team": None}, 422, "safeguarding, send"),
            ("middle", "2026-01-05", {}, 422, "/point"),
            ("start", "2026-01-05", {"person": "a\nb"}, 422, "/person"),
            ("start", "2026-01-05", {"name": "x"}, 422, "/name"),
        ],
    )
    async def test_what_is_wrong_is_said_with_its_place_and_nothing_is_kept(
        self, post_star: Any, sql: Any, point: str, day: str, changes: dict[str, Any], status: int, words: str
    ) -> None:
        answer = await post_star(point, day, **changes)
        assert answer.status_code == status, answer.text
        assert words in answer.text
        assert await sql.value("select count(*) from feedback.star") == 0

    async def test_a_second_course_begins_when_the_first_is_over(self, post_star: Any, client: Any) -> None:
        first = (await post_star("start", "2026-01-05")).json()
        assert (await post_star("start", "2026-02-02")).json()["type"].endswith("star-has-start")
        await post_star("end", "2026-05-04")
        assert (await post_star("mid", "2026-06-01")).status_code == 409
        second = await post_star("start", "2026-07-06")
        assert second.status_code == 201
        assert second.json()["star_id"] != first["star_id"]
        # Repeating the old ones still finds them.
        assert (await post_star("end", "2026-05-04")).json()["status"] == "unchanged"
        assert len((await client.get(STARS)).json()["items"]) == 2

    async def test_a_person_who_moves_on_has_the_team_of_today_and_readings_keep_theirs(
        self, post_star: Any, client: Any, sql: Any
    ) -> None:
        await post_star("start", "2026-01-05")
        await post_star("mid", "2026-03-02", team="send-south", worker="Sam Okafor")
        [item] = (await client.get(STARS)).json()["items"]
        assert (item["team"], item["worker"], item["due_on"]) == ("send-south", "Sam Okafor", "2026-05-25")
        assert [each["team"] for each in await told(sql)] == ["send-north", "send-south"]


class TestCorrecting:
    async def test_a_correction_keeps_what_stood_before(self, post_star: Any, client: Any, sql: Any) -> None:
        reading = (await post_star("start", "2026-01-05")).json()["reading_id"]
        body = {"point": "start", "taken_on": "2026-01-06", "scores": {"happy": 4}, "answered_by": "worker"}
        done = await send(client, f"/readings/{reading}/correction", body)
        assert (done.status_code, done.json()["status"]) == (200, "corrected")
        assert (await send(client, f"/readings/{reading}/correction", body)).status_code == 200
        events = await told(sql)
        assert [each["event"] for each in events] == ["star_recorded", "star_corrected"]
        assert [each["score"] for each in events[1]["scores"]] == [4]
        [entry] = await sql.rows("select before::text, after::text from feedback.star_history where what = 'corrected'")
        assert '"2026-01-05"' in entry["before"]
        assert '"worker"' in entry["after"]

    async def test_days_that_would_be_out_of_order_are_refused(self, post_star: Any, client: Any) -> None:
        start = (await post_star("start", "2026-01-05")).json()["reading_id"]
        await post_star("mid", "2026-03-02")
        body = {"point": "start", "taken_on": "2026-04-01", "scores": {"happy": 4}}
        answer = await send(client, f"/readings/{start}/correction", body)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "star-out-of-order")
        assert (await send(client, f"/readings/{start}/withdrawal")).status_code == 409

    async def test_withdrawing_the_end_lets_the_course_go_on(self, post_star: Any, client: Any, sql: Any) -> None:
        await post_star("start", "2026-01-05")
        end = (await post_star("end", "2026-05-04")).json()["reading_id"]
        for _ in range(2):
            assert (await send(client, f"/readings/{end}/withdrawal")).json()["status"] == "withdrawn"
        assert [each["event"] for each in await told(sql)][2:] == ["star_closed", "star_withdrawn", "star_reopened"]
        [item] = (await client.get(STARS)).json()["items"]
        assert (item["closed_on"], item["due_point"]) == (None, "mid")
        assert (await post_star("end", "2026-05-04", scores={"happy": 1})).status_code == 201

    async def test_one_that_does_not_exist_or_is_of_another_area_is_not_found(self, post_star: Any, client: Any) -> None:
        done = (await post_star("start", "2026-01-05")).json()
        assert (await send(client, f"/readings/{UUID(int=1)}/withdrawal")).status_code == 404
        grants = frozenset({"feedback:stars:write", "feedback:stars:read"})
        elsewhere = client.acting_as(Identity("worcestershire", "client:x", "client", grants, frozenset({"safeguarding"})))
        assert (await send(elsewhere, f"/readings/{done['reading_id']}/withdrawal")).status_code == 404
        assert (await send(elsewhere, f"/{done['star_id']}/closure", {"reason": "declined"})).status_code == 404
        assert (await elsewhere.get(STARS)).json()["items"] == []
        body = {
            "person": "EH-1", "star": "test-star", "point": "mid", "taken_on": "2026-03-02", "scores": {"happy": 1},
            "service_area": "safeguarding",
        }  # fmt: skip
        assert (await send(elsewhere, "", body)).json()["type"].endswith("star-of-others")
        other = client.acting_as(Identity("telford-wrekin", "client:x", "client", grants))
        assert (await other.get(STARS)).json()["items"] == []
        assert (await send(other, "", body)).status_code == 422


class TestClosing:
    async def test_without_an_end_star_needs_a_reason_of_the_profile(self, post_star: Any, client: Any, sql: Any) -> None:
        star = (await post_star("start", "2026-01-05")).json()["star_id"]
        answer = await send(client, f"/{star}/closure", {"reason": "bored"})
        assert (answer.status_code, "moved-away" in answer.text) == (422, True)
        for _ in range(2):
            closed = await send(client, f"/{star}/closure", {"reason": "moved-away"})
            assert (closed.status_code, closed.json()["reason"]) == (200, "moved-away")
        assert (await send(client, f"/{star}/closure", {"reason": "declined"})).status_code == 409
        assert (await send(client, f"/{star}/reopening")).json()["closed_on"] is None
        assert [each["event"] for each in await told(sql)] == ["star_recorded", "star_closed", "star_reopened"]

    async def test_one_that_ended_goes_on_by_its_end_star_only(self, post_star: Any, client: Any) -> None:
        star = (await post_star("start", "2026-01-05")).json()["star_id"]
        await post_star("end", "2026-05-04")
        assert (await send(client, f"/{star}/reopening")).status_code == 409
        assert (await send(client, f"/{star}/closure", {"reason": "declined"})).status_code == 409

    async def test_one_does_not_go_on_beside_a_newer_one(self, post_star: Any, client: Any) -> None:
        star = (await post_star("start", "2026-01-05")).json()["star_id"]
        await send(client, f"/{star}/closure", {"reason": "no-contact"})
        await post_star("start", "2026-07-06")
        answer = await send(client, f"/{star}/reopening")
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "star-begun-again")

    async def test_the_database_itself_holds_the_rules(self, post_star: Any, sql: Any) -> None:
        await post_star("start", "2026-01-05")
        await post_star("end", "2026-05-04")
        for change in (
            "update feedback.star_reading set point = 'start'",
            "update feedback.star_reading set scores = '{}'",
            "update feedback.star_reading set channel = 'link'",
            "update feedback.star set closed_for = null",
        ):
            with pytest.raises(Exception, match="violates"):
                await sql.execute(change)


class TestLists:
    async def test_pages_go_on_where_the_last_ended(self, post_star: Any, client: Any) -> None:
        for n in range(5):
            await post_star("start", "2026-01-05", person=f"P-{n}")
        first = (await client.get(STARS, params={"limit": 3})).json()
        rest = (await client.get(STARS, params={"limit": 3, "after": first["next"]})).json()
        assert [each["person"] for each in [*first["items"], *rest["items"]]] == ["P-4", "P-3", "P-2", "P-1", "P-0"]
        assert rest["next"] is None
        assert (await client.get(STARS, params={"after": "x"})).status_code == 422
