"""Links are issued, one and by the thousand, withdrawn and listed over HTTP."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest
import zxingcpp

from chassis.identity import Identity
from chassis.testing.browser import Chromium

PATH = "/feedback/v1/invitations"
LETTER = {"questionnaire": "new-ehcp", "service_area": "send", "team": "send-north", "channel": "letter", "reusable": False}
LAST_MONDAY, LAST = date(2026, 11, 30), date(2027, 2, 28)
ISSUED = "select count(*) from feedback.outbox where subject = 'loop.feedback.v1.invitation_issued'"


async def post(client: Any, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
    answer: httpx.Response = await client.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})
    return answer


def limited(*areas: str) -> Identity:
    grants = frozenset({"feedback:invitations:write", "feedback:invitations:read"})
    return Identity("worcestershire", "client:limited", "client", grants, frozenset(areas))


class TestIssuingOne:
    async def test_the_answer_tells_link_code_and_qr_once(self, client: Any, sql: Any) -> None:
        answer = await post(client, PATH, {**LETTER, "reference": "A-1", "about_on": "2022-05-12", "expires_on": None})
        assert answer.status_code == 201
        issued = answer.json()
        assert issued["status"] == "issued"
        token = issued["url"].removeprefix("http://loop.test/s/")
        assert (len(token), token.isalnum()) == (32, True)
        assert len(issued["short_code"]) == 11
        assert issued["expires_on"] == str(date.fromisoformat(issued["expires_on"]))
        event = json.loads(await sql.value("select data::text from feedback.outbox"))
        assert event["invitation_id"] == issued["invitation_id"]
        assert (event["about_on"], event["questionnaire_version"], event["reusable"]) == ("2022-05-12", 1, False)
        assert date.fromisoformat(event["expires_on"]) - date.fromisoformat(event["issued_on"]) == timedelta(days=90)
        assert "A-1" not in json.dumps(event)

    async def test_the_qr_code_has_a_quiet_zone_and_enough_correction(self, client: Any) -> None:
        svg = ET.fromstring((await post(client, PATH, LETTER)).json()["qr_svg"])
        assert svg.tag.endswith("svg")
        size = int(svg.attrib["width"])
        assert size % 8 == 0
        assert (size // 8 - 8 - 17) % 4 == 0  # a version's modules, and four on either side

    @pytest.mark.browser
    async def test_the_qr_code_is_read_back_and_leads_to_the_page(self, client: Any, family: Any, chromium: Chromium) -> None:
        issued = (await post(client, PATH, LETTER)).json()
        [found] = zxingcpp.read_barcodes(await _pixels(chromium, issued["qr_svg"]))
        assert (found.text, found.ec_level) == (issued["url"], "M")
        await family.open(found.text)

    async def test_the_same_key_tells_the_same_link_again(self, client: Any, sql: Any) -> None:
        first = await post(client, PATH, LETTER, "k-1")
        again = await post(client, PATH, LETTER, "k-1")
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert await sql.value(ISSUED) == 1

    async def test_the_same_reference_issues_nothing_new(self, client: Any, sql: Any) -> None:
        body = {**LETTER, "reference": "A-1"}
        first = (await post(client, PATH, body)).json()
        again = await post(client, PATH, body)
        assert again.status_code == 200
        assert again.json() == {
            **dict.fromkeys(("url", "short_code", "qr_svg")),
            "status": "unchanged",
            "invitation_id": first["invitation_id"],
            "expires_on": first["expires_on"],
            "sending": False,
        }
        other = await post(client, PATH, {**body, "channel": "text"})
        assert (other.status_code, other.json()["type"]) == (409, "urn:learning-loop:problem:reference-taken")
        assert await sql.value(ISSUED) == 1

    async def test_two_at_once_with_one_reference_issue_one_link(self, client: Any, sql: Any) -> None:
        answers = await asyncio.gather(*(post(client, PATH, {**LETTER, "reference": "A-1"}) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert await sql.value(ISSUED) == 1

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"questionnaire": "no-such"}, "/questionnaire"),
            ({"service_area": "no-such", "team": None}, "/service_area"),
            ({"team": "no-such"}, "/team"),
            ({"service_area": "safeguarding"}, "/team"),
            ({"expires_on": "2020-01-01"}, "/expires_on"),
            ({"expires_on": "2999-01-01"}, "/expires_on"),
            ({"about_on": "2999-01-01"}, "/about_on"),
            ({"team": None, "service_area": "supporting-families-first", "about_on": "2022-05-01"}, "/service_area"),
        ],
    )
    async def test_what_the_profile_does_not_have_is_refused_with_its_place(
        self, client: Any, changes: dict[str, Any], pointer: str
    ) -> None:
        answer = await post(client, PATH, {**LETTER, **changes})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize(
        "changes",
        [
            {"channel": "pigeon"}, {"reusable": "yes"}, {"about_on": "yesterday"}, {"about_on": 12}, {"unknown": 1},
            {"reference": "a\x00b"}, {"reference": "x" * 101}, {"reference": ""}, {"questionnaire": "New EHCP"},
            {"questionnaire": None}, {"team": ["x"]}, {"about_on": "2022-02-30"}, {"reference": "\ud800"},
        ],
    )  # fmt: skip
    async def test_a_malformed_request_is_a_problem_and_never_an_error_of_ours(
        self, client: Any, changes: dict[str, Any]
    ) -> None:
        content = json.dumps({**LETTER, **changes})
        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        answer = await client.post(PATH, content=content, headers=headers)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_caller_is_kept_to_its_service_areas(self, client: Any) -> None:
        mine = client.acting_as(limited("safeguarding"))
        assert (await post(mine, PATH, LETTER)).status_code == 422
        issued = (await post(client, PATH, LETTER)).json()
        assert (await mine.get(PATH)).json()["items"] == []
        assert (await post(mine, f"{PATH}/{issued['invitation_id']}/withdrawal")).status_code == 404


_RASTER = """async (svg) => {
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(svg);
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  return [image.width, image.height, Array.from(pixels.filter((_, place) => place % 4 === 0))];
}"""


async def _pixels(chromium: Chromium, svg: str) -> memoryview:
    """The picture as a browser draws it, in grey, by rows."""
    page = await chromium.open("about:blank")
    width, height, grey = await page.evaluate(_RASTER, svg)
    return memoryview(bytes(grey)).cast("B", (height, width))


class TestIssuingAThousand:
    async def test_each_gets_a_link_of_its_own_in_one_transaction(self, client: Any, family: Any, sql: Any) -> None:
        wanted = [{**LETTER, "reference": f"B-{number}"} for number in range(1000)]
        answer = await post(client, f"{PATH}/batch", {"invitations": wanted})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["counts"] == {"issued": 1000, "unchanged": 0, "refused": 0}
        assert len({item["url"] for item in body["results"]}) == len({item["short_code"] for item in body["results"]}) == 1000
        assert await sql.value(ISSUED) == await sql.value("select count(*) from feedback.link") == 1000
        await family.open(body["results"][777]["url"])

    async def test_each_item_has_its_own_result(self, client: Any, sql: Any) -> None:
        await post(client, PATH, {**LETTER, "reference": "B-1"})
        wanted = [
            {**LETTER, "reference": "B-1"},
            {**LETTER, "reference": "B-1", "channel": "text"},
            {**LETTER, "reference": "B-2"},
            {**LETTER, "reference": "B-2"},
            {**LETTER, "reference": "B-2", "channel": "text"},
            {**LETTER, "questionnaire": "no-such"},
            LETTER,
        ]
        body = (await post(client, f"{PATH}/batch", {"invitations": wanted})).json()
        statuses = [item["status"] for item in body["results"]]
        assert statuses == ["unchanged", "refused", "issued", "unchanged", "refused", "refused", "issued"]
        assert [item["index"] for item in body["results"]] == list(range(7))
        problems = [item["problem"]["status"] for item in body["results"] if item["problem"]]
        assert problems == [409, 409, 422]
        assert body["results"][3]["invitation_id"] == body["results"][2]["invitation_id"]
        assert await sql.value(ISSUED) == 3

    async def test_the_same_key_tells_all_links_again_and_a_stolen_table_tells_none(self, client: Any, sql: Any) -> None:
        wanted = {"invitations": [LETTER] * 3}
        first = (await post(client, f"{PATH}/batch", wanted, "k-1")).json()
        assert (await post(client, f"{PATH}/batch", wanted, "k-1")).json() == first
        kept = str(await sql.rows("select body::text as body from feedback.idempotency"))
        assert not any(item["url"].rpartition("/")[2] in kept or item["short_code"] in kept for item in first["results"])
        other = await post(client, f"{PATH}/batch", {"invitations": [LETTER]}, "k-1")
        assert other.status_code == 422

    @pytest.mark.parametrize("count", [0, 1001])
    async def test_none_and_too_many_are_refused(self, client: Any, count: int) -> None:
        answer = await post(client, f"{PATH}/batch", {"invitations": [LETTER] * count})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/invitations"

    async def test_a_malformed_item_is_refused_with_its_place_and_nothing_is_stored(self, client: Any, sql: Any) -> None:
        answer = await post(client, f"{PATH}/batch", {"invitations": [LETTER, {**LETTER, "channel": "pigeon"}]})
        assert answer.json()["errors"][0]["pointer"] == "/invitations/1/channel"
        assert await sql.value("select count(*) from feedback.invitation") == 0


class TestWithdrawing:
    async def test_it_is_told_once_and_can_be_repeated(self, client: Any, sql: Any) -> None:
        ident = (await post(client, PATH, LETTER)).json()["invitation_id"]
        for _ in range(2):
            answer = await post(client, f"{PATH}/{ident}/withdrawal")
            assert answer.json() == {"invitation_id": ident, "state": "withdrawn"}
        told = "select count(*) from feedback.outbox where subject = 'loop.feedback.v1.invitation_withdrawn'"
        assert await sql.value(told) == 1
        assert await sql.value("select count(*) from feedback.link") == 0

    async def test_an_answered_letter_cannot_be_withdrawn(self, client: Any, family: Any) -> None:
        issued = (await post(client, PATH, LETTER)).json()
        await family.open(issued["url"])
        await family.send()
        answer = await post(client, f"{PATH}/{issued['invitation_id']}/withdrawal")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:learning-loop:problem:already-answered")

    async def test_one_of_another_organisation_is_not_there(self, client: Any) -> None:
        ident = (await post(client, PATH, LETTER)).json()["invitation_id"]
        other = client.acting_as(Identity("telford-wrekin", "client:x", "client", frozenset({"feedback:invitations:write"})))
        assert (await post(other, f"{PATH}/{ident}/withdrawal")).status_code == 404
        assert (await post(other, f"{PATH}/{UUID(int=0)}/withdrawal")).status_code == 404
        assert (await post(other, f"{PATH}/x/withdrawal")).status_code == 422


class TestListing:
    async def test_pages_hold_all_newest_first_and_states_only(self, client: Any, family: Any) -> None:
        issued = [(await post(client, PATH, {**LETTER, "reference": f"C-{number}"})).json() for number in range(5)]
        await family.open(issued[0]["url"])
        await family.answer_all()
        await family.send()
        await post(client, f"{PATH}/{issued[1]['invitation_id']}/withdrawal")
        items: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = (await client.get(PATH, params={"limit": 2, **({"after": after} if after else {})})).json()
            items += page["items"]
            after = page["next"]
        assert sorted(item["reference"] for item in items) == [f"C-{number}" for number in range(5)]
        assert [item["invitation_id"] for item in items] == sorted((item["invitation_id"] for item in items), reverse=True)
        states = {item["reference"]: item["state"] for item in items}
        assert states == {"C-0": "answered", "C-1": "withdrawn", "C-2": "open", "C-3": "open", "C-4": "open"}
        assert set(items[0]) == {
            "invitation_id", "reference", "questionnaire", "version", "channel", "reusable", "service_area", "team", "about_on",
            "issued_on", "expires_on", "language", "state", "message", "reminders", "reminders_declined",
        }  # fmt: skip

    @pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=x", "after=WyJ4Il0", "after=%00"])
    async def test_a_malformed_query_is_a_problem(self, client: Any, query: str) -> None:
        answer = await client.get(f"{PATH}?{query}")
        assert answer.status_code == 422, answer.text


SENT = {**LETTER, "channel": "text", "send_to": "07700 900123", "reference": "T-1"}


class TestSending:
    async def test_a_link_is_sent_with_an_answer_per_row_and_listed_with_how_that_went(
        self, client: Any, sql: Any, work: Any, notify: Any, clock: Any
    ) -> None:
        rows = [
            SENT,
            {**SENT, "channel": "email", "send_to": "jo.bloggs@example.org", "reference": "T-2"},
            {**SENT, "send_to": "01905 765765", "reference": "T-3"},
            {**SENT, "channel": "letter", "reference": "T-4"},
            {**LETTER, "reference": "T-5"},
        ]
        answer = await post(client, f"{PATH}/batch", {"invitations": rows})
        results = answer.json()["results"]
        assert [(each["status"], each["sending"]) for each in results] == [
            ("issued", True), ("issued", True), ("refused", False), ("refused", False), ("issued", False),
        ]  # fmt: skip
        assert [each["problem"]["errors"][0]["pointer"] for each in results[2:4]] == ["/send_to", "/send_to"]
        assert "765765" not in answer.text
        await sql.execute("update feedback.message set next_try_at = $1, created_at = $1", clock.now)
        await sql.execute("update feedback.invitation set issued_on = $1, expires_on = $2", LAST_MONDAY, LAST)
        notify.fates["+447700900123"] = "permanent-failure"
        assert await work("notify").once() == 2
        clock.now += timedelta(hours=2)
        await work("notify").once()
        stands = {each["reference"]: each["message"] for each in (await client.get(PATH)).json()["items"]}
        assert stands == {"T-1": "undelivered", "T-2": "delivered", "T-5": None}

    async def test_the_same_again_sends_nothing_and_another_address_is_refused(self, client: Any, sql: Any) -> None:
        assert (await post(client, PATH, SENT)).json()["sending"] is True
        again = await post(client, PATH, {**SENT, "send_to": "+44 7700 900123"})
        assert (again.status_code, again.json()["status"], again.json()["sending"]) == (200, "unchanged", True)
        other = await post(client, PATH, {**SENT, "send_to": "07700 900124"})
        assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "reference-taken")
        assert await sql.value("select count(*) from feedback.message") == 1

    async def test_one_key_repeats_the_answer_and_takes_no_other_address(self, client: Any, sql: Any) -> None:
        first = await post(client, PATH, SENT, "key-1")
        assert (await post(client, PATH, SENT, "key-1")).json() == first.json()
        assert (await post(client, PATH, {**SENT, "send_to": "07700 900124"}, "key-1")).status_code == 422
        assert await sql.value("select count(*) from feedback.message") == 1

    async def test_no_table_and_no_event_holds_the_address_in_the_clear(self, client: Any, sql: Any) -> None:
        await post(client, PATH, SENT)
        for table in ("invitation", "sending", "message", "outbox", "idempotency", "send_address"):
            rows = await sql.rows(f"select t::text as row from feedback.{table} t")
            assert rows
            assert not [row for row in rows if "900123" in row["row"]]
