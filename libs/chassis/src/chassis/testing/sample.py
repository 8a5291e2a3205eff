"""A made-up service 'sample' with one table and one event, so that the mechanisms are tested without any of ours."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis import tenancy
from chassis.attachments.tables import create_file_tables
from chassis.consumer import Received, TerminalError
from chassis.retention.tables import REQUESTS, create_retention_tables, grant_to_retention
from chassis.subject.restricted import create_restriction_table
from chassis.subject.tables import create_subject_tables
from chassis.testing.fixtures import Database
from chassis.trail.tables import create_trail_beginning, create_trail_tables
from chassis.unit_of_work import UnitOfWork

SCHEMA = "sample"


class Happened(BaseModel):
    """An event of the made-up service."""

    model_config = ConfigDict(frozen=True)
    subject: ClassVar[str] = "loop.sample.v1.happened"
    thing: str
    number: int


MODELS: dict[str, type[BaseModel]] = {Happened.subject: Happened}


class Collected:
    """Collects operations for a template: what Alembic's `op` does, without Alembic."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def execute(self, sqltext: str) -> None:
        """Keep a statement."""
        self.statements.append(sqltext)


def build(owner_url: str) -> None:
    """Make the tables of the made-up service."""
    op = Collected()
    tenancy.create_event_tables(op, SCHEMA, consumes=True)
    tenancy.extend_consumer_tables(op, SCHEMA)
    tenancy.create_idempotency_table(op, SCHEMA)
    tenancy.create_profile_table(op, SCHEMA)
    tenancy.create_mail_table(op, SCHEMA)
    tenancy.extend_mail_table(op, SCHEMA)
    tenancy.create_upload_table(op, SCHEMA)
    create_file_tables(op, SCHEMA)
    create_trail_tables(op, SCHEMA)
    create_retention_tables(op, SCHEMA, {}, ())
    create_subject_tables(op, SCHEMA)
    create_restriction_table(op, SCHEMA, ())
    grant_to_retention(op, SCHEMA, REQUESTS)
    create_trail_beginning(op, SCHEMA)
    op.execute(f"create table {SCHEMA}.thing (org text not null, id text not null, number int not null, primary key (org, id))")
    tenancy.protect(op, SCHEMA, "thing", worker="select, insert, update, delete, truncate")
    op.execute(f"create table {SCHEMA}.link (org text not null, hash text primary key, state text not null default 'open')")
    tenancy.protect(op, SCHEMA, "link")
    tenancy.allow_holder(op, SCHEMA, "link", "hash")
    op.execute(f"create view {SCHEMA}.things with (security_invoker = true) as select * from {SCHEMA}.thing")  # noqa: S608 - a constant
    op.execute(f"grant select on {SCHEMA}.things to {SCHEMA}_app")

    async def run() -> None:
        engine = create_async_engine(owner_url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.begin() as connection:
            for statement in op.statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())


def engine_of(database: Database, suffix: str) -> AsyncEngine:
    """Connect as `sample_<suffix>`."""
    return create_async_engine(database.url(suffix).replace("postgresql://", "postgresql+asyncpg://"), pool_size=5)


POISON = -1
BROKEN = -2
HUGE = 2**40  # no column of this type holds it, and the driver finds out before the server


class Things:
    """A projection that adds up numbers, so that an event applied twice shows. POISON is refused by it, BROKEN by the table."""

    def __init__(self) -> None:
        self.seen: list[UUID] = []
        self.refuse_poison = True

    async def apply(self, connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
        """Add the number of every event to its thing."""
        for each in events:
            if each.event.number == POISON and self.refuse_poison:
                raise TerminalError("poison")
            number: Any = each.event.number if each.event.number != BROKEN or not self.refuse_poison else None
            await connection.execute(
                text(
                    "insert into thing (org, id, number) values (:org, :id, :number) "
                    "on conflict (org, id) do update set number = thing.number + excluded.number"
                ),
                {"org": org, "id": each.event.thing, "number": number},
            )
            self.seen.append(each.id)

    async def clear(self, connection: AsyncConnection) -> None:
        """Empty the table."""
        await connection.execute(text("truncate thing"))


async def things(engine: AsyncEngine, org: str = "north") -> dict[str, int]:
    """Read the projection of an organisation."""
    async with UnitOfWork(engine).begin(org) as transaction:
        rows = await transaction.connection.execute(text("select id, number from thing order by id"))
        return {row.id: row.number for row in rows}


async def write(uow: UnitOfWork, *numbers: int, org: str = "north", thing: str = "a") -> None:
    """Write events in one transaction."""
    async with uow.begin(org) as transaction:
        for number in numbers:
            transaction.record(Happened(thing=thing, number=number))


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait for something that happens in the background; fails after `seconds`, which are meant for a busy machine."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the condition lies in a database
            await asyncio.sleep(0.02)
