"""A made-up service that keeps a trail, and those who join and check it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import StreamingResponse

from chassis.access import Anybody, org_of, requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Pages, install, staff_chrome
from chassis.secrets import Secrets
from chassis.settings import ServiceSettings
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.sample import SCHEMA, Happened, engine_of
from chassis.trail.acting import touch
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker
from chassis.trail.desk import trail_pages
from chassis.trail.routes import trail_routes
from chassis.web import create_app, uow_of

router = APIRouter()
Officer = Annotated[Identity, Depends(requires("role:officer", "sample:write"))]


@router.get("/sample/v1/things/{thing_id}")
async def read_thing(request: Request, thing_id: str, identity: Officer) -> dict[str, int]:
    """One thing."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await transaction.connection.execute(text("select 1"))
    async with uow_of(request).begin(org_of(identity)):
        return {"length": len(thing_id)}


@router.post("/sample/v1/things/{thing_id}")
async def change_thing(request: Request, thing_id: str, identity: Officer) -> dict[str, str]:
    """Change a thing."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        transaction.record(Happened(thing=thing_id, number=1))
        if thing_id == "wrong":
            raise DomainError("wrong", "No.", Kind.CONFLICT)
    return {"thing": thing_id}


@router.get("/sample/v1/stream")
async def stream_things(request: Request, identity: Officer) -> StreamingResponse:
    """All things, on a connection of its own."""
    touch(org_of(identity))

    async def rows() -> AsyncIterator[bytes]:
        yield b"one"

    return StreamingResponse(rows())


@router.get("/sample/v1/open/{secret}")
async def open_to_all(request: Request, secret: str, _: Anybody) -> dict[str, str]:
    async with uow_of(request).begin("north"):
        return {"secret": secret}


@pytest.fixture
async def app(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    for name, value in keys.environment(database.url("app")).items():
        monkeypatch.setenv(name, value)
    # The made-up service has no package whose version could be told.
    monkeypatch.setattr("chassis.web.version", lambda _: "0")
    secrets = Secrets.from_file(keys.folder / "master.key")
    routers = [router, trail_routes(SCHEMA, secrets), trail_pages(SCHEMA, secrets)]
    made = create_app(SCHEMA, ServiceSettings.load(), routers, secrets=secrets)
    install(made, Pages(Path(__file__).parent, static_path="/sample/static", chrome=staff_chrome))
    yield made
    await made.state.engine.dispose()


@pytest.fixture
def client(app: FastAPI, keys: Keys) -> ServiceClient:
    return ServiceClient(app, keys, SCHEMA, caller("role:officer", org="north", subject="staff:ada"))


@pytest.fixture
def secrets(keys: Keys) -> Secrets:
    return Secrets.from_file(keys.folder / "master.key")


@pytest.fixture
def chainer(worker_engine: AsyncEngine, secrets: Secrets) -> Chainer:
    return Chainer(SCHEMA, worker_engine, secrets)


@pytest.fixture
def checker(worker_engine: AsyncEngine, secrets: Secrets) -> Checker:
    return Checker(SCHEMA, worker_engine, secrets)


async def entries(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("select * from trail order by org, id"))).all())


async def as_owner(database: Database, *statements: str) -> None:
    """What somebody with the owner's password could do: the chain is there to show it."""
    engine = engine_of(database, "owner")
    async with engine.begin() as connection:
        await connection.execute(text("alter table trail no force row level security"))
        await connection.execute(text("alter table trail disable trigger trail_stays"))
        await connection.execute(text("alter table trail_checkpoint no force row level security"))
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()
