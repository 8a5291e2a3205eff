"""Whatever the headers, addresses and bodies of a request hold: a decision comes out, and no caller's words pass for ours."""

import base64
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from chassis.pages.fields import Filled
from chassis.testing.fuzz import PIECES, cursors, mutated, mutated_text, texts
from gateway.access.addresses import Addresses
from gateway.access.authentication import Authentication, _pair
from gateway.access.client_certificates import ClientCertificates
from gateway.domain.browsers import browser_of
from gateway.domain.networks import address_of, check_networks, lies_within
from gateway.domain.paths import for_log, is_ambiguous, safe_next
from gateway.domain.principals import Client
from gateway.domain.rates import Rate
from gateway.domain.sign_in_profile import is_safe_address
from gateway.domain.webhook_addresses import check_url, may_be_called, shown
from gateway.pages.client_words import merged
from gateway.proxy.answers import Refusal
from gateway.proxy.forward_auth import KEY, PATH, Asking
from gateway.proxy.incoming import Incoming, cookie_value, without_cookie
from gateway.use_cases.issue_token import TokenError
from gateway.use_cases.list_clients import _position
from gateway.web.oauth import _credentials, fields_of

pytestmark = pytest.mark.fuzz

KNOWN = {
    b"authorization": b"Bearer llk_0123456789", b"x-api-key": b"llk_0123456789", b"cookie": b"a=b; loop-session=xyz; c=d",
    b"loop-org": b"north", b"content-length": b"12", b"transfer-encoding": b"chunked", b"expect": b"100-continue",
    b"x-request-id": b"0123456789abcdef", b"traceparent": b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01",
    b"x-forwarded-for": b"192.0.2.1, 10.0.0.1", b"connection": b"keep-alive, x-mine", b"tracestate": b"a=1,b=2",
    b"access-control-request-method": b"PUT", b"accept": b"text/html;q=0.9,*/*", b"host": b"loop.example", b"origin": b"https://x",
    b"sec-fetch-site": b"same-origin", b"loop-identity": b"x.y.z", b"forwarded": b"for=1", b"x-forwarded-proto": b"http",
    b"if-match": b'"3"', b"accept-language": b"cy,en;q=0.5", b"prefer": b"odata.maxpagesize=5", b"x-mine": b"1",
}  # fmt: skip
# What a parser of HTTP lets through as the value of a field.
SHORT = tuple(each for each in PIECES if len(each) < 100 and not set(each) & {0, 10, 13})


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[bytes, bytes]]:
    found = []
    for _ in range(draw(st.integers(0, 8))):
        name = draw(st.sampled_from(list(KNOWN)))
        value = draw(st.one_of(st.just(KNOWN[name]), mutated(st.just(KNOWN[name]), SHORT)))
        found.append((name, value))
    return found


class TestIncoming:
    @given(headers())
    def test_any_headers_are_sorted(self, given_headers: list[tuple[bytes, bytes]]) -> None:
        incoming = Incoming(given_headers)
        assert incoming.declared_length() >= 0
        assert 8 <= len(incoming.id()) <= 64
        assert incoming.id().isascii()
        trace = incoming.trace()
        assert len(trace) == 55
        assert trace.startswith("00-")
        incoming.wants_html()
        names = [name.lower() for name, _ in incoming.passed]
        assert not {"loop-identity", "authorization", "x-api-key", "cookie", "forwarded", "loop-org"} & set(names)
        assert not [each for each in names if each.startswith("x-forwarded-")]
        for _, value in incoming.passed:
            value.encode()

    @given(mutated(st.just(KNOWN[b"cookie"])))
    def test_the_cookie_of_the_session_never_goes_on(self, cookie: bytes) -> None:
        value, kept = cookie_value(cookie, b"loop-session"), without_cookie(cookie, b"loop-session")
        assert cookie_value(kept, b"loop-session") == b""
        assert value in cookie

    @given(st.one_of(mutated(st.just(base64.b64encode("müller:s:ecret".encode()))), st.binary(max_size=30)))
    def test_basic_is_a_pair_or_none(self, value: bytes) -> None:
        found = _pair(value)
        assert found is None or ":".join(found).encode() == base64.b64decode(value) + (
            b"" if b":" in base64.b64decode(value) else b":"
        )

    @given(mutated(st.sampled_from([b"Bearer abc", b"Basic YTpi", b"bearer", b"Digest x"])))
    def test_scheme_is_known_or_refused(self, authorization: bytes) -> None:
        try:
            kind, value = Authentication._scheme(authorization, basic=True)
        except Refusal as refusal:
            assert refusal.status == 401
            return
        assert kind in {"bearer", "basic"}
        assert value in authorization


