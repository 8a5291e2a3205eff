"""What proves who somebody is, and everything that must not."""

import time
import warnings
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.oidc import tokens
from gateway.oidc.errors import TokenRefused
from gateway.testing_sign_in import LyingProvider, new_private_key, unsigned

ALL = ["RS256", "PS256", "ES256", "EdDSA"]


@pytest.fixture(scope="module")
def key() -> RSAKey:
    made = new_private_key()
    assert isinstance(made, RSAKey)
    return made


def public(*keys: Any) -> list[tokens.PublicKey]:
    return tokens.read_keys({"keys": [each.as_dict(private=False) for each in keys]})


def checked(liar: LyingProvider, token: str, **more: Any) -> dict[str, Any]:
    algorithm, kid = tokens.header_of(token)
    _, claims = tokens.verify(token, tokens.candidates(public(liar.key), algorithm, kid), ALL)
    asked = {"issuer": liar.issuer, "client_id": "loop", "nonce": "n", "now": time.time(), "leeway": 30, **more}
    tokens.check_id_token(claims, **asked)
    return claims


def refused(liar: LyingProvider, token: str, **more: Any) -> str:
    with pytest.raises(TokenRefused) as raised:
        checked(liar, token, **more)
    return raised.value.reason


def short_key() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {**RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False)}


class TestSignature:
    @pytest.mark.parametrize(("kind", "algorithm"), [("RSA", "RS256"), ("RSA", "PS256"), ("EC", "ES256"), ("OKP", "EdDSA")])
    def test_each_algorithm_of_the_list_passes(self, kind: str, algorithm: str) -> None:
        liar = LyingProvider(key=new_private_key(kind), algorithm=algorithm, nonce="n")
        assert checked(liar, liar.id_token())["sub"] == "u1"

    def test_none_and_shared_secrets_never_pass(self, key: RSAKey) -> None:
        liar = LyingProvider(key=key, nonce="n")
        assert refused(liar, unsigned({"iss": liar.issuer})) == "algorithm"
        # The public key taken for a shared secret: the oldest trick.
        secret = OctKey.import_key(key.as_pem(private=False).hex())
        assert refused(liar, jwt.encode({"alg": "HS256"}, {"iss": liar.issuer}, secret)) == "algorithm"

    def test_other_key_changed_claims_and_what_is_no_token_are_refused(self, key: RSAKey) -> None:
        liar, thief = LyingProvider(key=key, nonce="n"), LyingProvider(key=new_private_key(), nonce="n")
        assert refused(liar, thief.id_token()) == "signature"
        head, _, signature = liar.id_token().split(".")
        payload = thief.id_token(sub="boss").split(".")[1]
        assert refused(liar, f"{head}.{payload}.{signature}") == "signature"
        for rubbish in ("", "a.b", "a.b.c", "é.é.é", "." * 5, "x" * 200_000):
            assert refused(liar, rubbish) == "malformed"

    def test_keys_that_are_weak_private_or_for_encryption_are_passed_over(self, key: RSAKey) -> None:
        weak = short_key()
        for_secrets = {**key.as_dict(private=False), "use": "enc"}
        found = tokens.read_keys({"keys": [weak, for_secrets, {"kty": "oct", "k": "AA"}, 7, key.as_dict()]})
        assert [each.kid for each in found] == ["one"]
        assert not any(each.is_private for each in found)
        assert tokens.read_keys({"keys": "none"}) == []

    def test_key_of_another_kind_never_verifies(self, key: RSAKey) -> None:
        assert tokens.candidates(public(key, ECKey.generate_key("P-256", {"kid": "one"})), "ES256", "one") != public(key)


