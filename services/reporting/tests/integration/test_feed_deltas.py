"""Delta links of the feed: what changed since, what left, and when everything has to be pulled again."""

import asyncio
import base64
import json
from datetime import date
from typing import Any

import pytest
from reporting_everything import everything
from reporting_own import of_our_own
from reporting_pulling import FEED, OUTSIDE, Numbers, Puller, Writer
from reporting_records import Sources, complaint, ident, point_now, points_changed, responded
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import ServiceClient, caller
from reporting.domain.odata.entity_sets import ENTITY_SETS

ORG = "worcestershire"
DAY = date(2022, 4, 4)
POINTS = f"{FEED}/ComplaintPoints"
TRACK = {"Prefer": "odata.track-changes"}


def limited_to(client: ServiceClient, *areas: str) -> ServiceClient:
    """A client of some service areas only."""
    identity = caller("reporting:read")
    return client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset(areas)}))


async def follow(client: ServiceClient, link: str) -> dict[str, Any]:
    """What a link gives."""
    answer = await client.get(link.removeprefix(OUTSIDE))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestEverySet:
    @pytest.mark.usefixtures("profile")
    async def test_can_be_followed_and_a_copy_stays_what_the_table_is(self, client: ServiceClient, sources: Sources) -> None:
        pullers = [Puller(client, name, page=50) for name, each in ENTITY_SETS.items() if each.roots]
        for puller in pullers:
            await puller.to_the_end()
        await sources.record(*everything("a"))
        await of_our_own(client)
        for puller in pullers:
            await puller.to_the_end()
            assert puller.copy, puller
            assert puller.copy == await puller.table()
        before = sum(puller.pages for puller in pullers)
        for puller in pullers:
            await puller.to_the_end()
        assert sum(puller.pages for puller in pullers) == before + len(pullers)