LINES = [
    "192.0.2.1",
    "10.0.0.9",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "[2001:db8::1]:443",
    "fe80::1%eth0",
    "192.0.2.1:80",
    "10.0.0.0/8",
]
TRUSTED = Addresses([ipaddress.ip_network("10.0.0.0/8")])


class TestAddresses:
    @given(mutated(st.lists(st.sampled_from(LINES), min_size=1, max_size=4).map(lambda each: ", ".join(each).encode())))
    def test_of_a_caller_behind_a_proxy(self, forwarded_for: bytes) -> None:
        scope = {"client": ("10.0.0.1", 1)}
        found = TRUSTED.of(scope, forwarded_for)
        assert len(found) <= 64 + 4  # an IPv6 network is written with its length
        assert TRUSTED.exact({"client": ("192.0.2.7", 1)}, forwarded_for) == "192.0.2.7"
        lies_within(TRUSTED.exact(scope, forwarded_for), ["192.0.2.0/24", "2001:db8::/32"])

    @given(mutated_text(st.sampled_from(LINES)))
    def test_any_text_is_an_address_or_none(self, text: str) -> None:
        found = address_of(text)
        assert found is None or address_of(str(found)) == found

    @given(st.lists(st.one_of(mutated_text(st.sampled_from(LINES)), texts()), max_size=5))
    def test_networks_are_taken_in_one_spelling_or_named_as_wrong(self, lines: list[str]) -> None:
        try:
            found = check_networks(lines)
        except DomainError as error:
            assert error.errors
            return
        assert check_networks(found) == found

    @given(headers(), mutated(st.just(b":MIIB:"), SHORT))
    def test_a_certificate_is_believed_from_the_hop_only(self, others: list[tuple[bytes, bytes]], value: bytes) -> None:
        scope: dict[str, Any] = {"client": ("192.0.2.7", 1), "headers": [*others, (b"client-cert", value)]}
        assert ClientCertificates("Client-Cert", [ipaddress.ip_network("10.0.0.0/8")]).take(scope) == b""
        assert b"client-cert" not in {name for name, _ in scope["headers"]}

    @given(mutated_text(st.just("500/1000")))
    def test_rate_of_the_settings(self, text: str) -> None:
        try:
            assert Rate.parse(text).burst >= 1
        except ValueError:
            return


class TestLists:
    @given(cursors())
    def test_a_cursor_is_ours_or_malformed(self, cursor: str) -> None:
        try:
            _position(cursor)
        except DomainError as error:
            assert error.slug == "malformed-cursor"

    @given(mutated_text(st.just('{"name": "a", "scopes": ["x"], "areas": "", "networks": ""}')))
    def test_a_form_that_was_shown_before_is_merged_or_stands(self, base: str) -> None:
        client = Client("north", "c-1", "a", frozenset({"x"}), frozenset(), disabled=False)
        typed = Filled({"name": "b"}, {"scopes": ("x",)})
        assert merged(typed, base, client).given["name"] in {"a", "b"}


