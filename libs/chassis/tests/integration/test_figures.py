"""What a scrape shows of the database, on real PostgreSQL and NATS: true, bounded, and of an age that can be told."""

import math
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from prometheus_client import REGISTRY, Gauge
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import figures, jetstream, unit_of_work
from chassis.figures import Figures, Filling, by_organisation
from chassis.ids import new_id
from chassis.process_figures import ends, watch_database_disk, watch_process
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.testing.authority import Authority
from chassis.testing.fixtures import Database, Keys
from chassis.testing.sample import SCHEMA, engine_of, write
from chassis.unit_of_work import Transaction, UnitOfWork

MADE_UP = Gauge("made_up_things", "Of a test.", ["org"])


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels or {"service": SCHEMA})


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(database, "admin")
    yield engine
    await engine.dispose()


@pytest.fixture
def all_figures(worker_engine: AsyncEngine) -> Figures:
    made = Figures(SCHEMA, worker_engine)
    made.add_events()
    made.add_consumer()
    made.add_trail()
    return made


async def said(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(f"set local search_path = {SCHEMA}"))
            await connection.execute(text(statement))


class TestOutbox:
    async def test_what_waits_shows_with_its_age_until_it_is_published(
        self, all_figures: Figures, uow: UnitOfWork, worker_engine: AsyncEngine, owner: AsyncEngine, nats_client: Client
    ) -> None:
        await write(uow, 1, 2)
        await said(owner, "update outbox set recorded_at = now() - interval '10 minutes' where position = 1")
        await all_figures.once()
        assert shown("loop_outbox_unpublished") == 2
        assert shown("loop_outbox_head") == 0
        assert shown("loop_outbox_oldest_seconds") == pytest.approx(600, abs=60)
        await jetstream.ensure_stream(nats_client.jetstream(), SCHEMA)
        async with worker_engine.connect() as connection:
            assert await Relay(SCHEMA, worker_engine, nats_client).step(connection) == 2
        await all_figures.once()
        assert [shown(f"loop_outbox_{name}") for name in ("unpublished", "head", "oldest_seconds")] == [0, 2, 0]

    async def test_the_price_does_not_grow_with_the_log(self, uow: UnitOfWork, worker_engine: AsyncEngine) -> None:
        # The log is for good: whoever read it whole would read years every half minute.
        await write(uow, *range(3000))
        async with worker_engine.begin() as connection:
            await connection.execute(text("update outbox set sequence = position, published_at = now()"))
        async with worker_engine.begin() as connection:
            plan = await connection.execute(
                text(f"explain (analyze, timing off) {figures._OUTBOX.text}"), {"most": figures.MOST}
            )
            lines = [str(row[0]) for row in plan]
        assert not [line for line in lines if "Seq Scan" in line]
        assert sum("Index" in line and "outbox" in line for line in lines) >= 5


class TestConsumer:
    async def test_dead_letters_count_until_they_are_applied(
        self, all_figures: Figures, worker_engine: AsyncEngine, owner: AsyncEngine
    ) -> None:
        await said(
            owner,
            "insert into consumer_position (consumer, source, sequence) values ('reader', 'one', 7), ('reader', 'two', 0)",
            *(
                "insert into dead_letter (id, org, consumer, source, sequence, event_id, envelope, reason) "
                f"values ('{new_id()}', 'north', 'reader', 'one', {number}, '{new_id()}', '{{}}', 'poison')"
                for number in (5, 6)
            ),
        )
        await all_figures.once()
        assert shown("loop_consumer_position", consumer="reader", source="one") == 7
        dead = [shown("loop_dead_letters_waiting", consumer="reader", source=source) for source in ("one", "two")]
        assert dead == [2, 0]
        await said(owner, "update dead_letter set redriven_at = now() where sequence = 5")
        await all_figures.once()
        assert shown("loop_dead_letters_waiting", consumer="reader", source="one") == 1


class TestTrail:
    async def test_a_broken_chain_an_old_check_and_what_is_not_joined_show(
        self, all_figures: Figures, owner: AsyncEngine
    ) -> None:
        await said(
            owner,
            "insert into trail_check (org, checked_at, up_to) values ('north', now() - interval '2 days', 1)",
            "insert into trail_check (org, checked_at, up_to, broken_at, reason) values ('south', now(), 1, 2, 'changed')",
            "insert into trail (org, at, subject, kind, method, route, parameters, request_id, events) "
            "values ('north', now() - interval '1 hour', 'a', 'staff', 'GET', '/', '{}', 'r', '{}')",
        )
        await all_figures.once()
        assert shown("loop_trail_broken") == 1
        assert shown("loop_trail_checked_timestamp_seconds") == pytest.approx(time.time() - 2 * 86400, abs=600)
        assert shown("loop_trail_unjoined_seconds") == pytest.approx(3600, abs=600)