class TestDeltaLink:
    async def test_gives_what_changed_and_what_left_in_the_form_of_odata(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other", "send-transport"]))
        first = await client.get(POINTS, params={"$select": "category"}, headers=TRACK)
        assert first.headers["preference-applied"] == "odata.track-changes"
        assert set(first.json()["value"][0]) == {"point_id", "category"}
        quiet = await follow(client, first.json()["@odata.deltaLink"])
        assert quiet["value"] == []
        gone, stays = ident("point", "a", 1), ident("point", "a", 2)
        await sources.record(
            points_changed("a", 2, "point-take-back", point_now("a", 1, became="taken-back"), point_now("a", 2))
        )
        body = await follow(client, quiet["@odata.deltaLink"])
        assert body["@odata.context"].endswith("$metadata#ComplaintPoints(point_id,category)/$delta")
        assert body["value"] == [
            {"point_id": str(stays), "category": "send-communication"},
            {
                "@odata.context": "#ComplaintPoints/$deletedEntity",
                "@removed": {"reason": "deleted"},
                "id": f"ComplaintPoints({gone})",
                "reason": "deleted",
                "point_id": str(gone),
            },
        ]
        assert (await follow(client, body["@odata.deltaLink"]))["value"] == []

    async def test_a_row_that_a_filter_lets_through_no_more_is_removed(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        puller = Puller(client, "ComplaintPoints", filter_="stage1_finding eq null")
        await puller.to_the_end()
        assert len(puller.copy) == 1
        await sources.record(responded("a", DAY, 8, ["upheld"]))
        await puller.to_the_end()
        assert (puller.copy, len(puller.told_removed)) == ({}, 1)

    async def test_who_is_limited_is_told_of_what_left_their_area_and_of_nothing_else(
        self, client: ServiceClient, sources: Sources
    ) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other", "send-other"]))
        await sources.record(complaint("b", DAY, categories=["send-other"], area="safeguarding"))
        send, other = (Puller(limited_to(client, area), "ComplaintPoints") for area in ("send", "safeguarding"))
        await send.to_the_end()
        await other.to_the_end()
        moved = point_now("a", 1, service_area="safeguarding")
        await sources.record(points_changed("a", 2, "point-move", moved, point_now("a", 2)))
        await sources.record(
            points_changed("b", 2, "point-take-back", point_now("b", 1, service_area="safeguarding", became="taken-back"))
        )
        await send.to_the_end()
        await other.to_the_end()
        assert send.told_removed == {(str(ident("point", "a", 1)),)}
        assert other.told_removed == {(str(ident("point", "b", 1)),)}
        assert set(other.copy) == {(str(ident("point", "a", 1)),)}

    async def test_is_of_no_use_to_others_after_a_rebuild_or_with_another_query(
        self, client: ServiceClient, sources: Sources
    ) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        link = (await client.get(POINTS, headers=TRACK)).json()["@odata.deltaLink"].removeprefix(OUTSIDE)
        token = link.split("deltatoken=")[1]
        for reader in (limited_to(client, "send"), client.acting_as(caller("reporting:read", org="telford-wrekin"))):
            answer = await reader.get(link)
            assert (answer.status_code, answer.json()["error"]["code"]) == (410, "delta-expired")
        for path in (f"{POINTS}?$filter=team eq null&$deltatoken={token}", f"{FEED}/Stars?$deltatoken={token}",
                     f"{link}&$top=1", f"{POINTS}?$deltatoken=zzz"):  # fmt: skip
            assert (await client.get(path)).status_code == 400, path
        await next(iter(sources.appliers.values())).clear()
        await sources.project()
        answer = await client.get(link)
        assert answer.status_code == 410
        assert "whole table again" in answer.json()["error"]["message"]

    async def test_tokens_that_were_made_up_are_refused(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        link = (await client.get(POINTS, headers=TRACK)).json()["@odata.deltaLink"].removeprefix(OUTSIDE)
        path, token = link.split("deltatoken=")
        query, epoch, xid, until, after = json.loads(base64.urlsafe_b64decode(token + "=="))
        for made_up, status in (
            ([query, epoch, xid + 10**9, until, after], 410),
            ([query, epoch, -1, until, after], 400),
            ([query, epoch, "1 or 1=1", until, after], 400),
            ([query, epoch, xid, xid + 10**9, [0, 1, str(ident("x")), str(ident("x"))]], 410),
            ([query, epoch, xid, xid, [0, 1, "'; drop", str(ident("x"))]], 400),
            ([query, epoch, xid, xid, [9, 1, str(ident("x")), str(ident("x"))]], 400),
            ([query, epoch, xid, xid, [0, 1, str(ident("x"))]], 400),
            ("text", 400),
        ):
            content = base64.urlsafe_b64encode(json.dumps(made_up).encode()).decode()
            assert (await client.get(f"{path}deltatoken={content}")).status_code == status, made_up


class TestOrderOfCommits:
    async def test_who_commits_late_is_told_although_others_were_before(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        numbers, puller = Numbers(ORG), Puller(client, "ComplaintPoints")
        early, late = [await Writer.begin(worker_engine, ORG) for _ in range(2)]
        await late.apply(list(numbers.record([complaint("b", DAY, categories=["send-other"])])))
        await late.commit()
        await puller.to_the_end()
        await puller.to_the_end()
        assert len(puller.copy) == 1
        await early.apply(list(numbers.record([complaint("a", DAY, categories=["send-other"])])))
        await early.commit()
        await puller.to_the_end()
        assert len(puller.copy) == 2

    async def test_two_writers_of_one_record_lose_nothing_that_left(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        """The second waits for the first, and then sees what the first had left of the record."""
        numbers, puller = Numbers(ORG), Puller(client, "ComplaintPoints")
        first, second = [await Writer.begin(worker_engine, ORG) for _ in range(2)]
        await second.apply(list(numbers.record([complaint("a", DAY, categories=["send-other"])])))
        taking = points_changed("a", 2, "point-take-back", point_now("a", 1, became="taken-back"))
        waiting = asyncio.create_task(first.apply(list(numbers.record([taking]))))
        async with worker_engine.connect() as looking:
            found = 0
            while not found:
                statement = text("select count(*) from pg_locks where not granted")
                found = (await looking.execute(statement)).scalar_one()
        await second.commit()
        await puller.to_the_end()
        assert len(puller.copy) == 1
        await waiting
        await first.commit()
        await puller.to_the_end()
        assert (puller.copy, len(puller.told_removed)) == ({}, 1)

    async def test_a_row_that_changes_between_pages_comes_with_the_next_link(
        self, client: ServiceClient, sources: Sources
    ) -> None:
        puller = Puller(client, "ComplaintPoints")
        await sources.record(complaint("a", DAY, categories=["send-other"] * 3))
        await puller.one_page()
        await sources.record(points_changed("a", 2, "point-add", *(point_now("a", n, "send-transport") for n in (1, 2, 3, 4))))
        await puller.to_the_end()
        await puller.to_the_end()
        assert {row["category"] for row in puller.copy.values()} == {"send-transport"}
        assert len(puller.copy) == 4


class TestTags:
    async def test_the_same_is_not_sent_again_until_it_changed(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        held: dict[str, str] = {}
        for path in (POINTS, f"{POINTS}/$count", f"{POINTS}?$apply=aggregate($count as n)", f"{POINTS}?$top=1&$count=true"):
            first = await client.get(path)
            held = {"If-None-Match": first.headers["etag"]}
            assert first.headers["etag"].startswith('W/"')
            again = await client.get(path, headers=held)
            assert (again.status_code, again.content) == (304, b"")
            assert (await limited_to(client, "send").get(path, headers=held)).status_code == 200
            await sources.record(complaint(path, DAY, categories=["send-other"]))
            assert (await client.get(path, headers=held)).status_code == 200
        assert (await client.get(f"{FEED}/Stars", headers=held)).status_code == 200

    async def test_what_is_still_open_is_not_taken_for_seen(self, client: ServiceClient, worker_engine: AsyncEngine) -> None:
        numbers = Numbers(ORG)
        early, late = [await Writer.begin(worker_engine, ORG) for _ in range(2)]
        await early.apply(list(numbers.record([complaint("a", DAY, categories=["send-other"])])))
        await late.apply(list(numbers.record([complaint("b", DAY, categories=["send-other"])])))
        await late.commit()
        held = {"If-None-Match": (await client.get(POINTS)).headers["etag"]}
        assert (await client.get(POINTS, headers=held)).status_code == 304
        await early.commit()
        answer = await client.get(POINTS, headers=held)
        assert (answer.status_code, len(answer.json()["value"])) == (200, 2)

    async def test_who_stays_open_lets_nothing_be_sent_twice(
        self, client: ServiceClient, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        empty = {"If-None-Match": (await client.get(POINTS)).headers["etag"]}
        lasting = await Writer.begin(worker_engine, ORG)
        await lasting.apply(list(Numbers("elsewhere").record([complaint("b", DAY, categories=["send-other"])])))
        assert (await client.get(POINTS, headers=empty)).status_code == 304
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        held = {"If-None-Match": (await client.get(POINTS)).headers["etag"]}
        for _ in range(2):
            assert (await client.get(POINTS, headers=held)).status_code == 304
            later = await Writer.begin(worker_engine, ORG)
            await later.commit()
        await lasting.commit()
        assert (await client.get(POINTS, headers=held)).status_code == 200
