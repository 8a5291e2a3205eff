"""TLS to our own servers with an authority made here: it is used, and another authority's or name's certificate is refused."""

import asyncio
import contextlib
import ssl
import struct
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chassis import jetstream
from chassis.attachments.clamd import Clamd, ScannerAwayError
from chassis.database import create_engine
from chassis.event_log import LogClient
from chassis.inside import client_context, listening
from chassis.probe import alive
from chassis.settings import DatabaseSettings
from chassis.testing.authority import Authority
from chassis.testing.fixtures import Keys, PostgresAddress
from loop_cli.servers import NatsServer


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "theirs")


class TestDatabase:
    @pytest.fixture
    async def behind_tls(self, ours: Authority, postgres: PostgresAddress) -> AsyncIterator[str]:
        """A PostgreSQL with TLS: the one of the session, which was built without, behind a server that has it."""
        made = ours.certificate()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(made.certificate, made.key)

        async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while part := await reader.read(65_536):
                    writer.write(part)
                    await writer.drain()
            writer.close()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # SSLRequest of PostgreSQL's protocol, 55.2.10.
            if await reader.readexactly(8) != struct.pack("!ii", 8, 80877103):
                writer.close()
                return
            writer.write(b"S")
            await writer.drain()
            try:
                await writer.start_tls(context)
            except OSError:
                return
            inner, outer = await asyncio.open_connection(postgres.host, postgres.port)
            await asyncio.gather(copy(reader, outer), copy(inner, writer))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield f"postgresql://{postgres.user}:{postgres.password}@127.0.0.1:{port}/postgres"

    async def test_its_certificate_is_checked_in_full(self, behind_tls: str, ours: Authority, theirs: Authority) -> None:
        def engine_for(ca: Path | None, host: str = "127.0.0.1") -> AsyncEngine:
            url = SecretStr(f"{behind_tls.replace('127.0.0.1', host)}?ssl=verify-full")
            return create_engine(DatabaseSettings(identity_keys=Path("x"), database_url=url, inside_ca=ca), "test", kept=False)

        engine = engine_for(ours.ca)
        async with engine.connect() as connection:
            assert (await connection.execute(text("select 1"))).scalar_one() == 1
        await engine.dispose()
        for wrong in (engine_for(theirs.ca), engine_for(ours.ca, "localhost")):
            with pytest.raises(ssl.SSLCertVerificationError):
                await wrong.connect()
            await wrong.dispose()


class TestBroker:
    async def test_only_one_with_a_certificate_of_ours_is_spoken_to(
        self, ours: Authority, theirs: Authority, tmp_path: Path
    ) -> None:
        made = ours.certificate()
        tls = {"cert_file": str(made.certificate), "key_file": str(made.key), "min_version": "1.2"}
        server = NatsServer(tmp_path / "nats", tls=tls)
        server.start()
        try:
            assert server.url.startswith("tls://")
            client = await asyncio.wait_for(jetstream.connect(server.url, "test", client_context(ours.ca)), 60)
            await jetstream.ensure_stream(client.jetstream(), "sample")
            await client.close()
            for context in (client_context(theirs.ca), ssl.create_default_context()):
                with pytest.raises((OSError, jetstream.BrokerError)):
                    await jetstream.connect_once(server.url, "test", context)
        finally:
            server.kill()


class TestServices:
    @pytest.fixture
    async def served(self, ours: Authority) -> AsyncIterator[str]:
        async def log(_: object) -> PlainTextResponse:
            return PlainTextResponse('{"events": [], "head": 7}')

        made = ours.certificate()
        app = Starlette(routes=[Route("/events", log)])
        options = uvicorn.Config(
            app, port=0, lifespan="off", log_config=None, access_log=False, **listening(made.certificate, made.key)
        )
        server = uvicorn.Server(options)
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)  # it has no event for it
        yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        await task

    async def test_certificate_and_name_of_another_are_refused(
        self, served: str, ours: Authority, theirs: Authority, keys: Keys
    ) -> None:
        client = LogClient("reporting", {"audit": served}, keys.service_signer, client_context(ours.ca))
        assert (await client.read("audit", 0)).head == 7
        await client.close()
        for context, address in (
            (client_context(theirs.ca), served),
            (None, served),
            (client_context(ours.ca), served.replace("127.0.0.1", "localhost")),
        ):
            client = LogClient("reporting", {"audit": address}, keys.service_signer, context)
            with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
                await client.read("audit", 0)
            await client.close()

    async def test_old_versions_of_tls_get_no_answer(self, served: str, ours: Authority) -> None:
        context = client_context(ours.ca)
        assert context is not None
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        old = ssl.create_default_context(cafile=str(ours.ca))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        async with httpx.AsyncClient(verify=old) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{served}/events")


class TestScanner:
    async def test_it_is_asked_by_tls_and_checked(self, ours: Authority, theirs: Authority) -> None:
        async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(len(b"zINSTREAM\0") + 4 + 2 + 4)
            writer.write(b"stream: OK\0")
            await writer.drain()
            writer.close()

        async def content() -> AsyncIterator[bytes]:
            yield b"ab"

        made = ours.certificate()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(made.certificate, made.key)
        server = await asyncio.start_server(clamd, "127.0.0.1", 0, ssl=context)
        url = f"clamds://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            verdict = await Clamd(url, 10, client_context(ours.ca)).scan(content())
            assert (verdict.found, verdict.not_scanned) == (None, None)
            with pytest.raises(ScannerAwayError):
                await Clamd(url, 10, client_context(theirs.ca)).scan(content())


class TestProbe:
    async def test_it_sees_who_lives_with_and_without_a_certificate(self, ours: Authority) -> None:
        async def well(_: object) -> PlainTextResponse:
            return PlainTextResponse("ok")

        made = ours.certificate("audit.inside")
        app = Starlette(routes=[Route("/livez", well)])
        for options in ({}, listening(made.certificate, made.key)):
            server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None, **options))
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.01)
            port = str(server.servers[0].sockets[0].getsockname()[1])
            assert await asyncio.to_thread(alive, port, tls=bool(options))
            assert not await asyncio.to_thread(alive, port, tls=not options)
            server.should_exit = True
            await task
