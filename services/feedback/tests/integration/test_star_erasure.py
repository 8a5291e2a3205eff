"""Outcome stars are erased: for a person who asks for it, and when the time that the profile says is over."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.use_cases.erase_stars import Expiry, years_before

PATH = "/feedback/v1/stars/erasure"
TABLES = ("star", "star_reading", "star_history", "star_link")
ERASED = "select data ->> 'ground' as ground, count(*) as n from feedback.outbox where subject ~ 'star_erased' group by 1"


async def left(sql: Any) -> list[int]:
    return [await sql.value(f"select count(*) from feedback.{table}") for table in TABLES]


async def erase(client: Any, person: str, key: str | None = None) -> Any:
    return await client.post(PATH, json={"person": person}, headers={"Idempotency-Key": key or str(uuid4())})


class TestOnePerson:
    async def test_all_of_theirs_goes_once_and_nobody_elses(self, client: Any, post_star: Any, sql: Any) -> None:
        for person in ("EH-1", "EH-2"):
            assert (await post_star("start", "2022-05-12", person=person)).status_code == 201
            assert (await post_star("end", "2022-06-12", person=person)).status_code == 201
        assert (await post_star("start", "2022-07-12")).status_code == 201  # a second course of EH-1
        first = await erase(client, " eh-1 ", "key")
        assert first.json() == {"erased": 2}
        assert (await erase(client, " eh-1 ", "key")).json() == {"erased": 2}
        assert (await erase(client, "EH-1")).json() == {"erased": 0}
        assert await left(sql) == [1, 2, 2, 0]
        assert await sql.rows(ERASED) == [{"ground": "asked", "n": 2}]

    async def test_one_kept_in_another_service_area_is_not_erased_by_half(
        self, post_star: Any, sql: Any, app: FastAPI, keys: Keys
    ) -> None:
        assert (await post_star("start", "2022-05-12")).status_code == 201
        grants = frozenset({"feedback:stars:write"})
        limited = Identity("worcestershire", "client:limited", "client", grants, frozenset({"safeguarding"}))
        async with ServiceClient(app, keys, "feedback", limited) as other:
            answer = await erase(other, "EH-1")
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "star-of-others")
        assert (await left(sql))[0] == 1

    async def test_an_officer_types_the_reference_and_links_that_wait_end(
        self, sit_at_stars: Any, post_star: Any, sql: Any
    ) -> None:
        assert (await post_star("start", "2022-05-12")).status_code == 201
        path = f"/feedback/stars/{await sql.value('select id from feedback.star')}"
        assert (await sit_at_stars().get(f"{path}/erase")).status_code == 403  # a manager
        officer = sit_at_stars("ola", role="qa-officer")
        issued = await officer.send(f"{path}/link", point="mid", channel="handed-over", language="en", answered_by="self")
        assert issued.status_code == 303
        assert "Erase all stars of this person" in await officer.text(path)
        wrong = await officer.send(f"{path}/erase", reference="EH-2")
        assert wrong.status_code == 422
        assert "Type the reference of this person" in wrong.text
        done = await officer.send(f"{path}/erase", reference="EH-1")
        assert done.headers["location"] == "/feedback/stars?erased=1"
        assert "One star was erased." in await officer.text(done.headers["location"])
        assert await left(sql) == [0, 0, 0, 0]
        assert await sql.value("select count(*) from feedback.invitation where withdrawn_on is null") == 0
        assert (await officer.get(path)).status_code == 404


class TestTimeIsOver:
    @pytest.mark.parametrize(("keep", "gone"), [(None, 0), (3, 1), (4, 0)])
    async def test_the_worker_erases_what_was_closed_so_long_ago(
        self, operator: Any, star_profile: Any, post_star: Any, sql: Any, database: Any, secrets_of_service: Any,
        keep: int | None, gone: int,
    ) -> None:  # fmt: skip
        document = {**star_profile, "stars": {**star_profile["stars"], "keep_years": keep}, "version": "kept"}
        assert (await operator.put("/feedback/v1/profile", json=document)).status_code == 200
        for person, end in (("EH-1", True), ("EH-2", False)):
            assert (await post_star("start", "2023-05-12", person=person)).status_code == 201
            if end:
                assert (await post_star("end", "2023-06-12", person=person)).status_code == 201
        await sql.execute("update feedback.star set closed_on = '2023-06-12' where closed_on is not null")
        engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
        try:
            context = Context(secrets_of_service, Profiles(), "http://loop.test")
            worker = Expiry(UnitOfWork(engine), context, lambda: datetime(2026, 6, 13, 12, tzinfo=UTC))
            assert [await worker.once() for _ in range(2)] == [gone, 0]
        finally:
            await engine.dispose()
        assert (await left(sql))[0] == 2 - gone
        assert await sql.rows(ERASED) == ([{"ground": "time-over", "n": 1}] if gone else [])

    def test_a_leap_day_has_a_day_before_it(self) -> None:
        assert str(years_before(datetime(2028, 2, 29, tzinfo=UTC).date(), 3)) == "2025-02-28"
