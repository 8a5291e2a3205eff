"""What is told of stars adds up to what the service itself shows: recounted from the event log alone."""

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from chassis.outbox import now
from contracts import BY_SUBJECT, feedback_stars
from feedback.context import Context
from feedback.domain.star_profile import StarKind
from feedback.use_cases.count_stars import tally_stars
from feedback.use_cases.take_star import kind_of

SCALES = ("happy", "healthy", "safe")
FIRST = date(2026, 1, 5)


async def stories(client: Any, post_star: Any, seed: int) -> None:
    """Fifteen people with readings, corrections and withdrawals, some of which are refused, by chance of a seed."""
    chance = random.Random(seed)

    def scores() -> dict[str, int]:
        chosen = [scale for scale in SCALES if chance.random() < 0.8] or ["happy"]
        return {scale: chance.randint(1, 5) for scale in chosen}

    async def send(path: str, body: Any = None) -> None:
        answer = await client.post(f"/feedback/v1/stars{path}", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code in {200, 409}, answer.text

    for person in range(15):
        readings: list[tuple[str, str, date]] = []
        day, team = FIRST, chance.choice(["send-north", "send-south"])
        for step in range(chance.randint(1, 5)):
            point = "start" if step == 0 else chance.choice(["mid", "mid", "end"])
            answer = await post_star(point, str(day), person=f"P-{person}", team=team, scores=scores())
            assert answer.status_code in {201, 409}, answer.text
            if answer.status_code == 201:
                readings.append((answer.json()["reading_id"], point, day))
            day += timedelta(days=chance.randint(1, 80))
        for reading, point, taken_on in readings:
            if chance.random() < 0.4:
                body = {"point": point, "taken_on": str(taken_on), "scores": scores()}
                await send(f"/readings/{reading}/correction", body)
            if chance.random() < 0.25:
                await send(f"/readings/{reading}/withdrawal")


def recounted(events: list[Any], scale: str, until: date) -> dict[str, tuple[int, int, int, int]]:
    """Improved, the same, worse and the sum of changes by team of the last reading, from events in their order."""
    standing: dict[UUID, feedback_stars.StarReading] = {}
    for event in events:
        if isinstance(event, feedback_stars.StarReading):
            standing[event.reading_id] = event
        elif isinstance(event, feedback_stars.StarWithdrawn):
            del standing[event.reading_id]
    courses: dict[UUID, list[Any]] = defaultdict(list)
    for each in standing.values():
        given = {score.scale: score.score for score in each.scores}
        if scale in given and each.taken_on <= until:
            courses[each.star_id].append((each.taken_on, each.point, given[scale], each.team or ""))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for readings in courses.values():
        readings.sort()
        if readings[0][1] == "start" and len(readings) > 1:
            change = readings[-1][2] - readings[0][2]
            for team in (readings[-1][3], "total"):
                found[team][0 if change > 0 else 1 if change == 0 else 2] += 1
                found[team][3] += change
    return {team: (up, same, down, change) for team, (up, same, down, change) in found.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_recount_of_the_events_is_the_services_own_summary(
    app: FastAPI, client: Any, post_star: Any, sql: Any, seed: int
) -> None:
    await stories(client, post_star, seed)
    rows = await sql.rows("select subject, data::text as data from feedback.outbox order by position")
    events = [BY_SUBJECT[row["subject"]].model_validate_json(row["data"]) for row in rows if ".star_" in row["subject"]]
    context: Context = app.state.feedback
    for scale in SCALES:
        async with app.state.uow.begin("worcestershire") as transaction:
            profile = (await context.profiles.current(transaction)).profile
            kind: StarKind = kind_of(profile, "test-star")
            lines, _ = await tally_stars(transaction, context, kind, "team", scale, (), now())
        own = {each.group: (each.improved, each.same, each.worse, each.change) for each in lines if each.people}
        assert own == recounted(events, scale, date(2999, 1, 1))
        assert own["total"][0] + own["total"][2] > 0