class TestForwardAuth:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([b"x-original-method", b"x-original-uri", b"x-forwarded-method", b"x-forwarded-uri", KEY]),
                mutated(st.sampled_from([b"GET", b"/audit/v1/outcomes?after=x", b"/s/%2e%2e/"]), SHORT),
            ),
            max_size=5,
        ),
        mutated(st.just(PATH + b"/audit/x"), SHORT),
    )
    def test_says_which_request_or_is_refused(self, given_headers: list[tuple[bytes, bytes]], raw_path: bytes) -> None:
        asking = Asking(b"k" * 32, TRUSTED)
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "headers": given_headers, "raw_path": raw_path, "query_string": b"",
            "client": ("10.0.0.1", 1), "path": "/",
        }  # fmt: skip
        assert not asking.is_by_proxy(scope) or (KEY, b"k" * 32) in given_headers
        try:
            asked = asking.asked(scope)
        except Refusal as refusal:
            assert refusal.status == 400
            return
        is_ambiguous(asked["raw_path"])
        for_log(asked["path"])
        asked["path"].encode("utf-8", "surrogatepass")


class TestPaths:
    @given(mutated_text(st.sampled_from(["/s/abc/start", "/s/you-said/north", "/audit/v1/x", "/s/question/3"])))
    def test_for_log_is_short_and_without_tokens(self, path: str) -> None:
        found = for_log(path)
        assert len(found) <= 200
        if path.startswith("/s/") and "abc" in found:
            # Only below the pages of our own is anything left as it was.
            assert not path.startswith("/s/abc")

    @given(mutated_text(st.sampled_from(["/audit/", "/reporting/x?y=z", "https://evil.example/", "//evil.example", "/\\evil"])))
    def test_next_stays_on_this_host(self, target: str) -> None:
        assert safe_next(target, "/").startswith("/")
        assert not safe_next(target, "/").startswith("//")

    @given(
        mutated_text(
            st.sampled_from(["https://id.example/", "http://127.0.0.1:8080", "http://[::1]", "https://a@b", "https://x:y"])
        )
    )
    def test_address_may_be_called_or_not(self, url: str) -> None:
        assert is_safe_address(url) in {True, False}

    @given(texts() | mutated_text(st.just("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")))
    def test_user_agent_gives_none_of_its_own_text(self, text: str) -> None:
        assert len(browser_of(text)) < 40


FORM = b"grant_type=client_credentials&scope=audit%3Aread&client_id=c&client_secret=s"


class TestTokenRequest:
    @given(mutated(st.just(FORM)))
    def test_form_is_read_or_refused_in_oauths_words(self, body: bytes) -> None:
        try:
            fields = fields_of(body)
        except TokenError as error:
            assert error.code == "invalid_request"
            return
        for each in (*fields, *fields.values()):
            each.encode()

    @given(
        mutated_text(st.just("Basic " + base64.b64encode(b"c%20d:s%2Be").decode())),
        st.dictionaries(st.sampled_from(["client_id", "client_secret"]), texts(), max_size=2),
    )
    def test_credentials_are_a_pair_or_refused(self, authorization: str, fields: dict[str, str]) -> None:
        try:
            found = _credentials(authorization, fields)
        except TokenError as error:
            assert error.code in {"invalid_client", "invalid_request"}
            return
        assert all(isinstance(each, str) for each in found)


class TestWebhookAddresses:
    @given(mutated_text(st.just("https://cms.example.gov.uk:8443/events?key=1")))
    def test_an_address_is_kept_or_refused_in_words(self, url: str) -> None:
        try:
            kept = check_url(url)
        except ValueError as error:
            assert str(error).startswith("must ")
        else:
            assert kept.lower().startswith("https://")
            assert "?" not in shown(kept).removesuffix("?…")

    @given(
        st.one_of(
            st.ip_addresses().map(str), mutated_text(st.sampled_from(["93.184.216.34", "::ffff:127.0.0.1", "2606:4700::1"]))
        )
    )
    def test_what_a_name_leads_to_is_called_only_if_it_is_of_the_internet(self, address: str) -> None:
        if may_be_called(address):
            found = ipaddress.ip_address(address.partition("%")[0])
            assert found.is_global
            assert not found.is_multicast
