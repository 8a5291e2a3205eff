"""Headers of a request, sorted in one walk."""

import asyncio
from ipaddress import ip_network

import pytest

from gateway.access.addresses import Addresses
from gateway.access.remembered import Remembered
from gateway.proxy.incoming import Incoming, cookie_value, without_cookie


class TestIncoming:
    def test_several_cookie_lines_are_one(self) -> None:
        incoming = Incoming([(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"*/*")])
        assert incoming.cookie == b"a=1; b=2"
        assert incoming.passed == [("accept", "*/*")]

    def test_headers_that_a_connection_names_end_here(self) -> None:
        incoming = Incoming(
            [(b"connection", b"close, X-Hop , x-other"), (b"x-hop", b"1"), (b"x-keep", b"1"), (b"x-other", b"1")]
        )
        assert incoming.passed == [("x-keep", "1")]

    def test_values_that_are_not_utf8_are_latin1(self) -> None:
        assert Incoming([(b"x", b"caf\xe9"), (b"y", "café".encode())]).passed == [("x", "café"), ("y", "café")]

    @pytest.mark.parametrize("length", [b"", b"x", b"-1", b"1.5", b"\xb2"])
    def test_length_that_is_none_counts_as_nothing(self, length: bytes) -> None:
        assert Incoming([(b"content-length", length)]).declared_length() == 0

    def test_all_zero_trace_is_no_trace(self) -> None:
        zero = b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01"
        assert Incoming([(b"traceparent", zero)]).trace() != zero.decode()

    def test_ids_differ(self) -> None:
        ids = {Incoming([]).id() for _ in range(1000)} | {Incoming([]).trace() for _ in range(1000)}
        assert len(ids) == 2000


class TestCookies:
    def test_one_is_taken_out_and_the_rest_stays(self) -> None:
        assert without_cookie(b"a=1; loop-session=x; b=2", b"loop-session") == b"a=1; b=2"
        assert without_cookie(b"loop-session=x", b"loop-session") == b""
        assert without_cookie(b"xloop-session=x", b"loop-session") == b"xloop-session=x"

    def test_value_is_found_under_its_exact_name(self) -> None:
        assert cookie_value(b"a=1; loop-session=x=y; b=2", b"loop-session") == b"x=y"
        assert cookie_value(b"xloop-session=1", b"loop-session") == b""


class TestAddresses:
    def of(self, peer: str, forwarded: bytes, *trusted: str) -> str:
        return Addresses([ip_network(each) for each in trusted]).of({"client": (peer, 1)}, forwarded)

    def test_header_of_a_stranger_counts_for_nothing(self) -> None:
        assert self.of("203.0.113.5", b"10.1.1.1") == "203.0.113.5"
        assert self.of("203.0.113.5", b"10.1.1.1", "10.0.0.0/8") == "203.0.113.5"

    def test_last_address_before_our_own_proxies_counts(self) -> None:
        assert self.of("10.0.0.1", b"1.1.1.1, 203.0.113.5, 10.0.0.2", "10.0.0.0/8") == "203.0.113.5"

    def test_household_has_one_prefix(self) -> None:
        one, other = self.of("2001:db8:0:1::5", b""), self.of("2001:db8:0:1:ffff::9", b"")
        assert one == other == "2001:db8::/64".replace("::", ":0:1::")

    def test_nonsense_from_a_proxy_is_a_key_like_any_other(self) -> None:
        assert len(self.of("10.0.0.1", b"x" * 500, "10.0.0.0/8")) == 64


class TestRemembered:
    async def test_asks_once_for_all_who_wait_and_forgets_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 100.0
        monkeypatch.setattr("gateway.access.remembered.monotonic", lambda: now)
        memory: Remembered[str, int] = Remembered(60, size=10)
        asked = 0

        async def question() -> int:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0.01)
            return 7

        assert await asyncio.gather(*(memory.ask("a", question) for _ in range(5))) == [7] * 5
        assert asked == 1
        memory.put("a", 7)
        now += 59.9
        assert memory.get("a") == 7
        now += 0.2
        assert memory.get("a") is None
        assert memory.was_known("a")

    def test_is_bounded(self) -> None:
        memory: Remembered[int, int] = Remembered(60, size=10)
        for number in range(1000):
            memory.put(number, number)
        assert len(memory) <= 10
        assert memory.get(999) == 999

    async def test_failure_reaches_everybody_and_is_not_remembered(self) -> None:
        memory: Remembered[str, int] = Remembered(60)

        async def fails() -> int:
            raise OSError

        with pytest.raises(OSError):  # noqa: PT011 - any
            await memory.ask("a", fails)
        assert memory.get("a") is None
