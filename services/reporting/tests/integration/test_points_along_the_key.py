"""The feeds of points and findings, which look rows up along the key, show what the plain joins of before show."""

import random
import runpy
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from reporting_records import Sources, complaint, ident, point_now, points_changed, recounted, responded

from chassis.testing.fixtures import Database, ServiceClient
from contracts.base import Event
from contracts.complaints import ComplaintVoided

DAY = date(2022, 4, 28)
CATEGORIES = ("send-communication", "send-ehcp-not-implemented", "other")
FINDINGS = ("upheld", "not-upheld", "partially-upheld")
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
FEED = "/reporting/odata/v4"


def history(of: random.Random, name: str) -> list[Event]:
    """A complaint with some points and whatever became of it."""
    points = of.randint(1, 3)
    received = DAY + timedelta(days=of.randint(0, 300))
    events: list[Event] = [complaint(name, received, categories=of.choices(CATEGORIES, k=points))]
    if of.random() < 0.7:
        events.append(responded(name, received, 10, of.choices(FINDINGS, k=of.randint(1, points))))
        if of.random() < 0.4:
            events.append(responded(name, received + timedelta(days=30), 20, of.choices(FINDINGS, k=points), stage=2))
    if of.random() < 0.3:
        events.append(recounted(name, "correct", received, findings=of.choices(FINDINGS, k=of.randint(0, points))))
    if of.random() < 0.5:
        events.append(points_changed(name, 4, "point-split", *_changed(of, name, points)))
    if of.random() < 0.1:
        events.append(ComplaintVoided(complaint_id=ident("complaint", name), decided_on=received))
    of.shuffle(events)  # reporting takes them in any order
    return events


def _changed(of: random.Random, name: str, points: int) -> list[Any]:
    new = [point_now(name, n) for n in range(2, points + 1)]
    parts = [point_now(name, 10 + n, of.choice(CATEGORIES), ancestors=(1,)) for n in range(of.randint(1, 2))]
    third = [point_now(name, 20, ancestors=(10, 1))] if of.random() < 0.3 else []
    if third:
        parts[0] = point_now(name, 10, ancestors=(1,), became="split")
    return [point_now(name, 1, became="split"), *new, *parts, *third]


async def test_they_show_what_plain_joins_show_and_pages_hold_all_of_it(
    sources: Sources, database: Database, client: ServiceClient
) -> None:
    of = random.Random(20_261_130)
    await sources.record(*(event for number in range(80) for event in history(of, f"c{number}")))
    await look_at_views(database)
    for name in ("ComplaintPoints", "ComplaintFindings"):
        looked_up = await rows(client, f"{FEED}/{name}")
        joined = await rows(client, f"{FEED}/{name}?$filter=point_id ne 00000000-0000-0000-0000-000000000000")
        assert looked_up == joined
        assert len(looked_up) == int((await client.get(f"{FEED}/{name}/$count")).text) > 100


async def look_at_views(database: Database) -> None:
    points, findings, now = (
        runpy.run_path(str(next(MIGRATIONS.glob(f"{number}_*.py")))) for number in ("0018", "0019", "0032")
    )
    plain = {
        "feed_complaint_point": points["_FEED"].format(
            s="reporting", point="point_now", finding="finding_standing", desired="p.desired,"
        ),
        "feed_complaint_finding": findings["VIEWS"]["feed_complaint_finding"],
    }
    assert set(plain) == set(now["VIEWS"])
    connection = await asyncpg.connect(database.url())
    try:
        await connection.execute("select set_config('app.org', 'worcestershire', false), set_config('app.areas', '*', false)")
        for view, query in plain.items():
            shown = Counter(map(str, await connection.fetch(f"select to_jsonb(f) from reporting.{view} f")))
            assert shown == Counter(map(str, await connection.fetch(f"select to_jsonb(f) from ({query}) f")))
            assert shown.total() > 100
    finally:
        await connection.close()


async def rows(client: ServiceClient, link: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    while link:
        answer = await client.get(link, headers={"Prefer": "odata.maxpagesize=20"})
        assert answer.status_code == 200, answer.text
        found += answer.json()["value"]
        link = answer.json().get("@odata.nextLink", "").removeprefix("https://loop.example")
    return found