class TestClaims:
    @pytest.mark.parametrize(
        ("claims", "reason"),
        [
            ({"iss": "https://evil.example"}, "issuer"),
            ({"aud": "another"}, "audience"),
            ({"aud": ["loop", "another"]}, "audience"),
            ({"aud": []}, "audience"),
            ({"azp": "another"}, "audience"),
            ({"exp": 100}, "expired"),
            ({"exp": "never"}, "exp"),
            ({"exp": True}, "exp"),
            ({"exp": None}, "exp"),
            ({"iat": 100}, "too-old"),
            ({"iat": 4_000_000_000, "exp": 4_000_000_100}, "from-the-future"),
            ({"iat": None}, "iat"),
            ({"nbf": 4_000_000_000}, "not-yet"),
            ({"nonce": "of another"}, "nonce"),
            ({"nonce": None}, "nonce"),
            ({"sub": ""}, "subject"),
            ({"sub": 7}, "subject"),
            ({"sub": "x" * 256}, "subject"),
        ],
    )
    def test_every_claim_must_hold(self, key: RSAKey, claims: dict[str, Any], reason: str) -> None:
        liar = LyingProvider(key=key, nonce="n")
        assert refused(liar, liar.id_token(**claims)) == reason

    def test_clocks_may_differ_by_the_leeway_and_no_more(self, key: RSAKey) -> None:
        liar, now = LyingProvider(key=key, nonce="n"), 1_900_000_000
        token = liar.id_token(iat=now + 20, exp=now + 300)
        assert checked(liar, token, now=now)
        assert refused(liar, token, now=now, leeway=10) == "from-the-future"
        assert checked(liar, token, now=now + 320)
        assert refused(liar, token, now=now + 331) == "expired"

    def test_strength_that_was_asked_for_must_be_there(self, key: RSAKey) -> None:
        liar = LyingProvider(key=key, nonce="n")
        assert refused(liar, liar.id_token(), acr=["mfa"]) == "acr"
        assert checked(liar, liar.id_token(acr="mfa"), acr=["mfa"])

    def test_access_token_of_somebody_else_is_noticed(self) -> None:
        digest = sha256(b"ours").digest()
        claims = {"at_hash": urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()}
        tokens.check_access_hash(claims, "RS256", "ours")
        tokens.check_access_hash({}, "RS256", "ours")
        with pytest.raises(TokenRefused):
            tokens.check_access_hash(claims, "RS256", "theirs")


class TestLogoutToken:
    @pytest.mark.parametrize(
        ("claims", "reason"),
        [
            ({"sub": "u1"}, ""),
            ({"sid": "s1"}, ""),
            ({}, "nobody-named"),
            ({"sub": 7}, "nobody-named"),
            ({"sub": "u1", "nonce": "n"}, "nonce"),
            ({"sub": "u1", "events": {}}, "event"),
            ({"sub": "u1", "events": {"http://schemas.openid.net/event/backchannel-logout": "x"}}, "event"),
            ({"sub": "u1", "jti": None}, "jti"),
            ({"sub": "u1", "aud": "another"}, "audience"),
            ({"sub": "u1", "iat": 100}, "too-old"),
            ({"sub": "u1", "exp": 100}, "expired"),
            ({"sub": "u1", "exp": 9_000_000_000}, "lives-too-long"),
        ],
    )
    def test_only_a_whole_one_counts(self, key: RSAKey, claims: dict[str, Any], reason: str) -> None:
        liar = LyingProvider(key=key)
        header, found = tokens.verify(liar.logout_token(**claims), public(key), ALL)
        asked: dict[str, Any] = {"issuer": liar.issuer, "client_id": "loop", "now": time.time(), "leeway": 30}
        if not reason:
            tokens.check_logout_token(header, found, **asked)
            return
        with pytest.raises(TokenRefused) as raised:
            tokens.check_logout_token(header, found, **asked)
        assert raised.value.reason == reason

    def test_type_of_its_own_is_needed_unless_the_profile_is_lenient(self, key: RSAKey) -> None:
        liar = LyingProvider(key=key)
        _, claims = tokens.verify(liar.logout_token(sub="u1", exp=9_000_000_000), public(key), ALL)
        asked: dict[str, Any] = {"issuer": liar.issuer, "client_id": "loop", "now": time.time(), "leeway": 30}
        for header in ({"typ": "JWT"}, {}):
            with pytest.raises(TokenRefused, match="type"):
                tokens.check_logout_token(header, claims, **asked)
            tokens.check_logout_token(header, claims, **asked, lenient=True)
        with pytest.raises(TokenRefused, match="type"):
            tokens.check_logout_token({"typ": "at+jwt"}, claims, **asked, lenient=True)


class TestAge:
    @pytest.mark.parametrize(
        ("given", "max_age", "since", "found"),
        [
            (None, None, None, None),
            (None, None, 1000.0, 1000.0),
            (None, 60, None, "no-auth-time"),
            (1000, None, None, 1000.0),
            (1000, 60, None, 1000.0),
            (900, 60, None, "signed-in-long-ago"),
            (990, None, 1010.0, 990.0),
            (900, None, 1010.0, "not-asked-anew"),
            (1100, None, None, "auth-time"),
            (-1, None, None, "auth-time"),
            (True, None, None, "auth-time"),
            ("1000", None, None, "auth-time"),
            (float("nan"), None, None, "auth-time"),
        ],
    )
    def test_when_somebody_last_showed_who_they_are(
        self, given: Any, max_age: float | None, since: float | None, found: Any
    ) -> None:
        def asked() -> float | None:
            return tokens.check_age({"auth_time": given}, now=1010, leeway=30, max_age=max_age, since=since)

        if not isinstance(found, str):
            assert asked() == found
            return
        with pytest.raises(TokenRefused) as raised:
            asked()
        assert raised.value.reason == found