class TestLooks:
    async def test_one_that_takes_too_long_is_cut_off_and_keeps_no_other_waiting(
        self, worker_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(figures, "_LIMIT", text("set local statement_timeout = '50ms'"))
        done = []

        async def slow() -> None:
            async with worker_engine.begin() as connection:
                await figures.limit(connection)
                await connection.execute(text("select pg_sleep(30)"))

        async def quick() -> None:
            done.append(1)

        made = Figures(SCHEMA, worker_engine)
        made.add("slow", slow)
        made.add("quick", quick)
        begun = time.time()
        await made.once()
        assert done == [1]
        assert shown("loop_figures_gathered_timestamp_seconds", service=SCHEMA, look="slow") == 0
        assert (shown("loop_figures_gathered_timestamp_seconds", service=SCHEMA, look="quick") or 0) >= begun

    async def test_each_organisation_is_seen_by_itself(self, uow: UnitOfWork, owner: AsyncEngine) -> None:
        row = "insert into profile (org, number, version, document, applied_by) values ('{}', 1, '1', '{{}}', 'x')"
        await said(owner, row.format("north"), row.format("south"), "create policy all_of_them on profile using (true)")
        await write(uow, 1)

        async def ask(transaction: Transaction) -> list[float]:
            seen = await transaction.connection.execute(text("select current_setting('app.org')"))
            return [float(len(seen.scalar_one()) if transaction.org == "south" else 1)]

        await by_organisation(uow, ask, [MADE_UP])()
        assert [shown("made_up_things", org=org) for org in ("north", "south")] == [1, 5]

    def test_who_is_gone_is_not_shown_any_more(self) -> None:
        filling = Filling(MADE_UP)
        filling.fill({("east",): 1, ("west",): 2})
        filling.fill({("west",): 3})
        assert [shown("made_up_things", org=org) for org in ("east", "west")] == [None, 3]


class TestWaiting:
    async def test_who_waits_for_a_connection_is_counted_and_who_does_not_is_not(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def counted() -> tuple[Any, ...]:
            names = ("loop_database_wait_seconds_count", "loop_database_wait_given_up_total")
            return tuple(REGISTRY.get_sample_value(name) for name in names)

        monkeypatch.setattr(unit_of_work, "TURN_SECONDS", 0.05)
        engine = engine_of(database, "app")
        uow = UnitOfWork(engine)
        waited, given_up = counted()
        for _ in range(3):
            async with uow.begin("north"):
                pass
        assert counted() == (waited, given_up)
        async with uow.begin("north"), uow.begin("north"), uow.begin("north"), uow.begin("north"), uow.begin("north"):
            with pytest.raises(PoolTimeoutError):
                async with uow.begin("north"):
                    pass
        assert counted() == (waited + 1, given_up + 1)
        await engine.dispose()


class TestProcess:
    def test_the_end_of_certificates_and_the_disk_show(
        self, database: Database, keys: Keys, nats_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        authority = Authority(tmp_path)
        for name, value in keys.environment(database.url("worker"), nats_server).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LOOP_INSIDE_CA", str(authority.ca))
        monkeypatch.setenv("LOOP_INSIDE_CERTIFICATE", str(authority.certificate().certificate))
        watch_process("made-up", ServiceSettings.load())
        for which in ("own", "authority"):
            left = (shown("loop_certificate_ends_timestamp_seconds", service="made-up", which=which) or 0) - time.time()
            assert 0 < left <= 86400
        free, size = (shown(f"loop_disk_{name}_bytes", service="made-up") or 0 for name in ("free", "size"))
        assert 0 < free < size

    def test_the_disk_of_the_database_is_shown_where_it_is_named(self, tmp_path: Path) -> None:
        watch_database_disk("nowhere", None)
        assert shown("loop_database_disk_free_bytes", service="nowhere") is None
        watch_database_disk("somewhere", tmp_path)
        free, size = (shown(f"loop_database_disk_{name}_bytes", service="somewhere") or 0 for name in ("free", "size"))
        assert 0 < free < size
        watch_database_disk("away", tmp_path / "away")
        assert math.isnan(shown("loop_database_disk_free_bytes", service="away") or 0)

    def test_a_certificate_that_cannot_be_read_is_as_bad_as_one_that_is_over(self, tmp_path: Path) -> None:
        (tmp_path / "no.pem").write_text("nothing")
        assert ends(tmp_path / "no.pem") == ends(tmp_path / "away.pem") == 0
