"""Metadata and keys of providers: kept, asked for again seldom enough, and shared by all who come at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from gateway.domain.sign_in_profile import Provider
from gateway.oidc.errors import ProviderAway, ProviderWrong, TokenRefused
from gateway.oidc.metadata import FRESH, STALE, Directory, read_metadata
from gateway.oidc.transport import Transport
from gateway.testing import serving
from gateway.testing_sign_in import LyingProvider, new_private_key, provider_of

HOST = "http://127.0.0.1:7"
DISCOVERY = f"{HOST}/.well-known/openid-configuration"
KEYS = f"{HOST}/keys"


@dataclass
class Answers(Transport):
    """Answers of a provider without a network; `held` keeps all of them back."""

    liar: LyingProvider
    away: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def get(self, url: str, _: Any = None) -> dict[str, Any]:
        self.asked.append(url)
        if self.held is not None:
            await self.held.wait()
        if url in self.away:
            raise ProviderAway("ConnectionRefusedError")
        if url in self.wrong:
            raise ProviderWrong("status-404")
        if url == KEYS:
            return {"keys": [each.as_dict(private=False) for each in self.liar.published or [self.liar.key]]}
        return document(**self.liar.metadata)


def document(**more: Any) -> dict[str, Any]:
    addresses = {f"{name}_endpoint": f"{HOST}/{name}" for name in ("authorization", "token", "userinfo", "end_session")}
    return {"issuer": HOST, "jwks_uri": KEYS, **addresses, **more}


def profile(**more: Any) -> Provider:
    return Provider.model_validate(provider_of(HOST, **more))


@dataclass
class Set:
    answers: Answers
    directory: Directory
    liar: LyingProvider
    now: float = 1000.0


@pytest.fixture
def made() -> Set:
    liar = LyingProvider(port=7)
    answers = Answers(liar)
    made = Set(answers, Directory(answers, 30.0), liar)
    made.directory = Directory(answers, 30.0, lambda: made.now)
    return made


class TestKeys:
    async def test_new_key_is_looked_for_once_and_invented_ones_trouble_nobody(self, made: Set) -> None:
        await made.directory.verify(profile(), made.liar.id_token())
        assert made.answers.asked == [DISCOVERY, KEYS]
        made.liar.key = new_private_key(kid="two")
        # The provider changes its key a moment after we looked.
        with pytest.raises(TokenRefused) as refused:
            await made.directory.verify(profile(), made.liar.id_token())
        assert refused.value.reason == "signature"
        made.now += 31
        for _ in range(3):
            await made.directory.verify(profile(), made.liar.id_token())
        assert made.answers.asked == [DISCOVERY, KEYS, KEYS]
        made.now += 31
        made.liar.published, made.liar.key = [made.liar.key], new_private_key(kid="invented")
        for _ in range(50):
            with pytest.raises(TokenRefused):
                await made.directory.verify(profile(), made.liar.id_token())
        assert made.answers.asked[3:] == [KEYS]

    async def test_who_comes_while_keys_are_fetched_waits_for_them(self, made: Set) -> None:
        await made.directory.metadata(profile())
        made.answers.held = asyncio.Event()
        people = [asyncio.create_task(made.directory.verify(profile(), made.liar.id_token())) for _ in range(5)]
        while KEYS not in made.answers.asked:  # noqa: ASYNC110 - one turn of the loop is all there is to wait for
            await asyncio.sleep(0)
        late = asyncio.create_task(made.directory.verify(profile(), made.liar.id_token()))
        await asyncio.sleep(0)
        made.answers.held.set()
        await asyncio.gather(*people, late)
        # And so when the provider has a new key.
        made.now += 31
        made.liar.key, made.answers.held = new_private_key(kid="two"), asyncio.Event()
        first = asyncio.create_task(made.directory.verify(profile(), made.liar.id_token()))
        while made.answers.asked.count(KEYS) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        second = asyncio.create_task(made.directory.verify(profile(), made.liar.id_token()))
        await asyncio.sleep(0)
        made.answers.held.set()
        await asyncio.gather(first, second)
        assert made.answers.asked.count(KEYS) == 2

    @pytest.mark.parametrize("how", ["away", "wrong"])
    async def test_without_keys_it_is_no_fault_of_the_token(self, made: Set, how: str) -> None:
        getattr(made.answers, how).add(KEYS)
        expected = ProviderAway if how == "away" else ProviderWrong
        for _ in range(3):
            with pytest.raises(expected):
                await made.directory.verify(profile(), made.liar.id_token())
        assert made.answers.asked.count(KEYS) <= 2  # it is not asked by everybody who comes
        getattr(made.answers, how).clear()
        made.now += 31
        await made.directory.verify(profile(), made.liar.id_token())

    async def test_known_keys_serve_while_the_provider_is_away_until_they_are_stale(self, made: Set) -> None:
        await made.directory.verify(profile(), made.liar.id_token())
        made.answers.away = {DISCOVERY, KEYS}
        made.now += FRESH + 1
        await made.directory.verify(profile(), made.liar.id_token())
        made.now += STALE
        with pytest.raises(ProviderAway):
            await made.directory.verify(profile(), made.liar.id_token())


class TestMetadata:
    async def test_is_asked_for_once_an_hour_and_once_by_all_who_come(self, made: Set) -> None:
        await asyncio.gather(*(made.directory.metadata(profile()) for _ in range(5)))
        made.now += FRESH - 1
        await made.directory.metadata(profile())
        assert made.answers.asked == [DISCOVERY]
        made.now += 2
        made.liar.metadata = {"token_endpoint": f"{HOST}/new"}
        assert (await made.directory.metadata(profile())).token_endpoint == f"{HOST}/new"

    async def test_what_may_not_be_used_any_more_is_not_kept(self, made: Set) -> None:
        await made.directory.metadata(profile())
        made.now += FRESH + 1
        made.liar.metadata = {"issuer": "https://evil.example"}
        with pytest.raises(ProviderWrong):
            await made.directory.metadata(profile())

    @pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])
    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/x", "http://127.0.0.1:8/x", "http://127.0.0.1/x", "http://a@127.0.0.1:7/x", "http://[bad",
            "file:///etc/passwd", "//127.0.0.1:7/x", 7, ["http://127.0.0.1:7/x"],
        ],
    )  # fmt: skip
    def test_sends_us_nowhere_but_to_hosts_of_the_profile(self, name: str, address: Any) -> None:
        with pytest.raises(ProviderWrong) as wrong:
            read_metadata(profile(), document(**{name: address}))
        assert wrong.value.reason.endswith("-not-allowed")

    def test_other_hosts_only_where_the_profile_names_them(self) -> None:
        elsewhere = document(jwks_uri="https://keys.example/x")
        assert read_metadata(profile(hosts=["keys.example"]), elsewhere).jwks_uri == "https://keys.example/x"
        with pytest.raises(ProviderWrong):
            read_metadata(profile(hosts=["other.example"]), elsewhere)


@asynccontextmanager
async def over_the_network(timeout: float = 5) -> AsyncIterator[tuple[LyingProvider, Transport]]:
    liar = LyingProvider()
    transport = Transport(timeout)
    async with serving(uvicorn.Config(liar, http="httptools", lifespan="off", log_config=None)) as port:
        liar.port = port
        try:
            yield liar, transport
        finally:
            await transport.close()


class TestTransport:
    async def test_redirects_are_not_followed_and_busy_is_away(self) -> None:
        async with over_the_network() as (liar, transport):
            for status in (301, 302, 307, 308):
                liar.statuses = {"/keys": status}
                with pytest.raises(ProviderWrong) as wrong:
                    await transport.get(f"{liar.issuer}/keys")
                assert wrong.value.reason == f"status-{status}"
            for status in (429, 500, 502, 503, 504):
                liar.statuses = {"/keys": status}
                with pytest.raises(ProviderAway):
                    await transport.get(f"{liar.issuer}/keys")

    @pytest.mark.parametrize(
        ("body", "reason"),
        [(b" " * 524_289, "answer-too-large"), (b"<p>", "no-json-200"), (b"[1]", "no-object"), (b"\xff", "no-json-200")],
    )
    async def test_answers_that_are_too_large_or_none(self, body: bytes, reason: str) -> None:
        async with over_the_network() as (liar, transport):
            liar.raw_answer = 200, body
            with pytest.raises(ProviderWrong) as wrong:
                await transport.post(f"{liar.issuer}/token", {}, {})
            assert wrong.value.reason == reason

    async def test_who_never_answers_or_is_not_there_is_away(self) -> None:
        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            await asked.wait()
            writer.close()

        asked = asyncio.Event()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        transport = Transport(0.2)
        try:
            with pytest.raises(ProviderAway) as away:
                await transport.get(address)
            assert away.value.reason == "TimeoutError"
            asked.set()
            server.close()
            await server.wait_closed()
            with pytest.raises(ProviderAway):
                await transport.get(address)
        finally:
            await transport.close()
