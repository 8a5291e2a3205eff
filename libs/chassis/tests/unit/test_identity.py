import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.identity import (
    LEEWAY,
    MAX_LIFETIME,
    ClocksDifferError,
    Identity,
    InvalidTokenError,
    TokenSigner,
    TokenVerifier,
    new_key,
    refusal_of,
)

PERSON = Identity("north", "staff:1", "staff", frozenset({"role:qa-officer"}), frozenset({"send"}), "QA officer")


def pair() -> tuple[OKPKey, OKPKey]:
    private, public = new_key()
    return OKPKey.import_key(private), OKPKey.import_key(public)


PRIVATE, PUBLIC = pair()
SERVICE_PRIVATE, SERVICE_PUBLIC = pair()
SIGNER = TokenSigner("gateway", PRIVATE)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier("audit", {"gateway": PUBLIC, "reporting": SERVICE_PUBLIC})


class TestTokenVerifier:
    def test_what_was_signed_comes_back(self, verifier: TokenVerifier) -> None:
        assert verifier.verify(SIGNER.sign(PERSON, "audit")) == PERSON

    @pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "ey..", "ü"])
    def test_rubbish_is_refused(self, verifier: TokenVerifier, token: str | None) -> None:
        with pytest.raises(InvalidTokenError):
            verifier.verify(token)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: SIGNER.sign(PERSON, "feedback"),
            lambda: TokenSigner("gateway", pair()[0]).sign(PERSON, "audit"),
            lambda: TokenSigner("stranger", PRIVATE).sign(PERSON, "audit"),
            lambda: TokenSigner("reporting", SERVICE_PRIVATE).sign(PERSON, "audit"),
            lambda: TokenSigner("gateway", SERVICE_PRIVATE).sign(PERSON, "audit"),
            lambda: SIGNER.sign(PERSON, "audit", -60),
            lambda: jwt.encode(
                {"alg": "HS256"}, {"iss": "gateway", "aud": "audit"}, OctKey.import_key(str(PUBLIC.as_dict()["x"]))
            ),
        ],
        ids=[
            "other audience",
            "other key",
            "other issuer",
            "service as a person",
            "service as gateway",
            "expired",
            "symmetric",
        ],
    )
    def test_a_token_that_is_not_the_gateways_for_us_now_is_refused(
        self, verifier: TokenVerifier, make: Callable[[], str]
    ) -> None:
        with pytest.raises(InvalidTokenError):
            verifier.verify(make())

    def test_a_longer_life_than_allowed_is_refused(self, verifier: TokenVerifier) -> None:
        now = int(time.time())
        claims = {"iss": "gateway", "aud": "audit", "sub": "x", "iat": now, "exp": now + MAX_LIFETIME + 60}
        claims |= {"org": "north", "kind": "staff", "grants": [], "areas": []}
        with pytest.raises(InvalidTokenError):
            verifier.verify(jwt.encode({"alg": "Ed25519"}, claims, PRIVATE, algorithms=["Ed25519"]))

    @given(st.integers(0, 400), st.integers(0, 255))
    def test_a_token_with_any_changed_character_is_refused_or_the_same(self, place: int, other: int) -> None:
        verifier = TokenVerifier("audit", {"gateway": PUBLIC})
        token = SIGNER.sign(PERSON, "audit")
        place %= len(token)
        changed = token[:place] + chr(other) + token[place + 1 :]
        try:
            assert verifier.verify(changed) == PERSON
        except InvalidTokenError:
            return

    def test_a_remembered_token_ends_on_time(self, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
        token = SIGNER.sign(PERSON, "audit", 30)
        verifier.verify(token)
        later = time.time() + 60
        monkeypatch.setattr(time, "time", lambda: later)
        with pytest.raises(InvalidTokenError):
            verifier.verify(token)


def at(monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    """The clock of this process stands there."""
    monkeypatch.setattr(time, "time", lambda: moment)


NOW = 1_800_000_000.0
HOUR = 3600


class TestClocks:
    """Of the machine that signed, and of the one that verifies."""

    @pytest.mark.parametrize("ahead", [-MAX_LIFETIME - LEEWAY + 1, -MAX_LIFETIME, -LEEWAY, 0, LEEWAY])
    def test_they_may_differ_by_the_leeway(
        self, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, ahead: int
    ) -> None:  # fmt: skip
        at(monkeypatch, NOW + ahead)
        token = SIGNER.sign(PERSON, "audit")
        at(monkeypatch, NOW)
        assert verifier.verify(token) == PERSON

    @pytest.mark.parametrize(("ahead", "said"), [(120, 120), (2 * HOUR, 2 * HOUR), (-2 * HOUR, -2 * HOUR + MAX_LIFETIME)])
    def test_beyond_it_is_said_that_it_is_the_clocks_and_which_is_ahead(
        self, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, ahead: int, said: int
    ) -> None:
        at(monkeypatch, NOW + ahead)
        token = SIGNER.sign(PERSON, "audit")
        at(monkeypatch, NOW)
        with pytest.raises(ClocksDifferError) as caught:
            verifier.verify(token)
        assert (caught.value.issuer, caught.value.ahead) == ("gateway", said)
        assert refusal_of(caught.value, "no")[:2] == ("clocks-differ", 503)

    def test_who_comes_with_a_strangers_token_hears_nothing_of_clocks(
        self, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, NOW + HOUR)
        tokens = [TokenSigner("gateway", pair()[0]).sign(PERSON, "audit"), SIGNER.sign(PERSON, "feedback")]
        at(monkeypatch, NOW)
        for token in tokens:
            with pytest.raises(InvalidTokenError) as caught:
                verifier.verify(token)
            assert refusal_of(caught.value, "no") == ("unauthenticated", 401, "no")

    def test_a_remembered_token_lives_no_longer_where_the_clock_is_set_back(
        self, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, NOW)
        token = SIGNER.sign(PERSON, "audit")
        assert verifier.verify(token) == PERSON
        at(monkeypatch, NOW - HOUR)
        with pytest.raises(ClocksDifferError):
            verifier.verify(token)


class TestRotation:
    def test_while_one_key_follows_the_other_both_count_and_afterwards_the_new_one_alone(self, tmp_path: Path) -> None:
        (old, old_public), (new, new_public) = new_key(), new_key()
        tokens = {
            name: TokenSigner("gateway", OKPKey.import_key(key)).sign(PERSON, "audit")
            for name, key in (("old", old), ("new", new))
        }
        file = tmp_path / "identity-keys.json"
        for keys, good in (
            (old_public, {"old"}),
            ([old_public], {"old"}),
            ([old_public, new_public], {"old", "new"}),
            ([new_public], {"new"}),
            ([], set()),
        ):
            file.write_text(json.dumps({"issuers": {"gateway": keys}}))
            verifier = TokenVerifier.from_file("audit", file)
            for name, token in tokens.items():
                if name in good:
                    assert verifier.verify(token) == PERSON
                else:
                    with pytest.raises(InvalidTokenError):
                        verifier.verify(token)
